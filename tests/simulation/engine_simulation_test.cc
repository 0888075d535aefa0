// The real engine against fake hosts in virtual time. Each seed makes a plan, people who meddle, and a
// network that delays, reorders, doubles and loses messages; hosts crash and lose their journals; the
// orchestrator dies between any two commits and starts again from its journal. After every event the
// invariants are checked; when the faults stop, everything has to come to rest.
//
// ARARAT_SIM_SEEDS=N runs N seeds, ARARAT_SIM_SEED=S only one (to look at a failure again).
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "tests/simulation/fake_host.h"
#include "tests/simulation/invariants.h"
#include "tests/support/plan_text.h"
#include "tests/support/record_text.h"

namespace ararat::simulation {
namespace {

using namespace execution;
using ararat::testing::kTestStart;
using ararat::testing::parse_plan_text;

class Simulation {
public:
    explicit Simulation(std::uint64_t seed) : dice_(seed) {
        plan_ = std::make_shared<const CompiledPlan>(parse_plan_text(random_plan_text(dice_)));
        for (const char* name : {"src0", "src1", "tgt0", "tgt1"}) {
            hosts_.emplace(HostId(name), FakeHost(HostId(name), witness_, dice_));
        }
        plans_.emplace(plan_->hash, plan_);
        restart();
        take(ApplyPlan{{"ann", {}}, plan_, {}});
    }

    // Faults until `events` have happened, then calm until nothing moves.
    std::vector<std::string> run(int events) {
        for (int i = 0; i < events && faults_.empty(); ++i) {
            now_ += Duration(static_cast<std::int64_t>(dice_.below(300)));
            chaos();
            check();
        }
        for (int i = 0; i < 3000 && faults_.empty(); ++i) {
            if (!calm_step()) break;
            check();
        }
        if (faults_.empty()) add(check_rest(state_, witness_));
        if (faults_.empty()) check_replay();
        return faults_;
    }

    [[nodiscard]] std::string history() const {
        std::string text;
        for (const Record& record : journal_) {
            text += std::to_string(record.sequence) + " " + ararat::testing::text_of(record.body) + "\n";
        }
        return text;
    }
    [[nodiscard]] std::size_t records() const { return journal_.size(); }
    [[nodiscard]] std::size_t runs_ended() const { return state_.runs.size() - state_.active_runs.size(); }

private:
    struct Letter {
        HostId host;
        bool to_host = false;
        Effect effect;
        Input input;
        std::uint64_t connection = 0;
    };

    void add(const std::vector<std::string>& found) {
        faults_.insert(faults_.end(), found.begin(), found.end());
    }

    void check() {
        add(check_world(*plan_, witness_));
        if (dice_.percent(1)) check_replay();
    }

    State replay() const {
        State replayed;
        replayed.project = plan_->project;
        replayed.plans = plans_;
        for (const Record& record : journal_) apply(replayed, record);
        return replayed;
    }

    void check_replay() {
        if (fingerprint(replay()) != fingerprint(state_)) faults_.push_back("replay gives another state");
    }

    void commit(const RecordBody& body, std::vector<Record>& fresh) {
        fresh.push_back(Record{state_.sequence + 1, now_, body});
        apply(state_, fresh.back());
    }

    // A new process: memory is the journal's, connections are gone, the epoch is its own.
    void restart() {
        state_ = replay();
        connectivity_ = {};
        connectivity_.lost_after = Duration(20'000);
        ++connection_;
        letters_.clear();
        std::vector<Record> fresh;
        commit(EpochStarted{state_.epoch + 1, "simulated"}, fresh);
        journal_.insert(journal_.end(), fresh.begin(), fresh.end());
    }

    // One turn of the engine. It may die before the commit (nothing happened) or after it (durable, but
    // nothing was sent).
    void take(const Input& input, bool may_die = false) {
        auto bodies = decide(state_, connectivity_, input, now_);
        std::vector<Record> fresh;
        if (bodies) {
            if (std::holds_alternative<ApplyPlan>(input)) state_.plans = plans_;
            for (const RecordBody& body : *bodies) commit(body, fresh);
        }
        for (int pass = 0;; ++pass) {
            if (pass == 1000) {
                faults_.push_back("schedule() never rests");
                return;
            }
            const auto more = schedule(state_, connectivity_, now_);
            if (more.empty()) break;
            for (const RecordBody& body : more) commit(body, fresh);
        }
        if (may_die && dice_.percent(1)) return restart();
        journal_.insert(journal_.end(), fresh.begin(), fresh.end());
        if (may_die && dice_.percent(1)) return restart();
        for (const Effect& effect : effects_of(state_, fresh)) send(effect, true);
        for (const Effect& effect : replies_to(state_, input)) send(effect, false);
    }

    void send(const Effect& effect, bool fresh) {
        HostId host;
        if (const auto* command = std::get_if<Command>(&effect)) {
            host = command->host;
            if (fresh) add(check_dispatch(state_, *command, now_));
        } else if (const auto* cancel = std::get_if<CancelCommand>(&effect)) {
            host = cancel->host;
        } else if (const auto* acknowledge = std::get_if<AcknowledgeResult>(&effect)) {
            host = acknowledge->host;
        } else {
            return;  // tickets have no part in this simulation
        }
        if (!connectivity_.up.contains(host)) return;
        letters_.push_back(Letter{host, true, effect, {}, connection_of_[host]});
    }

    void answer(const HostId& host, const std::vector<Input>& inputs) {
        for (const Input& input : inputs)
            letters_.push_back(Letter{host, false, {}, input, connection_of_[host]});
    }

    // Any letter may arrive next; some arrive twice.
    void deliver(bool faulty) {
        if (letters_.empty()) return;
        const std::size_t chosen = faulty ? dice_.below(letters_.size()) : 0;
        const Letter letter = letters_[chosen];
        if (!faulty || !dice_.percent(5))
            letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(chosen));
        if (letter.connection != connection_of_[letter.host]) return;
        if (letter.to_host) {
            answer(letter.host, hosts_.at(letter.host).receive(letter.effect));
        } else {
            take(letter.input, faulty);
        }
    }

    void connect(FakeHost& host, bool may_die) {
        const HostId& id = host.id();
        if (connectivity_.up.contains(id)) return;
        connectivity_.up[id] = "simulated";
        connectivity_.down.erase(id);
        connectivity_.since[id] = now_;
        connection_of_[id] = ++connection_;
        answer(id, host.resend());
        take(host.hello(), may_die);
    }

    void disconnect(const HostId& id) {
        if (connectivity_.up.erase(id) == 0) return;
        connectivity_.down[id] = "cut";
        connectivity_.since[id] = now_;
        connection_of_[id] = ++connection_;
        take(HostDown{id, "cut"}, true);
    }

    FakeHost& any_host() {
        auto host = hosts_.begin();
        std::advance(host, static_cast<std::ptrdiff_t>(dice_.below(hosts_.size())));
        return host->second;
    }

    void chaos() {
        const std::uint64_t what = dice_.below(1000);
        FakeHost& host = any_host();
        if (what < 450) return deliver(true);
        if (what < 750) return answer(host.id(), host.finish_some(false));
        if (what < 850) return connect(host, true);
        if (what < 870) return disconnect(host.id());
        if (what < 878) {
            disconnect(host.id());
            return host.crash();
        }
        if (what < 881) {
            disconnect(host.id());
            return host.lose_journal();
        }
        if (what < 884) return restart();
        if (what < 920) return take(Tick{}, true);
        meddle();
    }

    // People who press every button.
    void meddle() {
        const Principal ann{"ann", {}};
        if (dice_.percent(30)) return decide_gates(!dice_.percent(10));
        if (state_.active_runs.empty() || dice_.percent(10)) {
            const Wave& wave = plan_->waves[dice_.below(plan_->waves.size())];
            return take(StartWave{ann, wave.id, false}, true);
        }
        const RunId run = *state_.active_runs.begin();
        const Task& task = plan_->tasks[dice_.below(plan_->tasks.size())];
        switch (dice_.below(12)) {
            case 0: return take(ControlRun{ann, run, RunAction::kPause, "a look"}, true);
            case 1:
                if (dice_.percent(80)) return;
                return take(ControlRun{ann, run, RunAction::kCancel, "enough"}, true);
            case 2:
                if (dice_.percent(70)) return;
                return take(
                    BackOut{ann, run, task.group.empty() ? std::nullopt : std::optional(task.group), "back"},
                    true);
            case 3:
            case 4:
            case 5: return take(CompleteManual{ann, run, task.id, "done"}, true);
            case 6:
            case 7:
            case 8: return take(ControlRun{ann, run, RunAction::kResume, "on"}, true);
            default: return take(RetryTask{ann, run, task.id, "again"}, true);
        }
    }

    void decide_gates(bool granted) {
        const Wave& wave = plan_->waves[dice_.below(plan_->waves.size())];
        const bool owner = dice_.percent(50);
        const Principal by{owner ? "olga" : "bert", {RoleId(owner ? "owner" : "board")}};
        take(DecideGate{by, wave.id, GateId("go"), granted, "", wave.subtree, "", ""}, true);
    }

    // No faults any more: true while anything moves.
    bool calm_step() {
        for (auto& [id, host] : hosts_) connect(host, false);
        if (!letters_.empty()) {
            deliver(false);
            return true;
        }
        for (auto& [id, host] : hosts_) {
            if (!host.busy()) continue;
            answer(id, host.finish_some(true));
            return true;
        }
        if (help_along()) return true;
        const auto due = next_due(state_, now_);
        if (!due) return false;
        now_ = *due;
        take(Tick{});
        return true;
    }

    // People who do what is asked of them: approve, complete, resume.
    bool help_along() {
        for (const RunId& id : std::set<RunId>(state_.active_runs)) {
            const Run& run = state_.runs.at(id);
            if (run.status == RunStatus::kPaused) {
                take(ControlRun{{"ann", {}}, id, RunAction::kResume, "on"});
                return true;
            }
            for (const Task& task : plan_->tasks) {
                const auto progress = run.tasks.find(task.id);
                if (progress == run.tasks.end() || progress->second.state != TaskState::kOpen) continue;
                if (task.kind == TaskKind::kManual) {
                    take(CompleteManual{{"ann", {}}, id, task.id, "done"});
                    return true;
                }
            }
            if (approve(run)) return true;
        }
        return false;
    }

    bool approve(const Run& run) {
        const WaveId wave_id = run.wave;
        const auto wave = std::find_if(plan_->waves.begin(), plan_->waves.end(),
                                       [&](const Wave& each) { return each.id == wave_id; });
        const GateStatus gate = gate_status(state_, *plan_, wave_id, GateId("go"));
        if (gate.granted) return false;
        for (const char* role : {"owner", "board"}) {
            const Principal by{role, {RoleId(role)}};
            take(DecideGate{by, wave_id, GateId("go"), true, "", wave->subtree, "", ""});
        }
        return true;
    }

    Dice dice_;
    Witness witness_;
    CompiledPlanPtr plan_;
    std::map<Hash, CompiledPlanPtr> plans_;
    std::map<HostId, FakeHost> hosts_;
    State state_;
    Connectivity connectivity_;
    Instant now_ = kTestStart;
    std::vector<Record> journal_;
    std::vector<Letter> letters_;
    std::map<HostId, std::uint64_t> connection_of_;
    std::uint64_t connection_ = 0;
    std::vector<std::string> faults_;
};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(EngineSimulation, HoldsItsInvariantsForEverySeed) {
    const std::uint64_t only = number_from("ARARAT_SIM_SEED", 0);
    const std::uint64_t seeds = only != 0 ? 1 : number_from("ARARAT_SIM_SEEDS", 2000);
    std::size_t records = 0;
    std::size_t ended = 0;
    for (std::uint64_t i = 0; i < seeds; ++i) {
        const std::uint64_t seed = only != 0 ? only : i + 1;
        Simulation simulation(seed);
        const std::vector<std::string> faults = simulation.run(600);
        records += simulation.records();
        ended += simulation.runs_ended();
        if (faults.empty()) continue;
        FAIL() << "seed " << seed << ": " << faults.front() << "\n"
               << (only != 0 ? simulation.history()
                             : "ARARAT_SIM_SEED=" + std::to_string(seed) + " shows the journal");
    }
    // A simulation in which nothing happens would hold every invariant.
    EXPECT_GT(records, seeds * 50);
    EXPECT_GT(ended, seeds / 2);
    RecordProperty("records", static_cast<int>(records));
}

}  // namespace
}  // namespace ararat::simulation
