// The real supervisor in a temporary place, as the agent and the SSH transport call it.
#pragma once

#include <string>
#include <vector>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "platform/files.h"
#include "platform/process.h"

namespace ararat::agent {

class SupervisorProgram {
public:
    SupervisorProgram();
    // Kills what a test left running.
    ~SupervisorProgram();
    SupervisorProgram(const SupervisorProgram&) = delete;
    SupervisorProgram& operator=(const SupervisorProgram&) = delete;

    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] std::string path(const std::string& name) const { return place_.path() + "/" + name; }
    [[nodiscard]] std::string folder(const std::string& key) const { return root_ + "/" + attempt_id(key); }
    [[nodiscard]] std::string read(const std::string& name) const;

    // Everything a command line and standard input give back.
    platform::ProcessResult call(const std::vector<std::string>& words, const std::string& input = {}) const;
    AttemptReport start(const StepSpec& spec) const;
    AttemptReport status(const std::string& key) const;
    AttemptReport cancel(const std::string& key) const;
    AttemptReport forget(const std::string& key) const;
    // Until it no longer runs; all of its output.
    AttemptReport finish(const std::string& key) const;
    // The supervisor's process id.
    [[nodiscard]] int pid_of(const std::string& key) const;
    // Places a shipped file by its content; returns its hash.
    std::string ship(const std::string& content) const;

    std::map<std::string, std::string> environment;

private:
    AttemptReport report_of(const platform::ProcessResult& result) const;
    platform::TemporaryDirectory place_;
    std::string root_;
};

[[nodiscard]] StageSpec run_stage(const std::string& name, std::vector<std::string> argv);
[[nodiscard]] StageSpec shell_stage(const std::string& name, const std::string& script);
[[nodiscard]] StepSpec step(const std::string& key, std::vector<StageSpec> stages, std::uint64_t epoch = 1);
// Returns once the file is there.
void wait_for_file(const std::string& path);

}  // namespace ararat::agent
