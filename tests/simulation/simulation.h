// One seed: a plan, people who meddle, hosts with agents or driven over SSH, an orchestrator, and a world
// that is against them. The network delays, reorders, doubles and loses; agents, hosts and the orchestrator
// die at any moment, also in the middle of a write; power losses take what was not synced; wall clocks jump.
// After every event the invariants are checked (invariants.h, Promises in virtual_orchestrator.h,
// VirtualAgent's own); when the faults stop, everything has to come to rest. Thread promise: one owner; one
// simulation at a time in a process.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/clock_checker.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/random_plan.h"
#include "tests/simulation/record_checker.h"
#include "tests/simulation/virtual_agent.h"
#include "tests/simulation/virtual_orchestrator.h"

namespace ararat::simulation {

struct SimulationOptions {
    std::uint64_t seed = 1;
    int events = 1500;               // until the faults stop
    bool orchestrator_lies = false;  // its disk says it has synced and has not
    bool agents_lie = false;
    bool trace = false;  // keep every event, not just the last ones
};

class Simulation {
public:
    explicit Simulation(SimulationOptions options);
    ~Simulation();

    // Contradictions that were found; empty: all invariants held.
    [[nodiscard]] std::vector<std::string> run();

    // What happened last, a line each; all of it where it was asked for.
    [[nodiscard]] const std::vector<std::string>& trace() const { return trace_; }
    [[nodiscard]] std::size_t records() const { return promises_.journal.size(); }
    [[nodiscard]] std::size_t runs_ended() const { return runs_ended_; }
    [[nodiscard]] std::size_t tasks() const { return plan_->tasks.size(); }
    [[nodiscard]] std::uint64_t crashes() const { return crashes_; }
    [[nodiscard]] std::uint64_t executions() const;
    // How many groups of all runs are so at the end.
    [[nodiscard]] std::size_t groups(GroupState are) const;

private:
    struct Letter {
        HostId host;
        std::uint64_t connection = 0;
        std::variant<v1::OrchestratorMessage, v1::AgentMessage> content;
    };
    struct Host {
        HostId id;
        std::unique_ptr<VirtualSupervisors> supervisors;
        std::unique_ptr<VirtualAgent> agent;       // null: it is driven over SSH
        std::unique_ptr<VirtualSshHost> ssh;       // null: it has an agent
        std::uint64_t session = 0;                 // over SSH; 0: none
        std::vector<std::function<void()>> calls;  // of supervisors, by threads of the agent
        std::uint64_t connection = 0;              // as the agent sees it; 0: none
        Duration cut_off_until{0};                 // since boot
        std::uint64_t lost_before = 0;             // its disk was lost before the connection after this one
    };

    void add_host(const HostId& id);
    void add_ssh_host(Host& host);
    void note(std::string what);
    void check();
    // Whoever has crashed in the middle of something is buried, and the orchestrator begins again.
    void bury();
    void start_orchestrator();
    void turn();
    void take(execution::Input input);

    // ---- events ----
    void chaos();
    void do_harm(const HostId& id);
    bool calm_step();
    void deliver(bool faulty);
    void hand_over(const Letter& letter);
    void connect(const HostId& id);
    void disconnect(const HostId& id);
    void cut_several_off();
    void kill_agent(const HostId& id, CrashKind kind);
    void lose_disk(const HostId& id);
    // A host forgot these attempts. A repeatable one may be carried out a second time under its key, or not
    // at all; any other must never be.
    void note_lost(const std::vector<std::string>& keys);
    void finish_some(Host& host, bool calm);
    bool call_some(Host& host);
    void meddle();
    void meddle_with(const RunId& run);
    void decide_gates(bool granted);
    bool help_along();
    bool trust_clock(const execution::Run& run);
    bool decide_late(const execution::Run& run);
    bool approve(const execution::Run& run);
    // A person backs out a group for which another one, past its point of no return, still waits. False:
    // there is none.
    bool leave_one_alone();
    bool see_through(const execution::Run& run);
    execution::Input way_on(const execution::Run& run, const MoveGroupId& group, bool is_last_resort);
    void calm_clocks();
    // A host that is driven over SSH.
    void chaos_over_ssh(Host& host, std::uint64_t what);
    void do_harm_over_ssh(Host& host, std::uint64_t what, CrashKind kind);
    void connect_ssh(Host& host);
    void cut_ssh(Host& host, const std::string& why);
    bool run_ssh(Host& host, bool calm);
    void note_session(Host& host);
    void on_output(const transport::OutputChunk& chunk);
    bool cut_all_ssh(const std::string& why);
    // Nothing of what is over is left on the hosts, once a session has begun and gone well: the one at rest,
    // after those of the chaos, whose ends were waited for; or the one that the calm began with.
    bool look_at_ssh_hosts_again();
    void check_ssh_hosts();
    // Once at rest, after everything that is not renewed has run out.
    bool renew_leases();
    void check_tickets(bool at_rest);
    bool look_at_tickets();
    void set_clock_off_by(Duration by);
    const HostId& any_host();
    [[nodiscard]] const execution::State& state() const { return orchestrator_->state(); }

    SimulationOptions options_;
    Dice dice_;
    Dice dice_over_ssh_;  // apart, so that a world of agents only is the same world as ever
    Dice dice_at_the_end_;
    Dice more_dice_;  // of what came later, for the same reason
    Dice dice_of_needs_;
    VirtualClock clock_;
    Witness witness_;
    Promises promises_;
    std::vector<std::string> faults_;
    std::vector<std::string> trace_;
    CompiledPlanPtr plan_;
    bool wild_ = false;   // messages overtake each other, come twice, and come after their connection's end
    bool jumpy_ = false;  // wall time jumps
    std::uint64_t hostility_ = 100;  // percent of what could go wrong
    VirtualDisk disk_;
    std::map<HostId, Host> hosts_;
    std::vector<HostId> host_ids_;
    std::vector<Letter> letters_;
    std::uint64_t connections_ = 0;
    std::uint64_t journals_ = 0;  // ids given to hosts over SSH
    bool looked_again_ = false;
    int tickets_seen_ = 0;
    bool renewed_ = false;
    std::map<std::pair<RunId, MoveGroupId>, int> helped_;  // how often somebody saw to a held group
    std::uint64_t crashes_ = 0;
    std::size_t runs_ended_ = 0;
    RecordChecker record_checker_;
    ClockChecker clock_checker_;
    std::unique_ptr<VirtualOrchestrator> orchestrator_;
};

}  // namespace ararat::simulation
