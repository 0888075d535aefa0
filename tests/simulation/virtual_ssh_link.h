// The orchestrator's end of a host that is driven over SSH: the real preparation and requests over a session
// of the simulation, as SshHostLink and its worker have them over libssh. Owner: VirtualOrchestrator. Thread
// promise: one owner.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/simulation/virtual_ssh_host.h"
#include "tests/simulation/virtual_tickets.h"
#include "transport/host_link.h"
#include "transport/ssh_preparation.h"
#include "transport/ssh_requests.h"

namespace ararat::simulation {

class VirtualSshLink final : public transport::HostLink {
public:
    struct Surroundings {
        HostId host;
        transport::SupervisorPlace place;
        std::function<Duration()> boottime;
        std::function<void(VirtualSshHost::Command)> run;  // a command goes out
        transport::InputSink inputs;
        transport::OutputSink output;
        std::vector<std::string>* faults = nullptr;
    };
    explicit VirtualSshLink(Surroundings surroundings);

    // A session stands. `fresh_journal_id`: for a host that has none.
    void connect(std::uint64_t session, std::string fresh_journal_id);
    // It has broken, or was given up.
    void disconnect(const std::string& why);
    void on_output(std::uint64_t session, std::uint64_t number, const transport::SshOutput& output);
    // A host that does not answer in time is given up.
    void on_tick();
    // Of the proxy's end, which is the orchestrator's own.
    [[nodiscard]] VirtualTickets& tickets() { return tickets_; }
    [[nodiscard]] std::uint64_t session() const { return session_; }  // 0: none

    [[nodiscard]] const HostId& host() const override { return around_.host; }
    [[nodiscard]] bool connected() const override { return requests_ != nullptr; }
    [[nodiscard]] Result<transport::DataEnd> data_end() const override;
    void send(const execution::Command& command) override { post(command); }
    void send(const execution::CancelCommand& cancel) override { post(cancel); }
    void send(const execution::AcknowledgeResult& acknowledge) override { post(acknowledge); }
    void send(const transport::TicketGrant& grant) override;
    void send(const execution::CloseTicket& close) override;
    void stop() override { disconnect("stopped"); }

private:
    struct UnderWay {
        Duration deadline{0};
        transport::SshRequests::Request request;
    };

    template <typename Message>
    void post(const Message& message) {
        if (!requests_) return;
        requests_->on_message(message);
        send_requests();
    }
    void prepare();
    void on_prepared();
    void send_requests();
    void run(const std::string& line, std::string input, UnderWay what);

    Surroundings around_;
    std::uint64_t session_ = 0;
    std::uint64_t numbers_ = 0;
    std::unique_ptr<transport::SshPreparation> preparation_;
    std::unique_ptr<transport::SshRequests> requests_;
    std::map<std::uint64_t, UnderWay> under_way_;  // by number
    VirtualTickets tickets_;
};

}  // namespace ararat::simulation
