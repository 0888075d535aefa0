// Puts agents on hosts over SSH, a few at a time, and tells who asked how it goes.
// Owner: the orchestrator's wiring.
// Thread promise: any thread; each installation has a thread of its own, joined by stop().
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ararat/v1/control.pb.h"
#include "base/result.h"
#include "execution/input.h"
#include "server/stream_writer.h"
#include "transport/estate_directory.h"

namespace ararat::server {

struct InstallTarget {
    HostId host;
    std::string address;
    std::string user = "root";
    std::uint16_t port = 22;
    std::vector<EstateHost> jumps;  // on the way to it, the nearest to this machine first
    std::string by;                 // who asked
};
// Blocks until done. `say` tells a line about the progress.
using InstallFunction =
    std::function<Result<void>(const InstallTarget&, const std::function<void(std::string)>& say)>;

// An installed agent's agent.conf. Of the orchestrators, the agent tries the first one first; one that
// stands there twice is named once. Errors: invalid-argument, an address that is none.
[[nodiscard]] Result<std::string> agent_config_text(const std::vector<std::string>& orchestrators);

inline constexpr std::size_t kInstallationsMax = 4;

class AgentInstaller {
public:
    using Writer = StreamWriter<v1::InstallAgentUpdate>;

    AgentInstaller(InstallFunction install, const transport::EstateDirectory& estate)
        : install_(std::move(install)), estate_(estate) {}
    ~AgentInstaller();

    // Takes the stream. What the request leaves open comes from the plan.
    void install(const std::shared_ptr<Writer>& writer, const execution::Principal& by,
                 const v1::InstallAgentRequest& request);
    void stop();

private:
    struct Work {
        std::thread thread;
        bool is_over = false;
    };
    [[nodiscard]] Result<InstallTarget> target_of(const v1::InstallAgentRequest& request) const;
    void run(const std::shared_ptr<Writer>& writer, const InstallTarget& target);
    void join_over_locked();

    InstallFunction install_;
    const transport::EstateDirectory& estate_;
    std::mutex mutex_;
    bool stopping_ = false;
    std::list<std::shared_ptr<Work>> works_;
};

}  // namespace ararat::server
