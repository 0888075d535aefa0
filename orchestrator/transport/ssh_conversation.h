// One connected session with a host: carries the requests of SshRequests to it, side by side, and their
// answers back. Lives as long as the session.
// Owner: the link's worker. Thread promise: one thread.
#pragma once

#include <list>
#include <memory>

#include "base/result.h"
#include "transport/host_link.h"
#include "transport/ssh_inbox.h"
#include "transport/ssh_requests.h"
#include "transport/ssh_session.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {

class SshConversation {
public:
    struct Parts {
        HostId host;
        SshSession& session;
        const SupervisorPlace& place;
        SshInbox& inbox;
        channel::Interrupt& interrupt;
        const InputSink& inputs;
        const OutputSink& output;
    };
    explicit SshConversation(Parts parts)
        : parts_(parts), requests_({parts.host, parts.place, parts.inputs, parts.output}) {}

    // Until the session breaks, the host falls silent, or the interrupt is raised (cancelled). Says why.
    [[nodiscard]] Error run();

private:
    struct Operation {
        std::unique_ptr<SshExec> exec;
        Duration deadline{0};
        SshRequests::Request request;
    };

    // Opens channels for what is waiting, as many as the host allows.
    Result<void> start_operations();
    // True: something moved.
    Result<bool> step_operations();

    Parts parts_;
    SshRequests requests_;
    std::list<Operation> operations_;
};

}  // namespace ararat::transport
