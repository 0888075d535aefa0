// Carries out the stages of an attempt, in order, and says what came of it.
// Thread promise: one attempt, one thread.
#pragma once

#include <map>
#include <string>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "agent/supervisor/output_file.h"
#include "agent/verbs/interrupt.h"

namespace ararat::agent {

struct RunnerPlaces {
    std::string folder;     // of this attempt
    std::string saved_dir;  // where write-file keeps what it replaces
    std::string rsh_program = "/usr/local/bin/ararat-agent";
    std::string etc_dir = "/etc";
    // What every process gets before its operation's own variables.
    std::map<std::string, std::string> environment;
};

class AttemptRunner {
public:
    AttemptRunner(const StepSpec& spec, RunnerPlaces places, Interrupt& interrupt, OutputFile& output)
        : spec_(spec), places_(std::move(places)), interrupt_(interrupt), output_(output) {}

    [[nodiscard]] StepResult run();

private:
    struct StageOutcome {
        bool good = false;
        int exit_code = 0;
        std::string detail;
    };
    [[nodiscard]] StepResult run_stages();
    [[nodiscard]] StageOutcome run_stage(const StageSpec& stage);
    [[nodiscard]] StageOutcome run_once(const StageSpec& stage);
    [[nodiscard]] Operation with_file_paths(const Operation& operation) const;
    [[nodiscard]] std::map<std::string, std::string> environment_of(const StageSpec& stage) const;
    [[nodiscard]] bool is_declared(const std::string& name) const;
    // What the step wrote to $ARARAT_OUTPUT. Returns what is wrong with it, or nothing.
    [[nodiscard]] std::string take_outputs();

    const StepSpec& spec_;
    RunnerPlaces places_;
    Interrupt& interrupt_;
    OutputFile& output_;
    std::map<std::string, std::string> outputs_;
};

// The base environment: a fixed path and locale, so that steps do not depend on who started the supervisor.
[[nodiscard]] std::map<std::string, std::string> base_environment();

}  // namespace ararat::agent
