// `ararat why SUBJECT --plan FILE`: a schedule explained without an orchestrator.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"

namespace ararat::cli {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPlan = ARARAT_SOURCE_DIR "/plans/southwark-ark-exit/programme.yaml";

// Exit code and what was printed.
std::pair<ExitCode, std::string> why(std::vector<std::string> words) {
    Context context;
    CLI::App app;
    add_why_command(app, context);
    words.insert(words.begin(), "why");
    std::ranges::reverse(words);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    app.parse(words);
    std::fflush(stdout);
    std::string said = testing::internal::GetCapturedStdout();
    said += testing::internal::GetCapturedStderr();
    return {context.exit_code, said};
}

std::vector<std::string> of_the_plan(std::vector<std::string> words) {
    for (const char* word : {"--plan", kPlan, "--as-of", "2017-05-02T08:00:00Z", "--schedules", "20"})
        words.emplace_back(word);
    return words;
}

TEST(WhyPlanned, FollowsWhatHoldsAnApplicationToItsRoot) {
    const auto [code, said] = why(of_the_plan({"swk-mail"}));
    EXPECT_EQ(code, ExitCode::kDone) << said;
    EXPECT_THAT(said, HasSubstr("cutover of move group swk-mail begins"));
    EXPECT_THAT(said, HasSubstr("not earlier because of"));
    EXPECT_THAT(said, HasSubstr(".yaml:")) << "each reason has its place";
}

TEST(WhyPlanned, TakesHostsAndWavesToo) {
    EXPECT_THAT(why(of_the_plan({"ark-rev-db1"})).second,
                HasSubstr("cutover of move group swk-revenues begins"));
    EXPECT_THAT(why(of_the_plan({"wave-1"})).second, HasSubstr("cutover of move group"));
}

TEST(WhyPlanned, SaysWhatRefusesAnotherStart) {
    const auto [code, said] = why(of_the_plan({"swk-mail", "--at", "2017-10-04T18:30:00Z"}));
    EXPECT_EQ(code, ExitCode::kDone) << said;
    EXPECT_THAT(said, HasSubstr("refuses until"));
    EXPECT_THAT(said, HasSubstr("may begin from"));
}

TEST(WhyPlanned, RefusesWhatMakesNoSense) {
    EXPECT_THAT(why(of_the_plan({"nobody"})).second, HasSubstr("no wave, host, application or move group"));
    EXPECT_NE(why(of_the_plan({"nobody"})).first, ExitCode::kDone);
    const auto bad_moment = why(of_the_plan({"swk-mail", "--at", "soon"}));
    EXPECT_NE(bad_moment.first, ExitCode::kDone);
    EXPECT_THAT(bad_moment.second, HasSubstr("--at 'soon' is not a time"));
    const auto outside = why(of_the_plan({"swk-mail", "--at", "2016-01-01T00:00:00Z"}));
    EXPECT_THAT(outside.second, HasSubstr("outside what is planned for"));
    const auto alone = why({"swk-mail", "--at", "2017-10-04T18:30:00Z"});
    EXPECT_NE(alone.first, ExitCode::kDone);
    EXPECT_THAT(alone.second, HasSubstr("add --plan FILE"));
}

}  // namespace
}  // namespace ararat::cli
