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

#include "agent/step_spec/step_spec.h"
#include "agent/step_spec/supervisor_rules.h"
#include "agent/supervisor/leftovers.h"
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

Result<std::optional<StepResult>> read_result(const std::string& folder) {
    const std::string path = folder + "/result";
    ARARAT_ASSIGN_OR_RETURN(const bool there, platform::is_there(path));
    if (!there) return std::optional<StepResult>();
    ARARAT_ASSIGN_OR_RETURN(const std::string bytes, platform::read_file(path, kSmallFileMax));
    ARARAT_ASSIGN_OR_RETURN(StepResult result, decode_result(bytes));
    return std::optional<StepResult>(std::move(result));
}

Result<void> write_mark(const std::string& path, std::uint64_t number) {
    const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return platform::errno_error(errno, "create", path);
    return platform::write_all(fd.get(), std::to_string(number));
}

Result<bool> supervisor_lives(const std::string& folder) {
    ARARAT_ASSIGN_OR_RETURN(const auto mark, supervisor_of(folder));
    if (!mark) return false;
    return is_alive(*mark);
}

AttemptReport finished(StepResult result) {
    AttemptReport report;
    report.state = AttemptState::kFinished;
    report.output_truncated = result.output_truncated;
    report.result = std::move(result);
    return report;
}

}  // namespace

Result<std::optional<ProcessMark>> supervisor_of(const std::string& folder) {
    return read_mark(folder + "/pid");
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
    ARARAT_ASSIGN_OR_RETURN(const bool there, platform::is_there(path));
    if (!there) return std::uint64_t{0};
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
        if (forgotten.ok() && may_lose_tombstone(to_number(forgotten.value()), epoch)) {
            ARARAT_RETURN_IF_ERROR(platform::remove_tree(folder(name)));
        }
    }
    return {};
}

Result<AttemptReport> AttemptRoot::report(const std::string& id) const {
    const std::string where = folder(id);
    ARARAT_ASSIGN_OR_RETURN(const bool known, platform::is_there(where));
    if (!known) return AttemptReport{};
    ARARAT_ASSIGN_OR_RETURN(auto result, read_result(where));
    if (result) return finished(std::move(*result));
    AttemptReport report;
    ARARAT_ASSIGN_OR_RETURN(report.output_truncated, platform::is_there(where + kTruncatedFile));
    ARARAT_ASSIGN_OR_RETURN(const bool lives, supervisor_lives(where));
    if (lives) {
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

Result<AttemptReport> AttemptRoot::settle(const std::string& id) const {
    ARARAT_ASSIGN_OR_RETURN(AttemptReport now, report(id));
    if (now.state != AttemptState::kLost) return now;
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd held, lock());
    return settle_locked(id);
}

Result<AttemptReport> AttemptRoot::settle_locked(const std::string& id) const {
    ARARAT_ASSIGN_OR_RETURN(AttemptReport now, report(id));
    if (now.state == AttemptState::kLost) ARARAT_RETURN_IF_ERROR(end_leftovers(folder(id)));
    return now;
}

Result<AttemptReport> AttemptRoot::never_start(const std::string& id, const StepResult& result,
                                               std::optional<std::uint64_t> asked_in) const {
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd held, lock());
    ARARAT_ASSIGN_OR_RETURN(auto stale, obey(asked_in));
    if (stale) return std::move(*stale);
    return never_start_locked(id, result);
}

Result<AttemptReport> AttemptRoot::never_start_locked(const std::string& id, const StepResult& result) const {
    ARARAT_ASSIGN_OR_RETURN(AttemptReport now, settle_locked(id));
    if (!may_start(now.state)) return now;
    const std::string fresh = fresh_folder(id);
    ARARAT_RETURN_IF_ERROR(platform::remove_tree(fresh));
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(fresh, 0711));
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(fresh + "/result", encode_result(result), 0600));
    if (rename(fresh.c_str(), folder(id).c_str()) != 0) return platform::errno_error(errno, "rename", fresh);
    ARARAT_RETURN_IF_ERROR(platform::fsync_dir(path_));
    return finished(result);
}

Result<std::optional<AttemptReport>> AttemptRoot::obey(std::optional<std::uint64_t> asked_in) const {
    if (!asked_in) return std::optional<AttemptReport>();
    ARARAT_ASSIGN_OR_RETURN(const std::uint64_t highest, epoch());
    if (is_stale(*asked_in, highest)) return std::optional(stale_report(*asked_in, highest));
    if (*asked_in > highest) ARARAT_RETURN_IF_ERROR(raise_epoch(*asked_in));
    return std::optional<AttemptReport>();
}

Result<std::vector<std::string>> AttemptRoot::known_keys() const {
    std::vector<std::string> keys;
    ARARAT_ASSIGN_OR_RETURN(const bool there, platform::is_there(path_));
    if (!there) return keys;
    // A folder must not be forgotten between the look at its name and the look into it.
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd held, lock());
    ARARAT_ASSIGN_OR_RETURN(const auto names, platform::list_dir(path_));
    for (const std::string& name : names) {
        if (!is_id(name) || keys.size() == kKnownKeysMax) continue;
        ARARAT_ASSIGN_OR_RETURN(const bool forgotten, platform::is_there(folder(name) + kForgottenFile));
        ARARAT_ASSIGN_OR_RETURN(const bool has_spec, platform::is_there(folder(name) + "/spec"));
        if (forgotten || !has_spec) continue;  // a tombstone holds no key, and need not be forgotten
        ARARAT_ASSIGN_OR_RETURN(const std::string bytes,
                                platform::read_file(folder(name) + "/spec", kSpecBytesMax));
        const auto spec = decode_spec(bytes);
        // Torn by a power cut: nobody will ask for it by its key again.
        if (spec.ok() && attempt_id(spec->key) == name) keys.push_back(spec->key);
    }
    return keys;
}

Result<AttemptReport> AttemptRoot::cancel(const std::string& id,
                                          std::optional<std::uint64_t> asked_in) const {
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd held, lock());
    ARARAT_ASSIGN_OR_RETURN(auto stale, obey(asked_in));
    if (stale) return std::move(*stale);
    ARARAT_ASSIGN_OR_RETURN(AttemptReport now, never_start_locked(id, cancelled_before_start()));
    if (now.state == AttemptState::kRunning) {
        ARARAT_RETURN_IF_ERROR(platform::write_file_durable(folder(id) + "/cancel", "", 0600));
        ARARAT_ASSIGN_OR_RETURN(const auto mark, supervisor_of(folder(id)));
        ARARAT_ASSIGN_OR_RETURN(const bool lives, supervisor_lives(folder(id)));
        if (lives) kill(mark->pid, SIGTERM);
    }
    return now;
}

Result<AttemptReport> AttemptRoot::forget(const std::string& id,
                                          std::optional<std::uint64_t> asked_in) const {
    ARARAT_ASSIGN_OR_RETURN(const UniqueFd held, lock());
    ARARAT_ASSIGN_OR_RETURN(auto stale, obey(asked_in));
    if (stale) return std::move(*stale);
    ARARAT_ASSIGN_OR_RETURN(AttemptReport now, settle_locked(id));
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
