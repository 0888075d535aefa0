#include "planning/programme_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "planning/compile.h"
#include "planning/programme_words.h"
#include "tests/unit/planning/source_builder.h"
#include "tests/unit/planning_programme/plan_text.h"

namespace ararat::planning::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

scheduler::SolveOptions quick() {
    scheduler::SolveOptions options;
    options.schedules_max = 50;
    return options;
}

Result<ScheduledProgramme> scheduled(const std::string& name) {
    const Instant moment = as_of(name);
    const ParseOutcome outcome = parse(with_library(name, read_project_file(name)), moment);
    EXPECT_TRUE(outcome.ok()) << name;
    return schedule_programme(outcome.plan, moment, {}, quick());
}

TEST(ProgrammeSchedule, EveryPlanOfTheProjectIsScheduledAndCompiled) {
    for (const std::string& name : example_plans()) {
        const auto result = scheduled(name);
        ASSERT_TRUE(result.ok()) << name << ": " << result.error().message;
        const auto compiled = compile(result->plan, result->schedule);
        ASSERT_TRUE(compiled.ok()) << name << ": " << compiled.error().message;
        std::set<MoveGroupId> in_waves;
        for (const Wave& wave : result->schedule.waves) {
            for (const MoveGroupId& group : wave.groups)
                EXPECT_TRUE(in_waves.insert(group).second) << group << " is in two waves";
        }
        EXPECT_EQ(in_waves.size(), result->schedule.groups.size()) << name;
        for (const Placement& placement : result->schedule.placements) {
            const auto wave = std::ranges::find(result->schedule.waves, placement.wave, &Wave::id);
            ASSERT_NE(wave, result->schedule.waves.end());
            EXPECT_LE(wave->window_start, placement.start) << placement.group;
            EXPECT_GE(wave->window_end, placement.end) << placement.group;
            EXPECT_GE(wave->latest_start, placement.start) << placement.group;
        }
    }
}

TEST(ProgrammeSchedule, IsTheSameEachTime) {
    const auto first = scheduled("plans/southwark-ark-exit/programme.yaml");
    const auto second = scheduled("plans/southwark-ark-exit/programme.yaml");
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(first->solution.times.start, second->solution.times.start);
    EXPECT_EQ(first->schedule.waves, second->schedule.waves);
}

TEST(ProgrammeSchedule, NeverEndsBeforeItsBound) {
    const auto result = scheduled("plans/southwark-ark-exit/programme.yaml");
    ASSERT_TRUE(result.ok());
    EXPECT_LE(result->solution.bound.finish, result->solution.score.finish);
    EXPECT_THAT(result->schedule.notes, Contains(HasSubstr("no schedule is over")));
}

TEST(ProgrammeSchedule, WithoutASolutionNamesTheSmallestSetThatCannotHoldTogether) {
    PlanText plan;
    plan.add("resources", "dba: 1");
    for (const char* name : {"a", "b"}) {
        plan.application(name, {"duration: 5h", "resources: {dba: 1}", "by: 2024-03-04T18:00:00Z"});
    }
    plan.application("c", {"by: 2024-03-09"});
    const auto result = schedule_programme(plan.plan(), test_now(), {}, quick());
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(result.error().message, HasSubstr("proved: resource dba"));
    EXPECT_THAT(result.error().message, HasSubstr("these 3 cannot hold together"));
    EXPECT_THAT(result.error().message, Not(HasSubstr("move group c")));
}

// Two moves that one engineer does: the later one is held by him, and by nothing else.
TEST(ProgrammeSchedule, SaysWhatHoldsAMoveAndIsRightAboutIt) {
    const auto made = [](const std::string& engineers) {
        PlanText plan;
        plan.add("resources", "dba: " + engineers);
        plan.application("a", {"duration: 2h", "priority: 1", "resources: {dba: 1}"});
        plan.application("b", {"duration: 2h", "priority: 9", "resources: {dba: 1}"});
        const Plan parsed = plan.plan();
        auto result = schedule_programme(parsed, test_now(), {}, quick());
        EXPECT_TRUE(result.ok());
        return std::move(result).value();
    };
    const ScheduledProgramme one = made("1");
    const auto b = job_named(one.problem, "cutover of move group b");
    const auto lines = why_lines(one.plan, one.problem, one.solution.times, b);
    ASSERT_FALSE(lines.empty());
    EXPECT_THAT(lines.front(), HasSubstr("not earlier because of resource dba"));
    EXPECT_THAT(lines.front(), HasSubstr("cutover of move group a"));
    const auto refused = why_not_lines(one.plan, one.problem, one.solution.times, b, one.problem.now);
    EXPECT_THAT(refused, Contains(HasSubstr("resource dba")));
    const ScheduledProgramme two = made("2");
    EXPECT_LT(two.solution.times.start[static_cast<std::size_t>(b)],
              one.solution.times.start[static_cast<std::size_t>(b)])
        << "with another engineer it moves earlier, as was said";
}

}  // namespace
}  // namespace ararat::planning::testing
