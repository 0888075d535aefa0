#include "platform/process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "platform/files.h"

namespace ararat::platform {
namespace {

TEST(RunProcess, ReportsOutputErrorAndExitCode) {
    const auto result = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"});
    ASSERT_TRUE(result.ok()) << result.error().text();
    EXPECT_EQ(result->standard_output, "out\n");
    EXPECT_EQ(result->standard_error, "err\n");
    EXPECT_EQ(result->exit_code, 3);
    EXPECT_FALSE(result->ok());
}

TEST(RunProcess, PassesArgumentsAsTheyAre) {
    const auto result = run_process({"printf", "%s|", "a b", "$(reboot)", "*", "", "'\""});
    EXPECT_EQ(result->standard_output, "a b|$(reboot)|*||'\"|");
}

TEST(RunProcess, FeedsMoreThanAPipeHolds) {
    ProcessOptions options;
    options.standard_input = std::string(std::size_t{3} << 20U, 'x');
    options.output_bytes_max = std::size_t{4} << 20U;
    const auto result = run_process({"cat"}, options);
    EXPECT_EQ(result->standard_output, options.standard_input);
    EXPECT_FALSE(result->output_truncated);
}

TEST(RunProcess, SurvivesAChildThatReadsNothing) {
    ProcessOptions options;
    options.standard_input = std::string(std::size_t{3} << 20U, 'x');
    const auto result = run_process({"true"}, options);
    ASSERT_TRUE(result.ok());
    EXPECT_TRUE(result->ok());
}

TEST(RunProcess, CapsOutput) {
    const auto result = run_process({"head", "-c", "300000", "/dev/zero"}, "", Duration(60'000), 1000);
    EXPECT_EQ(result->standard_output.size(), 1000U);
    EXPECT_TRUE(result->output_truncated);
    EXPECT_TRUE(result->ok());
}

TEST(RunProcess, KillsTheWholeGroupWhenTimeIsUp) {
    // The inner sleep would hold the pipe open for a minute if only the shell were killed.
    const auto result =
        run_process({"sh", "-c", "echo begun; sleep 60; echo never"}, "", Duration(300), 1000);
    ASSERT_TRUE(result.ok());
    EXPECT_TRUE(result->timed_out);
    EXPECT_EQ(result->exit_code, 128 + SIGKILL);
    EXPECT_EQ(result->standard_output, "begun\n");
}

TEST(RunProcess, DoesNotWaitForWhatTheChildLeftBehind) {
    const auto result = run_process({"sh", "-c", "sleep 30 & echo $!"}, "", Duration(20'000), 1000);
    ASSERT_TRUE(result.ok());
    EXPECT_FALSE(result->timed_out);
    const pid_t left = static_cast<pid_t>(std::stol(result->standard_output));
    EXPECT_EQ(::kill(left, SIGKILL), 0);
}

TEST(RunProcess, SetsEnvironmentAndDirectory) {
    const auto dir = TemporaryDirectory::make();
    ProcessOptions options;
    options.environment = {{"ARARAT_A", "1 2"}, {"PATH", "/usr/bin:/bin"}};
    options.directory = dir->path();
    const auto result = run_process({"sh", "-c", "echo \"$ARARAT_A\"; pwd"}, options);
    EXPECT_EQ(result->standard_output, "1 2\n" + dir->path() + "\n");
}

TEST(RunProcess, ReportsWhyAProgramCannotStart) {
    EXPECT_EQ(run_process({"no-such-program-here"}).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(run_process({"/no/such/program"}).error().text(),
              "/no/such/program: start: No such file or directory");
    EXPECT_EQ(run_process({"/etc/passwd"}).error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(run_process({}).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(run_process({"echo", std::string("a\0b", 3)}).error().code, ErrorCode::kInvalidArgument);
    ProcessOptions options;
    options.directory = "/no/such/directory";
    EXPECT_EQ(run_process({"true"}, options).error().code, ErrorCode::kNotFound);
}

TEST(ChildProcess, InheritsOnlyItsStandardDescriptors) {
    auto pipe = make_pipe();
    // One without close-on-exec, as a careless library opens them.
    const UniqueFd careless(::dup(pipe->read_end.get()));
    const auto result = run_process({"sh", "-c", "for f in /proc/self/fd/*; do echo ${f##*/}; done"});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->standard_output.find("\n" + std::to_string(careless.get()) + "\n"), std::string::npos);
}

TEST(ChildProcess, CanBeSignalledAndReaped) {
    auto child = ChildProcess::start({"sleep", "60"}, {});
    ASSERT_TRUE(child.ok());
    EXPECT_FALSE(child->try_wait().has_value());
    child->signal(SIGTERM);
    if (child->pidfd() >= 0) {
        pollfd item{child->pidfd(), POLLIN, 0};
        EXPECT_EQ(::poll(&item, 1, 60'000), 1);
    }
    EXPECT_EQ(child->wait(), 128 + SIGTERM);
}

TEST(ChildProcess, IsKilledWhenItsOwnerGoes) {
    pid_t pid = 0;
    {
        auto child = ChildProcess::start({"sleep", "60"}, {});
        pid = child->pid();
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(ChildProcess, SurvivesStandardDescriptorsInAnyOrder) {
    auto pipe = make_pipe();
    auto input = make_pipe();
    ChildProcess::Stdio stdio;
    stdio.in = std::move(input->read_end);
    stdio.out = std::move(pipe->write_end);
    auto child = ChildProcess::start({"cat"}, std::move(stdio));
    ASSERT_TRUE(child.ok());
    ASSERT_TRUE(write_all(input->write_end.get(), "through").ok());
    input->write_end.reset();
    char buffer[16];
    EXPECT_EQ(::read(pipe->read_end.get(), buffer, sizeof buffer), 7);
    EXPECT_EQ(child->wait(), 0);
}

}  // namespace
}  // namespace ararat::platform
