// The real supervisor with real processes. An independent witness counts effects: a file to which every
// effect appends a line.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "agent/supervisor/expected_bytes.h"
#include "supervisor_program.h"

namespace ararat::agent {
namespace {

const std::string kKey = "p|run|app/task|forward|1";

std::string witness(const SupervisorProgram& program, const std::string& word) {
    return "echo " + word + " >> " + program.path("witness");
}

TEST(Supervisor, RunsCheckPerformVerifyInOrder) {
    SupervisorProgram program;
    program.start(step(kKey, {shell_stage("check", witness(program, "check") + "; exit 1"),
                              shell_stage("perform", witness(program, "perform")),
                              shell_stage("verify", witness(program, "verify"))}));
    const AttemptReport report = program.finish(kKey);
    ASSERT_TRUE(report.result.has_value());
    EXPECT_EQ(report.result->outcome, Outcome::kSucceeded) << report.result->detail;
    EXPECT_FALSE(report.result->already);
    EXPECT_EQ(program.read("witness"), "check\nperform\nverify\n");
}

TEST(Supervisor, LeavesOutPerformWhereTheCheckIsGoodAndStillVerifies) {
    SupervisorProgram program;
    program.start(
        step(kKey, {run_stage("check", {"/bin/true"}), shell_stage("perform", witness(program, "perform")),
                    shell_stage("verify", witness(program, "verify"))}));
    const AttemptReport report = program.finish(kKey);
    EXPECT_EQ(report.result->outcome, Outcome::kSucceeded);
    EXPECT_TRUE(report.result->already);
    EXPECT_EQ(program.read("witness"), "verify\n");
}

TEST(Supervisor, NamesTheStageThatFailedAndStopsThere) {
    SupervisorProgram program;
    program.start(step(kKey, {shell_stage("perform", "echo it broke >&2; exit 4"),
                              shell_stage("verify", witness(program, "verify"))}));
    const AttemptReport report = program.finish(kKey);
    EXPECT_EQ(report.result->outcome, Outcome::kFailed);
    EXPECT_EQ(report.result->exit_code, 4);
    EXPECT_EQ(report.result->detail, "perform: exit code 4, expected 0: it broke");
    EXPECT_EQ(report.output, "it broke\n");
    EXPECT_FALSE(platform::file_exists(program.path("witness")));
}

TEST(Supervisor, StartsAKeyOnceHoweverOftenItIsAsked) {
    SupervisorProgram program;
    const StepSpec spec = step(kKey, {shell_stage("perform", witness(program, "perform") + "; sleep 0.2")});
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) callers.emplace_back([&] { program.start(spec); });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(program.finish(kKey).result->outcome, Outcome::kSucceeded);
    const AttemptReport late = program.start(spec);
    EXPECT_EQ(late.state, AttemptState::kFinished);
    EXPECT_EQ(program.read("witness"), "perform\n");
}

TEST(Supervisor, OutlivesWhoStartedItAndItsSession) {
    SupervisorProgram program;
    const AttemptReport report = program.start(step(kKey, {shell_stage("perform", "sleep 600")}));
    EXPECT_EQ(report.state, AttemptState::kRunning) << "start has ended, the step has not";
    const int pid = program.pid_of(kKey);
    EXPECT_EQ(getsid(pid), pid);
    EXPECT_EQ(program.cancel(kKey).state, AttemptState::kRunning);
    EXPECT_EQ(program.finish(kKey).result->outcome, Outcome::kCancelled);
}

TEST(Supervisor, OnceItIsGoneWithoutAResultTheAttemptIsLostAndNotRepeated) {
    SupervisorProgram program;
    const StepSpec spec = step(kKey, {shell_stage("perform", witness(program, "perform") + "; : > " +
                                                                 program.path("ready") + "; sleep 600")});
    program.start(spec);
    wait_for_file(program.path("ready"));
    ASSERT_EQ(kill(program.pid_of(kKey), SIGKILL), 0);
    const AttemptReport report = program.finish(kKey);
    EXPECT_EQ(report.state, AttemptState::kLost);
    EXPECT_EQ(program.start(spec).state, AttemptState::kLost);
    EXPECT_EQ(program.read("witness"), "perform\n");
    EXPECT_EQ(program.forget(kKey).result->outcome, Outcome::kUnknown);
    EXPECT_EQ(program.start(spec).result->outcome, Outcome::kUnknown);
}

TEST(Supervisor, ItsProcessDiesWithIt) {
    SupervisorProgram program;
    program.start(step(kKey, {shell_stage("perform", "echo $$ > " + program.path("pid.tmp") + "; mv " +
                                                         program.path("pid.tmp") + " " + program.path("pid") +
                                                         "; exec sleep 600")}));
    wait_for_file(program.path("pid"));
    const int child = std::stoi(program.read("pid"));
    ASSERT_EQ(kill(program.pid_of(kKey), SIGKILL), 0);
    bool gone = false;
    for (int i = 0; i < 60'000 && !gone; ++i) {
        const auto stat = platform::read_file("/proc/" + std::to_string(child) + "/stat");
        gone = !stat.ok() || stat->find(") Z") != std::string::npos;
        usleep(1000);
    }
    EXPECT_TRUE(gone) << "a step whose outcome is unknown goes on";
}

TEST(Supervisor, CancellingAnUnknownAttemptKeepsItFromEverStarting) {
    SupervisorProgram program;
    EXPECT_EQ(program.cancel(kKey).result->outcome, Outcome::kCancelled);
    const AttemptReport late =
        program.start(step(kKey, {shell_stage("perform", witness(program, "perform"))}));
    EXPECT_EQ(late.result->outcome, Outcome::kCancelled);
    EXPECT_FALSE(platform::file_exists(program.path("witness")));
}

TEST(Supervisor, RefusesAnOlderEpoch) {
    SupervisorProgram program;
    program.start(step("k2", {run_stage("perform", {"/bin/true"})}, 5));
    const AttemptReport report =
        program.start(step(kKey, {shell_stage("perform", witness(program, "perform"))}, 4));
    EXPECT_EQ(report.state, AttemptState::kRefused);
    EXPECT_NE(report.detail.find("stale epoch"), std::string::npos);
    EXPECT_EQ(program.status(kKey).state, AttemptState::kAbsent);
    EXPECT_FALSE(platform::file_exists(program.path("witness")));
}

TEST(Supervisor, ForgettingKeepsATombstoneUntilANewerEpoch) {
    SupervisorProgram program;
    const StepSpec spec = step(kKey, {shell_stage("perform", witness(program, "perform"))});
    program.start(spec);
    program.finish(kKey);
    program.forget(kKey);
    EXPECT_FALSE(platform::file_exists(program.folder(kKey) + "/spec"));
    EXPECT_FALSE(platform::file_exists(program.folder(kKey) + "/output"));
    EXPECT_EQ(program.start(spec).state, AttemptState::kFinished);
    EXPECT_EQ(program.read("witness"), "perform\n");
    program.start(step("next", {run_stage("perform", {"/bin/true"})}, 2));
    EXPECT_FALSE(platform::file_exists(program.folder(kKey)));
    EXPECT_EQ(program.start(spec).state, AttemptState::kRefused) << "its epoch refuses it now";
}

TEST(Supervisor, WhatAPowerCutLeftHalfForgottenIsForgottenAgain) {
    SupervisorProgram program;
    const StepSpec spec = step(kKey, {shell_stage("perform", witness(program, "perform"))});
    program.start(spec);
    program.finish(kKey);
    // The mark without its number, and nothing removed yet.
    ASSERT_TRUE(platform::write_file_durable(program.folder(kKey) + "/forgotten", "", 0600).ok());
    EXPECT_EQ(program.forget(kKey).state, AttemptState::kFinished);
    EXPECT_FALSE(platform::file_exists(program.folder(kKey) + "/spec"));
    EXPECT_EQ(platform::read_file(program.folder(kKey) + "/forgotten").value(), "1");
    EXPECT_EQ(program.start(spec).state, AttemptState::kFinished);
    EXPECT_EQ(program.read("witness"), "perform\n");
}

TEST(Supervisor, DoesNotForgetWhatRuns) {
    SupervisorProgram program;
    program.start(step(kKey, {shell_stage("perform", "sleep 600")}));
    EXPECT_EQ(program.forget(kKey).state, AttemptState::kRunning);
    EXPECT_TRUE(platform::file_exists(program.folder(kKey) + "/spec"));
    program.cancel(kKey);
    program.finish(kKey);
}

TEST(Supervisor, GivesStepsTheirKeyOutputAndFiles) {
    SupervisorProgram program;
    const std::string hash = program.ship(
        "#!/bin/sh\necho \"$ARARAT_STEP_KEY\"\necho rows=$1 >> \"$ARARAT_OUTPUT\"\ncat "
        "\"$ARARAT_FILES/data.txt\"\n");
    const std::string data = program.ship("shipped data\n");
    StepSpec spec = step(kKey, {run_stage("perform", {"${file.count.sh}", "7 $(x)"})});
    spec.files = {{"count.sh", hash}, {"data.txt", data}};
    spec.outputs = {"rows"};
    program.start(spec);
    const AttemptReport report = program.finish(kKey);
    EXPECT_EQ(report.result->outcome, Outcome::kSucceeded) << report.result->detail;
    EXPECT_EQ(report.output, kKey + "|perform\nshipped data\n");
    EXPECT_EQ(report.result->outputs, (std::map<std::string, std::string>{{"rows", "7 $(x)"}}));
}

TEST(Supervisor, RefusesFilesThatAreNotWhatTheyShouldBe) {
    SupervisorProgram program;
    const std::string hash = program.ship("good");
    ASSERT_TRUE(platform::write_file_durable(program.path("files/" + hash), "evil").ok());
    StepSpec spec = step(kKey, {run_stage("perform", {"/bin/true"})});
    spec.files = {{"x", hash}};
    EXPECT_EQ(program.start(spec).state, AttemptState::kRefused);
    for (const char* name : {"../x", "..", "", "a/b"}) {
        spec.files = {{name, program.ship("fine")}};
        EXPECT_EQ(program.start(spec).state, AttemptState::kRefused) << name;
    }
    spec.files = {{"x", std::string(64, 'a')}};
    EXPECT_EQ(program.start(spec).state, AttemptState::kRefused) << "not there";
    spec.files = {{"x", "../../etc/passwd"}};
    EXPECT_EQ(program.start(spec).state, AttemptState::kRefused);
}

TEST(Supervisor, FailsAStepThatSetsWhatItMayNot) {
    SupervisorProgram program;
    StepSpec spec = step(kKey, {shell_stage("perform", "echo other=1 >> \"$ARARAT_OUTPUT\"")});
    spec.outputs = {"rows"};
    program.start(spec);
    const AttemptReport report = program.finish(kKey);
    EXPECT_EQ(report.result->outcome, Outcome::kFailed);
    EXPECT_NE(report.result->detail.find("other"), std::string::npos);
    spec = step("k3", {shell_stage("perform", "echo rows=1 >> \"$ARARAT_OUTPUT\"")});
    program.start(spec);
    EXPECT_EQ(program.finish("k3").result->outcome, Outcome::kFailed) << "it declared none";
    program.start(step("k2", {shell_stage("perform", "echo no equals >> \"$ARARAT_OUTPUT\"")}));
    EXPECT_EQ(program.finish("k2").result->outcome, Outcome::kFailed);
}

TEST(Supervisor, CapsOutputAndMarksIt) {
    SupervisorProgram program;
    StepSpec spec = step(kKey, {shell_stage("perform", "head -c 3000000 /dev/zero; echo end")});
    spec.output_bytes_max = 1'000'000;
    program.start(spec);
    const AttemptReport report = program.finish(kKey);
    EXPECT_EQ(report.result->outcome, Outcome::kSucceeded) << "a step is worth more than its output";
    EXPECT_EQ(report.output.size(), 1'000'000U);
    EXPECT_EQ(report.result->output_bytes, 1'000'000U);
    EXPECT_TRUE(report.result->output_truncated);
    EXPECT_TRUE(report.output_truncated);
}

TEST(Supervisor, RepeatsUntilJudgedGood) {
    SupervisorProgram program;
    StageSpec stage = shell_stage("verify", witness(program, "try") + "; [ $(wc -l < " +
                                                program.path("witness") + ") -ge 3 ] && echo ready");
    stage.operation.until = {Duration{1}, Duration{60'000}};
    stage.operation.expect.output_equals = "ready";
    program.start(step(kKey, {stage}));
    EXPECT_EQ(program.finish(kKey).result->outcome, Outcome::kSucceeded);
    EXPECT_EQ(program.read("witness"), "try\ntry\ntry\n");
}

TEST(Supervisor, GivesUpRepeatingWhenItsTimeIsOver) {
    SupervisorProgram program;
    StageSpec stage = run_stage("verify", {"/bin/false"});
    stage.operation.until = {Duration{10}, Duration{30}};
    program.start(step(kKey, {stage}));
    const AttemptReport report = program.finish(kKey);
    EXPECT_EQ(report.result->outcome, Outcome::kFailed);
    EXPECT_NE(report.result->detail.find("not within 30 ms"), std::string::npos) << report.result->detail;
}

// Stand-ins for the service manager's programs, which write down what they are asked.
void place_manager(SupervisorProgram& program, const std::string& version, const std::string& run) {
    const auto place = [&](const std::string& name, const std::string& script) {
        const auto written = platform::write_file_durable(
            program.path("bin/" + name),
            "#!/bin/sh\necho " + name + " \"$@\" >> " + program.path("asked") + "\n" + script + "\n", 0755);
        ASSERT_TRUE(written.ok());
    };
    ASSERT_TRUE(platform::make_dirs(program.path("bin")).ok());
    place("systemctl", "[ \"$1\" != --version ] || echo 'systemd " + version + " (x)'\n" +
                           "[ \"$2\" = poweroff ] || exit 0\nls " + program.folder(kKey) + " > " +
                           program.path("off.tmp") + "\nmv " + program.path("off.tmp") + " " +
                           program.path("off"));
    place("systemd-run", run);
    place("shutdown", run);
    program.environment["PATH"] = program.path("bin") + ":/usr/bin:/bin";
}

StageSpec power_off_stage() {
    StageSpec stage;
    stage.name = "perform";
    stage.operation.verb = Verb::kPowerOff;
    return stage;
}

TEST(Supervisor, OrdersPowerOffAndHastensItOnceItsResultIsFetched) {
    SupervisorProgram program;
    place_manager(program, "252", "exit 0");
    program.start(step(kKey, {power_off_stage()}));
    EXPECT_EQ(program.finish(kKey).result->outcome, Outcome::kSucceeded);
    EXPECT_NE(program.read("asked").find("systemd-run --quiet --unit=ararat-power-off --on-active=30"),
              std::string::npos)
        << program.read("asked");
    EXPECT_FALSE(platform::file_exists(program.path("off"))) << "nobody has recorded the result yet";
    program.forget(kKey);
    wait_for_file(program.path("off"));
    EXPECT_NE(program.read("off").find("result\n"), std::string::npos);
}

TEST(Supervisor, APowerOffThatIsNotAcceptedHasFailed) {
    SupervisorProgram program;
    place_manager(program, "252", "echo 'Failed to start: Access denied' >&2; exit 1");
    program.start(step(kKey, {power_off_stage()}));
    const AttemptReport report = program.finish(kKey);
    EXPECT_EQ(report.result->outcome, Outcome::kFailed);
    EXPECT_NE(report.result->detail.find("Access denied"), std::string::npos) << report.result->detail;
    program.forget(kKey);
    EXPECT_FALSE(platform::file_exists(program.path("off")));
}

TEST(Supervisor, AHostWithoutTimersIsShutDownByTheMinute) {
    SupervisorProgram program;
    place_manager(program, "215", "exit 0");
    program.start(step(kKey, {power_off_stage()}));
    EXPECT_EQ(program.finish(kKey).result->outcome, Outcome::kSucceeded);
    EXPECT_NE(program.read("asked").find("shutdown -P +1"), std::string::npos) << program.read("asked");
    program.forget(kKey);
    wait_for_file(program.path("off"));
}

TEST(Supervisor, WritesDownHowMuchIsAboutToTravel) {
    SupervisorProgram program;
    ASSERT_TRUE(platform::make_dirs(program.path("bin")).ok());
    ASSERT_TRUE(platform::write_file_durable(program.path("bin/rsync"),
                                             "#!/bin/sh\necho 'Total transferred file size: 1234 bytes'\n",
                                             0755)
                    .ok());
    program.environment["PATH"] = program.path("bin") + ":/usr/bin:/bin";
    StageSpec stage;
    stage.name = "perform";
    stage.operation.verb = Verb::kCopyTree;
    stage.operation.fields = {{"channel", "a/b"}, {"path", "/srv/x"}, {"estimate", "true"}};
    program.start(step(kKey, {stage}));
    EXPECT_EQ(program.finish(kKey).result->outcome, Outcome::kSucceeded);
    EXPECT_EQ(read_expected_bytes(program.folder(kKey)), (ExpectedBytes{"a/b", 1234}));
    EXPECT_EQ(read_expected_bytes(program.path("none")), std::nullopt);
}

TEST(Supervisor, NothingFollowsPowerOff) {
    SupervisorProgram program;
    EXPECT_EQ(program.start(step(kKey, {power_off_stage(), run_stage("verify", {"/bin/true"})})).state,
              AttemptState::kRefused);
}

TEST(Supervisor, WhatIsNotSecretFromOtherUsersIsReadable) {
    SupervisorProgram program;
    StepSpec spec = step(kKey, {run_stage("perform", {"/bin/true"})});
    spec.files = {{"x.sh", program.ship("x")}};
    program.start(spec);
    program.finish(kKey);
    const auto mode = [&](const std::string& name) {
        struct stat status {};
        return stat((program.folder(kKey) + name).c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
    };
    EXPECT_EQ(mode("/files/x.sh"), 0755U);
    EXPECT_EQ(mode("/spec"), 0600U);
    EXPECT_EQ(mode("/result"), 0600U);
}

}  // namespace
}  // namespace ararat::agent
