// The folder of one attempt under a root, as described in agent/step_spec/README.md: who may start, what
// state it is in, and its end. Every change is made under the root's lock.
// Thread promise: one process, one thread; any number of processes at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "agent/step_spec/step_result.h"
#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

class AttemptRoot {
public:
    explicit AttemptRoot(std::string path) : path_(std::move(path)) {}

    // Waits at most 10 s for whoever holds it.
    [[nodiscard]] Result<platform::UniqueFd> lock() const;
    // 0 where none was seen yet.
    [[nodiscard]] Result<std::uint64_t> epoch() const;
    // Durable. Attempts forgotten in older epochs go: a late command for them is refused by its epoch.
    [[nodiscard]] Result<void> raise_epoch(std::uint64_t epoch) const;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string folder(const std::string& id) const { return path_ + "/" + id; }
    // Where an attempt is prepared, before it gets its name.
    [[nodiscard]] std::string fresh_folder(const std::string& id) const { return path_ + "/.new-" + id; }
    // 32 hexadecimal characters.
    [[nodiscard]] static bool is_id(const std::string& id);

    // State and result, without output.
    [[nodiscard]] Result<AttemptReport> report(const std::string& id) const;
    // Marks it, and tells its supervisor. An unknown attempt gets a tombstone: it will never start.
    [[nodiscard]] Result<AttemptReport> cancel(const std::string& id) const;
    // Its result was recorded elsewhere: what is big goes, the result stays as a tombstone. No effect while
    // it runs.
    [[nodiscard]] Result<AttemptReport> forget(const std::string& id) const;

private:
    std::string path_;
};

// A process that cannot be taken for another one with the same number, before or after a reboot.
struct ProcessMark {
    pid_t pid = 0;
    std::uint64_t start_time = 0;  // clock ticks after boot
    std::string boot_id;
};
[[nodiscard]] Result<ProcessMark> own_process_mark();
[[nodiscard]] std::string encode_mark(const ProcessMark& mark);
[[nodiscard]] std::optional<ProcessMark> decode_mark(const std::string& bytes);
[[nodiscard]] bool is_alive(const ProcessMark& mark);
// Of the attempt's supervisor; none where it cannot be read.
[[nodiscard]] std::optional<ProcessMark> supervisor_of(const std::string& folder);

inline constexpr const char* kForgottenFile = "/forgotten";
inline constexpr const char* kTruncatedFile = "/truncated";

}  // namespace ararat::agent
