// What goes over one connected session with a host: every attempt's requests side by side, its output and
// its end. Lives as long as the session; a new session begins anew, and the engine tells again what is in
// flight.
// Owner: the link's worker. Thread promise: one thread.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "transport/host_link.h"
#include "transport/ssh_attempt.h"
#include "transport/ssh_inbox.h"
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
    explicit SshConversation(Parts parts) : parts_(parts) {}

    // Until the session breaks, the host falls silent, or the interrupt is raised (cancelled). Says why.
    [[nodiscard]] Error run();

private:
    struct Operation {
        std::unique_ptr<SshExec> exec;
        Duration deadline{0};
        std::string attempt;  // an attempt's request; empty: one of the two below
        std::optional<execution::AttemptKey> cancelled;
    };
    struct Control {
        std::string input;
        std::optional<execution::AttemptKey> cancelled;  // else it is a forget
    };

    void on_message(const execution::Command& command);
    void on_message(const execution::CancelCommand& cancel);
    void on_message(const execution::AcknowledgeResult& acknowledge);

    // Opens channels for what is waiting, as many as the host allows.
    Result<void> start_operations();
    Result<void> start_attempt_request(SshAttempt& attempt);
    Result<void> open(const std::string& input, Duration within, Operation operation);
    // True: something moved.
    Result<bool> step_operations();
    Result<void> on_ended(Operation& operation);
    Result<void> on_attempt_answer(SshAttempt& attempt, const AttemptAnswer& answer);
    void on_cancel_answer(const execution::AttemptKey& key, const AttemptAnswer& answer);
    void queue(const SshAttempt& attempt);
    void refuse(const execution::Command& command, const std::string& why);

    Parts parts_;
    std::map<std::string, SshAttempt> attempts_;  // by id
    std::deque<Control> controls_;
    std::deque<std::string> ready_;          // attempts whose next request is short
    std::deque<std::string> ready_to_wait_;  // attempts whose next request is a long wait
    std::list<Operation> operations_;
    std::size_t waits_open_ = 0;
    std::set<std::string> files_there_;
};

}  // namespace ararat::transport
