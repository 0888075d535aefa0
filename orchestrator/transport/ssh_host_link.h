// A host without an agent, driven over SSH: acts towards the engine as an agent does. Ships the supervisor,
// starts steps with it, waits for them, fetches their output. A step outlives the session: after a
// reconnection, or a restart of the orchestrator, the same key finds the same step.
// Owner: the orchestrator's wiring.
// Thread promise: any thread; one thread of its own owns the session.
//
//   disconnected --admitted, connected--> preparing --supervisor there--> up (HostUp)
//        ^                 |                  |                            |
//        |  back-off       v                  v                            v  broken, silent
//        +---------------- failed <-----------+----------------------------+  (HostDown)
//        |  pin changed, or a long time
//        +-- refused: the host's key is not the pinned one (HostDown, alert)
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "platform/clock.h"
#include "transport/host_link.h"
#include "transport/ssh_pacer.h"
#include "transport/ssh_proxy.h"
#include "transport/ssh_session.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {

struct SshHostLinkOptions {
    HostId host;
    SshTarget target;  // pinned_keys, also of its jumps, is filled from pinned_key
    // The pinned public key ("ssh-ed25519 AAAA...") of this host, or of a jump host by its name; empty while
    // none is pinned. Called from the link's thread before each connection, and about once a second while a
    // key is refused or missing.
    std::function<std::string(const HostId&)> pinned_key;
    std::shared_ptr<const SupervisorProgram> supervisor;  // what to ship
    std::string remote_root = "/var/lib/ararat-ssh";      // [A-Za-z0-9/._-]+
    std::shared_ptr<SshPacer> pacer;
    std::shared_ptr<SshProxy> proxy;  // null: the host cannot be an end of a data channel
    InputSink inputs;
    OutputSink output;
};

inline constexpr std::size_t kSshQueueMax = 4096;  // messages waiting for the worker

class SshHostLink final : public HostLink {
public:
    // Errors: invalid-argument. Connects from start() on.
    [[nodiscard]] static Result<std::shared_ptr<SshHostLink>> make(SshHostLinkOptions options);
    ~SshHostLink() override;

    void start();

    [[nodiscard]] const HostId& host() const override;
    [[nodiscard]] bool connected() const override;
    [[nodiscard]] Result<DataEnd> data_end() const override;
    void send(const execution::Command& command) override;
    void send(const execution::CancelCommand& cancel) override;
    void send(const execution::AcknowledgeResult& acknowledge) override;
    void send(const TicketGrant& grant) override;
    void send(const execution::CloseTicket& close) override;
    void stop() override;

private:
    class Worker;
    explicit SshHostLink(std::unique_ptr<Worker> worker);
    std::unique_ptr<Worker> worker_;
};

}  // namespace ararat::transport
