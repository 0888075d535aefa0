// The commands themselves, from the file to the orchestrator and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "test_world.h"

namespace ararat::cli {
namespace {

class Person {
public:
    Person(server::TestWorld& world, const std::string& name, const std::vector<std::string>& roles) {
        const auto own = world.person(name, roles);
        context_.identity = world.directory() + "/" + name;
        context_.ca = world.directory() + "/ca/ca.crt";
        context_.server = fmt::format("localhost:{}", world.orchestrator().ports().control);
        context_.quiet = true;
        EXPECT_TRUE(platform::write_file_durable(context_.identity + ".key", own.key_pem, 0600).ok());
        EXPECT_TRUE(platform::write_file_durable(context_.identity + ".crt", own.certificate_pem).ok());
    }
    // Exit code and what was printed.
    std::pair<ExitCode, std::string> run(std::vector<std::string> words) {
        CLI::App app;
        context_.exit_code = ExitCode::kDone;
        add_plan_commands(app, context_);
        add_wave_commands(app, context_);
        std::reverse(words.begin(), words.end());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        app.parse(words);
        std::fflush(stdout);
        std::string said = testing::internal::GetCapturedStdout();
        said += testing::internal::GetCapturedStderr();
        return {context_.exit_code, said};
    }

private:
    Context context_;
};

// The smoke plan's project is not the test's: both are named here.
std::string plan_file(const server::TestWorld& world, const std::string& calendar) {
    std::string text = platform::read_file(ARARAT_SOURCE_DIR "/plans/demo/smoke.yaml").value();
    const auto put = [&](const std::string& before, const std::string& after) {
        const auto at = text.find(before);
        EXPECT_NE(at, std::string::npos) << before;
        text.replace(at, before.size(), after);
    };
    put("name: smoke", "name: exit");
    if (!calendar.empty()) {
        put("applications:\n  data:\n", "calendars:\n  night: {windows: \"" + calendar +
                                            "\"}\napplications:\n  data:\n    calendar: night\n");
    }
    const std::string file = world.directory() + "/plan.yaml";
    EXPECT_TRUE(platform::write_file_durable(file, text).ok());
    return file;
}

TEST(PlanCommand, MadeAgainLaterHasNoChangesWhereNothingHasChanged) {
    server::TestWorld world;
    world.start_orchestrator();
    Person eve(world, "eve", {"engineer"});
    const std::string file = plan_file(world, "");
    const std::string saved = world.directory() + "/saved";
    EXPECT_EQ(eve.run({"plan", file, "--out", saved, "--detailed-exitcode"}).first, ExitCode::kChanges);
    const auto applied = eve.run({"apply", saved});
    ASSERT_EQ(applied.first, ExitCode::kDone) << applied.second;
    const auto [code, said] =
        eve.run({"plan", file, "--as-of", "2099-01-01T00:00:00Z", "--detailed-exitcode"});
    EXPECT_EQ(code, ExitCode::kDone) << said;
    EXPECT_THAT(said, testing::HasSubstr("no changes"));
    EXPECT_THAT(said, testing::HasSubstr("any time"));
}

TEST(ApplyCommand, RefusesASavedPlanWhoseWindowsAreOver) {
    server::TestWorld world;
    world.start_orchestrator();
    Person eve(world, "eve", {"engineer"});
    const std::string saved = world.directory() + "/saved";
    const auto planned = eve.run(
        {"plan", plan_file(world, "Mon-Sun 01:00-02:00"), "--as-of", "2020-01-01T00:00:00Z", "--out", saved});
    ASSERT_EQ(planned.first, ExitCode::kDone) << planned.second;
    const auto [code, said] = eve.run({"apply", saved});
    EXPECT_EQ(code, ExitCode::kStale);
    EXPECT_THAT(said,
                testing::HasSubstr("too late to begin wave wave-1 (latest start 2020-01-01T02:00:00Z)"));
}

TEST(WaveRunCommand, IgnoresAWindowOnlyForAReason) {
    server::TestWorld world;
    world.start_orchestrator();
    Person eve(world, "eve", {"engineer"});
    const std::string saved = world.directory() + "/saved";
    ASSERT_EQ(eve.run({"plan", plan_file(world, ""), "--out", saved}).first, ExitCode::kDone);
    ASSERT_EQ(eve.run({"apply", saved}).first, ExitCode::kDone);
    const auto [code, said] = eve.run({"wave", "run", "wave-1", "--ignore-window"});
    EXPECT_EQ(code, ExitCode::kInvalid);
    EXPECT_THAT(said, testing::HasSubstr("needs a reason"));
    EXPECT_EQ(eve.run({"wave", "run", "wave-1", "--ignore-window", "-m", "rehearsal"}).first,
              ExitCode::kDone);
}

}  // namespace
}  // namespace ararat::cli
