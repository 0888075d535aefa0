#include "agent/supervisor/attempt_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <sstream>

#include "agent/step_spec/field_codec.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

using platform::UniqueFd;

// Held for as long as a few files take to write; a step that begins now may be what a service waits for.
constexpr int kLockTries = 10'000;
constexpr long kLockPauseNs = 1'000'000;
constexpr std::size_t kSmallFileMax = std::size_t{8} << 20U;

std::uint64_t to_number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Fields 3 (state) and 22 (start time) of /proc/PID/stat; the name before them may hold anything.
std::optional<std::pair<char, std::uint64_t>> process_state(pid_t pid) {
    const auto bytes = platform::read_file("/proc/" + std::to_string(pid) + "/stat", 65536);
    if (!bytes.ok()) return std::nullopt;
    const std::size_t name_end = bytes->rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream words(bytes->substr(name_end + 1));
    std::string word;
    char state = '?';
    for (int field = 3; field <= 22 && (words >> word); ++field) {
        if (field == 3) state = word[0];
        if (field == 22) return std::make_pair(state, to_number(word));
    }
    return std::nullopt;
}

Result<std::string> boot_id() {
    ARARAT_ASSIGN_OR_RETURN(std::string text, platform::read_file("/proc/sys/kernel/random/boot_id", 256));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

Result<std::optional<StepResult>> read_result(const std::string& folder) {
    const std::string path = folder + "/result";
    if (!platform::file_exists(path)) return std::optional<StepResult>();
    ARARAT_ASSIGN_OR_RETURN(const std::string bytes, platform::read_file(path, kSmallFileMax));
    ARARAT_ASSIGN_OR_RETURN(StepResult result, decode_result(bytes));
    return std::optional<StepResult>(std::move(result));
}

Result<void> write_mark(const std::string& path, std::uint64_t number) {
    const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return platform::errno_error(errno, "create", path);
    return platform::write_all(fd.get(), std::to_string(number));
}

AttemptReport finished(StepResult result) {
    AttemptReport report;
    report.state = AttemptState::kFinished;
    report.output_truncated = result.output_truncated;
    report.result = std::move(result);
    return report;
}

}  // namespace

Result<ProcessMark> own_process_mark() {
    ProcessMark mark;
    mark.pid = getpid();
    const auto state = process_state(mark.pid);
    if (!state) return Error{ErrorCode::kInternal, "/proc does not show this process"};
    mark.start_time = state->second;
    ARARAT_ASSIGN_OR_RETURN(mark.boot_id, boot_id());
    return mark;
}

std::string encode_mark(const ProcessMark& mark) {
    FieldWriter writer;
    writer.number(mark.pid);
    writer.text(std::to_string(mark.start_time));
    writer.text(mark.boot_id);
    return writer.take();
}

std::optional<ProcessMark> decode_mark(const std::string& bytes) {
    FieldReader reader(bytes);
    ProcessMark mark;
    mark.pid = static_cast<pid_t>(reader.count(1U << 30U));
    mark.start_time = to_number(reader.text());
    mark.boot_id = reader.text();
    if (!reader.complete() || mark.pid <= 1) return std::nullopt;
    return mark;
}

bool is_alive(const ProcessMark& mark) {
    const auto boot = boot_id();
    if (!boot.ok() || boot.value() != mark.boot_id) return false;
    const auto state = process_state(mark.pid);
    return state && state->second == mark.start_time && state->first != 'Z' && state->first != 'X';
}

std::optional<ProcessMark> supervisor_of(const std::string& folder) {
    const auto bytes = platform::read_file(folder + "/pid", 4096);
    return bytes.ok() ? decode_mark(bytes.value()) : std::nullopt;
}

bool AttemptRoot::is_id(const std::string& id) {
    return id.size() == 32 &&
           std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<UniqueFd> AttemptRoot::lock() const {
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(path_, 0711));
    const std::string path = path_ + "/lock";
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return platform::errno_error(errno, "open", path);
    for (int i = 0; i < kLockTries; ++i) {
        if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
        if (errno != EWOULDBLOCK && errno != EINTR) return platform::errno_error(errno, "flock", path);
        const timespec pause{0, kLockPauseNs};
        nanosleep(&pause, nullptr);
    }
    return Error{ErrorCode::kDeadlineExceeded, "another supervisor holds the lock", path};
}

Result<std::uint64_t> AttemptRoot::epoch() const {
    const std::string path = path_ + "/epoch";
    if (!platform::file_exists(path)) return std::uint64_t{0};
    ARARAT_ASSIGN_OR_RETURN(const std::string text, platform::read_file(path, 64));
    const bool digits = !text.empty() && text.size() < 20 &&
                        std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return Error{ErrorCode::kDataLoss, "the highest epoch cannot be read", path};
    return to_number(text);
}

Result<void> AttemptRoot::raise_epoch(std::uint64_t epoch) const {
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(path_ + "/epoch", std::to_string(epoch), 0600));
    ARARAT_ASSIGN_OR_RETURN(const auto names, platform::list_dir(path_));
    for (const std::string& name : names) {
        if (!is_id(name) || !platform::file_exists(folder(name) + kForgottenFile)) continue;
        const auto forgotten = platform::read_file(folder(name) + kForgottenFile, 64);
        if (forgotten.ok() && to_number(forgotten.value()) < epoch) {
            ARARAT_RETURN_IF_ERROR(platform::remove_tree(folder(name)));
        }
    }
    return {};
}

Result<AttemptReport> AttemptRoot::report(const std::string& id) const {
    const std::string where = folder(id);
    if (!platform::file_exists(where)) return AttemptReport{};
    ARARAT_ASSIGN_OR_RETURN(auto result, read_result(where));
    if (result) return finished(std::move(*result));
    AttemptReport report;
    report.output_truncated = platform::file_exists(where + kTruncatedFile);
    const auto mark = supervisor_of(where);
    if (mark && is_alive(*mark)) {
        report.state = AttemptState::kRunning;
        return report;
    }
    // It may have written its result and gone since the first look.
    ARARAT_ASSIGN_OR_RETURN(result, read_result(where));
    if (result) return finished(std::move(*result));
    report.state = AttemptState::kLost;
    report.detail = "the step's supervisor went without writing a result";
    return report;
}

Result<AttemptReport> AttemptRoot::cancel(const std::string& id) const {
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd held, lock());
    ARARAT_ASSIGN_OR_RETURN(AttemptReport now, report(id));
    if (now.state == AttemptState::kAbsent) {
        StepResult tombstone;
        tombstone.outcome = Outcome::kCancelled;
        tombstone.detail = "cancelled before it was started";
        const std::string fresh = fresh_folder(id);
        ARARAT_RETURN_IF_ERROR(platform::remove_tree(fresh));
        ARARAT_RETURN_IF_ERROR(platform::make_dirs(fresh, 0711));
        ARARAT_RETURN_IF_ERROR(
            platform::write_file_durable(fresh + "/result", encode_result(tombstone), 0600));
        if (rename(fresh.c_str(), folder(id).c_str()) != 0)
            return platform::errno_error(errno, "rename", fresh);
        ARARAT_RETURN_IF_ERROR(platform::fsync_dir(path_));
        return finished(std::move(tombstone));
    }
    if (now.state == AttemptState::kRunning) {
        ARARAT_RETURN_IF_ERROR(platform::write_file_durable(folder(id) + "/cancel", "", 0600));
        const auto mark = supervisor_of(folder(id));
        if (mark && is_alive(*mark)) kill(mark->pid, SIGTERM);
    }
    return now;
}

Result<AttemptReport> AttemptRoot::forget(const std::string& id) const {
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd held, lock());
    ARARAT_ASSIGN_OR_RETURN(AttemptReport now, report(id));
    const std::string where = folder(id);
    if (now.state == AttemptState::kLost) {
        StepResult unknown;
        unknown.detail = now.detail;
        ARARAT_RETURN_IF_ERROR(platform::write_file_durable(where + "/result", encode_result(unknown), 0600));
        now = finished(std::move(unknown));
    }
    if (now.state != AttemptState::kFinished) return now;
    const bool forgotten =
        platform::file_exists(where + kForgottenFile) && !platform::file_exists(where + "/spec");
    if (forgotten) return now;
    ARARAT_ASSIGN_OR_RETURN(const std::uint64_t highest, epoch());
    // One sync at the end, not one a file: the lock is held, and the next step waits for it. What a power cut
    // makes of the rest in between, a mark without its number included, is a folder to be forgotten again.
    ARARAT_RETURN_IF_ERROR(write_mark(where + kForgottenFile, highest));
    if (platform::file_exists(where + "/files")) {
        ARARAT_RETURN_IF_ERROR(platform::remove_tree(where + "/files"));
    }
    // The spec last: without it nothing is left to be removed.
    for (const char* name : {"/output", "/outputs", "/cancel", kTruncatedFile, "/spec"}) {
        const std::string path = where + name;
        if (unlink(path.c_str()) != 0 && errno != ENOENT) return platform::errno_error(errno, "remove", path);
    }
    ARARAT_RETURN_IF_ERROR(platform::fsync_dir(where));
    return now;
}

}  // namespace ararat::agent
