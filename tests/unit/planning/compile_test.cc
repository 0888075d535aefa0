// What compile() adds to the runbooks' own order: gates, order between applications, pairs, waves.
#include "planning/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/unit/planning/small_plan.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

Plan good_plan(const PlanSources& sources) {
    ParseOutcome outcome = parse(sources);
    EXPECT_THAT(lines(outcome), IsEmpty());
    return std::move(outcome.plan);
}

// Each application in a group of its own; `waves` names the wave of each, in order of start.
Schedule schedule_of(const std::vector<std::pair<std::string, std::string>>& waves) {
    Schedule schedule;
    for (const auto& [application, wave] : waves) {
        const auto known = std::find_if(schedule.waves.begin(), schedule.waves.end(),
                                        [&wave = wave](const Wave& w) { return w.id.str() == wave; });
        if (known == schedule.waves.end()) {
            schedule.waves.emplace_back();
            schedule.waves.back().id = WaveId(wave);
        }
        MoveGroup group;
        group.id = MoveGroupId(application);
        group.wave = WaveId(wave);
        group.applications = {ApplicationId(application)};
        schedule.groups.push_back(group);
    }
    return schedule;
}

CompiledPlan compiled(const Plan& plan, const Schedule& schedule) {
    auto result = compile(plan, schedule);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().text());
    return result.ok() ? std::move(result).value() : CompiledPlan();
}

const Task& task_of(const CompiledPlan& plan, const std::string& id) {
    const auto found = std::find_if(plan.tasks.begin(), plan.tasks.end(),
                                    [&id](const Task& task) { return task.id.str() == id; });
    if (found == plan.tasks.end()) throw std::runtime_error("no task " + id);
    return *found;
}

std::vector<TaskId> ids(const std::vector<std::string>& texts) {
    std::vector<TaskId> result;
    for (const std::string& text : texts) result.emplace_back(text);
    return result;
}

// A component with two host pairs and a runbook of its own, beside the small plan's.
PlanSources with_web(const std::string& component, const std::string& steps) {
    PlanSources sources = small_plan();
    sources.plans.push_back({"web.yaml", R"(
hosts:
  old-1: {site: old}
  old-2: {site: old}
  new-1: {site: new}
  new-2: {site: new}
applications:
  web:
    needs: [shop]
    gates: [go]
    components:
      front:
        hosts: [old-1, old-2]
        to: {new-1: new, new-2: new}
        runbook: web
)" + component + R"(
runbooks:
  web:
    steps:
)" + steps});
    return sources;
}

constexpr const char* kWebSteps = R"(
      - {id: prepare, phase: prepare, on: target, action: digest}
      - {id: ask, phase: prepare, manual: "Ring ${source.name}"}
      - {id: stop, phase: quiesce, on: source, action: stop, with: {unit: web.service}}
      - {id: prove, phase: verify, on: target, action: digest}
      - {id: switch, phase: switch, on: target, action: digest}
)";

TEST(Compile, MakesTheTasksOfTheSmallPlan) {
    const CompiledPlan plan = compiled(good_plan(small_plan()), schedule_of({{"shop", "wave-1"}}));
    std::vector<std::string> order;
    for (const Task& task : plan.tasks) order.push_back(task.id.str());
    EXPECT_THAT(order,
                ElementsAre("shop/db/count", "shop/db/copy", "wave-1/gate/go", "shop/db/stop", "shop/db/sync",
                            "shop/db/prove", "shop/db/go-live", "shop/db/soak", "shop/db/retire"));
    const Task& copy = task_of(plan, "shop/db/copy");
    EXPECT_EQ(copy.after, ids({"shop/db/count"}));
    EXPECT_EQ(copy.executor, HostId("new-a"));
    EXPECT_EQ(copy.perform->fields,
              (std::map<std::string, std::string>{{"channel", "shop/db/data"}, {"path", "/srv/data"}}));
    const Task& stop = task_of(plan, "shop/db/stop");
    EXPECT_EQ(stop.after, ids({"shop/db/copy", "wave-1/gate/go"}));
    EXPECT_EQ(stop.guard, Guard::kCutover);
    EXPECT_EQ(stop.undo->fields.at("state"), "started");
    const Task& prove = task_of(plan, "shop/db/prove");
    EXPECT_EQ(prove.perform->argv, (std::vector<std::string>{"${file.check.sh}", "198.18.2.1", "8080",
                                                             "${step.shop/db/count.rows}"}));
    EXPECT_EQ(prove.perform->until.within, std::chrono::seconds{20});
    ASSERT_EQ(prove.files.size(), 1U);
    EXPECT_EQ(plan.files.at(prove.files[0].sha256), "#!/bin/sh\nexit 0\n");
    EXPECT_EQ(task_of(plan, "shop/db/soak").soak, std::chrono::seconds{5});
    EXPECT_TRUE(task_of(plan, "shop/db/go-live").point_of_no_return);
    EXPECT_TRUE(task_of(plan, "shop/db/go-live").probe.has_value()) << "the check serves as probe";
    const Task& gate = task_of(plan, "wave-1/gate/go");
    EXPECT_EQ(gate.kind, TaskKind::kGate);
    EXPECT_EQ(gate.gate, GateId("go"));
    EXPECT_TRUE(gate.group.empty());
    EXPECT_FALSE(plan.hash.empty());
}

TEST(Compile, AHostKeepsItsJumpHostWhateverThatOneIs) {
    const auto behind = spoil(small_plan(), {"",
                                             "plan.yaml",
                                             "address: 198.18.1.1}",
                                             "via: ssh, ssh: {user: mig, jump: bastion}}\n"
                                             "  bastion: {site: old, via: manual, ssh: {port: 2222}}",
                                             {}});
    const CompiledPlan plan = compiled(good_plan(behind), schedule_of({{"shop", "wave-1"}}));
    std::map<HostId, EstateHost> hosts;
    for (const EstateHost& host : plan.hosts) hosts[host.id] = host;
    EXPECT_EQ(hosts.at(HostId("old-a")).ssh_jump, HostId("bastion"));
    EXPECT_EQ(hosts.at(HostId("old-a")).ssh_user, "mig");
    EXPECT_EQ(hosts.at(HostId("bastion")).ssh_port, 2222);
    EXPECT_EQ(hosts.at(HostId("bastion")).ssh_jump, HostId());
}

TEST(Compile, ChannelTakesItsLinksUsableShare) {
    const CompiledPlan plan = compiled(good_plan(small_plan()), schedule_of({{"shop", "wave-1"}}));
    ASSERT_EQ(plan.channels.size(), 1U);
    EXPECT_EQ(plan.channels[0].bytes_per_second_max, 62'500'000U);
    EXPECT_EQ(plan.channels[0].source, HostId("old-a"));
    EXPECT_EQ(plan.channels[0].target, HostId("new-a"));
}

TEST(Compile, HostPairsGoTheirOwnWaysAndMeetAtStepsDoneOnce) {
    const CompiledPlan plan =
        compiled(good_plan(with_web("", kWebSteps)), schedule_of({{"shop", "wave-1"}, {"web", "wave-2"}}));
    EXPECT_EQ(task_of(plan, "web/front/ask").after,
              ids({"web/front@old-1/prepare", "web/front@old-2/prepare"}));
    EXPECT_EQ(task_of(plan, "web/front/ask").text, "Ring old-1");
    EXPECT_EQ(task_of(plan, "web/front@old-2/stop").after, ids({"wave-2/gate/go", "web/front/ask"}));
    EXPECT_EQ(task_of(plan, "web/front@old-2/prove").after, ids({"wave-2/gate/go", "web/front@old-2/stop"}));
    EXPECT_EQ(task_of(plan, "web/front@old-2/switch").executor, HostId("new-2"));
}

TEST(Compile, HalvesOfAPairAreNotOutOfServiceTogether) {
    const Plan plan = good_plan(with_web("        pairs: spread\n", kWebSteps));
    const CompiledPlan made = compiled(plan, schedule_of({{"shop", "wave-1"}, {"web", "wave-2"}}));
    EXPECT_THAT(task_of(made, "web/front@old-2/stop").after, Contains(TaskId("web/front@old-1/switch")));
    EXPECT_THAT(task_of(made, "web/front@old-2/switch").after, Contains(TaskId("web/front@old-1/switch")));
    EXPECT_THAT(task_of(made, "web/front@old-1/stop").after, Not(Contains(TaskId("web/front@old-2/switch"))));

    Schedule reversed = schedule_of({{"shop", "wave-1"}, {"web", "wave-2"}});
    reversed.pair_turns.push_back({ApplicationId("web"), "front", {{HostId("old-2")}, {HostId("old-1")}}});
    EXPECT_THAT(task_of(compiled(plan, reversed), "web/front@old-1/stop").after,
                Contains(TaskId("web/front@old-2/switch")));
}

TEST(Compile, StepDoneOnceBetweenQuiesceAndSwitchDoesNotMakeACircle) {
    const Plan plan = good_plan(with_web("        pairs: spread\n", R"(
      - {id: stop, phase: quiesce, on: source, action: stop, with: {unit: web.service}}
      - {id: prove, phase: verify, on: target, action: digest, once: true}
      - {id: switch, phase: switch, on: target, action: digest}
)"));
    const CompiledPlan made = compiled(plan, schedule_of({{"shop", "wave-1"}, {"web", "wave-1"}}));
    EXPECT_THAT(task_of(made, "web/front@old-2/switch").after, Contains(TaskId("web/front@old-1/switch")));
}

TEST(Compile, WithinAWaveTheCutoverWaitsForTheSwitchOfWhatIsNeeded) {
    const Plan plan = good_plan(with_web("", kWebSteps));
    const CompiledPlan together = compiled(plan, schedule_of({{"shop", "wave-1"}, {"web", "wave-1"}}));
    EXPECT_THAT(task_of(together, "web/front@old-1/stop").after, Contains(TaskId("shop/db/go-live")));
    EXPECT_THAT(task_of(together, "web/front@old-1/prepare").after, IsEmpty());
    const CompiledPlan apart = compiled(plan, schedule_of({{"shop", "wave-1"}, {"web", "wave-2"}}));
    EXPECT_THAT(task_of(apart, "web/front@old-1/stop").after, Not(Contains(TaskId("shop/db/go-live"))));
}

TEST(Compile, WaitForAnEarlierWaveBecomesAnOrderOfWaves) {
    const PlanSources sources = with_web("        waits: {prepare: [shop/db/go-live]}\n", kWebSteps);
    const Plan plan = good_plan(sources);
    const CompiledPlan apart = compiled(plan, schedule_of({{"shop", "wave-1"}, {"web", "wave-2"}}));
    EXPECT_THAT(task_of(apart, "web/front@old-1/prepare").after, IsEmpty());
    EXPECT_THAT(apart.waves[1].after, ElementsAre(WaveId("wave-1")));
    const auto refused = compile(plan, schedule_of({{"web", "wave-1"}, {"shop", "wave-2"}}));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message,
                ::testing::StartsWith("web.yaml:16:27: error E016: task 'web/front@old-1/prepare' of wave-1 "
                                      "waits for 'shop/db/go-live', which moves later, in wave-2"));
}

TEST(Compile, ApplicationWithoutAWaveIsAFault) {
    const auto refused = compile(good_plan(small_plan()), Schedule());
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused.error().message, "plan.yaml:18:3: error E016: application 'shop' is in no wave");
}

TEST(Compile, ComponentNeedsLetStartWaitForWhatComesBeforeQuiesce) {
    PlanSources sources = small_plan();
    sources.plans.push_back({"app.yaml", R"(
hosts:
  old-1: {site: old}
  new-1: {site: new}
applications:
  office:
    gates: [go]
    components:
      db: {hosts: [old-1], to: {new-1: new}, runbook: move, params: {tree: /srv/office}}
      app: {hosts: [old-a], to: {new-a: new}, runbook: app, needs: [db]}
runbooks:
  app:
    steps:
      - {id: install, phase: prepare, on: target, action: digest}
      - {id: start, phase: start, on: target, action: start, with: {unit: app.service}}
)"});
    const CompiledPlan plan =
        compiled(good_plan(sources), schedule_of({{"shop", "wave-1"}, {"office", "wave-1"}}));
    EXPECT_EQ(task_of(plan, "office/app/start").after,
              ids({"office/app/install", "office/db/copy", "office/db/count"}));
    EXPECT_THAT(task_of(plan, "office/app/install").after, IsEmpty());
}

TEST(Compile, SameInputSameHashAndOneByteAnother) {
    const Schedule schedule = schedule_of({{"shop", "wave-1"}});
    const CompiledPlan first = compiled(good_plan(small_plan()), schedule);
    EXPECT_EQ(compiled(good_plan(small_plan()), schedule), first);
    PlanSources changed = small_plan();
    changed.action_files["check"]["check.sh"] += "#";
    const CompiledPlan second = compiled(good_plan(changed), schedule);
    EXPECT_NE(second.hash, first.hash);
    EXPECT_NE(second.waves[0].subtree, first.waves[0].subtree);
}

}  // namespace
}  // namespace ararat::planning::testing
