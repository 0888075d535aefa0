// Every plan, runbook and action that ships with Ararat parses without a fault, is scheduled and compiles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "planning/compile.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

CompiledPlan compiled(const std::string& name, const std::string& text, Instant as_of) {
    const ParseOutcome outcome = parse(with_library(name, text), as_of);
    EXPECT_THAT(lines(outcome), IsEmpty()) << name;
    const auto schedule = make_schedule(outcome.plan, as_of);
    EXPECT_TRUE(schedule.ok()) << name << ": " << (schedule.ok() ? "" : schedule.error().text());
    if (!outcome.ok() || !schedule.ok()) return {};
    auto plan = compile(outcome.plan, *schedule);
    EXPECT_TRUE(plan.ok()) << name << ": " << (plan.ok() ? "" : plan.error().text());
    return plan.ok() ? std::move(plan).value() : CompiledPlan();
}

CompiledPlan compiled(const std::string& name, Instant moment) {
    return compiled(name, read_project_file(name), moment);
}
CompiledPlan compiled(const std::string& name) { return compiled(name, as_of(name)); }

// What stands between the first "```yaml" of a page and the next "```".
std::string yaml_block_of(const std::string& page) {
    static constexpr std::string_view kBegin = "```yaml\n";
    const std::size_t begin = page.find(kBegin);
    const std::size_t end = begin == std::string::npos ? begin : page.find("\n```\n", begin);
    if (end == std::string::npos) return {};
    return page.substr(begin + kBegin.size(), end + 1 - begin - kBegin.size());
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

// What was approved stays approved when the plan is made again later and nothing in it has changed.
TEST(PlanExamples, SmokeHasNoCalendarAndTheSameHashWheneverItIsMade) {
    const CompiledPlan early = compiled("plans/demo/smoke.yaml");
    const CompiledPlan late = compiled("plans/demo/smoke.yaml", test_now() + std::chrono::hours(72));
    ASSERT_EQ(early.waves.size(), 1U);
    ASSERT_EQ(late.waves.size(), 1U);
    EXPECT_EQ(early.waves[0].subtree, late.waves[0].subtree);
    EXPECT_EQ(early.hash, late.hash);
}

TEST(PlanExamples, AnActionBesideThePlanShipsItsFileAndIsPartOfTheHash) {
    constexpr const char* kName = "plans/own-action/plan.yaml";
    const CompiledPlan plan = compiled(kName);
    const Task& warm = task_of(plan, "pages/web/warm");
    ASSERT_EQ(warm.files.size(), 1U);
    EXPECT_EQ(plan.files.at(warm.files[0].sha256),
              read_project_file("plans/own-action/actions/warm-pages/warm-pages.sh"));
    EXPECT_EQ(warm.expected, std::chrono::seconds(30));
    PlanSources changed = with_library(kName, read_project_file(kName));
    changed.action_files.at("warm-pages").at("warm-pages.sh") += "# another line\n";
    const ParseOutcome outcome = parse(changed);
    const auto schedule = make_schedule(outcome.plan, test_now());
    const auto again = compile(outcome.plan, *schedule);
    EXPECT_NE(again->hash, plan.hash);
}

constexpr const char* kDumpRestore = R"(
ararat: v1
programme: {name: newer, timezone: UTC}
sites: {ark: {role: source}, primary: {role: target}}
links: [{from: ark, to: primary, bandwidth: 1 Gbit/s}]
hosts: {old-db: {site: ark}, new-db: {site: primary}, ns: {site: primary}}
gates: {cutover: {roles: [board]}, retirement: {roles: [board]}}
applications:
  register:
    gates: [cutover]
    when_late: back-out
    components:
      db:
        hosts: [old-db]
        to: {new-db: primary}
        runbook: postgres-dump-restore
        params:
          source_version: "13"
          target_version: "15"
          database: register
          zone: council.example
          name: db.register.council.example
          dns_primary: 198.18.2.2
          dns_servers: 198.18.2.2
          dns_host: ns
          dns_key_file: /etc/bind/ararat.key
)";

TEST(PlanExamples, ADumpIsRestoredComparedAndOnlyThenOpened) {
    const CompiledPlan plan = compiled("plan.yaml", kDumpRestore, test_now());
    ASSERT_THAT(plan.tasks, Not(IsEmpty()));
    EXPECT_THAT(
        task_of(plan, "register/db/compare").after,
        ::testing::IsSupersetOf({TaskId("register/db/content"), TaskId("register/db/target-content")}));
    const Task& open = task_of(plan, "register/db/open");
    EXPECT_THAT(open.after, Contains(TaskId("register/db/compare")));
    EXPECT_TRUE(open.point_of_no_return);
    for (const char* step : {"quiesce", "dump", "restore"}) {
        EXPECT_TRUE(task_of(plan, std::string("register/db/") + step).undo.has_value()) << step;
    }
    EXPECT_EQ(open.when_late, WhenLate::kBackOut);
    // What would stay behind is asked again once the source is quiet.
    EXPECT_THAT(task_of(plan, "register/db/inspect-again").after, Contains(TaskId("register/db/quiesce")));
    EXPECT_THAT(task_of(plan, "register/db/compare").after, Contains(TaskId("register/db/inspect-again")));
}

TEST(PlanExamples, ADumpsStepsAreToldWhoseItIsAndInWhichServer) {
    const CompiledPlan plan = compiled("plan.yaml", kDumpRestore, test_now());
    ASSERT_THAT(plan.tasks, Not(IsEmpty()));
    const Task& restore = task_of(plan, "register/db/restore");
    EXPECT_EQ(restore.undo->argv,
              (std::vector<std::string>{"${file.restore.sh}", "remove", "15", "main", "register",
                                        "/var/lib/postgresql/ararat-dump-register-db", "newer/register/db",
                                        "${step.register/db/inspect.source}"}));
    const Task& dump = task_of(plan, "register/db/dump");
    EXPECT_EQ(
        dump.perform->argv,
        (std::vector<std::string>{"${file.dump.sh}", "dump", "13", "main", "register",
                                  "/var/lib/postgresql/ararat-dump-register-db", "newer/register/db", "2"}));
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
    // Both sides are read at once, the replica from the source's last write on.
    const Task& target_digest = task_of(plan, "housing/db/target-digest");
    EXPECT_THAT(target_digest.after, Contains(TaskId("housing/db/quiesce")));
    EXPECT_THAT(task_of(plan, "housing/db/digest").after, Contains(TaskId("housing/db/quiesce")));
    EXPECT_EQ(target_digest.perform->argv,
              (std::vector<std::string>{"${file.digest.sh}", "housing", "0", "${step.housing/db/quiesce.lsn}",
                                        "600", "after", "housing-db"}));
    // What can be read before the writes stop is.
    EXPECT_THAT(quiesce.after, ::testing::IsSupersetOf({TaskId("housing/db/digest-before"),
                                                        TaskId("housing/db/target-digest-before")}));
    // The contents are compared before the promotion is sent, and the name changes beside it.
    EXPECT_THAT(task_of(plan, "housing/db/promote").after, Contains(TaskId("housing/db/compare")));
    EXPECT_THAT(task_of(plan, "housing/db/switch-name").after, Contains(TaskId("housing/db/compare")));
    EXPECT_TRUE(task_of(plan, "housing/db/promote").point_of_no_return);
    EXPECT_TRUE(task_of(plan, "housing/db/switch-name").undo.has_value());
    // Nothing of the source goes before both are done.
    for (const std::string id : {"housing/web@ark-hsg-web1/stop-source", "housing/app/stop-source"}) {
        EXPECT_THAT(task_of(plan, id).after,
                    ::testing::IsSupersetOf({TaskId("housing/db/promote"), TaskId("housing/db/switch-name")}))
            << id;
    }
    // The halves of the pair are switched one after the other.
    EXPECT_THAT(task_of(plan, "housing/web@ark-hsg-web2/switch-page").after,
                Contains(TaskId("housing/web@ark-hsg-web1/switch-page")));
}

TEST(PlanExamples, ReportsIsNotStoppedBeforeSomebodyToldTheServiceDesk) {
    const CompiledPlan plan = compiled("plans/demo/housing-exit.yaml");
    const Task& told = task_of(plan, "reports/people/tell-service-desk");
    EXPECT_EQ(told.kind, TaskKind::kManual);
    EXPECT_THAT(task_of(plan, "reports/app/quiesce").after, Contains(told.id));
}

TEST(PlanExamples, EverySourceIsProvedSilentFromItsTargetAfterItsPowerOff) {
    const CompiledPlan plan = compiled("plans/demo/housing-exit.yaml");
    int found = 0;
    for (const Task& task : plan.tasks) {
        if (task.action != "power-off") continue;
        ++found;
        const std::string id = task.id.str();
        const Task& proof = task_of(plan, id.substr(0, id.rfind('/')) + "/source-is-silent");
        EXPECT_THAT(proof.after, Contains(task.id));
        EXPECT_NE(proof.executor, task.executor);
    }
    EXPECT_EQ(found, 6);
}

TEST(PlanExamples, TheReadmesPlanIsOne) {
    const std::string text = yaml_block_of(read_project_file("README.md"));
    ASSERT_THAT(text, ::testing::StartsWith("ararat: v1\n"));
    EXPECT_THAT(compiled("README.md", text, test_now()).tasks, Not(IsEmpty()));
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
