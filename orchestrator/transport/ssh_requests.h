// What goes over one connected session with a host, as requests to its supervisor: which is asked next, how
// many at once, and what an answer means for the engine. Pure: no session, no clock. Lives as long as the
// session; a new session begins anew, and the engine tells again what is in flight.
// Owner: the conversation. Thread promise: one thread.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "transport/host_link.h"
#include "transport/ssh_attempt.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {

class SshRequests {
public:
    struct Parts {
        HostId host;
        const SupervisorPlace& place;
        const InputSink& inputs;
        const OutputSink& output;
    };
    explicit SshRequests(Parts parts) : parts_(std::move(parts)) {}

    void on_message(const execution::Command& command);
    void on_message(const execution::CancelCommand& cancel);
    void on_message(const execution::AcknowledgeResult& acknowledge);

    struct Request {
        std::string input;    // standard input of the place's request_command()
        Duration within{0};   // a host that takes longer does not answer any more
        bool waits = false;   // a long wait for an attempt's news
        std::string attempt;  // whose request it is; empty: a cancellation's, or a result is forgotten
        std::optional<execution::AttemptKey> cancelled;
    };
    // To be sent now. Nothing: nothing waits, or as much is under way as the host allows.
    [[nodiscard]] std::optional<Request> next();
    // Each request that next() gave is answered once, in any order. Error: the session is not to be trusted
    // any further.
    [[nodiscard]] Result<void> on_output(const Request& request, SshOutput output);

private:
    struct Control {
        std::string input;
        std::optional<execution::AttemptKey> cancelled;  // else it is a forget
    };

    [[nodiscard]] std::optional<Request> next_of(std::deque<std::string>& ready);
    Result<void> on_attempt_answer(SshAttempt& attempt, const AttemptAnswer& answer);
    void on_cancel_answer(const execution::AttemptKey& key, const AttemptAnswer& answer);
    void queue(const SshAttempt& attempt);
    void refuse(const execution::Command& command, const std::string& why);

    Parts parts_;
    std::map<std::string, SshAttempt> attempts_;  // by id
    std::deque<Control> controls_;
    std::deque<std::string> ready_;          // attempts whose next request is short
    std::deque<std::string> ready_to_wait_;  // attempts whose next request is a long wait
    std::size_t under_way_ = 0;
    std::size_t waits_under_way_ = 0;
    std::set<std::string> files_there_;
};

}  // namespace ararat::transport
