#include "tests/simulation/simulation.h"

#include <algorithm>
#include <utility>

#include "tests/support/plan_text.h"
#include "tests/support/record_text.h"

namespace ararat::simulation {

using namespace execution;
using ararat::testing::kTestStart;
using ararat::testing::parse_plan_text;

namespace {

constexpr std::size_t kTraceMax = 60;
constexpr int kCalmStepsMax = 20'000;
constexpr std::uint64_t kSshSeeds = 0x55d1'7e5e'ed00'0000;
constexpr std::uint64_t kMoreSeeds = 0x3050'5eed'0000'0000;
constexpr std::uint64_t kEndSeeds = 0x0e9d'5eed'0000'0000;
constexpr std::uint64_t kNeedSeeds = 0x0eed'5eed'0000'0000;

}  // namespace

Simulation::Simulation(SimulationOptions options)
    : options_(options),
      dice_(options.seed),
      dice_over_ssh_(options.seed ^ kSshSeeds),
      dice_at_the_end_(options.seed ^ kEndSeeds),
      more_dice_(options.seed ^ kMoreSeeds),
      dice_of_needs_(options.seed ^ kNeedSeeds),
      clock_(kTestStart),
      disk_(dice_) {
    const auto over_ssh = random_ssh_hosts(dice_over_ssh_);
    const std::string plan = with_shipped_files(random_plan_text(dice_, over_ssh), over_ssh, dice_over_ssh_);
    plan_ = std::make_shared<const CompiledPlan>(
        parse_plan_text(with_late_needs(with_later_windows(plan, more_dice_), dice_of_needs_)));
    wild_ = dice_.percent(50);
    jumpy_ = dice_.percent(25);
    hostility_ = dice_.percent(33) ? 100 : dice_.percent(50) ? 30 : 5;
    if (options_.orchestrator_lies) disk_.lie_about_syncing();
    for (const EstateHost& host : plan_->hosts) add_host(host.id);
    start_orchestrator();
    take(ApplyPlan{{"ann", {}}, plan_, {}});
}

Simulation::~Simulation() = default;

void Simulation::add_host(const HostId& id) {
    Host& host = hosts_[id];
    host.id = id;
    host_ids_.push_back(id);
    host.supervisors = std::make_unique<VirtualSupervisors>(witness_, dice_);
    const auto is_it = [&](const EstateHost& each) { return each.id == id && each.via == HostVia::kSsh; };
    if (std::ranges::any_of(plan_->hosts, is_it)) return add_ssh_host(host);
    VirtualAgent::Surroundings around;
    around.dice = &dice_;
    around.supervisors = host.supervisors.get();
    around.boottime = [this] { return clock_.boottime(); };
    around.say = [this, id](const v1::AgentMessage& message) {
        letters_.push_back({id, hosts_.at(id).connection, message});
    };
    around.later = [&host](std::function<void()> call) { host.calls.push_back(std::move(call)); };
    around.faults = &faults_;
    host.agent = std::make_unique<VirtualAgent>(id.str(), std::move(around));
    if (options_.agents_lie) host.agent->disk().lie_about_syncing();
    host.agent->boot();
}

std::vector<std::string> Simulation::run() {
    for (int i = 0; i < options_.events && faults_.empty(); ++i) {
        clock_.advance(Duration(static_cast<std::int64_t>(dice_.below(300))));
        chaos();
        check();
    }
    calm_clocks();
    int steps = 0;
    while (faults_.empty() && calm_step()) {
        check();
        if (++steps == kCalmStepsMax) faults_.push_back("it does not come to rest");
    }
    if (faults_.empty()) {
        const auto found = check_rest(state(), witness_);
        faults_.insert(faults_.end(), found.begin(), found.end());
        check_ssh_hosts();
        check_tickets(true);
    }
    if (faults_.empty()) orchestrator_->check_replay();
    if (orchestrator_) runs_ended_ = state().runs.size() - state().active_runs.size();
    return faults_;
}

void Simulation::note(std::string what) {
    trace_.push_back(std::to_string(clock_.boottime().count()) + " ms  " + std::move(what));
    if (!options_.trace && trace_.size() > kTraceMax) trace_.erase(trace_.begin());
}

void Simulation::check() {
    const auto found = check_world(*plan_, witness_);
    faults_.insert(faults_.end(), found.begin(), found.end());
    if (faults_.empty() && dice_.below(200) == 0) orchestrator_->check_replay();
}

// ---- the orchestrator's lives ----

void Simulation::start_orchestrator() {
    VirtualOrchestrator::Surroundings around;
    around.project = plan_->project;
    around.disk = &disk_;
    around.clock = &clock_;
    around.promises = &promises_;
    around.faults = &faults_;
    around.send = [this](const HostId& host, std::uint64_t connection, v1::OrchestratorMessage message) {
        letters_.push_back({host, connection, std::move(message)});
    };
    around.on_command = [this](const State& state, const Command& command) {
        const auto found = check_command(state, command);
        faults_.insert(faults_.end(), found.begin(), found.end());
    };
    around.on_committed = [this](const State& state, const std::vector<Record>& records) {
        for (const Record& record : records) {
            note(std::to_string(record.sequence) + " " + ararat::testing::text_of(record.body));
            auto found = record_checker_.check(state, record, witness_);
            faults_.insert(faults_.end(), found.begin(), found.end());
            const auto* end = std::get_if<AttemptFinished>(&record.body);
            if (end != nullptr && end->outcome != Outcome::kUnknown)
                witness_.ended.emplace(to_string(end->key), record.sequence);
            found = clock_checker_.check(state, record, clock_.boottime());
            faults_.insert(faults_.end(), found.begin(), found.end());
            const auto* intent = std::get_if<AttemptStarted>(&record.body);
            if (intent == nullptr) continue;
            found = check_intent(state, record_checker_.stood(), *intent, clock_.now());
            faults_.insert(faults_.end(), found.begin(), found.end());
        }
    };
    around.run = [this](const HostId& host, VirtualSshHost::Command command) {
        hosts_.at(host).ssh->take(std::move(command));
    };
    around.output = [this](const transport::OutputChunk& chunk) { on_output(chunk); };
    for (auto& [id, host] : hosts_) {
        host.connection = 0;
        if (host.ssh) around.ssh_hosts.push_back(id);
    }
    // It may die while it starts, any number of times.
    while (faults_.empty()) {
        orchestrator_ = VirtualOrchestrator::start(around);
        if (!disk_.has_crashed()) break;
        orchestrator_.reset();
        disk_.begin_again();
    }
    if (!orchestrator_) return;
    record_checker_.begin_again(promises_.journal.size(), state());
    clock_checker_.begin_again(promises_.journal);
    std::erase_if(witness_.ended, [&](const auto& end) { return end.second > promises_.journal.size(); });
    for (auto& [id, host] : hosts_) {
        if (host.ssh) note_session(host);
    }
}

void Simulation::bury() {
    for (auto& [id, host] : hosts_) {
        if (host.agent && host.agent->alive() && host.agent->has_crashed())
            kill_agent(id, host.agent->disk().crash_kind());
    }
    if (!disk_.has_crashed()) return;
    note("the orchestrator has died and starts again");
    ++crashes_;
    orchestrator_.reset();  // closed while the disk is still the dead one's
    disk_.begin_again();
    start_orchestrator();
}

void Simulation::turn() {
    orchestrator_->turn();
    bury();
}

void Simulation::take(Input input) {
    if (std::holds_alternative<HostUp>(input) || std::holds_alternative<HostDown>(input)) {
        orchestrator_->post(std::move(input));
    } else {
        orchestrator_->submit(std::move(input));
    }
    turn();
}

// ---- hosts and the network ----

const HostId& Simulation::any_host() { return host_ids_[dice_.below(host_ids_.size())]; }

void Simulation::connect(const HostId& id) {
    Host& host = hosts_.at(id);
    if (!host.agent->alive()) host.agent->boot();
    if (!host.agent->alive() || host.agent->has_crashed()) return bury();
    if (host.connection != 0 && host.connection == orchestrator_->connection_of(id)) return;
    if (clock_.boottime() < host.cut_off_until) return;
    host.agent->on_closed();
    host.connection = ++connections_;
    auto welcome = orchestrator_->connect(host.agent->hello(), host.connection);
    if (!welcome.ok()) {
        faults_.push_back(id.str() + " is refused: " + welcome.error().text());
        return;
    }
    note(id.str() + " connects");
    v1::OrchestratorMessage message;
    *message.mutable_welcome() = std::move(welcome).value();
    host.agent->on_message(message);
    turn();
}

// One side may notice long before the other.
void Simulation::disconnect(const HostId& id) {
    Host& host = hosts_.at(id);
    if (!dice_.percent(30)) {
        host.connection = 0;
        host.agent->on_closed();
    }
    orchestrator_->disconnect(id, "cut");
    note(id.str() + " is cut off");
    turn();
}

// Several hosts at once, and for longer than a held group waits for.
void Simulation::cut_several_off() {
    const Duration length{static_cast<std::int64_t>(5'000 + more_dice_.below(85'000))};
    note("a part of the network is cut off for " + std::to_string(length.count()) + " ms");
    for (auto& [id, host] : hosts_) {
        if (more_dice_.percent(40)) continue;
        host.cut_off_until = clock_.boottime() + length;
        if (host.ssh) {
            cut_ssh(host, "cut off");
            continue;
        }
        host.connection = 0;
        host.agent->on_closed();
        orchestrator_->disconnect(id, "cut off");
    }
    turn();
}

void Simulation::kill_agent(const HostId& id, CrashKind kind) {
    Host& host = hosts_.at(id);
    note(id.str() + (kind == CrashKind::kPower ? " loses power" : ": its agent is killed"));
    ++crashes_;
    if (kind == CrashKind::kPower) host.supervisors->lose_power();
    host.agent->die(kind);
    host.calls.clear();
    host.connection = 0;
    if (orchestrator_) orchestrator_->disconnect(id, "its agent is gone");
}

void Simulation::lose_disk(const HostId& id) {
    Host& host = hosts_.at(id);
    note(id.str() + " gets a new disk");
    kill_agent(id, CrashKind::kPower);
    host.agent->lose_disk();
    host.lost_before = connections_;
    note_lost(host.supervisors->lose_disk());
}

void Simulation::note_lost(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        if (!is_repeatable(*plan_, key)) continue;
        witness_.effects.erase(key);
        witness_.lost.erase(key);
    }
}

void Simulation::finish_some(Host& host, bool calm) {
    const std::vector<std::string> running = host.supervisors->running();
    if (running.empty()) return;
    const std::string& key = running[dice_.below(running.size())];
    host.supervisors->finish(key, calm);
    if (host.agent && host.agent->alive()) host.agent->look_at(key);
}

// Its threads take the calls in any order, but those of one key in theirs; a call at a time is enough here.
bool Simulation::call_some(Host& host) {
    if (host.calls.empty()) return false;
    const auto call = std::move(host.calls.front());
    host.calls.erase(host.calls.begin());
    call();
    return true;
}

void Simulation::deliver(bool faulty) {
    if (letters_.empty()) return;
    const std::size_t chosen = faulty && wild_ ? dice_.below(letters_.size()) : 0;
    const Letter letter = letters_[chosen];
    const bool comes_twice = faulty && wild_ && dice_.percent(5);
    if (!comes_twice) letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(chosen));
    hand_over(letter);
}

void Simulation::hand_over(const Letter& letter) {
    Host& host = hosts_.at(letter.host);
    if (clock_.boottime() < host.cut_off_until) return;
    if (const auto* to_host = std::get_if<v1::OrchestratorMessage>(&letter.content)) {
        const bool late = letter.connection != host.connection;
        if (!host.agent->alive() || (late && !(wild_ && dice_.percent(30)))) return;
        // A machine that was made anew has new sockets: what was sent to the old one never arrives.
        if (letter.connection <= host.lost_before) return;
        host.agent->on_message(*to_host);
        return;
    }
    if (letter.connection == 0 || letter.connection != orchestrator_->connection_of(letter.host)) return;
    orchestrator_->on_message(letter.host, std::get<v1::AgentMessage>(letter.content));
    // What comes close together is decided in one turn.
    if (!dice_.percent(30)) turn();
}

std::size_t Simulation::groups(GroupState are) const {
    if (!orchestrator_) return 0;
    std::size_t count = 0;
    for (const auto& [id, run] : state().runs) {
        for (const auto& [group, is] : run.groups) count += is == are ? 1 : 0;
    }
    return count;
}

std::uint64_t Simulation::executions() const {
    std::uint64_t count = 0;
    for (const auto& [key, times] : witness_.effects) count += static_cast<std::uint64_t>(times);
    return count;
}

}  // namespace ararat::simulation
