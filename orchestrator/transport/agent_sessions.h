// Every agent's connection: the gRPC service Agent. Checks who connects, keeps one link a host, passes on
// what agents say. Says nothing to a host that nobody asked it to, but welcomes and heartbeats.
// Owner: the orchestrator's wiring. Lives until the gRPC server has shut down.
// Thread promise: any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ararat/v1/agent.grpc.pb.h"
#include "platform/clock.h"
#include "transport/agent_link.h"
#include "transport/estate_directory.h"
#include "transport/handshake.h"
#include "transport/host_link.h"

namespace ararat::transport {

// Whether this host is where the attempt was sent: a host may not report for another.
using AttemptCheck = std::function<bool(const HostId&, const execution::AttemptKey&)>;

// Whether this host is an end of the channel under that ticket.
using ChannelCheck = std::function<bool(const HostId&, const RunId&, const ChannelId&, std::uint32_t)>;

// A stream that says nothing of itself, and how many of one identity may: a peer that has a certificate
// must not hold what others need.
inline constexpr Duration kHelloWithin{10'000};
inline constexpr std::size_t kUngreetedMax = 2;

struct AgentSessionsOptions {
    ProjectId project;
    InputSink inputs;
    OutputSink output;
    ProgressSink progress;
    std::function<JournalPosition()> position;  // of the last commit; must not block
    // Hash of the journal's record at this sequence, from 1 to position().sequence; empty: it cannot be read.
    std::function<Result<std::string>(std::uint64_t)> hash_at;
    // An agent of this project has seen another journal than this.
    std::function<void(std::string)> distrust;
    AttemptCheck sent_there;
    ChannelCheck carries;
    EstateDirectory* estate = nullptr;
    platform::Clock* clock = nullptr;
    Duration lease{30'000};  // of a connection that says nothing
};

class AgentSessions final : public v1::Agent::CallbackService, private AgentStreamListener {
public:
    explicit AgentSessions(AgentSessionsOptions options);
    ~AgentSessions() override;

    [[nodiscard]] std::shared_ptr<HostLink> find(const HostId& host) const;
    // Heartbeats, and the end of connections that have been silent for too long, or never said who they are.
    // Call every few seconds.
    void pulse();
    // Who has this certificate was not let in: where it is a host of the plan, people can see why.
    void refused(const platform::Identity& peer, const std::string& reason);
    // The plan has changed: sends away agents that lack what it needs of their hosts.
    void recheck();
    // This orchestrator does not lead any more, and why: sends every agent away and welcomes none, so that
    // they turn to another. Does not block.
    void dismiss(const std::string& why);
    // Ends every stream and takes no more. The server's own shutdown then waits for them.
    void stop();

    // gRPC's
    grpc::ServerBidiReactor<v1::AgentMessage, v1::OrchestratorMessage>* Connect(
        grpc::CallbackServerContext* context) override;

private:
    struct Session {
        std::shared_ptr<AgentStream> stream;
        platform::Identity peer;
        Duration opened_at{0};            // boot time
        std::shared_ptr<AgentLink> link;  // once its hello was well
    };
    void end_ungreeted();

    Result<void> on_hello(AgentStream& stream, const v1::Hello& hello, v1::Welcome& welcome) override;
    Result<void> on_message(AgentStream& stream, const v1::AgentMessage& message) override;
    void on_lost(AgentStream& stream, const std::string& reason) override;
    void on_done(AgentStream& stream) override;

    // Errors: unavailable, where no agent is welcome now.
    [[nodiscard]] Result<void> check_open() const;
    [[nodiscard]] Result<void> check_open_locked() const;
    [[nodiscard]] Session session_of(const AgentStream& stream) const;
    [[nodiscard]] std::vector<std::shared_ptr<AgentLink>> links() const;
    std::shared_ptr<AgentLink> link_for(const HostId& host);
    Result<void> on_finished(const HostId& host, const v1::StepFinished& message);
    Result<void> on_output(const HostId& host, const v1::StepOutput& message);
    Result<void> on_progress(const HostId& host, const v1::ChannelProgress& message);
    [[nodiscard]] Result<execution::AttemptKey> checked_key(const HostId& host,
                                                            const v1::AttemptKey& key) const;

    AgentSessionsOptions options_;
    mutable std::mutex mutex_;
    bool stopping_ = false;
    std::string dismissed_;  // in words; empty: agents are welcome
    std::map<const AgentStream*, Session> sessions_;
    std::map<HostId, std::shared_ptr<AgentLink>> links_;
};

}  // namespace ararat::transport
