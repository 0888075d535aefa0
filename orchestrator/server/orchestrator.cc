#include "server/orchestrator.h"

#include <fmt/format.h>

#include <atomic>
#include <set>
#include <utility>
#include <variant>

#include "base/protocol.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "platform/log.h"
#include "server/acknowledger.h"
#include "server/addresses_file.h"
#include "server/backup.h"
#include "server/control_service.h"
#include "server/damaged_database.h"
#include "server/data_directory.h"
#include "server/disk_failure.h"
#include "server/engine.h"
#include "server/enrol_service.h"
#include "server/enrol_tokens.h"
#include "server/grpc_listener.h"
#include "server/methods.h"
#include "server/periodic.h"
#include "server/ssh_hosts.h"
#include "transport/agent_sessions.h"
#include "transport/dispatcher.h"

namespace ararat::server {
namespace {

constexpr Duration kFlushInterval{200};
constexpr Duration kAcknowledgeInterval{50};
constexpr Duration kHeartbeatInterval{5'000};
constexpr Duration kLeaseInterval = transport::kTicketLease / 4;
constexpr Duration kStopGrace{2'000};
constexpr Duration kInstallTokenLifetime{600'000};

}  // namespace

// Declared in the order in which they are made; stop() ends them from the outside inwards.
class Orchestrator::Parts {
public:
    explicit Parts(OrchestratorOptions options) : options_(std::move(options)) {}
    ~Parts() { stop(); }

    Result<void> start();
    void stop();
    [[nodiscard]] OrchestratorPorts ports() const;

private:
    Result<void> open_storage();
    void wire_hosts();
    Result<void> wire_engine();
    Result<void> take_up();
    void wire_people();
    Result<void> wire_listeners();
    void wire_timers();
    void tell_health();
    void on_committed(const EngineView& engine, const std::vector<execution::Record>& records);
    void follow(const CompiledPlan& plan);
    [[nodiscard]] std::shared_ptr<transport::HostLink> find(const HostId& host) const;
    [[nodiscard]] ServerIdentity identity() const {
        return {directory_.certificate_pem, directory_.key_pem, directory_.ca.certificate_pem};
    }
    [[nodiscard]] std::string public_host() const {
        return options_.public_host.empty() ? directory_.host : options_.public_host;
    }

    OrchestratorOptions options_;
    platform::SystemClock clock_;
    DataDirectory directory_;
    platform::UniqueFd lock_;
    store::Store store_;

    transport::EstateDirectory estate_;
    ProgressBoard progress_;
    std::unique_ptr<LogStore> log_store_;
    std::unique_ptr<transport::AgentSessions> sessions_;
    std::unique_ptr<SshHosts> ssh_hosts_;
    std::unique_ptr<transport::Dispatcher> dispatcher_;
    std::unique_ptr<Acknowledger> acknowledger_;
    std::unique_ptr<Engine> engine_;
    std::atomic<bool> is_wired_{false};  // what on_committed() calls exists

    std::unique_ptr<WatchHub> watchers_;
    std::unique_ptr<LogStreams> log_streams_;
    std::unique_ptr<EventStreams> event_streams_;
    std::unique_ptr<AgentInstaller> installer_;
    UploadStore uploads_;
    MethodTable methods_;
    std::unique_ptr<ControlService> control_service_;
    std::unique_ptr<EnrolService> enrol_service_;

    std::unique_ptr<BackupDesk> backup_desk_;
    std::unique_ptr<GrpcListener> enrol_;
    std::unique_ptr<GrpcListener> agents_;
    std::unique_ptr<GrpcListener> control_;
    Periodic timers_;
    Periodic acknowledgements_;  // apart: it waits for the disk
};

Result<void> Orchestrator::Parts::open_storage() {
    ARARAT_ASSIGN_OR_RETURN(directory_, open_data_directory({options_.data_directory}));
    ARARAT_ASSIGN_OR_RETURN(lock_, platform::lock_file(directory_.paths.lock()));
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(directory_.paths.logs(), 0700));
    if (is_gone(directory_.paths)) {
        store_ = store::lost_store(directory_.project, {ErrorCode::kDataLoss, "journal.db is gone"});
    } else {
        ARARAT_ASSIGN_OR_RETURN(store_, options_.open_store(directory_.paths.database(), directory_.project));
    }
    store_.registry = giving_up_on_disk_failure(std::move(store_.registry));
    if (store_.is_damaged) keep_damaged(directory_.paths, store_, store_.problem);
    return {};
}

void Orchestrator::Parts::wire_hosts() {
    log_store_ = std::make_unique<LogStore>(directory_.project, directory_.paths.logs());
    transport::AgentSessionsOptions agents;
    agents.project = directory_.project;
    agents.inputs = [this](execution::Input input) { engine_->post(std::move(input)); };
    agents.output = [this](const transport::OutputChunk& chunk) { log_store_->append(chunk); };
    agents.progress = [this](const transport::ChannelBytes& bytes) {
        progress_.note(bytes, clock_.boottime());
    };
    agents.position = [this] {
        store::ChainHead head = engine_->head();
        return transport::JournalPosition{engine_->epoch(), head.sequence, head.hash.str(),
                                          engine_->loss_epoch()};
    };
    agents.hash_at = [this](std::uint64_t sequence) {
        auto entries = store_.journal->read(sequence, 1);
        if (!entries.ok()) return Result<std::string>(entries.error());
        const bool there = !entries->empty() && entries->front().record.sequence == sequence;
        return Result<std::string>(there ? entries->front().hash.str() : std::string());
    };
    agents.distrust = [this](std::string why) { engine_->distrust(std::move(why)); };
    agents.sent_there = [this](const HostId& host, const execution::AttemptKey& key) {
        return dispatcher_->sent_there(host, key);
    };
    agents.carries = [this](const HostId& host, const RunId& run, const ChannelId& channel,
                            std::uint32_t generation) {
        return dispatcher_->carries(host, run, channel, generation);
    };
    agents.estate = &estate_;
    agents.clock = &clock_;

    SshHostsOptions ssh;
    ssh.project = directory_.project;
    ssh.public_host = public_host();
    ssh.agents_also = options_.agents_also;
    ssh.data_address = options_.data_address;
    ssh.ssh_key_file = options_.ssh_key_file;
    ssh.supervisor_binary = options_.supervisor_binary;
    ssh.remote_root = options_.ssh_remote_root;
    ssh.agent_binary = options_.agent_binary;
    ssh.paths = directory_.paths;
    ssh.registry = store_.registry.get();
    ssh.inputs = agents.inputs;
    ssh.output = agents.output;
    ssh.progress = agents.progress;
    ssh.make_token = [this](const HostId& host, const std::string& by) {
        const store::Enrolment agent{
            host.str(), store::EnrolKind::kAgent, {}, clock_.now() + kInstallTokenLifetime};
        return make_enrol_token(*engine_, *store_.registry, agent, by);
    };

    sessions_ = std::make_unique<transport::AgentSessions>(std::move(agents));
    ssh_hosts_ = std::make_unique<SshHosts>(std::move(ssh));
    dispatcher_ = std::make_unique<transport::Dispatcher>(directory_.ticket_key,
                                                          [this](const HostId& host) { return find(host); });
    acknowledger_ = std::make_unique<Acknowledger>(
        *log_store_,
        [this](const std::vector<execution::Effect>& effects) { dispatcher_->dispatch(effects); });
}

Result<void> Orchestrator::Parts::wire_engine() {
    EngineOptions options;
    options.project = directory_.project;
    options.version = std::string(kProgramVersion);
    options.journal = store_.journal.get();
    options.clock = &clock_;
    options.lost_after = options_.lost_after;
    options.ticket_wait = [this](const RunId& run, const ChannelId& channel) {
        return dispatcher_->why_waiting(run, channel);
    };
    options.snapshot_key = platform::hmac_sha256(directory_.ticket_key, "snapshots of the journal");
    options.damaged = [this](const std::string& problem) {
        if (!store_.is_damaged) keep_damaged(directory_.paths, store_, problem);
    };
    options.stopped_writing = [this](const std::string& why) {
        sessions_->dismiss(why);
        ssh_hosts_->dismiss(why);
    };
    options.read_only_reason = read_only_reason(store_, options_.accept_loss);
    options.history_lost = options.read_only_reason.empty() && !store_.restored.empty();
    options.dispatch = [this](const std::vector<execution::Effect>& effects) {
        acknowledger_->dispatch(effects);
    };
    options.committed = [this](const EngineView& engine, const std::vector<execution::Record>& records) {
        on_committed(engine, records);
    };
    const bool accepting = options.history_lost;
    ARARAT_ASSIGN_OR_RETURN(engine_, Engine::start(std::move(options)));
    // Only what is recorded has been accepted: a crash in between leaves the mark, and it is asked for again.
    if (accepting && engine_->check_writable().ok()) {
        spdlog::critical("alert: what was done since this backup was made is given up for lost");
        const auto accepted = store_.accept_loss();
        if (!accepted.ok() && accepted.error().code == ErrorCode::kInternal) give_up(accepted.error());
        ARARAT_RETURN_IF_ERROR(accepted);
    }
    watchers_ = std::make_unique<WatchHub>([this](Query query) { return engine_->query(std::move(query)); },
                                           progress_);
    log_streams_ = std::make_unique<LogStreams>(*engine_, *log_store_);
    event_streams_ = std::make_unique<EventStreams>(
        *store_.journal, [this](Query query) { return engine_->query(std::move(query)); },
        [this] { return engine_->sequence(); });
    is_wired_.store(true, std::memory_order_release);
    return take_up();
}

// What an earlier process left under way: its hosts may speak before the engine has spoken to them.
Result<void> Orchestrator::Parts::take_up() {
    using Commands = std::vector<std::pair<execution::AttemptKey, HostId>>;
    ARARAT_ASSIGN_OR_RETURN(const auto left, engine_->read([](const EngineView& engine) {
        Commands commands;
        std::set<HostId> hosts;
        for (const RunId& id : engine.state.active_runs) {
            for (const EstateHost& host : engine.state.runs.at(id).plan->hosts) hosts.insert(host.id);
        }
        for (const HostId& host : hosts) {
            for (const execution::Effect& effect : execution::reconcile(engine.state, host)) {
                const auto* command = std::get_if<execution::Command>(&effect);
                if (command) commands.emplace_back(command->key, host);
            }
        }
        return std::pair(engine.state.plan, commands);
    }));
    for (const auto& [key, host] : left.second) dispatcher_->expect(key, host);
    if (left.first) follow(*left.first);
    return {};
}

void Orchestrator::Parts::wire_people() {
    installer_ = std::make_unique<AgentInstaller>(
        [this](const InstallTarget& target, const std::function<void(std::string)>& say) -> Result<void> {
            ARARAT_RETURN_IF_ERROR(engine_->check_writable());
            return ssh_hosts_->install_agent(target, say);
        },
        estate_);
    enrol_service_ = std::make_unique<EnrolService>(
        EnrolDeps{directory_.project.str(), directory_.ca, store_.registry.get(), engine_.get(), &clock_});
}

Result<void> Orchestrator::Parts::wire_listeners() {
    GrpcListenerOptions enrol{
        options_.enrol_address, identity(), ClientCertificate::kNone, {enrol_service_.get()}};
    enrol.limits.per_address = 64;
    enrol.memory_mib_max = 64;
    ARARAT_ASSIGN_OR_RETURN(enrol_, GrpcListener::start(std::move(enrol)));

    // The table names the enrolment's port, which is known only now.
    ControlDeps deps;
    deps.about = {directory_.project, std::string(kProgramVersion), directory_.ca.certificate_pem,
                  fmt::format("{}:{}", public_host(), enrol_->port())};
    deps.engine = engine_.get();
    deps.journal = store_.journal.get();
    deps.registry = store_.registry.get();
    deps.progress = &progress_;
    deps.uploads = &uploads_;
    deps.clock = &clock_;
    deps.room_for_runs = [this]() -> Result<void> {
        ARARAT_ASSIGN_OR_RETURN(const Room room, room_of(directory_.paths.root));
        return check_room_for_runs(directory_.paths, room);
    };
    add_control_methods(methods_, deps);
    control_service_ = std::make_unique<ControlService>(
        ControlServiceDeps{directory_.project.str(), &methods_, watchers_.get(), log_streams_.get(),
                           installer_.get(), event_streams_.get()});

    GrpcListenerOptions agents{
        options_.agents_address, identity(), ClientCertificate::kRequired, {sessions_.get()}};
    agents.refused = [this](const auto& peer, const auto& why) { sessions_->refused(peer, why); };
    ARARAT_ASSIGN_OR_RETURN(agents_, GrpcListener::start(std::move(agents)));
    ARARAT_ASSIGN_OR_RETURN(
        control_,
        GrpcListener::start(
            {options_.control_address, identity(), ClientCertificate::kRequired, {control_service_.get()}}));
    ssh_hosts_->set_ports(agents_->port(), enrol_->port());
    return {};
}

void Orchestrator::Parts::wire_timers() {
    timers_.every(kFlushInterval, [this] {
        watchers_->flush(clock_.boottime());
        tell_health();
    });
    timers_.every(kHeartbeatInterval, [this] {
        sessions_->pulse();
        watchers_->pulse(clock_.now());
        event_streams_->pulse(clock_.boottime());
    });
    timers_.every(kLeaseInterval, [this] { dispatcher_->renew_leases(); });
    timers_.start();
    acknowledgements_.every(kAcknowledgeInterval, [this] { acknowledger_->flush(); });
    acknowledgements_.start();
}

// Read-only it answers questions, but whoever watches it must send somebody.
void Orchestrator::Parts::tell_health() {
    const bool serving = engine_->check_writable().ok();
    for (auto* listener : {&control_, &agents_, &enrol_}) (*listener)->set_serving(serving);
}

Result<void> Orchestrator::Parts::start() {
    ARARAT_RETURN_IF_ERROR(open_storage());
    wire_hosts();
    ARARAT_RETURN_IF_ERROR(ssh_hosts_->open());
    ARARAT_RETURN_IF_ERROR(wire_engine());
    wire_people();
    ARARAT_RETURN_IF_ERROR(wire_listeners());
    tell_health();
    ssh_hosts_->start();
    wire_timers();
    backup_desk_ = std::make_unique<BackupDesk>(directory_.paths, store_.copy_to, clock_);
    if (const auto written =
            write_addresses(directory_.paths.addresses(), directory_.project, public_host(), ports());
        !written.ok()) {
        // Where nothing can be written it is served all the same.
        if (engine_->check_writable().ok()) return written;
        spdlog::warn("{}", written.error().text());
    }
    const OrchestratorPorts at = ports();
    spdlog::info("project {} is served: people on port {}, agents on {}, enrolment on {}",
                 directory_.project.str(), at.control, at.agents, at.enrol);
    return {};
}

void Orchestrator::Parts::stop() {
    timers_.stop();
    if (backup_desk_) backup_desk_->stop();
    acknowledgements_.stop();
    if (watchers_) watchers_->stop();
    if (log_streams_) log_streams_->stop();
    if (event_streams_) event_streams_->stop();
    if (sessions_) sessions_->stop();
    for (auto* listener : {&control_, &agents_, &enrol_}) {
        if (*listener) (*listener)->stop(kStopGrace);
    }
    if (ssh_hosts_) ssh_hosts_->stop();  // also ends installations under way, so that they can be joined
    if (installer_) installer_->stop();
    if (engine_) engine_->stop();
}

OrchestratorPorts Orchestrator::Parts::ports() const {
    return {control_->port(), agents_->port(), enrol_->port(), ssh_hosts_->data_port()};
}

// On the engine's thread.
void Orchestrator::Parts::on_committed(const EngineView& engine,
                                       const std::vector<execution::Record>& records) {
    if (!is_wired_.load(std::memory_order_acquire)) return;
    for (const execution::Record& record : records) {
        if (std::holds_alternative<execution::PlanApplied>(record.body)) follow(*engine.state.plan);
        const auto* status = std::get_if<execution::RunStatusChanged>(&record.body);
        if (status && is_final(status->status)) progress_.forget(status->run);
        const auto* revoked = std::get_if<execution::TicketRevoked>(&record.body);
        if (revoked) progress_.close(revoked->run, revoked->channel, revoked->generation);
    }
    watchers_->on_committed(engine, records);
    log_streams_->on_committed(engine, records);
    if (!records.empty()) event_streams_->on_committed();
}

void Orchestrator::Parts::follow(const CompiledPlan& plan) {
    estate_.follow(plan);
    sessions_->recheck();
    ssh_hosts_->follow(plan);
}

std::shared_ptr<transport::HostLink> Orchestrator::Parts::find(const HostId& host) const {
    if (auto link = ssh_hosts_->find(host)) return link;
    return sessions_->find(host);
}

Result<std::unique_ptr<Orchestrator>> Orchestrator::start(OrchestratorOptions options) {
    auto parts = std::make_unique<Parts>(std::move(options));
    ARARAT_RETURN_IF_ERROR(parts->start());
    return std::unique_ptr<Orchestrator>(new Orchestrator(std::move(parts)));
}

Orchestrator::Orchestrator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Orchestrator::~Orchestrator() = default;

OrchestratorPorts Orchestrator::ports() const { return parts_->ports(); }
void Orchestrator::stop() { parts_->stop(); }

}  // namespace ararat::server
