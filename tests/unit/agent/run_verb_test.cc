#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "agent/verbs/judge.h"
#include "verb_world.h"

namespace ararat::agent {
namespace {

TEST(RunVerb, CarriesOutputAndExitCode) {
    VerbWorld world;
    const VerbResult result =
        world.perform(run_operation({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}));
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.text, "out\n");
    EXPECT_NE(world.printed().find("out\n"), std::string::npos);
    EXPECT_NE(world.printed().find("err\n"), std::string::npos);
}

TEST(RunVerb, ShellCharactersStayCharacters) {
    VerbWorld world;
    const std::string nasty = "$(touch " + world.path("made") + "); `id` && 'x' \"y\" * \n|";
    const VerbResult result = world.perform(run_operation({"/usr/bin/printf", "%s", nasty}));
    EXPECT_EQ(result.text, nasty);
    EXPECT_FALSE(platform::file_exists(world.path("made")));
}

TEST(RunVerb, GivesExactlyTheEnvironmentItWasGiven) {
    VerbWorld world;
    setenv("ARARAT_TEST_LEAK", "leaked", 1);
    world.context().environment = {{"A", "1"}, {"PATH", "/usr/bin:/bin"}};
    const VerbResult result = world.perform(run_operation({"/usr/bin/env"}));
    EXPECT_NE(result.text.find("A=1\n"), std::string::npos);
    EXPECT_EQ(result.text.find("ARARAT_TEST_LEAK"), std::string::npos);
}

TEST(RunVerb, LeavesNoDescriptorsOpenInTheChild) {
    VerbWorld world;
    const VerbResult result = world.perform(run_operation({"/bin/sh", "-c", "ls /proc/self/fd | wc -l"}));
    EXPECT_EQ(trimmed(result.text), "4") << "0, 1, 2 and the one ls reads with";
}

TEST(RunVerb, SaysWhyAProgramCannotBeStarted) {
    VerbWorld world;
    const VerbResult result = world.perform(run_operation({"/no/such/program"}));
    EXPECT_EQ(result.exit_code, 127);
    EXPECT_NE(result.detail.find("/no/such/program"), std::string::npos);
    EXPECT_EQ(world.perform(run_operation({})).exit_code, 127);
}

TEST(RunVerb, ReportsTheSignalThatEndedIt) {
    VerbWorld world;
    EXPECT_EQ(world.perform(run_operation({"/bin/sh", "-c", "kill -9 $$"})).exit_code, 128 + SIGKILL);
}

TEST(RunVerb, KillsTheWholeGroupWhenItsTimeIsOver) {
    VerbWorld world;
    world.context().deadline = world.interrupt().now();
    const VerbResult result = world.perform(run_operation(
        {"/bin/sh", "-c",
         "sleep 600 & echo $! > " + world.path("pid") + "; echo $$ >> " + world.path("pid") + "; wait"}));
    EXPECT_TRUE(result.timed_out);
    EXPECT_FALSE(result.cancelled);
    EXPECT_NE(result.exit_code, 0);
}

TEST(RunVerb, KillsTheDescendantsToo) {
    VerbWorld world;
    std::thread canceller([&] {
        while (!platform::file_exists(world.path("ready"))) std::this_thread::yield();
        world.cancel();
    });
    const VerbResult result = world.perform(run_operation(
        {"/bin/sh", "-c",
         "sleep 600 & echo $! > " + world.path("child") + "; : > " + world.path("ready") + "; wait"}));
    canceller.join();
    EXPECT_TRUE(result.cancelled);
    const pid_t child = static_cast<pid_t>(std::stol(world.read("child")));
    // Killed with its group; whoever reaps it may take a moment.
    for (int i = 0; i < 5000 && kill(child, 0) == 0; ++i) {
        // Once: it may be reaped between two looks.
        const auto stat = platform::read_file("/proc/" + std::to_string(child) + "/stat");
        if (!stat.ok() || stat->find(") Z") != std::string::npos) break;
        usleep(1000);
    }
    const auto stat = platform::read_file("/proc/" + std::to_string(child) + "/stat");
    EXPECT_TRUE(!stat.ok() || stat->find(") Z") != std::string::npos) << "the descendant lives on";
}

TEST(RunVerb, KillsWhatIgnoresSigterm) {
    VerbWorld world;
    world.cancel();
    const VerbResult result =
        world.perform(run_operation({"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"}));
    EXPECT_TRUE(result.cancelled);
    EXPECT_GE(result.exit_code, 128);
}

TEST(RunVerb, DoesNotWaitForADaemonThatKeepsTheOutputOpen) {
    VerbWorld world;
    const VerbResult result =
        world.perform(run_operation({"/bin/sh", "-c", "setsid sleep 600 & echo $!; exit 0"}));
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_FALSE(result.timed_out);
    const pid_t daemon = static_cast<pid_t>(std::stol(result.text));
    EXPECT_EQ(kill(daemon, SIGKILL), 0) << "it was left alone";
}

TEST(RunVerb, KeepsABoundedPartForJudging) {
    VerbWorld world;
    const VerbResult result =
        world.perform(run_operation({"/bin/sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x"}));
    EXPECT_EQ(result.text.size(), kJudgedBytesMax);
    EXPECT_EQ(world.printed().size(), 1'000'000U);
}

TEST(Judge, EverythingThatIsSetMustHold) {
    VerbResult result;
    result.exit_code = 3;
    result.text = "  inactive \n";
    EXPECT_TRUE(judge({3, "inactive", "act"}, result).good);
    EXPECT_FALSE(judge({0, "", ""}, result).good);
    EXPECT_FALSE(judge({3, "active", ""}, result).good);
    EXPECT_FALSE(judge({3, "", "running"}, result).good);
}

TEST(Judge, ATimeoutIsNeverGood) {
    VerbResult result;
    result.timed_out = true;
    EXPECT_FALSE(judge({0, "", ""}, result).good);
    result.timed_out = false;
    result.cancelled = true;
    EXPECT_FALSE(judge({0, "", ""}, result).good);
}

}  // namespace
}  // namespace ararat::agent
