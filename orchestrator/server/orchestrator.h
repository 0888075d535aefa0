// The orchestrator as a whole: its parts, wired. A test runs one in its own process.
// Owner: main, or a test. Thread promise: start() and stop() by the owner.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "execution/run_state.h"
#include "store/sqlite_store.h"

namespace ararat::server {

struct OrchestratorOptions {
    std::string data_directory;
    std::string control_address = "0.0.0.0:7402";
    std::string agents_address = "0.0.0.0:7401";
    std::string enrol_address = "0.0.0.0:7403";
    std::string data_address = "0.0.0.0:0";  // where the proxy for SSH hosts accepts data channels
    std::string public_host;                 // what others dial; empty: the first name of init
    // HOST:PORT of this project's other orchestrators, for agents that are installed from here.
    std::vector<std::string> agents_also;
    std::string ssh_key_file;       // empty: hosts over SSH cannot be driven
    std::string agent_binary;       // for agent install
    std::string supervisor_binary;  // shipped to SSH hosts and installed with agents
    std::string ssh_remote_root;    // where everything of ours is on SSH hosts; empty: its usual place
    // A move group whose step is out on a host that has been away for this long is held for a person.
    Duration lost_after = execution::kLostAfter;
    std::function<Result<store::Store>(const std::string& path, const ProjectId& project)> open_store =
        [](const std::string& path, const ProjectId& project) { return store::open_sqlite(path, project); };
    // A database that came out of a backup goes on from there: what was done since is not known to it.
    bool accept_loss = false;
};

// Ports where it listens.
struct OrchestratorPorts {
    std::uint16_t control = 0;
    std::uint16_t agents = 0;
    std::uint16_t enrol = 0;
    std::uint16_t data = 0;  // 0: no proxy
};

class Orchestrator {
public:
    // Serves when it returns. Errors: of the data directory, the journal, the addresses.
    [[nodiscard]] static Result<std::unique_ptr<Orchestrator>> start(OrchestratorOptions options);
    ~Orchestrator();

    [[nodiscard]] OrchestratorPorts ports() const;
    // Ends calls and streams, finishes what is being recorded, joins everything. Steps on hosts go on.
    void stop();

private:
    class Parts;
    explicit Orchestrator(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace ararat::server
