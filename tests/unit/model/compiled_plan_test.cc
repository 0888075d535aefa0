// The hashes that runs pin and approvals bind to.
#include "model/compiled_plan.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "model/ssh_jumps.h"

namespace ararat {
namespace {

Task full_task(const std::string& id, const std::string& wave) {
    Task task;
    task.id = TaskId(id);
    task.wave = WaveId(wave);
    task.application = ApplicationId("shop");
    task.component = "db";
    task.step = "copy";
    task.action = "copy";
    task.source = HostId("a");
    task.target = HostId("b");
    task.executor = HostId("b");
    task.perform = Operation{};
    task.perform.edit().argv = {"/bin/true", "x"};
    task.files = {{"f", Hash("00")}};
    task.outputs = {"rows"};
    task.opens = {ChannelId("shop/db/c")};
    return task;
}

CompiledPlan two_waves() {
    CompiledPlan plan;
    plan.project = ProjectId("p");
    plan.timezone = "UTC";
    for (const char* id : {"a", "b", "z"}) {
        EstateHost host;
        host.id = HostId(id);
        plan.hosts.push_back(host);
    }
    Channel channel;
    channel.id = ChannelId("shop/db/c");
    plan.channels.push_back(channel);
    plan.gates.push_back({GateId("go"), {RoleId("board")}, false});
    for (const char* id : {"one", "two"}) {
        Wave wave;
        wave.id = WaveId(id);
        plan.waves.push_back(wave);
    }
    plan.tasks = {full_task("t1", "one"), full_task("t2", "two")};
    plan.tasks[1].opens.clear();
    plan.tasks[1].gate = GateId("go");
    return plan;
}

TEST(CompiledPlanHash, EveryFieldOfATaskCounts) {
    const std::vector<std::function<void(Task&)>> changes = {
        [](Task& t) { t.id = TaskId("other"); },
        [](Task& t) { t.kind = TaskKind::kGate; },
        [](Task& t) { t.application = ApplicationId("x"); },
        [](Task& t) { t.component = "x"; },
        [](Task& t) { t.step = "x"; },
        [](Task& t) { t.action = "x"; },
        [](Task& t) { t.action_class = ActionClass::kOneShot; },
        [](Task& t) { t.phase = Phase::kSwitch; },
        [](Task& t) { t.guard = Guard::kCutover; },
        [](Task& t) { t.wave = WaveId("x"); },
        [](Task& t) { t.group = MoveGroupId("x"); },
        [](Task& t) { t.source = HostId("x"); },
        [](Task& t) { t.target = HostId("x"); },
        [](Task& t) { t.executor = HostId("x"); },
        [](Task& t) { t.check = Operation{}; },
        [](Task& t) {
            t.perform.edit().argv = {"/bin/true", "y"};
        },
        [](Task& t) { t.perform.edit().argv = {"/bin/truex"}; },
        [](Task& t) { t.perform.edit().verb = Verb::kFacts; },
        [](Task& t) { t.perform.edit().fields["a"] = "b"; },
        [](Task& t) { t.perform.edit().environment["a"] = "b"; },
        [](Task& t) { t.perform.edit().until.every = Duration{1}; },
        [](Task& t) { t.perform.edit().until.within = Duration{1}; },
        [](Task& t) { t.perform.edit().expect.exit_code = 1; },
        [](Task& t) { t.perform.edit().expect.output_equals = "x"; },
        [](Task& t) { t.perform.edit().expect.output_contains = "x"; },
        [](Task& t) { t.perform.edit().timeout = Duration{1}; },
        [](Task& t) { t.probe = Operation{}; },
        [](Task& t) { t.undo = Operation{}; },
        [](Task& t) { t.verify = Operation{}; },
        [](Task& t) { t.files[0].sha256 = Hash("01"); },
        [](Task& t) { t.outputs.push_back("x"); },
        [](Task& t) { t.after.push_back(TaskId("x")); },
        [](Task& t) { t.opens.clear(); },
        [](Task& t) { t.closes.push_back(ChannelId("x")); },
        [](Task& t) { t.retry.attempts_max = 9; },
        [](Task& t) { t.point_of_no_return = true; },
        [](Task& t) { t.gate = GateId("x"); },
        [](Task& t) { t.text = "x"; },
        [](Task& t) { t.soak = Duration{1}; },
    };
    std::set<Hash> hashes = {hash_of(full_task("t", "w"))};
    for (const auto& change : changes) {
        Task task = full_task("t", "w");
        change(task);
        hashes.insert(hash_of(task));
    }
    EXPECT_EQ(hashes.size(), changes.size() + 1);
}

TEST(CompiledPlanHash, TextsCannotFlowIntoEachOther) {
    Task first = full_task("t", "w");
    Task second = first;
    first.component = "ab";
    first.step = "c";
    second.component = "a";
    second.step = "bc";
    EXPECT_NE(hash_of(first), hash_of(second));
}

TEST(CompiledPlanHash, ChangeOfOneWaveLeavesTheOthersSubtree) {
    CompiledPlan before = two_waves();
    CompiledPlan after = two_waves();
    after.tasks[0].perform.edit().argv.emplace_back("more");
    seal(before);
    seal(after);
    EXPECT_NE(before.waves[0].subtree, after.waves[0].subtree);
    EXPECT_EQ(before.waves[1].subtree, after.waves[1].subtree);
    EXPECT_NE(before.hash, after.hash);
}

TEST(CompiledPlanHash, SubtreeCoversTheEstateThatTheWaveUses) {
    CompiledPlan before = two_waves();
    seal(before);
    const auto subtrees = [](const std::function<void(CompiledPlan&)>& change) {
        CompiledPlan plan = two_waves();
        change(plan);
        seal(plan);
        return std::pair{plan.waves[0].subtree, plan.waves[1].subtree};
    };
    const auto both = std::pair{before.waves[0].subtree, before.waves[1].subtree};
    const auto host = subtrees([](CompiledPlan& p) { p.hosts[1].address = "198.18.9.9"; });
    EXPECT_NE(host.first, both.first);
    EXPECT_NE(host.second, both.second);
    EXPECT_EQ(subtrees([](CompiledPlan& p) { p.hosts[2].address = "198.18.9.9"; }), both);
    const auto channel = subtrees([](CompiledPlan& p) { p.channels[0].path = "/etc"; });
    EXPECT_NE(channel.first, both.first);
    EXPECT_EQ(channel.second, both.second);
    const auto gate = subtrees([](CompiledPlan& p) { p.gates[0].all = true; });
    EXPECT_EQ(gate.first, both.first);
    EXPECT_NE(gate.second, both.second);
    const auto window = subtrees([](CompiledPlan& p) { p.waves[1].window_end = from_unix_ms(1); });
    EXPECT_EQ(window.first, both.first);
    EXPECT_NE(window.second, both.second);
}

// Plans of journals from before there were jump hosts are read by their hash.
TEST(CompiledPlanHash, AJumpHostCountsAndItsAbsenceDoesNot) {
    CompiledPlan before = two_waves();
    seal(before);
    EXPECT_EQ(before.hash.str(), "4d34505bd0d93d6c5109ce8fd1885e239106b3e41b5977ee951d851b605e1c7e");
    CompiledPlan jumped = two_waves();
    jumped.hosts[1].ssh_jump = HostId("z");
    seal(jumped);
    EXPECT_NE(jumped.waves[0].subtree, before.waves[0].subtree);
    CompiledPlan moved = jumped;
    moved.hosts[2].address = "198.18.9.9";
    seal(moved);
    EXPECT_NE(moved.waves[0].subtree, jumped.waves[0].subtree) << "an approval covers the way to its hosts";
    CompiledPlan traded = two_waves();
    traded.hosts[1].proxy = HostId("z");
    seal(traded);
    EXPECT_NE(traded.hash, jumped.hash);
}

std::vector<std::string> way_of(const std::map<HostId, EstateHost>& hosts, const std::string& id) {
    const auto find = [&](const HostId& host) {
        const auto found = hosts.find(host);
        return found == hosts.end() ? nullptr : &found->second;
    };
    std::vector<std::string> way;
    for (const EstateHost& jump : ssh_jumps_to(hosts.at(HostId(id)), find)) way.push_back(jump.id.str());
    return way;
}

TEST(SshJumps, AreGivenFromThisMachineOnAndEndInAnyCase) {
    std::map<HostId, EstateHost> hosts;
    const auto add = [&](const std::string& id, const std::string& jump) {
        EstateHost& host = hosts[HostId(id)];
        host.id = HostId(id);
        host.ssh_jump = HostId(jump);
    };
    add("direct", "");
    add("inner", "direct");
    add("host", "inner");
    add("lost", "nobody");
    add("a", "b");
    add("b", "a");
    using Way = std::vector<std::string>;
    EXPECT_EQ(way_of(hosts, "direct"), Way{});
    EXPECT_EQ(way_of(hosts, "host"), (Way{"direct", "inner"}));
    EXPECT_EQ(way_of(hosts, "lost"), Way{});
    EXPECT_EQ(way_of(hosts, "a"), (Way{"b"}));
}

TEST(CompiledPlanHash, AuthorAndReasonsAreNotPartOfIt) {
    CompiledPlan before = two_waves();
    CompiledPlan after = two_waves();
    after.author = "someone";
    after.waves[0].reasons = {"because"};
    seal(before);
    seal(after);
    EXPECT_EQ(before.hash, after.hash);
    EXPECT_EQ(before.hash.str().size(), 64U);
}

}  // namespace
}  // namespace ararat
