#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/plan_text.h"
#include "wire/convert.h"

namespace ararat::wire {
namespace {

using namespace execution;
using ::testing::HasSubstr;

// Every field of the plan's types set to something of its own.
CompiledPlan full_plan() {
    CompiledPlan plan = testing::parse_plan_text(R"(
host src
host tgt
channel c src tgt
gate go owner,board all
wave w0
wave w after=w0 window=-10..70 latest=33 auto
group g w
gatetask w/go w go
task a g tgt after=w/go check verify probe undo noreturn tries=7 opens=c closes=c guard=power-off class=one-shot phase=switch
manual m g after=a
soak s g 4321 after=a
)");
    plan.hosts[0] = EstateHost{HostId("src"), SiteId("ark"), "198.18.1.1",  HostVia::kSsh,
                               "mig",         2222,          HostId("tgt"), HostId("tgt")};
    plan.channels[0] =
        Channel{ChannelId("c"), ChannelKind::kSocket, HostId("src"),       HostId("tgt"),  "/run/a",
                "/run/b",       "postgres",           ListenSide::kTarget, 123'456'789'012};
    plan.waves[1].reasons = {"because", "and because"};
    plan.groups[0].applications = {ApplicationId("app")};
    plan.groups[0].reasons = {"shared host"};
    plan.files[Hash("ab")] = std::string("bytes\0with a nul", 16);
    Task& task = plan.tasks[1];
    task.application = ApplicationId("app");
    task.component = "db";
    task.action = "do-it";
    task.files = {{"x.sh", Hash("ab")}};
    task.outputs = {"lsn", "rows"};
    task.perform.edit().verb = Verb::kRestoreFile;
    task.perform.edit().fields = {{"path", "/etc/x"}, {"mode", "0600"}};
    task.perform.edit().environment = {{"A", "b"}};
    task.perform.edit().until = {Duration(5), Duration(500)};
    task.perform.edit().expect = {3, "equal", "contained"};
    task.perform.edit().timeout = Duration(7777);
    task.retry = {7, Duration(11), Duration(13)};
    seal(plan);
    return plan;
}

TEST(PlanConversion, ReturnsEveryField) {
    const CompiledPlan plan = full_plan();
    const auto back = from_proto(to_proto(plan));
    ASSERT_TRUE(back.ok()) << back.error().text();
    EXPECT_EQ(*back, plan);
    const auto from_bytes = plan_from_bytes(to_bytes(plan));
    ASSERT_TRUE(from_bytes.ok());
    EXPECT_EQ(*from_bytes, plan);
}

TEST(PlanConversion, BytesAreThoseOfTheMessage) {
    CompiledPlan plan = full_plan();
    plan.tasks[1].perform.edit().fields = {{"only", "one"}};  // of more, a message's own order is not fixed
    plan.tasks[1].perform.edit().environment.clear();
    EXPECT_EQ(to_bytes(plan), to_proto(plan).SerializeAsString());
}

TEST(PlanConversion, EqualOperationsAreOneAgain) {
    CompiledPlan plan = full_plan();
    plan.tasks.push_back(plan.tasks[1]);
    const auto back = plan_from_bytes(to_bytes(plan));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(&*back->tasks[1].perform, &*back->tasks.back().perform);
}

TEST(PlanConversion, BytesSayWhereAnUnknownValueStands) {
    v1::CompiledPlan message = to_proto(full_plan());
    message.mutable_tasks(1)->mutable_undo()->set_verb(static_cast<v1::Verb>(99));
    EXPECT_EQ(plan_from_bytes(message.SerializeAsString()).error().text(),
              "tasks[1].undo.verb: unknown verb 99");
}

TEST(PlanConversion, RefusesBytesThatEndInATask) {
    CompiledPlan plan = full_plan();
    plan.files.clear();  // tasks are the last now
    const std::string bytes = to_bytes(plan);
    for (std::size_t cut = 1; cut < 30; ++cut) {
        EXPECT_FALSE(plan_from_bytes(bytes.substr(0, bytes.size() - cut)).ok()) << cut;
    }
}

TEST(PlanConversion, SaysWhereAnUnknownValueStands) {
    v1::CompiledPlan message = to_proto(full_plan());
    message.mutable_tasks(1)->mutable_undo()->set_verb(static_cast<v1::Verb>(99));
    const auto back = from_proto(message);
    ASSERT_FALSE(back.ok());
    EXPECT_EQ(back.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(back.error().text(), "tasks[1].undo.verb: unknown verb 99");
}

TEST(PlanConversion, RefusesAPortThatIsNone) {
    v1::CompiledPlan message = to_proto(full_plan());
    message.mutable_hosts(0)->set_ssh_port(70'000);
    EXPECT_EQ(from_proto(message).error().text(), "hosts[0].ssh_port: 70000 is out of range");
}

TEST(PlanConversion, RefusesBytesThatAreNoPlan) {
    EXPECT_FALSE(plan_from_bytes("\xff\xff\xff nonsense").ok());
}

AttemptKey key(Purpose purpose) { return {ProjectId("p"), RunId("w.1"), TaskId("a/b"), purpose, 4}; }

std::vector<RecordBody> one_of_each() {
    return {
        EpochStarted{7, "0.1", true, "b00t", from_unix_ms(123'456)},
        PlanApplied{Hash("aa"), Hash("bb"), "ann"},
        GateDecided{WaveId("w"), GateId("g"), RoleId("r"), true, "bob", "well", Hash("cc"),
                    std::string("\0\xff", 2), "pem"},
        RunStarted{RunId("w.1"),
                   WaveId("w"),
                   Hash("aa"),
                   "ann",
                   true,
                   {MoveGroupId("g"), MoveGroupId("h")},
                   "a rehearsal"},
        RunStatusChanged{RunId("w.1"), RunStatus::kHeld, "ann", "why", true, true},
        GroupChanged{
            RunId("w.1"), MoveGroupId("g"), GroupState::kBackingOut, "ann", "why", true, {MoveGroupId("h")}},
        AttemptStarted{key(Purpose::kForward), HostId("h")},
        AttemptRunning{key(Purpose::kProbe)},
        AttemptFinished{key(Purpose::kUndo),
                        Outcome::kRefused,
                        true,
                        -9,
                        "detail",
                        {{"b", "2"}, {"a", "1"}},
                        99,
                        {{"b", "cut"}}},
        TaskChanged{RunId("w.1"), TaskId("a/b"), TaskState::kRetryWait, "ann", "why", from_unix_ms(123'456)},
        TicketIssued{RunId("w.1"), ChannelId("c"), 3},
        TicketRevoked{RunId("w.1"), ChannelId("c"), 3, "done"},
        HostJournalSeen{HostId("h"), "j", true},
        EnrolTokenMade{"h", "person", {RoleId("viewer")}, from_unix_ms(123'456), "ann"},
        Enrolled{"ararat://p/agent/h", "ab", "ipv4:198.18.1.1:9"},
        EnrolmentRefused{"h", "used before", "ipv4:198.18.1.1:9", 12},
        HostKeyPinned{HostId("h"), "SHA256:x", "ann"},
        LatestReturnReached{RunId("w.1"), MoveGroupId("g"), from_unix_ms(123'456), Duration(77),
                            from_unix_ms(123'533), TaskId("a/b"), WhenLate::kBackOut},
        GoGiven{RunId("w.1"), MoveGroupId("g"), "ann", "it will do", {MoveGroupId("h")}},
        ClockJumped{Duration(-77'000)},
        ClockTrusted{"ann", "it is right"},
    };
}

// Records have no equality of their own; their bytes have.
TEST(RecordConversion, ReturnsEveryKindOfRecordByteForByte) {
    ASSERT_EQ(one_of_each().size(), std::variant_size_v<RecordBody>);
    std::uint64_t sequence = 40;
    for (const RecordBody& body : one_of_each()) {
        const Record record{++sequence, from_unix_ms(1'516'046'400'123), body};
        const std::string bytes = to_bytes(record);
        const auto back = record_from_bytes(bytes);
        ASSERT_TRUE(back.ok()) << back.error().text();
        EXPECT_EQ(back->sequence, sequence);
        EXPECT_EQ(back->at, record.at);
        EXPECT_EQ(back->body.index(), body.index());
        EXPECT_EQ(to_bytes(*back), bytes);
        EXPECT_GT(bytes.size(), to_bytes(Record{sequence, record.at, EpochStarted{}}).size())
            << "the record's fields are in its bytes";
    }
}

TEST(RecordConversion, KeepsTheFieldsOfAResult) {
    const Record record{1, {}, one_of_each()[8]};
    const auto back = record_from_bytes(to_bytes(record));
    ASSERT_TRUE(back.ok());
    const auto& result = std::get<AttemptFinished>(back->body);
    EXPECT_EQ(result.key, key(Purpose::kUndo));
    EXPECT_EQ(result.outcome, Outcome::kRefused);
    EXPECT_TRUE(result.already);
    EXPECT_EQ(result.exit_code, -9);
    EXPECT_EQ(result.outputs.at("a"), "1");
    EXPECT_EQ(result.duration_ms, 99);
}

TEST(RecordConversion, RefusesARecordOfAnUnknownKind) {
    v1::Record message;
    message.set_sequence(1);
    const auto back = record_from_bytes(message.SerializeAsString());
    ASSERT_FALSE(back.ok());
    EXPECT_THAT(back.error().message, HasSubstr("does not know"));
    v1::Record damaged = to_proto(Record{1, {}, one_of_each()[9]});
    damaged.mutable_task_changed()->set_state(static_cast<v1::TaskState>(77));
    EXPECT_THAT(from_proto(damaged).error().text(), HasSubstr("state: unknown state of a task 77"));
}

TEST(CommandConversion, CarriesStagesFilesAndTheirBytes) {
    const auto plan = std::make_shared<const CompiledPlan>(full_plan());
    Command command;
    command.host = HostId("tgt");
    command.key = key(Purpose::kForward);
    command.plan = plan->hash;
    command.epoch = 5;
    command.action_class = ActionClass::kOneShot;
    command.guard = Guard::kPowerOff;
    command.stages = {{"check", *plan->tasks[1].check}, {"perform", *plan->tasks[1].perform}};
    command.files = plan->tasks[1].files;
    command.pinned = plan;
    const v1::StartStep message = to_proto(command, 88);
    EXPECT_EQ(message.epoch(), 5U);
    EXPECT_EQ(message.sequence(), 88U);
    EXPECT_EQ(message.guard(), v1::GUARD_POWER_OFF);
    ASSERT_EQ(message.stages_size(), 2);
    EXPECT_EQ(message.stages(1).name(), "perform");
    EXPECT_EQ(*from_proto(message.stages(1).operation()), *plan->tasks[1].perform);
    ASSERT_EQ(message.file_bytes_size(), 1);
    EXPECT_EQ(message.file_bytes(0).content(), plan->files.begin()->second);
    EXPECT_EQ(*from_proto(message.key()), command.key);
}

TEST(HostConversion, TakesTheHostFromItsCertificateAndTheRestFromTheMessage) {
    v1::StepFinished message;
    *message.mutable_key() = to_proto(key(Purpose::kProbe));
    message.set_outcome(v1::OUTCOME_UNKNOWN);
    message.set_detail("crashed");
    (*message.mutable_outputs())["n"] = "1";
    const auto finished = from_proto(message, HostId("h"));
    ASSERT_TRUE(finished.ok());
    EXPECT_EQ(finished->host.str(), "h");
    EXPECT_EQ(finished->outcome, Outcome::kUnknown);
    EXPECT_EQ(finished->outputs.at("n"), "1");
    message.set_outcome(v1::OUTCOME_UNSPECIFIED);
    EXPECT_EQ(from_proto(message, HostId("h")).error().text(), "outcome: unknown outcome 0");
    message.mutable_key()->set_purpose(v1::PURPOSE_UNSPECIFIED);
    EXPECT_EQ(from_proto(message, HostId("h")).error().text(), "key.purpose: unknown purpose 0");
}

}  // namespace
}  // namespace ararat::wire
