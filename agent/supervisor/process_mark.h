// Which process something is, so that it is never taken for another one with the same number, before or
// after a reboot; and what processes of an attempt are left once its supervisor has gone.
// Thread promise: free functions, any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace ararat::agent {

// What /proc/PID/stat says.
struct ProcessState {
    char state = '?';  // 'Z', 'X': it has ended
    pid_t group = 0;
    pid_t session = 0;
    std::uint64_t start_time = 0;  // clock ticks after boot
    [[nodiscard]] bool ended() const { return state == 'Z' || state == 'X'; }
};
// A file of /proc/PID; nothing: there is no such process. Errors: whatever keeps it from being read.
[[nodiscard]] Result<std::optional<std::string>> read_proc(pid_t pid, const std::string& name);
// Nothing: there is no such process.
[[nodiscard]] Result<std::optional<ProcessState>> process_state(pid_t pid);
[[nodiscard]] Result<std::string> boot_id();

struct ProcessMark {
    pid_t pid = 0;
    std::uint64_t start_time = 0;  // clock ticks after boot
    std::string boot_id;
};
// Of a process that is there.
[[nodiscard]] Result<ProcessMark> process_mark(pid_t pid);
[[nodiscard]] std::string encode_mark(const ProcessMark& mark);
[[nodiscard]] std::optional<ProcessMark> decode_mark(const std::string& bytes);
// "No" is said only where the system says that there is no such process, or that it is of another time: a
// living step that was taken for a dead one would be done twice. Everything else (no descriptors left, /proc
// out of reach) is an error.
[[nodiscard]] Result<bool> is_alive(const ProcessMark& mark);

// The mark in this file; none where there is no file, or one that a power cut has torn.
[[nodiscard]] Result<std::optional<ProcessMark>> read_mark(const std::string& path);

}  // namespace ararat::agent
