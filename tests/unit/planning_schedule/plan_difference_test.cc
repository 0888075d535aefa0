#include "planning/plan_difference.h"

#include <gmock/gmock.h>

#include <functional>

#include "support/estate_builder.h"

namespace ararat::planning {
namespace {

using ::testing::ElementsAre;

CompiledPlan sample() {
    CompiledPlan plan;
    plan.timezone = "UTC";
    plan.hosts.push_back(
        {HostId{"ark-hsg-db1"}, SiteId{"ark"}, "198.18.1.2", HostVia::kAgent, "root", 22, {}});
    plan.channels.push_back({ChannelId{"housing/db/wal"}, ChannelKind::kSocket, HostId{"ark-hsg-db1"},
                             HostId{"pri-hsg-db1"}, "/run/pg", "/run/ararat/pg", "", ListenSide::kSource, 0});
    plan.gates.push_back({GateId{"cabinet-approval"}, {RoleId{"southwark-cabinet"}}, true});
    plan.groups.push_back({MoveGroupId{"housing"}, WaveId{"wave-1"}, {ApplicationId{"housing"}}, {}});
    Wave wave;
    wave.id = WaveId{"wave-1"};
    wave.window_start = testing::utc(2017, 10, 2, 19);
    wave.window_end = testing::utc(2017, 10, 2, 23);
    wave.latest_start = testing::utc(2017, 10, 2, 22);
    wave.groups = {MoveGroupId{"housing"}};
    plan.waves.push_back(wave);
    Task task;
    task.id = TaskId{"housing/db/quiesce"};
    task.application = ApplicationId{"housing"};
    task.component = "db";
    task.step = "quiesce";
    task.action = "service";
    task.wave = WaveId{"wave-1"};
    task.group = MoveGroupId{"housing"};
    task.executor = HostId{"ark-hsg-db1"};
    task.perform = Operation{};
    task.perform.edit().argv = {"systemctl", "stop", "a b"};
    plan.tasks.push_back(task);
    plan.files[Hash{"abc"}] = "#!/bin/sh\n";
    return plan;
}

std::vector<std::string> lines_after(const std::function<void(CompiledPlan&)>& change) {
    const CompiledPlan before = sample();
    CompiledPlan after = before;
    change(after);
    return text_lines(difference(&before, after));
}

TEST(PlanDifference, NamesTheWindowOfAWaveWithoutACalendarInWords) {
    EXPECT_THAT(lines_after([](CompiledPlan& plan) {
                    plan.waves[0].window_start = kAnyTimeStart;
                    plan.waves[0].window_end = kAnyTimeEnd;
                }),
                ElementsAre("1 wave changed", "~ wave wave-1",
                            "    window start: Mon 2017-10-02 19:00 UTC -> any time",
                            "    window end: Mon 2017-10-02 23:00 UTC -> any time"));
}

TEST(PlanDifference, EqualPlansDoNotDiffer) {
    EXPECT_THAT(lines_after([](CompiledPlan& plan) { plan.author = "someone else"; }),
                ElementsAre("no changes"));
}

TEST(PlanDifference, WithoutAnOldPlanAllIsAdded) {
    const auto all = difference(nullptr, sample());
    EXPECT_EQ(all.changes.size(), 7U);
    for (const PlanChange& change : all.changes) EXPECT_EQ(change.kind, ChangeKind::kAdded);
    EXPECT_THAT(
        text_lines(all),
        ElementsAre(
            "1 wave added, 1 move group added, 1 host added, 1 channel added, 1 gate added, 1 task added, "
            "1 shipped file added",
            "+ wave wave-1", "+ move group housing", "+ host ark-hsg-db1", "+ channel housing/db/wal",
            "+ gate cabinet-approval", "+ task housing/db/quiesce", "+ shipped file abc"));
}

TEST(PlanDifference, NamesWhatChangedInATask) {
    EXPECT_THAT(
        lines_after([](CompiledPlan& plan) {
            Task& task = plan.tasks[0];
            task.executor = HostId{"ark-hsg-db2"};
            task.perform.edit().argv[1] = "restart";
            task.after = {TaskId{"housing/db/check"}};
            task.undo = Operation{};
        }),
        ElementsAre("1 task changed", "~ task housing/db/quiesce", "    executor: ark-hsg-db1 -> ark-hsg-db2",
                    "    do argv: systemctl stop 'a b' -> systemctl restart 'a b'",
                    "    undo: (none) -> given", "    after: +housing/db/check"));
}

TEST(PlanDifference, NamesWhatWasRemovedAndMoved) {
    EXPECT_THAT(lines_after([](CompiledPlan& plan) {
                    plan.tasks.clear();
                    plan.waves[0].window_start += std::chrono::hours(24);
                    plan.waves[0].groups.clear();
                    plan.timezone = "Europe/London";
                }),
                ElementsAre("1 wave changed, 1 task removed, 1 setting changed", "~ wave wave-1",
                            "    window start: Mon 2017-10-02 19:00 UTC -> Tue 2017-10-03 19:00 UTC",
                            "    groups: -housing", "- task housing/db/quiesce", "~ setting timezone",
                            "    value: UTC -> Europe/London"));
}

// Whatever a seal covers must show: a change that nobody is told of is approved unseen.
TEST(PlanDifference, MissesNoFieldThatTheHashCovers) {
    const std::vector<std::function<void(CompiledPlan&)>> changes = {
        [](CompiledPlan& p) { p.hosts[0].address = "198.18.9.9"; },
        [](CompiledPlan& p) { p.hosts[0].via = HostVia::kSsh; },
        [](CompiledPlan& p) { p.hosts[0].ssh_user = "admin"; },
        [](CompiledPlan& p) { p.hosts[0].ssh_port = 2222; },
        [](CompiledPlan& p) { p.hosts[0].ssh_jump = HostId{"x"}; },
        [](CompiledPlan& p) { p.hosts[0].proxy = HostId{"x"}; },
        [](CompiledPlan& p) { p.hosts[0].site = SiteId{"x"}; },
        [](CompiledPlan& p) { p.channels[0].kind = ChannelKind::kTree; },
        [](CompiledPlan& p) { p.channels[0].source = HostId{"x"}; },
        [](CompiledPlan& p) { p.channels[0].target = HostId{"x"}; },
        [](CompiledPlan& p) { p.channels[0].path = "/x"; },
        [](CompiledPlan& p) { p.channels[0].expose = "/x"; },
        [](CompiledPlan& p) { p.channels[0].expose_owner = "x"; },
        [](CompiledPlan& p) { p.channels[0].listen = ListenSide::kTarget; },
        [](CompiledPlan& p) { p.channels[0].bytes_per_second_max = 1; },
        [](CompiledPlan& p) { p.gates[0].all = false; },
        [](CompiledPlan& p) { p.gates[0].roles.clear(); },
        [](CompiledPlan& p) { p.groups[0].applications.clear(); },
        [](CompiledPlan& p) { p.groups[0].wave = WaveId{"x"}; },
        [](CompiledPlan& p) { p.waves[0].window_end += Duration{1}; },
        [](CompiledPlan& p) { p.waves[0].latest_start += Duration{1000}; },
        [](CompiledPlan& p) { p.waves[0].start_auto = true; },
        [](CompiledPlan& p) { p.waves[0].after.emplace_back("x"); },
        [](CompiledPlan& p) { p.tasks[0].kind = TaskKind::kManual; },
        [](CompiledPlan& p) { p.tasks[0].component = "x"; },
        [](CompiledPlan& p) { p.tasks[0].step = "x"; },
        [](CompiledPlan& p) { p.tasks[0].application = ApplicationId{"x"}; },
        [](CompiledPlan& p) { p.tasks[0].action = "x"; },
        [](CompiledPlan& p) { p.tasks[0].action_class = ActionClass::kOneShot; },
        [](CompiledPlan& p) { p.tasks[0].phase = Phase::kSoak; },
        [](CompiledPlan& p) { p.tasks[0].guard = Guard::kPowerOff; },
        [](CompiledPlan& p) { p.tasks[0].wave = WaveId{"x"}; },
        [](CompiledPlan& p) { p.tasks[0].group = MoveGroupId{"x"}; },
        [](CompiledPlan& p) { p.tasks[0].source = HostId{"x"}; },
        [](CompiledPlan& p) { p.tasks[0].target = HostId{"x"}; },
        [](CompiledPlan& p) { p.tasks[0].check = Operation{}; },
        [](CompiledPlan& p) { p.tasks[0].probe = Operation{}; },
        [](CompiledPlan& p) { p.tasks[0].verify = Operation{}; },
        [](CompiledPlan& p) { p.tasks[0].perform.reset(); },
        [](CompiledPlan& p) { p.tasks[0].perform.edit().verb = Verb::kPowerOff; },
        [](CompiledPlan& p) { p.tasks[0].perform.edit().fields["unit"] = "x"; },
        [](CompiledPlan& p) { p.tasks[0].perform.edit().environment["A"] = "x"; },
        [](CompiledPlan& p) { p.tasks[0].perform.edit().until.within = Duration{1}; },
        [](CompiledPlan& p) { p.tasks[0].perform.edit().expect.exit_code = 1; },
        [](CompiledPlan& p) { p.tasks[0].perform.edit().timeout += Duration{1}; },
        [](CompiledPlan& p) {
            p.tasks[0].perform.edit().argv = {"systemctl", "stop", "a", "b"};
        },
        [](CompiledPlan& p) {
            p.tasks[0].files.push_back({"f", Hash{"abc"}});
        },
        [](CompiledPlan& p) { p.tasks[0].outputs.emplace_back("rows"); },
        [](CompiledPlan& p) { p.tasks[0].opens.emplace_back("x"); },
        [](CompiledPlan& p) { p.tasks[0].closes.emplace_back("x"); },
        [](CompiledPlan& p) { p.tasks[0].retry.attempts_max = 9; },
        [](CompiledPlan& p) { p.tasks[0].point_of_no_return = true; },
        [](CompiledPlan& p) { p.tasks[0].gate = GateId{"x"}; },
        [](CompiledPlan& p) { p.tasks[0].text = "x"; },
        [](CompiledPlan& p) { p.tasks[0].soak = Duration{1}; },
        [](CompiledPlan& p) { p.files.clear(); },
    };
    const CompiledPlan before = sample();
    for (std::size_t i = 0; i < changes.size(); ++i) {
        CompiledPlan after = before;
        changes[i](after);
        EXPECT_EQ(difference(&before, after).changes.size(), 1U) << "change " << i;
    }
}

}  // namespace
}  // namespace ararat::planning
