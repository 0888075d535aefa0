// How a host becomes one on which steps can be started: the supervisor is there, and just that one; the host
// has a journal id; what it holds of earlier attempts is known.
//
//   looking --another supervisor, or none--> shipping --> looking again
//      |  \--no journal id--> naming --> looking again
//      v
//    over
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "execution/attempt_key.h"
#include "execution/input.h"
#include "transport/ssh_session.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {

// A host on which steps can be started.
struct PreparedHost {
    bool shipped = false;    // the supervisor that was there was another one, or none
    std::string journal_id;  // made by the first to ask; it changes when the host lost what it knew
    bool is_fresh = false;   // it was made just now, and nothing was ever started: nobody was here before
    // What it holds of attempts that were started and not forgotten: an orchestrator that comes back tells it
    // what is over.
    std::vector<execution::AttemptKey> known;
};

// Which command is next, and what its output means. Asks for everything in one command, since each costs the
// host several processes, and hundreds of hosts may wait for the same link. Pure: no session, no clock.
// Thread promise: one owner.
class SshPreparation {
public:
    // `fresh_journal_id`: for a host that has none. `program` outlives this.
    SshPreparation(SupervisorPlace place, const SupervisorProgram& program, std::string fresh_journal_id)
        : place_(std::move(place)), program_(program), fresh_journal_id_(std::move(fresh_journal_id)) {}

    struct Command {
        std::string line;
        std::string input;
        Duration within{0};
    };
    // Nothing: it is over.
    [[nodiscard]] std::optional<Command> next() const;
    // Errors: internal, data-loss. The host cannot be used then.
    [[nodiscard]] Result<void> on_output(const SshOutput& output);
    // Precondition: it is over.
    [[nodiscard]] const PreparedHost& host() const { return host_; }

private:
    enum class Stage { kLooking, kShipping, kNaming, kOver };

    Result<void> on_look(const SshOutput& output);

    SupervisorPlace place_;
    const SupervisorProgram& program_;
    std::string fresh_journal_id_;
    Stage stage_ = Stage::kLooking;
    bool named_ = false;
    PreparedHost host_;
};

// The same over a session, to its end. Blocks on the session's thread.
[[nodiscard]] Result<PreparedHost> prepare_host(SshSession& session, const SupervisorPlace& place,
                                                const SupervisorProgram& program);

// What the engine is told of it.
[[nodiscard]] execution::HostUp host_up(const HostId& host, PreparedHost prepared);

}  // namespace ararat::transport
