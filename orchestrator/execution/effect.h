// What leaves the engine, as values. Made from committed records only.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "execution/attempt_key.h"
#include "execution/record.h"
#include "model/compiled_plan.h"
#include "model/task.h"

namespace ararat::execution {

struct Stage {
    std::string name;  // "check", "perform", "verify", "probe", "undo"
    Operation operation;
};

// A command for a host. Sending it again with the same key is always allowed.
struct Command {
    HostId host;
    AttemptKey key;
    Hash plan;
    std::uint64_t epoch = 0;
    ActionClass action_class = ActionClass::kIdempotent;
    Guard guard = Guard::kNone;
    std::vector<Stage> stages;  // with every reference resolved
    std::vector<ShippedFile> files;
    std::vector<std::string> outputs;  // names that it may set, and no others
    CompiledPlanPtr pinned;            // owner of the files' bytes
};
struct CancelCommand {
    HostId host;
    AttemptKey key;
    std::uint64_t epoch = 0;
};
// The result is durable here: the host may forget it.
struct AcknowledgeResult {
    HostId host;
    AttemptKey key;
    std::uint64_t epoch = 0;
};
// Both ends get it. `generation` makes a re-issued ticket distinct from a revoked one.
struct OpenTicket {
    RunId run;
    Channel channel;
    std::uint32_t generation = 1;
    std::uint64_t epoch = 0;
};
struct CloseTicket {
    RunId run;
    Channel channel;
    std::uint32_t generation = 1;
    std::uint64_t epoch = 0;
};

using Effect = std::variant<Command, CancelCommand, AcknowledgeResult, OpenTicket, CloseTicket>;

}  // namespace ararat::execution
