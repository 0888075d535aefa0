#include "supervisor_program.h"

#include <signal.h>
#include <unistd.h>

#include "agent/supervisor/attempt_folder.h"
#include "base/sha256.h"

namespace ararat::agent {

SupervisorProgram::SupervisorProgram()
    : place_(platform::TemporaryDirectory::make("supervisor").value()), root_(place_.path() + "/steps") {}

SupervisorProgram::~SupervisorProgram() {
    const auto names = platform::list_dir(root_);
    if (!names.ok()) return;
    for (const std::string& name : names.value()) {
        const auto mark = supervisor_of(root_ + "/" + name);
        if (mark.ok() && *mark && is_alive(**mark).value()) kill((*mark)->pid, SIGKILL);
    }
}

std::string SupervisorProgram::read(const std::string& name) const {
    const auto bytes = platform::read_file(path(name));
    return bytes.ok() ? bytes.value() : "(" + bytes.error().text() + ")";
}

platform::ProcessResult SupervisorProgram::call(const std::vector<std::string>& words,
                                                const std::string& input) const {
    std::vector<std::string> argv = {SUPERVISOR};
    argv.insert(argv.end(), words.begin(), words.end());
    platform::ProcessOptions options;
    options.standard_input = input;
    options.timeout = Duration{120'000};
    options.output_bytes_max = std::size_t{64} << 20U;
    options.environment = environment;
    auto result = platform::run_process(argv, options);
    ARARAT_CHECK(result.ok(), "the supervisor was built");
    return std::move(result).value();
}

AttemptReport SupervisorProgram::report_of(const platform::ProcessResult& result) const {
    auto report = decode_report(result.standard_output);
    ARARAT_CHECK(report.ok(), ("no report: " + result.standard_error).c_str());
    return std::move(report).value();
}

AttemptReport SupervisorProgram::start(const StepSpec& spec) const {
    return report_of(call({"start", root_}, encode_spec(spec).value()));
}
AttemptReport SupervisorProgram::status(const std::string& key) const {
    return report_of(call({"status", root_, attempt_id(key)}));
}
AttemptReport SupervisorProgram::cancel(const std::string& key) const {
    return report_of(call({"cancel", root_, attempt_id(key), "1"}));
}
AttemptReport SupervisorProgram::forget(const std::string& key) const {
    return report_of(call({"forget", root_, attempt_id(key), "1"}));
}

AttemptReport SupervisorProgram::finish(const std::string& key) const {
    std::string output;
    while (true) {
        AttemptReport report =
            report_of(call({"wait", root_, attempt_id(key), "60000", std::to_string(output.size())}));
        output += report.output;
        if (report.state == AttemptState::kRunning || !report.output.empty()) continue;
        report.output = output;
        report.output_offset = 0;
        return report;
    }
}

int SupervisorProgram::pid_of(const std::string& key) const {
    const auto mark = supervisor_of(folder(key)).value();
    ARARAT_CHECK(mark.has_value(), "the attempt has a supervisor");
    return mark->pid;
}

std::string SupervisorProgram::ship(const std::string& content) const {
    const std::string hash = sha256_hex(content);
    const auto made = platform::make_dirs(path("files"));
    const auto written = platform::write_file_durable(path("files/" + hash), content);
    ARARAT_CHECK(made.ok() && written.ok(), "the temporary place can be written");
    return hash;
}

StageSpec run_stage(const std::string& name, std::vector<std::string> argv) {
    StageSpec stage;
    stage.name = name;
    stage.operation.argv = std::move(argv);
    return stage;
}

StageSpec shell_stage(const std::string& name, const std::string& script) {
    return run_stage(name, {"/bin/sh", "-c", script});
}

StepSpec step(const std::string& key, std::vector<StageSpec> stages, std::uint64_t epoch) {
    StepSpec spec;
    spec.key = key;
    spec.epoch = epoch;
    spec.stages = std::move(stages);
    return spec;
}

void wait_for_file(const std::string& path) {
    for (int i = 0; i < 60'000 && !platform::file_exists(path); ++i) usleep(1000);
    ARARAT_CHECK(platform::file_exists(path), "the step got that far");
}

}  // namespace ararat::agent
