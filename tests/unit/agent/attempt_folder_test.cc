// What may be concluded about an attempt, and what not: a living step that is taken for a lost one is done
// twice. Faults of the host are made real: no descriptors left, a path that cannot be followed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "agent/supervisor/attempt_folder.h"
#include "agent/supervisor/leftovers.h"
#include "supervisor_program.h"

namespace ararat::agent {
namespace {

const std::string kKey = "p|run|app/task|forward|1";

// Every open() fails with EMFILE.
class NoDescriptors {
public:
    NoDescriptors() {
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit none = before_;
        none.rlim_cur = 0;
        setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

private:
    rlimit before_{};
};

bool is_gone(pid_t pid) {
    const auto state = process_state(pid).value();
    return !state || state->ended();
}

bool goes_away(pid_t pid) {
    for (int i = 0; i < 60'000 && !is_gone(pid); ++i) usleep(1000);
    return is_gone(pid);
}

TEST(ProcessMark, SaysDeadOnlyOfWhatIsDead) {
    const ProcessMark own = process_mark(getpid()).value();
    EXPECT_TRUE(is_alive(own).value());
    {
        const NoDescriptors none;
        EXPECT_FALSE(is_alive(own).ok()) << "nobody could look";
    }
    ProcessMark other = own;
    other.start_time -= 1;
    EXPECT_FALSE(is_alive(other).value()) << "the number was given to another process";
    other = own;
    other.boot_id = "another";
    EXPECT_FALSE(is_alive(other).value());
    const pid_t child = fork();
    if (child == 0) _exit(0);
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    const ProcessMark zombie = process_mark(child).value();
    EXPECT_FALSE(is_alive(zombie).value());
    waitpid(child, nullptr, 0);
    EXPECT_FALSE(is_alive(zombie).value());
}

TEST(AttemptFolder, ARunningStepIsNotLostWhereNobodyCouldLook) {
    SupervisorProgram program;
    program.start(step(kKey, {shell_stage("perform", "sleep 600")}));
    const AttemptRoot root(program.root());
    {
        const NoDescriptors none;
        EXPECT_FALSE(root.report(attempt_id(kKey)).ok());
        EXPECT_FALSE(root.settle(attempt_id(kKey)).ok());
    }
    EXPECT_EQ(root.report(attempt_id(kKey))->state, AttemptState::kRunning);
    program.cancel(kKey);
    program.finish(kKey);
    {
        const NoDescriptors none;
        EXPECT_FALSE(root.report(attempt_id(kKey)).ok()) << "its result is there";
    }
    EXPECT_EQ(root.report(attempt_id(kKey))->state, AttemptState::kFinished);
}

TEST(AttemptFolder, AnAttemptIsNotAbsentWhereItsRootCannotBeReached) {
    SupervisorProgram program;
    ASSERT_EQ(symlink(program.path("loop").c_str(), program.path("loop").c_str()), 0);
    EXPECT_FALSE(AttemptRoot(program.path("loop")).report(attempt_id(kKey)).ok());
    EXPECT_EQ(AttemptRoot(program.path("none")).report(attempt_id(kKey))->state, AttemptState::kAbsent);
}

// Whoever asks for the list while steps are forgotten gets one: an error would keep the host away.
TEST(AttemptFolder, ListsWhileAttemptsAreForgotten) {
    SupervisorProgram program;
    const std::string path = program.path("steps");
    const AttemptRoot root(path);
    std::vector<std::string> ids;
    for (int i = 0; i < 100; ++i) {
        StepSpec spec;
        spec.key = "p|run|app/task|forward|" + std::to_string(i + 1);
        ids.push_back(attempt_id(spec.key));
        ASSERT_TRUE(root.never_start(ids.back(), StepResult()).ok());
        ASSERT_TRUE(
            platform::write_file_durable(root.folder(ids.back()) + "/spec", encode_spec(spec).value()).ok());
    }
    ASSERT_EQ(root.known_keys()->size(), ids.size());
    std::atomic<bool> done{false};
    std::thread forgetting([&] {
        for (const std::string& id : ids) EXPECT_TRUE(root.forget(id, std::nullopt).ok());
        done = true;
    });
    while (!done) {
        const auto keys = root.known_keys();
        EXPECT_TRUE(keys.ok()) << keys.error().text();
    }
    forgetting.join();
    EXPECT_TRUE(root.known_keys()->empty());
}

TEST(AttemptFolder, AStartThatIsCalledOffNeverComes) {
    SupervisorProgram program;
    const AttemptRoot root(program.root());
    StepResult refused;
    refused.outcome = Outcome::kRefused;
    EXPECT_EQ(root.never_start(attempt_id(kKey), refused)->result, refused);
    const AttemptReport late = program.start(step(kKey, {run_stage("perform", {"/bin/true"})}));
    EXPECT_EQ(late.result, refused);
    program.start(step("k2", {shell_stage("perform", "sleep 600")}));
    EXPECT_EQ(root.never_start(attempt_id("k2"), refused)->state, AttemptState::kRunning);
    usleep(10'000);
    EXPECT_EQ(program.status("k2").state, AttemptState::kRunning) << "what runs was wanted, and goes on";
}

// The same for who asks over SSH. A start of theirs may be in the middle of its fork, or stem from a session
// that has gone.
TEST(AttemptFolder, AStartIsCalledOffByACommandToo) {
    SupervisorProgram program;
    const auto call_off = [&](const std::string& key, const char* epoch) {
        const auto done = program.call({"never-start", program.root(), attempt_id(key), epoch});
        return decode_report(done.standard_output).value();
    };
    const AttemptReport off = call_off(kKey, "3");
    EXPECT_EQ(off.result->outcome, Outcome::kRefused);
    StepSpec late = step(kKey, {run_stage("perform", {"/bin/true"})});
    late.epoch = 3;
    EXPECT_EQ(program.start(late).result, off.result);
    EXPECT_EQ(call_off("k2", "2").state, AttemptState::kRefused) << "an older epoch decides nothing";
    StepSpec other = step("k2", {shell_stage("perform", "sleep 600")});
    other.epoch = 3;
    program.start(other);
    EXPECT_EQ(call_off("k2", "3").state, AttemptState::kRunning);
}

// The script's shell dies with the supervisor; what it started does not: in its group, in a group of its own
// (as `timeout` makes one), without the environment.
TEST(Leftovers, NothingOfALostStepGoesOn) {
    SupervisorProgram program;
    const auto note = [&](const std::string& name) {
        return "echo $! > " + program.path(name + ".tmp") + "; mv " + program.path(name + ".tmp") + " " +
               program.path(name) + "; ";
    };
    program.start(
        step(kKey, {shell_stage("perform", "sleep 600 & " + note("plain") + "timeout 600 sleep 601 & " +
                                               note("timeout") + "env -i sleep 602 & " + note("bare") +
                                               "setsid sleep 603 & " + note("service") + "sleep 604")}));
    for (const char* name : {"plain", "timeout", "bare", "service"}) wait_for_file(program.path(name));
    const auto pid_in = [&](const std::string& name) { return std::stoi(program.read(name)); };
    const int service = pid_in("service");
    for (int i = 0; i < 60'000 && getsid(service) != service; ++i) usleep(1000);
    for (int i = 0; i < 60'000 && getpgid(pid_in("timeout")) != pid_in("timeout"); ++i) usleep(1000);
    ASSERT_EQ(kill(program.pid_of(kKey), SIGKILL), 0);
    ASSERT_TRUE(goes_away(program.pid_of(kKey)));
    EXPECT_FALSE(is_gone(pid_in("plain"))) << "it would outlive the answer";
    EXPECT_EQ(program.status(kKey).state, AttemptState::kLost);
    for (const char* name : {"plain", "timeout", "bare"}) EXPECT_TRUE(is_gone(pid_in(name))) << name;
    EXPECT_FALSE(is_gone(service)) << "it made itself a session: a service that was to stay";
    kill(service, SIGKILL);
}

TEST(Leftovers, WhatAStepThatEndedWellLeftRunningStays) {
    SupervisorProgram program;
    program.start(step(kKey, {shell_stage("perform", "sleep 600 & echo $! > " + program.path("pid"))}));
    EXPECT_EQ(program.finish(kKey).result->outcome, Outcome::kSucceeded);
    program.forget(kKey);
    const int left = std::stoi(program.read("pid"));
    EXPECT_FALSE(is_gone(left));
    kill(left, SIGKILL);
}

}  // namespace
}  // namespace ararat::agent
