#include "tests/simulation/virtual_orchestrator.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/protocol.h"
#include "platform/pki.h"
#include "tests/simulation/virtual_vfs.h"
#include "transport/agent_link.h"
#include "wire/convert.h"

namespace ararat::simulation {

using execution::Effect;

namespace {

const store::SnapshotTerms kSnapshots{"key", "simulated"};

}  // namespace

class VirtualOrchestrator::Link final : public transport::HostLink {
public:
    Link(VirtualOrchestrator& owner, HostId host) : owner_(owner), host_(std::move(host)) {}

    [[nodiscard]] const HostId& host() const override { return host_; }
    [[nodiscard]] bool connected() const override { return connection != 0; }
    [[nodiscard]] Result<transport::DataEnd> data_end() const override {
        if (!connected()) return Error{ErrorCode::kUnavailable, "not connected", host_.str()};
        return transport::DataEnd{host_.str(), host_.str() + ":7411"};
    }
    void send(const execution::Command& command) override {
        v1::OrchestratorMessage message;
        const transport::JournalPosition position = owner_.position();
        *message.mutable_start_step() = wire::to_proto(command, position.sequence);
        message.mutable_start_step()->set_chain_hash(position.hash);
        offer(std::move(message));
    }
    void send(const execution::CancelCommand& cancel) override {
        v1::OrchestratorMessage message;
        *message.mutable_cancel_step() = wire::to_proto(cancel);
        offer(std::move(message));
    }
    void send(const execution::AcknowledgeResult& acknowledge) override {
        v1::OrchestratorMessage message;
        *message.mutable_acknowledge_result() = wire::to_proto(acknowledge);
        offer(std::move(message));
    }
    void send(const transport::TicketGrant& grant) override {
        v1::OrchestratorMessage message;
        *message.mutable_open_ticket() = transport::to_proto(grant);
        offer(std::move(message));
    }
    void send(const execution::CloseTicket& close) override {
        v1::OrchestratorMessage message;
        *message.mutable_close_ticket() = wire::to_proto(close);
        offer(std::move(message));
    }
    void stop() override { connection = 0; }

    std::uint64_t connection = 0;  // 0: none

private:
    void offer(v1::OrchestratorMessage message) {
        if (connected() && !owner_.is_dead()) owner_.around_.send(host_, connection, std::move(message));
    }

    VirtualOrchestrator& owner_;
    HostId host_;
};

std::unique_ptr<VirtualOrchestrator> VirtualOrchestrator::start(Surroundings surroundings) {
    std::unique_ptr<VirtualOrchestrator> made(new VirtualOrchestrator(std::move(surroundings)));
    return made->open() ? std::move(made) : nullptr;
}

VirtualOrchestrator::~VirtualOrchestrator() = default;

bool VirtualOrchestrator::open() {
    mount_virtual_vfs(*around_.disk);
    const auto fail = [&](const Error& error) {
        if (!is_dead()) around_.faults->push_back("the orchestrator does not start: " + error.text());
        return false;
    };
    auto opened = store::open_sqlite("journal.db", around_.project, kVirtualVfs);
    if (!opened.ok()) return fail(opened.error());
    store_ = std::move(opened).value();
    if (!is_dead()) check_promises();
    server::EngineOptions options;
    options.project = around_.project;
    options.version = kSnapshots.version;
    options.journal = store_.journal.get();
    options.clock = around_.clock;
    options.lost_after = Duration{20'000};
    options.snapshot_key = kSnapshots.key;
    options.snapshot_when_idle = 25;
    options.dispatch = [this](const std::vector<Effect>& effects) { dispatch(effects); };
    options.committed = [this](const server::EngineView& engine,
                               const std::vector<execution::Record>& records) { committed(engine, records); };
    auto engine = server::Engine::idle(std::move(options));
    if (!engine.ok()) return fail(engine.error());
    engine_ = std::move(engine).value();
    if (is_dead()) return false;
    if (engine_->view().read_only) return fail({ErrorCode::kInternal, engine_->view().read_only_reason});
    // The epoch's own records are durable before anything is said in its name.
    const auto newest = store_.journal->read(around_.promises->journal.size() + 1, 2);
    for (const auto& entry : newest.ok() ? *newest : std::vector<store::JournalEntry>{})
        around_.promises->journal.push_back(wire::to_bytes(entry.record));
    add_ssh_links();
    dispatcher_ = std::make_unique<transport::Dispatcher>(std::string(32, 'k'),
                                                          [this](const HostId& host) { return find(host); });
    for (const auto& host : state().hosts) {
        for (const Effect& effect : execution::reconcile(state(), host.first)) {
            if (const auto* command = std::get_if<execution::Command>(&effect))
                dispatcher_->expect(command->key, host.first);
        }
    }
    return true;
}

void VirtualOrchestrator::add_ssh_links() {
    for (const HostId& host : around_.ssh_hosts) {
        VirtualSshLink::Surroundings around{
            host,
            transport::SupervisorPlace::make("/var/lib/ararat-ssh", "root").value(),
            [this] { return around_.clock->boottime(); },
            [this, host](VirtualSshHost::Command command) {
                if (!is_dead()) around_.run(host, std::move(command));
            },
            [this](execution::Input input) { post(std::move(input)); },
            around_.output,
            around_.faults};
        ssh_links_[host] = std::make_shared<VirtualSshLink>(std::move(around));
    }
}

std::shared_ptr<transport::HostLink> VirtualOrchestrator::find(const HostId& host) const {
    if (const auto driven = ssh_links_.find(host); driven != ssh_links_.end()) return driven->second;
    const auto found = links_.find(host);
    return found == links_.end() ? nullptr : found->second;
}

// What was acted upon before the crash stands in the journal, byte for byte; what was not may be gone.
void VirtualOrchestrator::check_promises() {
    const auto entries = store_.journal->read(1, 1'000'000);
    if (!entries.ok()) {
        around_.faults->push_back("the journal cannot be read: " + entries.error().text());
        return;
    }
    std::vector<std::string> found;
    for (const store::JournalEntry& entry : entries.value()) found.push_back(wire::to_bytes(entry.record));
    Promises& promises = *around_.promises;
    if (found.size() < promises.sequence) {
        around_.faults->push_back("records " + std::to_string(found.size() + 1) + " to " +
                                  std::to_string(promises.sequence) +
                                  " were acted upon and are not in the journal");
    }
    const std::size_t both =
        std::min({found.size(), promises.journal.size(), std::size_t{promises.sequence}});
    if (!std::equal(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(both),
                    promises.journal.begin()))
        around_.faults->push_back("a record that was acted upon has changed");
    promises.journal = std::move(found);
}

void VirtualOrchestrator::post(execution::Input input) {
    waiting_.emplace_back(server::Submission{std::move(input), {}});
}

void VirtualOrchestrator::submit(execution::Input input) {
    waiting_.emplace_back(server::Submission{std::move(input), [this](Result<server::Committed> result) {
                                                 if (is_dead() || !result.ok()) return;
                                                 Promises& promises = *around_.promises;
                                                 promises.sequence =
                                                     std::max(promises.sequence, result->sequence);
                                             }});
}

void VirtualOrchestrator::turn() { engine_->turn(std::exchange(waiting_, {})); }

void VirtualOrchestrator::dispatch(const std::vector<Effect>& effects) {
    if (is_dead()) return;
    around_.promises->sequence = std::max(around_.promises->sequence, engine_->sequence());
    for (const Effect& effect : effects) {
        if (const auto* command = std::get_if<execution::Command>(&effect))
            around_.on_command(state(), *command);
    }
    dispatcher_->dispatch(effects);
}

void VirtualOrchestrator::committed(const server::EngineView& engine,
                                    const std::vector<execution::Record>& records) {
    if (is_dead()) return;
    for (const execution::Record& record : records)
        around_.promises->journal.push_back(wire::to_bytes(record));
    around_.on_committed(engine.state, records);
}

Result<v1::Welcome> VirtualOrchestrator::connect(const v1::Hello& hello, std::uint64_t connection) {
    const HostId host(hello.host());
    transport::HandshakeTerms terms;
    terms.project = around_.project.str();
    terms.peer = platform::agent_identity(terms.project, host.str());
    terms.position = position();
    if (const std::uint64_t seen = hello.sequence_seen(); seen != 0 && seen <= terms.position.sequence) {
        const auto entries = store_.journal->read(seen, 1);
        if (entries.ok() && !entries->empty()) terms.hash_at_seen = entries->front().hash.str();
    }
    ARARAT_RETURN_IF_ERROR(transport::check_hello(hello, terms));
    execution::HostUp up{host, hello.journal_id(), hello.version(), {}, hello.epoch_seen() == 0};
    for (const v1::AttemptKey& key : hello.unacknowledged()) {
        ARARAT_ASSIGN_OR_RETURN(auto known, wire::from_proto(key));
        up.known.push_back(std::move(known));
    }
    auto& link = links_[host];
    if (!link) link = std::make_shared<Link>(*this, host);
    link->connection = connection;
    post(std::move(up));
    v1::Welcome welcome;
    welcome.set_epoch(terms.position.epoch);
    welcome.set_sequence(terms.position.sequence);
    welcome.set_chain_hash(terms.position.hash);
    welcome.set_lease_ms(20'000);
    return welcome;
}

transport::JournalPosition VirtualOrchestrator::position() const {
    const store::ChainHead head = engine_->head();
    return {engine_->epoch(), head.sequence, head.hash.str(), engine_->loss_epoch()};
}

void VirtualOrchestrator::disconnect(const HostId& host, const std::string& why) {
    const auto found = links_.find(host);
    if (found == links_.end() || !found->second->connected()) return;
    found->second->stop();
    post(execution::HostDown{host, why});
}

bool VirtualOrchestrator::is_connected(const HostId& host) const { return connection_of(host) != 0; }

std::uint64_t VirtualOrchestrator::connection_of(const HostId& host) const {
    const auto found = links_.find(host);
    return found == links_.end() ? 0 : found->second->connection;
}

void VirtualOrchestrator::on_message(const HostId& host, const v1::AgentMessage& message) {
    if (message.has_step_started()) {
        auto started = wire::from_proto(message.step_started(), host);
        if (!started.ok()) return around_.faults->push_back(started.error().text());
        if (dispatcher_->sent_there(host, started->key)) post(std::move(started).value());
    } else if (message.has_step_finished()) {
        auto finished = wire::from_proto(message.step_finished(), host);
        if (!finished.ok()) return around_.faults->push_back(finished.error().text());
        post(std::move(finished).value());
    }
}

// Whatever the state was made from, it is the same to the last derived byte.
void VirtualOrchestrator::check_replay() {
    const auto bytes = [&](const execution::State& of) {
        return store::seal_snapshot(of, {of.sequence, Hash()}, kSnapshots);
    };
    const std::string mine = bytes(state());
    for (const store::SnapshotTerms& terms : {store::SnapshotTerms{}, kSnapshots}) {
        const auto replayed = store::restore(*store_.journal, around_.project, terms);
        const std::string from = terms.key.empty() ? "replay" : "the snapshot";
        if (!replayed.ok()) {
            around_.faults->push_back(from + " gives no state: " + replayed.error().text());
        } else if (!replayed->snapshot_problem.empty()) {
            around_.faults->push_back(replayed->snapshot_problem);
        } else if (execution::fingerprint(replayed->state) != execution::fingerprint(state())) {
            around_.faults->push_back(from + " gives another state");
        } else if (bytes(replayed->state) != mine) {
            around_.faults->push_back(from + " gives the same state with other things derived of it");
        }
    }
}

}  // namespace ararat::simulation
