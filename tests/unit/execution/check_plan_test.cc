#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSound = R"(
host src
host tgt
channel c src tgt
gate go owner
wave w
wave w2
group g w
group h w2
gatetask w/go w go
task a g src after=w/go opens=c
task b g tgt after=a closes=c guard=cutover
task d h tgt after=b
)";

struct Fault {
    const char* name;
    std::function<void(CompiledPlan&)> spoil;
    const char* words;
};

class CheckPlan : public ::testing::TestWithParam<Fault> {};

TEST_P(CheckPlan, NamesTheFault) {
    CompiledPlan plan = parse_plan_text(kSound);
    ASSERT_TRUE(execution::check_new_plan(plan).ok());
    GetParam().spoil(plan);
    const auto checked = execution::check_new_plan(plan);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(checked.error().message, HasSubstr(GetParam().words));
}

// Tasks in order: w/go, a, b, d.
INSTANTIATE_TEST_SUITE_P(
    Faults, CheckPlan,
    ::testing::Values(
        Fault{"NoHash", [](CompiledPlan& p) { p.hash = Hash(); }, "not sealed"},
        Fault{"UnknownPredecessor", [](CompiledPlan& p) { p.tasks[1].after = {TaskId("zz")}; },
              "task a follows zz, which is not there"},
        Fault{"Cycle", [](CompiledPlan& p) { p.tasks[1].after = {TaskId("b")}; },
              "task a follows b, which does not stand before it"},
        Fault{"Itself", [](CompiledPlan& p) { p.tasks[1].after = {TaskId("a")}; },
              "which does not stand before it"},
        Fault{"TwicePredecessor",
              [](CompiledPlan& p) {
                  p.tasks[2].after = {TaskId("a"), TaskId("a")};
              },
              "out of order or twice"},
        Fault{"TwiceTask", [](CompiledPlan& p) { p.tasks.push_back(p.tasks[1]); }, "task a is there twice"},
        Fault{"UnknownHost", [](CompiledPlan& p) { p.tasks[1].executor = HostId("nowhere"); },
              "task a has no host to run on"},
        Fault{"UnknownChannel", [](CompiledPlan& p) { p.tasks[1].opens = {ChannelId("x")}; },
              "uses channel x"},
        Fault{"ChannelWithoutEnd", [](CompiledPlan& p) { p.channels[0].target = HostId("x"); },
              "channel c has an end on no host"},
        Fault{"UnknownGate", [](CompiledPlan& p) { p.tasks[0].gate = GateId("x"); }, "names no gate"},
        Fault{"GuardedWithoutGate", [](CompiledPlan& p) { p.tasks[1].after.clear(); },
              "task b is guarded and stands behind no gate"},
        Fault{"PowerOffWithoutGuard",
              [](CompiledPlan& p) { p.tasks[1].perform.edit().verb = Verb::kPowerOff; },
              "task a powers a host off and is not guarded as power-off or decommission"},
        Fault{"PowerOffGuardedAsCutover",
              [](CompiledPlan& p) { p.tasks[2].perform.edit().verb = Verb::kPowerOff; },
              "task b powers a host off and is not guarded as power-off or decommission"},
        Fault{"PowerOffAsUndo",
              [](CompiledPlan& p) {
                  p.tasks[1].undo = p.tasks[1].perform;
                  p.tasks[1].undo.edit().verb = Verb::kPowerOff;
              },
              "task a powers a host off and is not guarded as power-off or decommission"},
        Fault{"NothingToDo", [](CompiledPlan& p) { p.tasks[1].perform.reset(); }, "task a has nothing to do"},
        Fault{"ProbeableWithoutProbe",
              [](CompiledPlan& p) { p.tasks[1].action_class = ActionClass::kProbeable; },
              "probeable without a probe"},
        Fault{"NoAttempt", [](CompiledPlan& p) { p.tasks[1].retry.attempts_max = 0; }, "has no attempt"},
        Fault{"GroupOfAnotherWave", [](CompiledPlan& p) { p.tasks[1].group = MoveGroupId("h"); },
              "task a is of no group of its wave"},
        Fault{"NoWave", [](CompiledPlan& p) { p.tasks[1].wave = WaveId("x"); }, "task a is of no wave"},
        Fault{"WaveNamesForeignGroup", [](CompiledPlan& p) { p.waves[0].groups = {MoveGroupId("h")}; },
              "wave w names group h"},
        Fault{"MissingFile",
              [](CompiledPlan& p) {
                  p.tasks[1].files = {{"x.sh", Hash("00")}};
              },
              "ships x.sh, whose bytes are not there"},
        Fault{"WindowBackwards",
              [](CompiledPlan& p) { p.waves[0].window_end = p.waves[0].window_start - Duration(1); },
              "ends before it starts"},
        Fault{"ForeignGate", [](CompiledPlan& p) { p.tasks[3].after = {TaskId("w/go")}; },
              "of another wave and of no group"},
        Fault{"SoakOnAHost", [](CompiledPlan& p) { p.tasks[1].kind = TaskKind::kSoak; },
              "must not name a host"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(CheckPlanGood, PowerOffBehindItsGate) {
    CompiledPlan plan = parse_plan_text(kSound);
    plan.tasks[2].perform.edit().verb = Verb::kPowerOff;
    for (const Guard guard : {Guard::kPowerOff, Guard::kDecommission}) {
        plan.tasks[2].guard = guard;
        EXPECT_TRUE(execution::check_new_plan(plan).ok());
    }
}

// A journal outlives the rules of the day it was written on.
TEST(CheckPlanGood, APlanOfTheJournalIsNotJudgedByRulesOfSafety) {
    CompiledPlan plan = parse_plan_text(kSound);
    plan.tasks[1].perform.edit().verb = Verb::kPowerOff;
    plan.tasks[1].guard = Guard::kNone;
    EXPECT_FALSE(execution::check_new_plan(plan).ok());
    EXPECT_TRUE(execution::check_plan(plan).ok());
    plan.tasks[1].executor = HostId("nowhere");
    EXPECT_FALSE(execution::check_plan(plan).ok()) << "what the engine follows is always looked at";
}

TEST(CheckPlanFaults, AreAllNamedUpToTwenty) {
    CompiledPlan plan = parse_plan_text(kSound);
    for (int i = 0; i < 30; ++i) {
        Task task = plan.tasks[1];
        task.id = TaskId("x" + std::to_string(i));
        task.executor = HostId("nowhere");
        plan.tasks.push_back(task);
    }
    const auto checked = execution::check_new_plan(plan);
    ASSERT_FALSE(checked.ok());
    EXPECT_THAT(checked.error().message, HasSubstr("task x19 has no host"));
    EXPECT_THAT(checked.error().message, HasSubstr("; and 10 more"));
}

TEST(CheckPlanFaults, KeepAPlanFromBeingApplied) {
    EngineWorld world;
    CompiledPlan plan = parse_plan_text(kSound);
    plan.tasks[1].executor = HostId("nowhere");
    const auto applied =
        world.give(execution::ApplyPlan{person("ann"), std::make_shared<const CompiledPlan>(plan), {}});
    ASSERT_FALSE(applied.ok());
    EXPECT_EQ(world.state.plan, nullptr);
}

}  // namespace
}  // namespace ararat::testing
