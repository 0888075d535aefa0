// One life of an orchestrator in virtual time: the real engine (without its thread), the real journal in
// SQLite on a disk that forgets, the real dispatcher, handshake and conversions. What is left out of the
// program is sockets, threads and certificates. Owner: the world, which makes another one after each crash.
// Thread promise: one owner.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ararat/v1/agent.pb.h"
#include "server/engine.h"
#include "store/sqlite_store.h"
#include "tests/simulation/virtual_clock.h"
#include "tests/simulation/virtual_disk.h"
#include "tests/simulation/virtual_ssh_link.h"
#include "transport/dispatcher.h"
#include "transport/handshake.h"

namespace ararat::simulation {

// What the outside has been told, which no crash may take back.
struct Promises {
    std::uint64_t sequence = 0;        // everything up to here was acted upon
    std::vector<std::string> journal;  // each record's bytes, from sequence 1 on, as last seen
};

class VirtualOrchestrator {
public:
    struct Surroundings {
        ProjectId project;
        VirtualDisk* disk = nullptr;
        VirtualClock* clock = nullptr;
        Promises* promises = nullptr;
        std::vector<std::string>* faults = nullptr;
        std::function<void(const HostId&, std::uint64_t connection, v1::OrchestratorMessage)> send;
        // Hosts that are driven over SSH, and how their commands go out.
        std::vector<HostId> ssh_hosts;
        std::function<void(const HostId&, VirtualSshHost::Command)> run;
        transport::OutputSink output;
        // A command leaves, before it is sent.
        std::function<void(const execution::State&, const execution::Command&)> on_command;
        // Records are durable.
        std::function<void(const execution::State&, const std::vector<execution::Record>&)> on_committed;
    };

    // Opens the database, replays it, holds it against what was promised. Null where the process died doing
    // so.
    [[nodiscard]] static std::unique_ptr<VirtualOrchestrator> start(Surroundings surroundings);
    ~VirtualOrchestrator();

    // Waits for the next turn.
    void post(execution::Input input);
    void submit(execution::Input input);
    void turn();
    [[nodiscard]] bool idle() const { return waiting_.empty(); }
    void renew_leases() { dispatcher_->renew_leases(); }

    // An agent's first message; its welcome is the answer.
    [[nodiscard]] Result<v1::Welcome> connect(const v1::Hello& hello, std::uint64_t connection);
    void disconnect(const HostId& host, const std::string& why);
    [[nodiscard]] bool is_connected(const HostId& host) const;
    [[nodiscard]] std::uint64_t connection_of(const HostId& host) const;
    void on_message(const HostId& host, const v1::AgentMessage& message);

    // Precondition: it is one of those that are driven over SSH.
    [[nodiscard]] VirtualSshLink& ssh_link(const HostId& host) { return *ssh_links_.at(host); }

    [[nodiscard]] const execution::State& state() const { return engine_->view().state; }
    [[nodiscard]] const execution::Connectivity& connectivity() const { return engine_->view().connectivity; }
    // The state that a replay of what is on the disk gives, and the chain's own word.
    void check_replay();

private:
    class Link;

    explicit VirtualOrchestrator(Surroundings surroundings) : around_(std::move(surroundings)) {}
    bool open();
    void add_ssh_links();
    [[nodiscard]] std::shared_ptr<transport::HostLink> find(const HostId& host) const;
    void check_promises();
    [[nodiscard]] transport::JournalPosition position() const;
    void dispatch(const std::vector<execution::Effect>& effects);
    void committed(const server::EngineView& engine, const std::vector<execution::Record>& records);
    // A process that has died goes on for a moment without knowing it; nobody hears of it.
    [[nodiscard]] bool is_dead() const { return around_.disk->has_crashed(); }

    Surroundings around_;
    store::Store store_;
    std::unique_ptr<transport::Dispatcher> dispatcher_;
    std::map<HostId, std::shared_ptr<Link>> links_;
    std::map<HostId, std::shared_ptr<VirtualSshLink>> ssh_links_;
    std::unique_ptr<server::Engine> engine_;
    std::vector<server::Letter> waiting_;
};

}  // namespace ararat::simulation
