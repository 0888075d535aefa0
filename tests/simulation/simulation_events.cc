// What happens in a simulation: chaos while there are faults, and calm afterwards.
#include <algorithm>

#include "tests/simulation/simulation.h"

namespace ararat::simulation {

using namespace execution;

namespace {

constexpr std::int64_t kJumpMinutesMax = 180;
constexpr std::uint64_t kWritesUntilCrashMax = 30;
constexpr Duration kResendPause{11'000};

}  // namespace

void Simulation::chaos() {
    const std::uint64_t what = dice_.below(1000);
    if (more_dice_.below(1000) < 2 && more_dice_.percent(hostility_)) cut_several_off();
    if (dice_of_needs_.percent(3) && leave_one_alone()) return;
    Host& host = hosts_.at(any_host());
    if (host.ssh) {
        chaos_over_ssh(host, what);
    } else if (what < 400) {
        deliver(true);
    } else if (what < 560) {
        call_some(host);
    } else if (what < 740) {
        finish_some(host, false);
    } else if (what < 840) {
        connect(host.id);
    } else if (what < 870) {
        if (host.agent->alive()) host.agent->on_tick();
    } else if (what < 890) {
        turn();
    } else if (what < 940) {
        meddle();
    } else if (dice_.percent(hostility_)) {
        do_harm(host.id);
    }
    bury();
}

void Simulation::do_harm(const HostId& id) {
    const std::uint64_t what = dice_.below(60);
    const CrashKind kind = dice_.percent(50) ? CrashKind::kPower : CrashKind::kProcess;
    if (Host& host = hosts_.at(id); host.ssh && (what < 31 || (what >= 38 && what < 43))) {
        do_harm_over_ssh(host, what, kind);
    } else if (what < 18) {
        disconnect(id);
    } else if (what < 28) {
        kill_agent(id, kind);
    } else if (what < 31) {
        lose_disk(id);
    } else if (what < 38) {
        // In the middle of whatever it writes next.
        disk_.crash_at(1 + dice_.below(kWritesUntilCrashMax), kind);
    } else if (what < 43) {
        // Before a write: nothing of it is there. Before its sync: whole, torn or not at all if the power
        // goes.
        const CrashKind of_agent = more_dice_.percent(60) ? CrashKind::kPower : CrashKind::kProcess;
        hosts_.at(id).agent->disk().crash_at(1 + dice_.below(4), of_agent);
    } else if (what < 48) {
        disk_.crash(kind);
    } else if (jumpy_) {
        const auto minutes = static_cast<std::int64_t>(dice_.below(2 * kJumpMinutesMax)) - kJumpMinutesMax;
        set_clock_off_by(std::chrono::minutes(minutes));
        note("the wall clock jumps by " + std::to_string(minutes) + " minutes");
    }
}

// People who press every button.
void Simulation::meddle() {
    const Principal ann{"ann", {}};
    if (dice_.percent(30)) return decide_gates(!dice_.percent(10));
    if (state().active_runs.empty() || dice_.percent(10)) {
        const Wave& wave = plan_->waves[dice_.below(plan_->waves.size())];
        return take(StartWave{ann, wave.id, false});
    }
    meddle_with(*state().active_runs.begin());
}

void Simulation::meddle_with(const RunId& run) {
    const Principal ann{"ann", {}};
    const Task& task = plan_->tasks[dice_.below(plan_->tasks.size())];
    switch (dice_.below(16)) {
        case 0: return take(ControlRun{ann, run, RunAction::kPause, "a look"});
        case 1:
            if (dice_.percent(80)) return;
            return take(ControlRun{ann, run, RunAction::kCancel, "enough"});
        case 2:
            if (dice_.percent(70)) return;
            return take(BackOut{ann, run, task.group.empty() ? std::nullopt : std::optional(task.group),
                                "back", dice_of_needs_.percent(70)});
        case 3:
        case 4:
        case 5: return take(CompleteManual{ann, run, task.id, "done"});
        case 6:
        case 7:
        case 8: return take(ControlRun{ann, run, RunAction::kResume, "on"});
        case 12:
        case 13: return take(SkipTask{ann, run, task.id, "not needed"});
        case 14: return take(ControlRun{ann, run, RunAction::kStep, "one"});
        case 15: return take(GiveGo{ann, run, std::nullopt, "it will do"});
        default: return take(RetryTask{ann, run, task.id, "again"});
    }
}

void Simulation::decide_gates(bool granted) {
    const Wave& wave = plan_->waves[dice_.below(plan_->waves.size())];
    const Gate& gate = plan_->gates[dice_.below(plan_->gates.size())];
    const RoleId& role = gate.roles[dice_.below(gate.roles.size())];
    take(
        DecideGate{{"person-of-" + role.str(), {role}}, wave.id, gate.id, granted, "", wave.subtree, "", ""});
}

// Wall time only: time since boot goes on as before.
void Simulation::set_clock_off_by(Duration by) {
    // The engine looks every second: what was set and set back in between never was.
    if (faults_.empty()) turn();
    if (by != clock_.set_off()) clock_checker_.jumped();
    clock_.set_off_by(by);
}

void Simulation::calm_clocks() {
    set_clock_off_by(Duration{0});
    disk_.crash_at(0, CrashKind::kProcess);
    for (auto& [id, host] : hosts_) {
        host.cut_off_until = Duration{0};
        if (host.agent) host.agent->disk().crash_at(0, CrashKind::kProcess);
    }
    looked_again_ = dice_over_ssh_.percent(50);
    if (looked_again_) cut_all_ssh("to begin anew");
    note("no faults from here on");
}

// No faults any more: true while anything moves.
bool Simulation::calm_step() {
    for (auto& [id, host] : hosts_) host.ssh ? connect_ssh(host) : connect(id);
    if (dice_of_needs_.percent(4) && leave_one_alone()) return true;
    if (!letters_.empty()) {
        deliver(false);
        return true;
    }
    if (!orchestrator_->idle()) {
        turn();
        return true;
    }
    for (auto& [id, host] : hosts_) {
        if (host.ssh ? run_ssh(host, true) : call_some(host)) return true;
        if (host.supervisors->running().empty()) continue;
        finish_some(host, true);
        return true;
    }
    if (look_at_tickets() || help_along()) return true;
    bool somebody_waits = false;
    for (auto& [id, host] : hosts_)
        somebody_waits = somebody_waits || (host.agent && host.agent->hello().unacknowledged_size() > 0);
    if (somebody_waits) {
        clock_.advance(kResendPause);
        for (auto& [id, host] : hosts_) {
            if (host.agent) host.agent->on_tick();
        }
        return !letters_.empty();
    }
    const auto due = next_due(state(), clock_.now());
    if (!due) {
        // The engine looks again every second, whatever it waits for.
        const std::size_t before = records();
        turn();
        return records() > before || look_at_ssh_hosts_again() || renew_leases();
    }
    clock_.advance(*due - clock_.now());
    take(Tick{});
    return true;
}

}  // namespace ararat::simulation
