"""Proves that the simulator notices what it is there for: takes one safeguard out of the product at a time, and the
seeds have to fail.

    tests/simulation/mutants.py --build build/ci [--seeds N] [NAME ...]

A mutant is one changed line of a source file. Only that file is compiled again, and linked in front of the
libraries, so that the build folder stays as it is.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    program: str = "simulate"


MUTANTS = [
    Mutant("orchestrator does not sync its journal", "orchestrator/store/sqlite.cc",
           "PRAGMA synchronous=FULL;", "PRAGMA synchronous=OFF;"),
    Mutant("effects leave before the commit", "orchestrator/server/engine.cc",
           "    if (const auto durable = commit(made); !durable.ok()) fall_back(made, durable.error());\n"
           "    let_out(made);\n",
           "    let_out(made);\n"
           "    if (const auto durable = commit(made); !durable.ok()) fall_back(made, durable.error());\n"),
    Mutant("agent obeys older epochs", "agent/core/agent_core.cc",
           "    if (!accepts(spec.epoch)) {", "    if (false) {"),
    Mutant("agent starts what it knows again", "agent/core/agent_core.cc",
           "known != attempts_.end()) {\n        if (known->second.phase == Phase::kAcknowledged) {",
           "false) {\n        if (known->second.phase == Phase::kAcknowledged) {"),
    Mutant("agent does not write down that it starts", "agent/core/agent_core.cc",
           "    record(decision, Started{", "    if (false) record(decision, Started{"),
    Mutant("an agent acts before it has written down why", "agent/core/settle.cc",
           "        if (!sink.write_down(pending.records)) return;\n"
           "        const Decision batch = std::exchange(pending, {});\n"
           "        for (const Action& action : batch.actions) sink.perform(action);\n",
           "        const Decision batch = std::exchange(pending, {});\n"
           "        for (const Action& action : batch.actions) sink.perform(action);\n"
           "        if (!sink.write_down(batch.records)) return;\n"),
    Mutant("a window is open before its beginning", "orchestrator/execution/start_rules.cc",
           "    if (now < wave.window_start) return Obstacle::kWindowNotOpen;\n", ""),
    Mutant("agent leaves no tombstone for a cancelled step", "agent/core/agent_core.cc",
           "        finish(decision, key, not_started(Outcome::kCancelled, \"cancelled before it was started\"), now);",
           "        static_cast<void>(now);"),
    Mutant("a result that nobody waits for is judged", "orchestrator/execution/decide_host.cc",
           "    if (key_in_flight(state, *run, task) != key) return {};\n", ""),
    Mutant("a gate is open without approvals", "orchestrator/execution/gate.cc",
           "    gate->all ? judge_all(*gate, words, status) : judge_any(*gate, words, status);\n",
           "    gate->all ? judge_all(*gate, words, status) : judge_any(*gate, words, status);\n"
           "    status.granted = true;\n    status.missing.clear();\n"),
    Mutant("one person is enough for a gate of all its roles", "orchestrator/execution/gate.cc",
           "    gate->all ? judge_all(*gate, words, status) : judge_any(*gate, words, status);\n",
           "    judge_any(*gate, words, status);\n"),
    Mutant("a window does not close", "orchestrator/execution/start_rules.cc",
           "    if (now >= wave.window_end && !may_end_late(run, group)) return Obstacle::kWindowOver;\n", ""),
    Mutant("a soak ends by the wall clock", "orchestrator/execution/apply.cc",
           "            IndexUpdates(state_, shifted).shift_due(body.by);\n", "", "execution_test"),
    Mutant("a jump of the wall clock is not noticed", "orchestrator/server/engine.cc",
           "    if (read_only_ || std::chrono::abs(by) < kClockJumpMin) return;\n", "    return;\n"),
    Mutant("a cutover begins by a clock that has jumped", "orchestrator/execution/start_rules.cc",
           "    if (state.clock_jump && has_window(run)) return Obstacle::kClockJumped;\n", ""),
    Mutant("the time that a back-out needs is not looked at", "orchestrator/execution/start_rules.cc",
           "waits_for_go(state, run, task, now) ? Obstacle::kWaitsForGo : Obstacle::kNone", "Obstacle::kNone"),
    Mutant("a failed step lets its successors go", "orchestrator/execution/queries.cc",
           "bool is_satisfied(TaskState state) { return ",
           "bool is_satisfied(TaskState state) { return state == TaskState::kFailed || "),
    Mutant("a one-shot step of unknown outcome is done again", "orchestrator/execution/judge.cc",
           "    void unknown(const std::string& reason) {\n        if (task_.action_class == ActionClass::kOneShot) {",
           "    void unknown(const std::string& reason) {\n        if (false) {"),
    Mutant("a lost journal is not noticed", "orchestrator/execution/decide_host.cc",
           "    if (lost) {\n",
           "    if (lost && false) {\n"),
    Mutant("a back-out leaves what has succeeded", "orchestrator/execution/queries.cc",
           "        case TaskState::kCancelled:\n        case TaskState::kSucceeded:\n",
           "        case TaskState::kSucceeded: return true;\n        case TaskState::kCancelled:\n"),
    Mutant("a back-out ends without an undo that had failed", "orchestrator/execution/schedule.cc",
           "if (progress.state != TaskState::kUndoFailed || is_lost_target(connectivity_, task)) continue;",
           "static_cast<void>(progress), static_cast<void>(task);\n            continue;"),
    Mutant("a closed window is the end past the point of no return", "orchestrator/execution/start_rules.cc",
           "if (now >= wave.window_end && !may_end_late(run, group))", "if (now >= wave.window_end)"),
    Mutant("past the point of no return a group waits for ever for one that turned back",
           "orchestrator/execution/decide_go.cc",
           "        if (lacks) {\n", "        if (false) {\n"),
    Mutant("a group that is to turn back starts more", "orchestrator/execution/start_rules.cc",
           "        if (is_to_stop(run, group)) return Obstacle::kGroupToStop;\n", ""),
    Mutant("a retry changes nothing", "orchestrator/execution/decide_run.cc",
           "        case TaskState::kRetryWait: change_task(out, run, task, TaskState::kWaiting, cause); break;",
           "        case TaskState::kRetryWait: break;"),
    Mutant("whatever fails is held", "orchestrator/execution/transitions.cc",
           "    if (const Task* passed = passed_no_return(run, group)) {\n",
           "    if (const Task* passed = true ? run.index.graph->tasks[task] : nullptr) {\n"),
    Mutant("a step that failed is not undone", "orchestrator/execution/queries.cc",
           "        case TaskState::kFailed:\n        case TaskState::kHeld: return !progress.performed;\n",
           "        case TaskState::kFailed: return true;\n"
           "        case TaskState::kHeld: return !progress.performed;\n"),
    Mutant("supervisor starts what it knows again", "agent/step_spec/supervisor_rules.cc",
           "return now == AttemptState::kAbsent;", "return true;"),
    Mutant("supervisor obeys older epochs", "agent/step_spec/supervisor_rules.cc",
           "return asked_in < highest;", "return false;"),
    Mutant("a start that failed is taken for one that never comes", "orchestrator/transport/ssh_attempt.cc",
           "        fault_ = answer.text;\n        stage_ = Stage::kRulingOut;\n",
           "        return finish(execution::Outcome::kRefused, answer.text);\n"),
    Mutant("a file that cannot be placed is taken for a step that never comes", "orchestrator/transport/ssh_attempt.cc",
           "            stage_ = Stage::kRulingOut;\n            return News{};\n",
           "            return finish(execution::Outcome::kRefused, fault_);\n"),
    Mutant("a host over SSH is not asked what it holds", "orchestrator/transport/ssh_preparation.cc",
           "if (auto key = key_of(key_text)) host_.known", "if (auto key = key_of(key_text); false) host_.known"),
    Mutant("a host over SSH keeps its journal's id for ever", "orchestrator/transport/ssh_preparation.cc",
           "trimmed(std::string(line.substr(line.find(' ') + 1)))", '"its journal"'),
    Mutant("a result over SSH is not forgotten", "orchestrator/transport/ssh_requests.cc",
           'request_input({"forget", ', 'request_input({"status", '),
    Mutant("a lost supervisor over SSH is a failure", "orchestrator/transport/ssh_attempt.cc",
           "finish(execution::Outcome::kUnknown, report.detail)", "finish(execution::Outcome::kFailed, report.detail)"),
    Mutant("a ticket that was closed is opened again", "channel/ticket_book.cc",
           "if (ended != ended_.end() && ticket.key.generation <= ended->second) {", "if (false) {"),
    Mutant("a ticket's lease never runs out", "channel/ticket_book.cc",
           "if (entry->closed() || !entry->expired(now)) continue;", "continue;"),
    Mutant("a host that comes up is not given its tickets", "orchestrator/execution/effects.cc",
           "        reopen_tickets(effects, state, run, host);\n", ""),
    Mutant("output over SSH is fetched from its beginning again", "orchestrator/transport/ssh_attempt.cc",
           "    output_offset_ = report.output_offset + report.output.size();\n", ""),
]

# A sync that is missing changes nothing that the simulator's own disk could see: a test that looks at the calls fails.
MUTANTS += [Mutant(f"without the sync of {what}", file, old, new, "sync_order_test") for what, file, old, new in [
    ("an agent's records", "platform/durable_log.cc", "::fdatasync(fd_.get()) != 0", "false"),
    ("a new journal's name", "platform/durable_log.cc",
     "    ARARAT_RETURN_IF_ERROR(fsync_dir(dir_of(path)));\n", ""),
    ("a file before it gets its name", "platform/files.cc",
     "return fsync_fd(fd.get(), path);\n    };", "return {};\n    };"),
    ("a file's name", "platform/files.cc",
     "        return error;\n    }\n    return fsync_dir(dir_of(path));",
     "        return error;\n    }\n    return {};"),
    ("a new folder's name", "platform/files.cc", "    return fsync_dir(parent);", "    return {};"),
    ("any folder", "platform/files.cc", "O_RDONLY | O_DIRECTORY));\n    return fsync_fd(fd.get(), path);",
     "O_RDONLY | O_DIRECTORY));\n    return {};"),
    ("a step's folder before it runs", "agent/supervisor/start.cc",
     "    return platform::fsync_dir(root.path());", "    return {};"),
    ("a step's result", "agent/supervisor/start.cc",
     'platform::write_file_durable(folder + "/result", encode_result(result), 0600)',
     '[&] { UniqueFd fd(open((folder + "/result").c_str(), O_WRONLY | O_CREAT, 0600));'
     " return platform::write_all(fd.get(), encode_result(result)); }()"),
    ("the epoch that a host obeys", "agent/supervisor/attempt_folder.cc",
     'write_file_durable(path_ + "/epoch", std::to_string(epoch), 0600)', 'make_dirs(path_, 0711)'),
    ("output", "orchestrator/server/log_store.cc", "::fdatasync(fd.get()) != 0", "false"),
    ("output's name", "orchestrator/server/log_store.cc",
     "        directories.insert(platform::dir_of(path));\n", ""),
]]


def mutated(mutant):
    text = (SOURCE / mutant.file).read_text(encoding="utf-8")
    count = text.count(mutant.old)
    if count != 1:
        raise SystemExit(f"mutants: «{mutant.name}» stands {count} times in {mutant.file}: bring it up to date")
    return text.replace(mutant.old, mutant.new)


def compile_command(build, file, source, output):
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    entry = next(entry for entry in entries if entry["file"] == str(SOURCE / file))
    words = shlex.split(entry["command"])
    words[words.index("-o") + 1] = str(output)
    words[words.index(str(SOURCE / file))] = str(source)
    # The mutant's unused parameters and variables are no news.
    return [*words, "-w"], entry["directory"]


def link_command(build, target, object_file, output):
    listed = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "-s", f"tests/{target}"], check=True,
                            text=True, capture_output=True).stdout
    line = [line for line in listed.splitlines() if " -o " in line][-1]
    # After the link CMake may list the tests that are in it.
    command = re.sub(r"^: && ", "", line).split(" && ")[0]
    words = shlex.split(command)
    words[words.index("-o") + 1] = str(output)
    first_object = next(i for i, word in enumerate(words) if word.endswith(".o"))
    words.insert(first_object, str(object_file))
    return words


def judge(mutant, build, folder, seeds):
    source = folder / Path(mutant.file).name
    source.write_text(mutated(mutant), encoding="utf-8")
    object_file, program = folder / "mutant.o", folder / "simulate"
    command, directory = compile_command(build, mutant.file, source, object_file)
    subprocess.run(command, cwd=directory, check=True)
    subprocess.run(link_command(build, mutant.program, object_file, program), cwd=build, check=True)
    if mutant.program != "simulate":
        done = subprocess.run([str(program)], text=True, capture_output=True, check=False)
        found = [line for line in done.stdout.splitlines() if line.startswith("[  FAILED  ]")]
        return done.returncode != 0, found[0] if found else f"exit code {done.returncode}"
    done = subprocess.run([str(program), "--seeds", str(seeds), "--first", "1", "--corpus",
                           str(SOURCE / "tests/simulation/corpus.txt"), "--expect-failure"], text=True,
                          capture_output=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("seed ")]
    return done.returncode == 0, found[0] if found else done.stdout.strip().splitlines()[-2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(SOURCE / "build" / "ci"))
    parser.add_argument("--seeds", type=int, default=3000)
    parser.add_argument("names", nargs="*", help="only mutants whose name contains one of these")
    arguments = parser.parse_args()
    missed = 0
    for mutant in MUTANTS:
        if arguments.names and not any(name in mutant.name for name in arguments.names):
            continue
        with tempfile.TemporaryDirectory(prefix="ararat-mutant-") as folder:
            caught, words = judge(mutant, Path(arguments.build).resolve(), Path(folder), arguments.seeds)
        missed += not caught
        print(f"{'caught' if caught else 'MISSED'}  {mutant.name}\n        {words}", flush=True)
    print(f"{missed} mutants were missed" if missed else "every mutant was caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
