// The data channels' ends of hosts that are driven over SSH: one Endpoint beside the orchestrator, whose
// streams are SSH channels to those hosts. Such a host can be a channel's source, not its target.
// Owner: the orchestrator's wiring; SSH host links hold it.
// Thread promise: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "channel/endpoint.h"
#include "transport/host_link.h"
#include "transport/ssh_pacer.h"
#include "transport/ssh_session.h"

namespace ararat::transport {

// How to reach a host's supervisor for one stream.
struct SshReach {
    HostId host;
    SshTarget target;
    // Constant command lines; see ssh_supervisor.h.
    std::string request_command;
    std::string exec_command;
};

struct SshProxyOptions {
    // PEM files of the orchestrator's identity.
    std::string certificate_file;
    std::string key_file;
    std::string ca_file;
    std::string listen_address = "0.0.0.0";
    std::uint16_t listen_port = 7411;  // 0: any free one
    DataEnd end;  // what agents are told to dial; a port of 0 is replaced by the real one
    std::shared_ptr<SshPacer> pacer;
    ProgressSink progress;
};

// The source's end of it, which the proxy holds.
[[nodiscard]] channel::Ticket ticket_of(const TicketGrant& grant);

class SshProxy {
public:
    [[nodiscard]] static Result<std::unique_ptr<SshProxy>> start(SshProxyOptions options);
    ~SshProxy();
    SshProxy(const SshProxy&) = delete;
    SshProxy& operator=(const SshProxy&) = delete;

    [[nodiscard]] DataEnd end() const;
    [[nodiscard]] std::uint16_t port() const;
    // Errors: as Endpoint::open_ticket; unimplemented where the host would be the target.
    Result<void> open_ticket(const TicketGrant& grant, const SshReach& reach);
    void close_ticket(const execution::CloseTicket& close);
    void stop();

private:
    class Opener;
    SshProxy(DataEnd end, std::shared_ptr<Opener> opener, std::unique_ptr<channel::Endpoint> endpoint);

    DataEnd end_;
    std::shared_ptr<Opener> opener_;
    std::unique_ptr<channel::Endpoint> endpoint_;
};

}  // namespace ararat::transport
