// Hosts that are driven over SSH: what happens to them, and what must hold for them besides.
#include <algorithm>

#include "tests/simulation/simulation.h"

namespace ararat::simulation {

using namespace execution;

void Simulation::add_ssh_host(Host& host) {
    VirtualSshHost::Surroundings around{
        &dice_, host.supervisors.get(),
        transport::SupervisorPlace::make("/var/lib/ararat-ssh", "root").value(),
        [this] { return clock_.boottime(); },
        [this, &host](std::uint64_t session, std::uint64_t number, const transport::SshOutput& output) {
            orchestrator_->ssh_link(host.id).on_output(session, number, output);
            note_session(host);
        }};
    host.ssh = std::make_unique<VirtualSshHost>(std::move(around));
}

void Simulation::chaos_over_ssh(Host& host, std::uint64_t what) {
    if (what < 160) {
        deliver(true);
    } else if (what < 560) {
        run_ssh(host, false);
    } else if (what < 680) {
        finish_some(host, false);
    } else if (what < 740) {
        host.ssh->write_some();
    } else if (what < 840) {
        connect_ssh(host);
    } else if (what < 870) {
        orchestrator_->ssh_link(host.id).on_tick();
        note_session(host);
    } else if (what < 890) {
        turn();
    } else if (what < 940) {
        meddle();
    } else if (dice_.percent(hostility_)) {
        do_harm(host.id);
    }
}

void Simulation::do_harm_over_ssh(Host& host, std::uint64_t what, CrashKind kind) {
    if (what < 18) return cut_ssh(host, "cut");
    if (what >= 38 || (what < 28 && kind == CrashKind::kProcess)) {
        note(host.id.str() + ": a step's supervisor is killed");
        return host.ssh->kill_some();
    }
    ++crashes_;
    note(host.id.str() + (what < 28 ? " loses power" : " gets a new disk"));
    if (what < 28) {
        host.ssh->lose_power();
    } else {
        note_lost(host.ssh->lose_disk());
    }
    cut_ssh(host, "the host is gone");
}

void Simulation::connect_ssh(Host& host) {
    VirtualSshLink& link = orchestrator_->ssh_link(host.id);
    if (link.session() != 0 || clock_.boottime() < host.cut_off_until) return;
    note(host.id.str() + " is connected to over SSH");
    host.session = ++connections_;
    link.connect(host.session, host.id.str() + "-journal-" + std::to_string(++journals_));
    turn();
}

void Simulation::cut_ssh(Host& host, const std::string& why) {
    if (host.session == 0) return;
    note(host.id.str() + " is cut off");
    orchestrator_->ssh_link(host.id).disconnect(why);
    note_session(host);
    turn();
}

// The orchestrator has given a session up, or is another process: the host notices.
void Simulation::note_session(Host& host) {
    const std::uint64_t session = orchestrator_ ? orchestrator_->ssh_link(host.id).session() : 0;
    if (session == host.session) return;
    host.ssh->on_closed(host.session);
    host.session = session;
}

bool Simulation::run_ssh(Host& host, bool calm) {
    if (!host.ssh->run_some(calm)) return false;
    // What comes close together is decided in one turn.
    if (!dice_.percent(30)) turn();
    return true;
}

// Output that is shown to people is what the step wrote, from the place where it is said to be.
void Simulation::on_output(const transport::OutputChunk& chunk) {
    const auto written = hosts_.at(chunk.host).supervisors->output_of(to_string(chunk.key));
    if (!written) return;
    if (chunk.offset > written->size() || !written->substr(chunk.offset).starts_with(chunk.data))
        faults_.push_back("output of " + to_string(chunk.key) + " that it did not write");
}

bool Simulation::look_at_ssh_hosts_again() {
    if (looked_again_) return false;
    looked_again_ = true;
    return cut_all_ssh("to look again");
}

bool Simulation::cut_all_ssh(const std::string& why) {
    bool any = false;
    for (auto& [id, host] : hosts_) {
        if (!host.ssh) continue;
        cut_ssh(host, why);
        any = true;
    }
    return any;
}

void Simulation::check_ssh_hosts() {
    std::set<std::string> out;
    for (const RunId& id : state().active_runs) {
        for (const auto& [task, progress] : state().runs.at(id).tasks) {
            if (progress.in_flight) out.insert(task.str());
        }
    }
    for (const auto& [id, host] : hosts_) {
        if (!host.ssh) continue;
        for (const std::string& key : host.supervisors->known_keys()) {
            if (!out.contains(task_of_key(key)))
                faults_.push_back(id.str() + " is never told to forget " + key);
        }
    }
}

bool Simulation::renew_leases() {
    if (renewed_) return false;
    renewed_ = true;
    clock_.advance(transport::kTicketLease);
    orchestrator_->renew_leases();
    return true;
}

// Both ends hold the tickets of runs that go on, and nobody any other.
// Before people bring everything to its end: who has come up again has the tickets of what goes on.
bool Simulation::look_at_tickets() {
    if (tickets_seen_ == 2) return false;
    if (++tickets_seen_ == 1) {
        orchestrator_->renew_leases();
        return true;
    }
    check_tickets(false);
    return false;
}

void Simulation::check_tickets(bool at_rest) {
    std::map<HostId, std::set<channel::TicketKey>> due;
    for (const RunId& id : state().active_runs) {
        const Run& run = state().runs.at(id);
        for (const Channel& channel : run.plan->channels) {
            const auto ticket = run.tickets.find(channel.id);
            if (ticket == run.tickets.end() || !ticket->second.active) continue;
            for (const HostId& host : {channel.source, channel.target})
                due[host].insert({id.str(), channel.id.str(), ticket->second.generation});
        }
    }
    for (auto& [id, host] : hosts_) {
        VirtualTickets& tickets = host.ssh ? orchestrator_->ssh_link(id).tickets() : host.agent->tickets();
        const auto held = tickets.held(clock_.boottime());
        for (const channel::TicketKey& key : held) {
            if (at_rest && !due[id].contains(key))
                faults_.push_back(id.str() + " holds a ticket of " + key.run + " for ever");
        }
        for (const channel::TicketKey& key : due[id]) {
            if (!held.contains(key)) faults_.push_back(id.str() + " never gets its ticket of " + key.run);
        }
    }
}

}  // namespace ararat::simulation
