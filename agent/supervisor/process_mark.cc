#include "agent/supervisor/process_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <sstream>

#include "agent/step_spec/field_codec.h"
#include "platform/files.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kMarkBytesMax = 4096;
constexpr std::size_t kProcBytesMax = std::size_t{1} << 20U;

std::uint64_t to_number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

Result<std::optional<std::string>> read_proc(pid_t pid, const std::string& name) {
    const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
    const platform::UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) {
        if (errno == ENOENT) return std::optional<std::string>();
        return platform::errno_error(errno, "open", path);
    }
    std::string bytes;
    std::array<char, 16384> buffer;
    while (bytes.size() < kProcBytesMax) {
        const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
        if (size == 0) break;
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == ESRCH) return std::optional<std::string>();  // it ended after the open
        if (size < 0) return platform::errno_error(errno, "read", path);
        bytes.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return std::optional<std::string>(std::move(bytes));
}

// Fields 3 (state), 5 (group), 6 (session) and 22 (start time); the name before them may hold anything.
Result<std::optional<ProcessState>> process_state(pid_t pid) {
    ARARAT_ASSIGN_OR_RETURN(const auto bytes, read_proc(pid, "stat"));
    if (!bytes) return std::optional<ProcessState>();
    const std::size_t name_end = bytes->rfind(')');
    std::istringstream words(name_end == std::string::npos ? std::string() : bytes->substr(name_end + 1));
    std::string word;
    ProcessState state;
    for (int field = 3; field <= 22 && (words >> word); ++field) {
        if (field == 3) state.state = word[0];
        if (field == 5) state.group = static_cast<pid_t>(to_number(word));
        if (field == 6) state.session = static_cast<pid_t>(to_number(word));
        if (field != 22) continue;
        state.start_time = to_number(word);
        return std::optional<ProcessState>(state);
    }
    return Error{ErrorCode::kInternal, "/proc/" + std::to_string(pid) + "/stat is not what it should be"};
}

Result<std::string> boot_id() {
    ARARAT_ASSIGN_OR_RETURN(std::string text, platform::read_file("/proc/sys/kernel/random/boot_id", 256));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

Result<ProcessMark> process_mark(pid_t pid) {
    ProcessMark mark;
    mark.pid = pid;
    ARARAT_ASSIGN_OR_RETURN(const auto state, process_state(pid));
    if (!state) return Error{ErrorCode::kNotFound, "/proc does not show process " + std::to_string(pid)};
    mark.start_time = state->start_time;
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

Result<bool> is_alive(const ProcessMark& mark) {
    ARARAT_ASSIGN_OR_RETURN(const std::string boot, boot_id());
    if (boot != mark.boot_id) return false;
    ARARAT_ASSIGN_OR_RETURN(const auto state, process_state(mark.pid));
    return state && state->start_time == mark.start_time && !state->ended();
}

Result<std::optional<ProcessMark>> read_mark(const std::string& path) {
    const auto bytes = platform::read_file(path, kMarkBytesMax);
    if (bytes.ok()) return decode_mark(bytes.value());
    ARARAT_ASSIGN_OR_RETURN(const bool there, platform::is_there(path));
    if (there) return bytes.error();
    return std::optional<ProcessMark>();
}

}  // namespace ararat::agent
