// One attempt on a host without an agent: what to ask the supervisor next, and what its answers mean for the
// engine. Pure: no session, no clock.
// Owner: the link's worker. Thread promise: one thread.
//
//   placing files --> starting --> waiting --finished, output fetched--> done (until acknowledged)
//        | fault          | fault        ^
//        v                v              |
//          ruling out ------> it had started
//              | it never will
//              v
//        done (refused)
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "base/result.h"
#include "execution/effect.h"
#include "execution/input.h"
#include "transport/host_link.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {

// The supervisor's form of a command. Errors: invalid-argument (a NUL in an argument).
[[nodiscard]] Result<std::string> spec_of(const execution::Command& command);

// What came of the last question.
struct AttemptAnswer {
    bool well = false;  // the supervisor answered; else it failed, and `text` says how
    std::string text;   // standard output, or the reason
};

class SshAttempt {
public:
    SshAttempt(execution::Command command, std::string spec);
    // Of an attempt that is not to be started, only followed to its end.
    [[nodiscard]] static SshAttempt watching(execution::Command command);

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const execution::AttemptKey& key() const { return command_.key; }
    [[nodiscard]] bool done() const { return stage_ == Stage::kDone; }
    [[nodiscard]] bool waits() const { return stage_ == Stage::kWaiting; }
    // Set once done().
    [[nodiscard]] const std::optional<execution::StepFinished>& finished() const { return finished_; }
    [[nodiscard]] bool started() const { return started_; }

    // Standard input for the next request; nothing when done. `files_there`: hashes the host has.
    [[nodiscard]] std::optional<std::string> next_request(const SupervisorPlace& place,
                                                          const std::set<std::string>& files_there,
                                                          Duration wait_max);

    struct News {
        bool started = false;  // say StepStarted
        std::optional<OutputChunk> output;
        std::optional<execution::StepFinished> finished;
        std::string file_there;  // a hash the host has from now on
    };
    // Error: the answer is not one that a supervisor gives; the session is not to be trusted any further.
    [[nodiscard]] Result<News> on_answer(const AttemptAnswer& answer);

private:
    // kLooking: what is only watched.
    enum class Stage { kPlacing, kStarting, kRulingOut, kLooking, kWaiting, kDone };

    Result<News> on_report(const agent::AttemptReport& report);
    News finish(execution::Outcome outcome, std::string detail);
    News finish(const agent::StepResult& result);
    std::optional<OutputChunk> take_output(const agent::AttemptReport& report);

    execution::Command command_;
    std::string spec_;
    std::string id_;
    Stage stage_ = Stage::kPlacing;
    std::string placing_;  // the hash whose put is under way
    std::string fault_;    // why it could not be started
    bool started_ = false;
    std::uint64_t output_offset_ = 0;
    std::optional<execution::StepFinished> finished_;
};

}  // namespace ararat::transport
