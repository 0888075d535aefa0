// A verb carried out on this host. The supervisor calls perform_verb for each try of each stage; judging
// (judge.h) and repeating are its own.
// Thread promise: one attempt, one thread; verbs share nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "agent/verbs/interrupt.h"
#include "base/result.h"
#include "model/operation.h"

namespace ararat::agent {

// Standard output that is kept for judging; the rest goes to the attempt's output only.
inline constexpr std::size_t kJudgedBytesMax = 64UL * 1024;

struct VerbContext {
    Interrupt& interrupt;
    // Takes what a step prints, in order. Never fails: beyond the cap it drops.
    std::function<void(std::string_view)> output;
    // Whole environment of every process started.
    std::map<std::string, std::string> environment;
    std::string saved_dir;         // where write-file keeps what it replaces
    std::string saved_name;        // of this task of this run: "project|run|task"
    std::string run;               // for the data channel
    std::string rsh_program;       // rsync's remote shell: ararat-agent
    std::string etc_dir = "/etc";  // hosts, resolv.conf, systemd's units, os-release
    Duration deadline{0};          // boot time, of this try
    // Remembers the process group of a process that is about to be run; not set: nobody asks for it. On an
    // error the process is not run.
    std::function<Result<void>(pid_t)> note_group = {};
    // Told how many bytes are about to travel through a channel; not set: nobody asks.
    std::function<void(const std::string& channel, std::uint64_t bytes)> expect_bytes = {};
};

struct VerbResult {
    int exit_code = 0;   // 0: did what it says; 128 + signal where one ended the process
    std::string text;    // what judging looks at: standard output, or the answer's body
    std::string detail;  // for people, where there is something to say
    bool timed_out = false;
    bool cancelled = false;
    std::map<std::string, std::string> outputs;
};

[[nodiscard]] VerbResult perform_verb(const Operation& operation, const VerbContext& context);

// The verbs, one file each.
[[nodiscard]] VerbResult perform_run(const Operation& operation, const VerbContext& context);
[[nodiscard]] VerbResult perform_service(const Operation& operation, const VerbContext& context);
[[nodiscard]] VerbResult perform_http_probe(const Operation& operation, const VerbContext& context);
[[nodiscard]] VerbResult perform_tcp_probe(const Operation& operation, const VerbContext& context);
[[nodiscard]] VerbResult perform_write_file(const Operation& operation, const VerbContext& context);
[[nodiscard]] VerbResult perform_restore_file(const Operation& operation, const VerbContext& context);
[[nodiscard]] VerbResult perform_copy_tree(const Operation& operation, const VerbContext& context);
[[nodiscard]] VerbResult perform_verify_tree(const Operation& operation, const VerbContext& context);
[[nodiscard]] VerbResult perform_facts(const Operation& operation, const VerbContext& context);
// Orders it for a moment later; the supervisor hastens it once the result is fetched.
[[nodiscard]] VerbResult perform_power_off(const Operation& operation, const VerbContext& context);

// The field's value, or `otherwise` where it is missing or empty.
[[nodiscard]] std::string field_or(const Operation& operation, std::string_view name,
                                   std::string_view otherwise = {});
[[nodiscard]] VerbResult verb_failed(std::string detail, int exit_code = 1);
// From how a wait ended; precondition: not kReady.
[[nodiscard]] VerbResult verb_interrupted(WaitOutcome outcome, std::string_view what);

}  // namespace ararat::agent
