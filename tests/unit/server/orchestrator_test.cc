// A whole orchestrator in this process, with agents and people on real mutually authenticated connections.
#include <gtest/gtest.h>

#include "base/protocol.h"
#include "model/approval.h"
#include "platform/pki.h"
#include "test_world.h"

namespace ararat::server {
namespace {

const std::string kFirst = "wave-1.1|shop/web/copy|1|1";
const std::string kSecond = "wave-1.1|shop/web/check|1|1";

grpc::Status start_wave(v1::Control::Stub& stub, std::string* run = nullptr) {
    v1::StartWaveRequest request;
    request.set_wave("wave-1");
    v1::StartWaveResponse response;
    grpc::ClientContext context;
    const auto status = stub.StartWave(&context, request, &response);
    if (run) *run = response.run();
    return status;
}

v1::RunView describe(v1::Control::Stub& stub, const std::string& run) {
    v1::DescribeRunRequest request;
    request.set_run(run);
    v1::DescribeRunResponse response;
    grpc::ClientContext context;
    const auto status = stub.DescribeRun(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.run();
}

// Follows the run to its end: what was said, and how it ended.
struct Watched {
    v1::RunView snapshot;
    std::vector<v1::TaskView> tasks;
    v1::RunStatus last_status = v1::RUN_STATUS_UNSPECIFIED;
    grpc::Status status;
};
Watched watch(v1::Control::Stub& stub, const std::string& run) {
    v1::DescribeRunRequest request;
    request.set_run(run);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    auto reader = stub.WatchRun(&context, request);
    Watched watched;
    v1::RunUpdate update;
    while (reader->Read(&update)) {
        if (update.has_snapshot()) {
            watched.snapshot = update.snapshot();
            watched.last_status = update.snapshot().status();
        }
        if (update.has_task()) watched.tasks.push_back(update.task());
        if (update.has_summary()) watched.last_status = update.summary().status();
    }
    watched.status = reader->Finish();
    return watched;
}

// Followed to the task's end.
std::string read_log(v1::Control::Stub& stub, const std::string& run, const std::string& task) {
    v1::ReadLogsRequest request;
    request.set_run(run);
    request.set_task(task);
    request.set_follow(true);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    auto reader = stub.ReadLogs(&context, request);
    v1::LogChunk chunk;
    std::string text;
    while (reader->Read(&chunk)) text += chunk.data();
    const auto status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return text;
}

class World : public TestWorld {
public:
    World() {
        start_orchestrator();
        engineer = control(person("eve", {"engineer"}));
    }
    void restart() {
        stop_orchestrator();
        start_orchestrator();
        engineer = control(person("eve", {"engineer"}));
    }
    std::unique_ptr<v1::Control::Stub> engineer;
};

TEST(Orchestrator, RunsAPlanOfTwoTasksWatchedToItsEndWithLogsAndAnUnbrokenJournal) {
    World world;
    FakeAgent source(world, "ark");
    FakeAgent target(world, "pri");
    ASSERT_TRUE(source.connect().ok());
    ASSERT_TRUE(target.connect().ok());
    ASSERT_TRUE(world.apply(*world.engineer, small_plan(false)).ok());
    target.hold_results(true);
    std::string run;
    ASSERT_TRUE(start_wave(*world.engineer, &run).ok());
    EXPECT_EQ(run, "wave-1.1");
    target.wait_until([&] { return target.effects().contains(kFirst); });
    EXPECT_FALSE(target.effects().contains(kSecond)) << "its predecessor has not succeeded";
    target.hold_results(false);
    const Watched watched = watch(*world.engineer, run);
    EXPECT_TRUE(watched.status.ok()) << watched.status.error_message();
    EXPECT_EQ(watched.snapshot.tasks_size(), 2);
    EXPECT_EQ(watched.last_status, v1::RUN_STATUS_SUCCEEDED);
    EXPECT_EQ(describe(*world.engineer, run).tasks_done(), 2U);
    EXPECT_EQ(target.effects(), (std::map<std::string, int>{{kFirst, 1}, {kSecond, 1}}));
    source.wait_until([&] { return source.tickets().size() >= 2 && target.tickets().size() >= 2; });
    EXPECT_EQ(source.tickets().front(), "open shop/web/tree source ");
    EXPECT_EQ(target.tickets().front(), "open shop/web/tree target 127.0.0.1:7411");
    EXPECT_EQ(source.tickets().back(), "close shop/web/tree");

    EXPECT_EQ(read_log(*world.engineer, run, "shop/web/copy"), "output of shop/web/copy\n");

    v1::VerifyAuditResponse audit;
    grpc::ClientContext verifying;
    ASSERT_TRUE(world.engineer->VerifyAudit(&verifying, {}, &audit).ok());
    EXPECT_TRUE(audit.ok()) << audit.problem();
    EXPECT_GT(audit.records(), 8U);
}

TEST(Orchestrator, GoesOnAfterARestartWithoutASecondAttemptOfWhatWasUnderWay) {
    World world;
    ASSERT_TRUE(world.apply(*world.engineer, small_plan(false)).ok());
    auto source = std::make_unique<FakeAgent>(world, "ark");
    auto target = std::make_unique<FakeAgent>(world, "pri");
    ASSERT_TRUE(source->connect().ok());
    ASSERT_TRUE(target->connect().ok());
    target->hold_results(true);
    ASSERT_TRUE(start_wave(*world.engineer).ok());
    target->wait_until([&] { return target->effects().contains(kFirst); });
    const auto first_epoch = target->welcome().epoch();
    world.restart();
    EXPECT_FALSE(target->wait_for_end().ok());

    FakeAgent source_again(world, "ark");
    FakeAgent target_again(world, "pri");
    target_again.speak_first_of("wave-1.1", "shop/web/copy", "said before the orchestrator asked again\n");
    ASSERT_TRUE(source_again.connect().ok());
    ASSERT_TRUE(target_again.connect([&](v1::Hello& hello) { hello.set_epoch_seen(first_epoch); }).ok());
    EXPECT_EQ(target_again.welcome().epoch(), first_epoch + 1);
    const Watched watched = watch(*world.engineer, "wave-1.1");
    EXPECT_EQ(watched.last_status, v1::RUN_STATUS_SUCCEEDED) << watched.status.error_message();
    EXPECT_EQ(target_again.effects(), (std::map<std::string, int>{{kFirst, 1}, {kSecond, 1}}))
        << "the step under way came again under its old key, and no further attempt was made";
    EXPECT_EQ(read_log(*world.engineer, "wave-1.1", "shop/web/copy"),
              "said before the orchestrator asked again\n");
}

TEST(Orchestrator, EndsAWatchedRunsStreamInWordsWhenItStops) {
    World world;
    ASSERT_TRUE(world.apply(*world.engineer, small_plan(false)).ok());
    ASSERT_TRUE(start_wave(*world.engineer).ok());
    Watched watched;
    v1::DescribeRunRequest request;
    request.set_run("wave-1.1");
    grpc::ClientContext context;
    auto reader = world.engineer->WatchRun(&context, request);
    v1::RunUpdate update;
    ASSERT_TRUE(reader->Read(&update));
    EXPECT_TRUE(update.has_snapshot());
    world.stop_orchestrator();
    while (reader->Read(&update)) {
    }
    const auto status = reader->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_NE(status.error_message().find("the orchestrator stops"), std::string::npos)
        << status.error_message();
}

TEST(Orchestrator, SkipsAStepForAnEngineerWithAReasonAndStepsThroughAPausedRun) {
    World world;
    ASSERT_TRUE(world.apply(*world.engineer, small_plan(false)).ok());
    ASSERT_TRUE(start_wave(*world.engineer).ok());
    const auto control = [&](v1::RunAction action) {
        v1::ControlRunRequest request;
        request.set_run("wave-1.1");
        request.set_action(action);
        v1::ControlRunResponse response;
        grpc::ClientContext context;
        return world.engineer->ControlRun(&context, request, &response);
    };
    const auto skip = [&](v1::Control::Stub& stub, const std::string& task, const std::string& reason) {
        v1::SkipTaskRequest request;
        request.set_run("wave-1.1");
        request.set_task(task);
        request.set_reason(reason);
        v1::SkipTaskResponse response;
        grpc::ClientContext context;
        return stub.SkipTask(&context, request, &response);
    };
    EXPECT_EQ(control(v1::RUN_ACTION_STEP).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    ASSERT_TRUE(control(v1::RUN_ACTION_PAUSE).ok());
    EXPECT_EQ(skip(*world.engineer, "shop/web/copy", "").error_message(),
              "reason: is missing: it is recorded");
    EXPECT_EQ(skip(*world.control(world.person("lea", {"lead"})), "shop/web/copy", "x").error_code(),
              grpc::StatusCode::PERMISSION_DENIED);
    ASSERT_TRUE(skip(*world.engineer, "shop/web/copy", "copied by hand").ok());
    auto run = describe(*world.engineer, "wave-1.1");
    EXPECT_EQ(run.tasks(0).state(), v1::TASK_STATE_SKIPPED);
    EXPECT_EQ(run.tasks(0).reason(), "copied by hand");
    ASSERT_TRUE(control(v1::RUN_ACTION_STEP).ok());
    EXPECT_TRUE(describe(*world.engineer, "wave-1.1").one_step()) << "its host is not there yet";
    FakeAgent target(world, "pri");
    ASSERT_TRUE(target.connect().ok());
    EXPECT_EQ(watch(*world.engineer, "wave-1.1").last_status, v1::RUN_STATUS_SUCCEEDED);
    EXPECT_EQ(target.effects(), (std::map<std::string, int>{{kSecond, 1}}));
}

TEST(Orchestrator, RefusesAPlanWhoseHashIsNotItsContents) {
    World world;
    auto plan = small_plan(false);
    plan.tasks[0].perform.edit().argv = {"/bin/false"};
    const auto status = world.apply(*world.engineer, plan);  // the hash is of the plan as it was
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message().substr(0, 5), "hash:") << status.error_message();
}

TEST(Orchestrator, RefusesAStaleRevision) {
    World world;
    ASSERT_TRUE(world.apply(*world.engineer, small_plan(false)).ok());
    EXPECT_EQ(world.apply(*world.engineer, small_plan(true), "0123").error_code(), grpc::StatusCode::ABORTED);
}

TEST(Orchestrator, OpensAGateForASignedApprovalBySomeoneElseOnly) {
    World world;
    FakeAgent target(world, "pri");
    FakeAgent source(world, "ark");
    ASSERT_TRUE(target.connect().ok());
    ASSERT_TRUE(source.connect().ok());
    const auto plan = small_plan(true);
    ASSERT_TRUE(world.apply(*world.engineer, plan).ok());
    ASSERT_TRUE(start_wave(*world.engineer).ok());
    target.wait_until([&] { return target.effects().contains(kFirst); });

    const Approval approval{
        ProjectId("exit"), WaveId("wave-1"), GateId("cutover"), plan.waves[0].subtree, true, "go"};
    const auto decide = [&](const Credentials& who, const Approval& signed_as) {
        v1::DecideApprovalRequest request;
        request.set_wave("wave-1");
        request.set_gate("cutover");
        request.set_granted(true);
        request.set_comment("go");
        request.set_subtree(plan.waves[0].subtree.str());
        request.set_signature(platform::sign_p256(who.key_pem, approval_bytes(signed_as)).value());
        v1::DecideApprovalResponse response;
        grpc::ClientContext context;
        return world.control(who)->DecideApproval(&context, request, &response).error_code();
    };
    auto rejected = approval;
    rejected.granted = false;
    const auto board = world.person("ann", {"approver", "change-board"});
    EXPECT_EQ(decide(world.person("eve", {"approver", "change-board"}), approval),
              grpc::StatusCode::PERMISSION_DENIED)
        << "the author may not";
    EXPECT_EQ(decide(world.person("bob", {"approver"}), approval), grpc::StatusCode::PERMISSION_DENIED)
        << "without the gate's role";
    EXPECT_EQ(decide(board, rejected), grpc::StatusCode::PERMISSION_DENIED) << "another decision was signed";
    EXPECT_FALSE(target.effects().contains(kSecond));
    EXPECT_EQ(decide(board, approval), grpc::StatusCode::OK);
    EXPECT_EQ(watch(*world.engineer, "wave-1.1").last_status, v1::RUN_STATUS_SUCCEEDED);
}

TEST(Orchestrator, SaysWhyATaskWaits) {
    World world;
    ASSERT_TRUE(world.apply(*world.engineer, small_plan(false)).ok());
    ASSERT_TRUE(start_wave(*world.engineer).ok());
    v1::WhyRequest request;
    request.set_run("wave-1.1");
    request.set_subject("shop/web/copy");
    v1::WhyResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(world.engineer->Why(&context, request, &response).ok());
    ASSERT_GE(response.reasons_size(), 1);
    EXPECT_NE(response.reasons(0).find("pri"), std::string::npos) << response.reasons(0);
    v1::DescribeRunRequest watched;
    watched.set_run("wave-1.1");
    grpc::ClientContext watching;
    auto reader = world.engineer->WatchRun(&watching, watched);
    v1::RunUpdate update;
    ASSERT_TRUE(reader->Read(&update));
    ASSERT_EQ(update.snapshot().waits_size(), 1);
    EXPECT_EQ(update.snapshot().waits(0).task(), "shop/web/copy");
    EXPECT_EQ(update.snapshot().waits(0).reasons(0), response.reasons(0));
    watching.TryCancel();
    reader->Finish();
    request.set_run("");
    request.set_subject("pri");
    grpc::ClientContext about_host;
    ASSERT_TRUE(world.engineer->Why(&about_host, request, &response).ok());
    EXPECT_EQ(response.state(), "never");
}

TEST(Orchestrator, LetsAViewerLookAndNothingElse) {
    World world;
    const auto viewer = world.control(world.person("vic", {"viewer"}));
    v1::GetVersionResponse version;
    grpc::ClientContext looking;
    ASSERT_TRUE(viewer->GetVersion(&looking, {}, &version).ok());
    EXPECT_EQ(version.project(), "exit");
    EXPECT_EQ(version.epoch(), 1U);
    EXPECT_EQ(world.apply(*viewer, small_plan(false)).error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(start_wave(*viewer).error_code(), grpc::StatusCode::PERMISSION_DENIED);
    v1::InstallAgentRequest install;
    install.set_host("ark");
    grpc::ClientContext installing;
    auto reader = viewer->InstallAgent(&installing, install);
    v1::InstallAgentUpdate update;
    EXPECT_FALSE(reader->Read(&update));
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST(Orchestrator, NamesTheFieldThatIsWrong) {
    World world;
    v1::ControlRunRequest request;
    request.set_run("wave-1.1");
    request.set_action(static_cast<v1::RunAction>(42));
    v1::ControlRunResponse response;
    grpc::ClientContext unknown;
    auto status = world.engineer->ControlRun(&unknown, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message(), "action: 42 is not known here");
    request.set_action(v1::RUN_ACTION_PAUSE);
    request.set_run("wave-1; rm");
    grpc::ClientContext malformed;
    status = world.engineer->ControlRun(&malformed, request, &response);
    EXPECT_EQ(status.error_message(), "run: is no identifier");
}

}  // namespace
}  // namespace ararat::server
