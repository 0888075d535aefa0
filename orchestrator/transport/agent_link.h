// The link to one host that has an agent: stays while streams come and go. The newest stream of a host
// replaces an older one.
// Thread promise: any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platform/clock.h"
#include "transport/agent_stream.h"
#include "transport/handshake.h"
#include "transport/host_link.h"

namespace ararat::transport {

struct AgentLinkOptions {
    HostId host;
    std::string identity;                       // URI SAN of this agent
    std::function<JournalPosition()> position;  // of the journal's last commit
    std::function<std::string()> address;       // the plan's; empty: none
    InputSink inputs;
    platform::Clock* clock = nullptr;
};

class AgentLink final : public HostLink {
public:
    explicit AgentLink(AgentLinkOptions options) : options_(std::move(options)) {}

    [[nodiscard]] const HostId& host() const override { return options_.host; }
    [[nodiscard]] bool connected() const override;
    [[nodiscard]] Result<DataEnd> data_end() const override;
    void send(const execution::Command& command) override;
    void send(const execution::CancelCommand& cancel) override;
    void send(const execution::AcknowledgeResult& acknowledge) override;
    void send(const TicketGrant& grant) override;
    void send(const execution::CloseTicket& close) override;
    void stop() override;

    // A stream whose hello was well: it is the host's from now on. Posts `up`.
    void attach(std::shared_ptr<AgentStream> stream, const v1::Hello& hello, execution::HostUp up);
    // Posts HostDown if this stream was the host's.
    void detach(const AgentStream& stream, const std::string& reason);
    // An agent with the host's certificate was not let in. Posts HostDown with the reason, unless that
    // was said already, or another stream is the host's: then it is no news of the host.
    void refused(const std::string& reason);
    [[nodiscard]] bool is_current(const AgentStream& stream) const;
    void heard();  // from the agent, anything
    // What it says in its heartbeats. Posts HostTroubled when that changes.
    void troubled(const std::string& words);
    // Ends the stream of an agent that lacks one of these, as its hello would be refused now.
    void require(const std::vector<std::string>& capabilities);
    // A heartbeat, or the end of a stream that has been silent for longer than `lease`.
    void pulse(Instant now, Duration lease);

private:
    void offer(v1::OrchestratorMessage message);

    AgentLinkOptions options_;
    mutable std::mutex mutex_;
    std::shared_ptr<AgentStream> stream_;
    std::string trouble_;
    std::uint32_t data_port_ = 0;
    std::vector<std::string> capabilities_;
    Duration heard_at_{0};
    std::string refused_;  // why an agent was not let in last, since a stream was the host's
};

// What an agent is told of it.
[[nodiscard]] v1::OpenTicket to_proto(const TicketGrant& grant);

}  // namespace ararat::transport
