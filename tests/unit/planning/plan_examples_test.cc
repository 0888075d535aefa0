// Every plan, runbook and action that ships with Ararat parses without a fault, is scheduled and compiles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "planning/compile.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

CompiledPlan compiled(const std::string& name) {
    const ParseOutcome outcome = parse(with_library(name, read_project_file(name)));
    EXPECT_THAT(lines(outcome), IsEmpty()) << name;
    const auto schedule = make_schedule(outcome.plan, test_now());
    EXPECT_TRUE(schedule.ok()) << name << ": " << (schedule.ok() ? "" : schedule.error().text());
    if (!outcome.ok() || !schedule.ok()) return {};
    auto plan = compile(outcome.plan, *schedule);
    EXPECT_TRUE(plan.ok()) << name << ": " << (plan.ok() ? "" : plan.error().text());
    return plan.ok() ? std::move(plan).value() : CompiledPlan();
}

const Task& task_of(const CompiledPlan& plan, const std::string& id) {
    const auto found = std::find_if(plan.tasks.begin(), plan.tasks.end(),
                                    [&id](const Task& task) { return task.id.str() == id; });
    if (found == plan.tasks.end()) throw std::runtime_error("no task " + id);
    return *found;
}

TEST(PlanExamples, AllParseScheduleAndCompile) {
    const std::vector<std::string> names = example_plans();
    ASSERT_THAT(names, Not(IsEmpty()));
    for (const std::string& name : names) EXPECT_THAT(compiled(name).tasks, Not(IsEmpty())) << name;
}

TEST(PlanExamples, LibraryHasNoFaultByItself) {
    const PlanSources sources = with_library("plan.yaml", "ararat: v1\nprogramme: {name: empty}\n");
    EXPECT_THAT(sources.actions, Not(IsEmpty()));
    EXPECT_THAT(sources.runbooks, Not(IsEmpty()));
    EXPECT_THAT(lines(parse(sources)), IsEmpty());
}

TEST(PlanExamples, HousingCompilesToTheOrderThatKeepsThePageUp) {
    const CompiledPlan plan = compiled("plans/demo/housing-exit.yaml");
    ASSERT_THAT(plan.tasks, Not(IsEmpty()));
    // Pages come from the new site before the first write is stopped.
    const Task& quiesce = task_of(plan, "housing/db/quiesce");
    EXPECT_THAT(quiesce.after, ::testing::IsSupersetOf({TaskId("housing/web@ark-hsg-web1/switch-page"),
                                                        TaskId("housing/web@ark-hsg-web2/switch-page"),
                                                        TaskId("wave-housing/gate/cutover")}));
    EXPECT_EQ(quiesce.executor, HostId("ark-hsg-db1"));
    EXPECT_EQ(quiesce.guard, Guard::kCutover);
    const Task& catch_up = task_of(plan, "housing/db/catch-up");
    EXPECT_EQ(catch_up.perform->argv,
              (std::vector<std::string>{"${file.catch-up.sh}", "${step.housing/db/quiesce.lsn}"}));
    // The halves of the pair are switched one after the other.
    EXPECT_THAT(task_of(plan, "housing/web@ark-hsg-web2/switch-page").after,
                ::testing::Contains(TaskId("housing/web@ark-hsg-web1/switch-page")));
}

TEST(PlanExamples, SmokeCopiesThroughAChannelThatItsLinkLimits) {
    const CompiledPlan plan = compiled("plans/demo/smoke.yaml");
    ASSERT_EQ(plan.channels.size(), 1U);
    EXPECT_EQ(plan.channels[0].id, ChannelId("data/tree/tree"));
    EXPECT_EQ(plan.channels[0].path, "/srv/data");
    EXPECT_EQ(plan.channels[0].bytes_per_second_max, 125'000'000U);
    const Task& precopy = task_of(plan, "data/tree/precopy");
    EXPECT_THAT(precopy.opens, ElementsAre(ChannelId("data/tree/tree")));
    EXPECT_EQ(precopy.perform->fields.at("channel"), "data/tree/tree");
    EXPECT_THAT(task_of(plan, "data/tree/final-sync").closes, ElementsAre(ChannelId("data/tree/tree")));
}

}  // namespace
}  // namespace ararat::planning::testing
