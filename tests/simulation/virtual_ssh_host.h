// A host without an agent as its sshd and the supervisor's command line see it (agent/step_spec/README.md).
// Each command of a session is a process of its own: they run in any order, take as long as they like, may be
// killed at any point, and go on when their session has gone. Thread promise: one owner.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/virtual_supervisors.h"
#include "transport/ssh_session.h"
#include "transport/ssh_supervisor.h"

namespace ararat::simulation {

class VirtualSshHost {
public:
    // A command as it travels through a session.
    struct Command {
        std::uint64_t session = 0;
        std::uint64_t number = 0;  // the orchestrator's, for the answer
        std::string line;
        std::string input;
    };
    struct Surroundings {
        Dice* dice = nullptr;
        VirtualSupervisors* supervisors = nullptr;
        transport::SupervisorPlace place;
        std::function<Duration()> boottime;
        std::function<void(std::uint64_t session, std::uint64_t number, transport::SshOutput)> answer;
    };
    explicit VirtualSshHost(Surroundings surroundings) : around_(std::move(surroundings)) {}

    void take(Command command);
    // The session has gone: what has not arrived is lost, in the middle of its input perhaps; the rest goes
    // on.
    void on_closed(std::uint64_t session);
    // One of its processes goes on, or what it said arrives. False: none can. `calm`: nothing fails.
    bool run_some(bool calm);
    // A step that runs writes something.
    void write_some();
    // The supervisor of a step that runs is killed.
    void kill_some();
    void lose_power();
    // Returns what may be carried out once more, as VirtualSupervisors does.
    [[nodiscard]] std::vector<std::string> lose_disk();

private:
    struct Process {
        Command command;
        Duration began{0};
        bool is_orphan = false;                      // nobody hears its answer
        std::optional<transport::SshOutput> output;  // it has ended
    };

    [[nodiscard]] bool can_go_on(const Process& process) const;
    void run(Process& process, bool calm);
    // `unlucky`: the lock is not given, or the process is killed in the middle.
    [[nodiscard]] transport::SshOutput carry_out(const Command& command, bool unlucky);
    [[nodiscard]] transport::SshOutput look(std::string_view input);
    [[nodiscard]] transport::SshOutput ship(std::string_view input);
    [[nodiscard]] transport::SshOutput request(std::string_view input, bool unlucky);
    [[nodiscard]] transport::SshOutput start(std::string_view spec_bytes, bool unlucky);
    [[nodiscard]] transport::SshOutput put(const std::vector<std::string>& words, std::string_view bytes);
    // Which of the files that the step brings is not there; empty: all are.
    [[nodiscard]] std::string missing_file(const agent::StepSpec& spec) const;
    void be_born(bool calm);

    Surroundings around_;
    std::list<Process> processes_;
    // A supervisor past its fork that has not given its attempt's folder its name; it holds the lock,
    // whatever becomes of the command that started it.
    std::optional<agent::StepSpec> unborn_;
    std::string program_sha256_;                // of the supervisor that lies there
    std::map<std::string, std::string> files_;  // by path
};

}  // namespace ararat::simulation
