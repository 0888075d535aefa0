// An agent in virtual time: the real core, the real frames of its journal on a disk that forgets, the real
// messages. What is left out of the program is its threads, sockets and processes.
//
// The rule that it keeps, as agent.cc does: a batch's records are on the disk before any of its actions.
// Thread promise: one owner.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/core/agent_core.h"
#include "ararat/v1/agent.pb.h"
#include "tests/simulation/virtual_disk.h"
#include "tests/simulation/virtual_supervisors.h"
#include "tests/simulation/virtual_tickets.h"

namespace ararat::simulation {

class VirtualAgent {
public:
    struct Surroundings {
        Dice* dice = nullptr;
        VirtualSupervisors* supervisors = nullptr;
        std::function<Duration()> boottime;
        std::function<void(const v1::AgentMessage&)> say;
        // A supervisor call that another thread makes, some time later; lost when the agent dies before it.
        std::function<void(std::function<void()>)> later;
        std::vector<std::string>* faults = nullptr;
    };
    VirtualAgent(std::string host, Surroundings surroundings);

    [[nodiscard]] const std::string& host() const { return host_; }
    [[nodiscard]] bool alive() const { return core_ != nullptr; }
    [[nodiscard]] v1::Hello hello() const;
    [[nodiscard]] VirtualDisk& disk() { return disk_; }

    // Reads the journal, as a new process does.
    void boot();
    // kill -9, or the machine's power.
    void die(CrashKind kind);
    void lose_disk();

    void on_message(const v1::OrchestratorMessage& message);
    void on_closed();
    void on_tick();
    // Something about this attempt has changed.
    void look_at(const std::string& key);
    // Its end's tickets. Precondition: it is alive.
    [[nodiscard]] VirtualTickets& tickets() { return *tickets_; }
    // It crashed in the middle of something: die() is due.
    [[nodiscard]] bool has_crashed() const { return disk_.has_crashed(); }
    [[nodiscard]] bool welcomed() const { return welcomed_; }

private:
    void take(agent::Decision decision) { pending_.append(std::move(decision)); }
    void on_cancel(const v1::CancelStep& command);
    void on_open_ticket(const v1::OpenTicket& message);
    void settle();
    void append(const std::vector<agent::JournalRecord>& records);
    void perform(const agent::Action& action);
    void call_later(std::function<void()> call);
    void say(const v1::AgentMessage& message);
    void on_report(const std::string& key, const agent::AttemptReport& report);
    void note_started(const agent::JournalRecord& record);
    void check_journal(const std::vector<agent::JournalRecord>& records);

    std::string host_;
    Surroundings around_;
    VirtualDisk disk_;
    std::unique_ptr<agent::AgentCore> core_;
    std::unique_ptr<VirtualTickets> tickets_;
    agent::Decision pending_;
    bool welcomed_ = false;
    std::uint64_t process_ = 0;
    int journals_ = 0;
    std::uint64_t newest_epoch_ = 0;   // of every welcome this host has ever had
    std::set<std::string> started_;    // keys whose start stands in the journal
    std::set<std::string> cancelled_;  // keys cancelled before they came
    std::uint64_t acted_upon_ = 0;     // bytes of the journal
};

}  // namespace ararat::simulation
