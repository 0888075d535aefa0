// One thing a host is told to do: a verb of the agent with its arguments. Values are arguments,
// never code: nothing here is ever given to a shell.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/instant.h"

namespace ararat {

enum class Verb {
    kRun,      // argv: the argument vector; argv[0] may be "${file.NAME}", a shipped file
    kService,  // fields: unit, state = started|stopped|restarted|reloaded|masked (stopped, disabled, masked)
    kHttpProbe,    // fields: url, [host_header], [status = 200], [contains]
    kTcpProbe,     // fields: address, port
    kWriteFile,    // fields: path, content, [mode = 0644], [owner = root:root]; keeps the old one for undo
    kRestoreFile,  // fields: path; undoes kWriteFile of the same task
    kCopyTree,     // fields: channel, path (on the receiving host), [delete = true], [checksum = false]
    kVerifyTree,   // fields: channel, path: compares by checksum, output differing = N must be 0
    kFacts,        // outputs: os, kernel, cpus, memory_bytes, disk_free_bytes, time_unix_ms, ...
    kPowerOff,
};

// Repeat until judged good, or until the time is over.
struct Until {
    Duration every{0};  // 0: no repetition
    Duration within{0};
    friend bool operator==(const Until&, const Until&) = default;
};

// How the outcome is judged. Everything that is set must hold.
struct Expectation {
    int exit_code = 0;
    std::string output_equals = {};  // trimmed standard output
    std::string output_contains = {};
    friend bool operator==(const Expectation&, const Expectation&) = default;
};

struct Operation {
    Verb verb = Verb::kRun;
    std::vector<std::string> argv = {};
    std::map<std::string, std::string> fields = {};
    std::map<std::string, std::string> environment = {};
    Until until = {};
    Expectation expect = {};
    Duration timeout{std::chrono::seconds{60}};
    friend bool operator==(const Operation&, const Operation&) = default;
};

}  // namespace ararat
