#include "tests/simulation/virtual_ssh_link.h"

#include <utility>

#include "base/sha256.h"
#include "transport/ssh_proxy.h"

namespace ararat::simulation {
namespace {

const transport::SupervisorProgram& program() {
    static const transport::SupervisorProgram kProgram{"the supervisor", sha256_hex("the supervisor")};
    return kProgram;
}

}  // namespace

VirtualSshLink::VirtualSshLink(Surroundings surroundings)
    : around_(std::move(surroundings)), tickets_(around_.host.str() + "'s proxy", *around_.faults) {}

void VirtualSshLink::connect(std::uint64_t session, std::string fresh_journal_id) {
    session_ = session;
    preparation_ =
        std::make_unique<transport::SshPreparation>(around_.place, program(), std::move(fresh_journal_id));
    prepare();
}

void VirtualSshLink::prepare() {
    auto command = preparation_->next();
    if (!command) return on_prepared();
    const Duration deadline = around_.boottime() + command->within;
    run(command->line, std::move(command->input), {deadline, {}});
}

void VirtualSshLink::on_prepared() {
    requests_ = std::make_unique<transport::SshRequests>(
        transport::SshRequests::Parts{around_.host, around_.place, around_.inputs, around_.output});
    around_.inputs(transport::host_up(around_.host, preparation_->host()));
    preparation_.reset();
}

void VirtualSshLink::disconnect(const std::string& why) {
    if (session_ == 0) return;
    session_ = 0;
    preparation_.reset();
    requests_.reset();
    under_way_.clear();
    around_.inputs(execution::HostDown{around_.host, why});
}

void VirtualSshLink::run(const std::string& line, std::string input, UnderWay what) {
    const std::uint64_t number = ++numbers_;
    under_way_.emplace(number, std::move(what));
    around_.run({session_, number, line, std::move(input)});
}

void VirtualSshLink::send_requests() {
    while (auto request = requests_->next()) {
        const Duration deadline = around_.boottime() + request->within;
        std::string input = request->input;
        run(around_.place.request_command(), std::move(input), {deadline, std::move(*request)});
    }
}

void VirtualSshLink::on_output(std::uint64_t session, std::uint64_t number,
                               const transport::SshOutput& output) {
    if (session != session_) return;
    const auto found = under_way_.find(number);
    if (found == under_way_.end()) return;
    const UnderWay answered = std::move(found->second);
    under_way_.erase(found);
    if (preparation_) {
        if (const auto well = preparation_->on_output(output); !well.ok())
            return disconnect(well.error().text());
        return prepare();
    }
    if (const auto well = requests_->on_output(answered.request, output); !well.ok())
        return disconnect(well.error().text());
    send_requests();
}

void VirtualSshLink::on_tick() {
    for (const auto& [number, request] : under_way_) {
        if (around_.boottime() >= request.deadline) return disconnect("the host does not answer any more");
    }
}

void VirtualSshLink::send(const transport::TicketGrant& grant) {
    tickets_.open(transport::ticket_of(grant), around_.boottime());
}

void VirtualSshLink::send(const execution::CloseTicket& close) {
    tickets_.close({close.run.str(), close.channel.id.str(), close.generation});
}

Result<transport::DataEnd> VirtualSshLink::data_end() const {
    if (!connected()) return Error{ErrorCode::kUnavailable, "not connected", around_.host.str()};
    return transport::DataEnd{"orchestrator", "orchestrator:7412"};
}

}  // namespace ararat::simulation
