#include "agent/supervisor/attempt_runner.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "agent/supervisor/expected_bytes.h"
#include "agent/supervisor/leftovers.h"
#include "agent/verbs/judge.h"
#include "agent/verbs/verb.h"
#include "base/utf8.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kOutputsFileMax = 256UL * 1024;
constexpr std::size_t kDetailMax = 2000;

bool is_output_name(const std::string& name) {
    return !name.empty() && name.size() <= 63 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

// "project|run|task" and "run" of a key's text.
std::vector<std::string> key_parts(const std::string& key) {
    std::vector<std::string> parts;
    std::istringstream words(key);
    std::string part;
    while (std::getline(words, part, '|')) parts.push_back(part);
    parts.resize(std::max<std::size_t>(parts.size(), 3));
    return parts;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

}  // namespace

std::map<std::string, std::string> base_environment() {
    std::map<std::string, std::string> environment = {
        {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        {"LANG", "C.UTF-8"},
        {"HOME", "/root"},
    };
    for (const char* name : {"PATH", "HOME", "ARARAT_AGENT_SOCKET"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') environment[name] = value;
    }
    return environment;
}

StepResult AttemptRunner::run() {
    const Duration begun = interrupt_.now();
    StepResult result = run_stages();
    result.duration_ms = (interrupt_.now() - begun).count();
    result.output_bytes = output_.size();
    result.output_truncated = output_.truncated();
    result.detail = result.detail.substr(0, kDetailMax);
    result.outputs = outputs_;
    return result;
}

StepResult AttemptRunner::run_stages() {
    StepResult result;
    bool leave_out_perform = false;
    std::string last_detail;
    for (std::size_t i = 0; i < spec_.stages.size(); ++i) {
        const StageSpec& stage = spec_.stages[i];
        if (stage.name == "perform" && leave_out_perform) {
            result.already = true;
            continue;
        }
        const StageOutcome outcome = run_stage(stage);
        result.exit_code = outcome.exit_code;
        if (interrupt_.cancelled()) {
            result.outcome = Outcome::kCancelled;
            result.detail = "cancelled during " + stage.name;
            return result;
        }
        const bool perform_follows = i + 1 < spec_.stages.size() && spec_.stages[i + 1].name == "perform";
        if (stage.name == "check" && perform_follows) {
            leave_out_perform = outcome.good;
            continue;
        }
        if (!outcome.good) {
            result.outcome = Outcome::kFailed;
            result.detail = stage.name + ": " + outcome.detail;
            return result;
        }
        if (!outcome.detail.empty()) last_detail = outcome.detail;
    }
    result.outcome = Outcome::kSucceeded;
    result.exit_code = 0;
    result.detail = result.already && last_detail.empty() ? "already in the wanted state" : last_detail;
    return result;
}

AttemptRunner::StageOutcome AttemptRunner::run_stage(const StageSpec& stage) {
    const Until& until = stage.operation.until;
    const Duration begun = interrupt_.now();
    while (true) {
        StageOutcome outcome = run_once(stage);
        if (outcome.good || interrupt_.cancelled() || until.every <= Duration{0}) return outcome;
        if (interrupt_.now() - begun + until.every > until.within) {
            outcome.detail = "not within " + std::to_string(until.within.count()) + " ms: " + outcome.detail;
            return outcome;
        }
        if (interrupt_.sleep_until(interrupt_.now() + until.every) == WaitOutcome::kCancelled) return outcome;
    }
}

AttemptRunner::StageOutcome AttemptRunner::run_once(const StageSpec& stage) {
    const std::vector<std::string> key = key_parts(spec_.key);
    VerbContext context{interrupt_,
                        [this](std::string_view bytes) { output_.add(bytes); },
                        environment_of(stage),
                        places_.saved_dir,
                        key[0] + "|" + key[1] + "|" + key[2],
                        key[1],
                        places_.rsh_program,
                        places_.etc_dir,
                        interrupt_.now() + stage.operation.timeout,
                        [this](pid_t leader) { return note_group(places_.folder, leader); },
                        [this](const std::string& channel, std::uint64_t bytes) {
                            // For people: without it the progress has no end, and the step none the less.
                            (void)write_expected_bytes(places_.folder, {channel, bytes});
                        }};
    VerbResult result = perform_verb(with_file_paths(stage.operation), context);
    const Judgement judgement = judge(stage.operation.expect, result);
    StageOutcome outcome{judgement.good, result.exit_code, judgement.good ? result.detail : judgement.reason};
    for (auto& [name, value] : result.outputs) {
        // A verb offers all it knows; the action takes what it declares.
        if (is_declared(name)) outputs_[name] = std::move(value);
    }
    if (std::string fault = take_outputs(); !fault.empty() && outcome.good)
        outcome = {false, 1, std::move(fault)};
    // Verbs that start no process print nothing themselves.
    if (stage.operation.verb != Verb::kRun && !outcome.detail.empty()) output_.add(outcome.detail + "\n");
    return outcome;
}

Operation AttemptRunner::with_file_paths(const Operation& operation) const {
    Operation resolved = operation;
    for (std::string& argument : resolved.argv) {
        for (const SpecFile& file : spec_.files) {
            replace_all(argument, "${file." + file.name + "}", places_.folder + "/files/" + file.name);
        }
    }
    return resolved;
}

std::map<std::string, std::string> AttemptRunner::environment_of(const StageSpec& stage) const {
    std::map<std::string, std::string> environment = places_.environment;
    for (const auto& [name, value] : stage.operation.environment) environment[name] = value;
    environment["ARARAT_STEP_KEY"] = spec_.key + "|" + stage.name;
    environment["ARARAT_OUTPUT"] = places_.folder + "/outputs";
    environment["ARARAT_FILES"] = places_.folder + "/files";
    return environment;
}

bool AttemptRunner::is_declared(const std::string& name) const {
    return std::ranges::find(spec_.outputs, name) != spec_.outputs.end();
}

std::string AttemptRunner::take_outputs() {
    const std::string path = places_.folder + "/outputs";
    if (!platform::file_exists(path)) return {};
    const auto bytes = platform::read_file(path, kOutputsFileMax);
    if (!bytes.ok()) return "outputs: " + bytes.error().text();
    std::istringstream lines(bytes.value());
    std::string line;
    while (std::getline(lines, line)) {
        if (line.empty()) continue;
        const std::size_t equals = line.find('=');
        const std::string name = line.substr(0, equals);
        if (equals == std::string::npos || !is_output_name(name))
            return "outputs: \"" + displayable(line) + "\" is not NAME=VALUE";
        if (!is_declared(name)) return "outputs: \"" + name + "\" is not declared by the action";
        std::string value = line.substr(equals + 1);
        // It becomes an argument of a later step, exactly: nothing is put in the place of what is no text.
        const auto bad = find_text_fault(value);
        const bool is_text =
            !bad || (bad->kind != TextFaultKind::kNotUtf8 && bad->kind != TextFaultKind::kControl);
        if (!is_text) return "outputs: \"" + name + "\" holds " + bad->text();
        outputs_[name] = std::move(value);
    }
    return {};
}

}  // namespace ararat::agent
