// An orchestrator whose journal was tampered with or rolled back: it answers questions, changes nothing, and
// says why to whoever asks.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "server/backup.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;

void tamper(const TestWorld& world, const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open((world.directory() + "/journal.db").c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_GT(sqlite3_changes(handle), 0) << "nothing was tampered with";
    sqlite3_close(handle);
}

v1::GetVersionResponse version(v1::Control::Stub& stub) {
    v1::GetVersionResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(stub.GetVersion(&context, {}, &response).ok());
    return response;
}

// The health service's answer for the whole server: 1 serving, 2 not serving. Its protocol's code is not
// among what gRPC installs, so that the message is read by hand: field 1, a number.
int health(const TestWorld& world, std::uint16_t port, const Credentials& credentials) {
    grpc::GenericStub stub(world.channel(port, credentials));
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const grpc::ByteBuffer request(nullptr, 0);
    grpc::ByteBuffer response;
    grpc::Status status;
    auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
    call->StartCall();
    call->Finish(&response, &status, &queue);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok) && ok);
    EXPECT_TRUE(status.ok()) << status.error_message();
    grpc::Slice slice;
    EXPECT_TRUE(response.DumpToSingleSlice(&slice).ok());
    return slice.size() == 2 ? slice.begin()[1] : 0;
}

grpc::Status start_wave(v1::Control::Stub& stub) {
    v1::StartWaveRequest request;
    request.set_wave("wave-1");
    v1::StartWaveResponse response;
    grpc::ClientContext context;
    return stub.StartWave(&context, request, &response);
}

// As `ararat host list` shows it; people read it also where nothing is written any more.
std::string reason_down(v1::Control::Stub& stub, const std::string& host) {
    v1::ListHostsResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(stub.ListHosts(&context, {}, &response).ok());
    for (const auto& each : response.hosts()) {
        if (each.host().id() == host) return each.reason();
    }
    return "there is no such host";
}

TEST(ReadOnly, ServesADamagedJournalUpToTheRowThatItNames) {
    TestWorld world;
    world.start_orchestrator();
    const auto engineer = world.person("eve", {"engineer", "admin"});
    ASSERT_TRUE(world.apply(*world.control(engineer), small_plan(false)).ok());
    ASSERT_TRUE(start_wave(*world.control(engineer)).ok());
    EXPECT_EQ(health(world, world.orchestrator().ports().control, engineer), 1);
    const auto written = version(*world.control(engineer)).sequence();
    world.stop_orchestrator();
    tamper(world, "UPDATE journal SET hash = zeroblob(32) WHERE sequence = " + std::to_string(written));
    world.start_orchestrator();
    const auto stub = world.control(engineer);
    const auto told = version(*stub);
    EXPECT_TRUE(told.read_only());
    EXPECT_THAT(told.read_only_reason(), HasSubstr("row " + std::to_string(written) + " has hash 00000000"));
    EXPECT_EQ(told.sequence(), written - 1);
    EXPECT_EQ(health(world, world.orchestrator().ports().control, engineer), 2);

    v1::WhyRequest request;
    request.set_subject("wave-1");
    v1::WhyResponse why;
    grpc::ClientContext asking;
    EXPECT_TRUE(stub->Why(&asking, request, &why).ok());
    v1::VerifyAuditResponse audit;
    grpc::ClientContext verifying;
    EXPECT_TRUE(stub->VerifyAudit(&verifying, {}, &audit).ok());
    EXPECT_FALSE(audit.ok());
    EXPECT_EQ(audit.records(), written - 1);

    const auto refused = start_wave(*stub);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(refused.error_message(), HasSubstr("read-only: the journal is damaged"));
    FakeAgent agent(world, "pri");
    const auto sent_on = agent.connect();
    EXPECT_EQ(sent_on.error_code(), grpc::StatusCode::UNAVAILABLE) << "it would wait here for ever";
    EXPECT_THAT(sent_on.error_message(), HasSubstr("read-only: the journal is damaged"));
    EXPECT_THAT(sent_on.error_message(), HasSubstr("does not lead"));
    EXPECT_THAT(reason_down(*stub, "pri"), HasSubstr("its agent was refused: read-only"));
    v1::CreateEnrolTokenRequest token;
    token.set_name("new-host");
    token.set_kind("agent");
    v1::CreateEnrolTokenResponse made;
    grpc::ClientContext enrolling;
    EXPECT_EQ(stub->CreateEnrolToken(&enrolling, token, &made).error_code(),
              grpc::StatusCode::FAILED_PRECONDITION);
}

// Another orchestrator may lead, or soon will: its agents must be free to find it.
TEST(ReadOnly, SendsAwayTheAgentsThatItHas) {
    TestWorld world;
    world.start_orchestrator();
    const auto engineer = world.person("eve", {"engineer"});
    ASSERT_TRUE(world.apply(*world.control(engineer), small_plan(false)).ok());
    FakeAgent served(world, "pri");
    ASSERT_TRUE(served.connect().ok());
    FakeAgent accuser(world, "ark");
    EXPECT_EQ(accuser.connect([](v1::Hello& hello) { hello.set_sequence_seen(1'000'000); }).error_code(),
              grpc::StatusCode::DATA_LOSS);
    const auto ended = served.wait_for_end();
    EXPECT_EQ(ended.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(ended.error_message(), HasSubstr("read-only: agent of ark"));
    const auto stub = world.control(engineer);
    EXPECT_TRUE(version(*stub).read_only());
    EXPECT_THAT(reason_down(*stub, "pri"), HasSubstr("read-only: agent of ark"));
}

// The database is put back to what it was before some steps, goes on, and outgrows what the agent has seen:
// keys would be given out a second time, and the agent would answer them from the history that is lost.
TEST(ReadOnly, NoticesARestoredDatabaseThatHasOutgrownWhatItsAgentSaw) {
    TestWorld world;
    world.start_orchestrator();
    const auto engineer = world.person("eve", {"engineer"});
    ASSERT_TRUE(world.apply(*world.control(engineer), small_plan(false)).ok());
    world.stop_orchestrator();
    const std::string database = world.directory() + "/journal.db";
    const std::string backup = platform::read_file(database).value();

    world.start_orchestrator();
    v1::Welcome welcome;
    {
        FakeAgent agent(world, "pri");
        ASSERT_TRUE(agent.connect().ok());
        welcome = agent.welcome();
    }
    EXPECT_EQ(welcome.chain_hash().size(), 64U);
    const auto seen = [&](v1::Hello& hello) {
        hello.set_sequence_seen(welcome.sequence());
        hello.set_chain_hash(welcome.chain_hash());
    };
    {
        FakeAgent agent(world, "pri");
        EXPECT_TRUE(agent.connect(seen).ok()) << "its own orchestrator is known again";
    }
    world.stop_orchestrator();

    ASSERT_TRUE(platform::write_file_durable(database, backup, 0600).ok());
    for (int i = 0; i < 3; ++i) {  // each start is a record
        world.start_orchestrator();
        if (i < 2) world.stop_orchestrator();
    }
    EXPECT_GT(version(*world.control(engineer)).sequence(), welcome.sequence());
    FakeAgent agent(world, "pri");
    const auto refused = agent.connect(seen);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::DATA_LOSS);
    EXPECT_THAT(refused.error_message(), HasSubstr("with hash " + welcome.chain_hash()));
    const auto told = version(*world.control(engineer));
    EXPECT_TRUE(told.read_only());
    EXPECT_THAT(told.read_only_reason(), HasSubstr("agent of pri: the agent has seen journal record"));
    EXPECT_THAT(start_wave(*world.control(engineer)).error_message(), HasSubstr("read-only: agent of pri"));
}

// The loss was accepted: agents have seen more than the backup holds, and are taken all the same.
TEST(AcceptedLoss, TakesAgentsOfTheLostHistoryBackInQuarantine) {
    TestWorld world;
    world.start_orchestrator();
    const auto engineer = world.person("eve", {"engineer"});
    ASSERT_TRUE(world.apply(*world.control(engineer), small_plan(false)).ok());
    const std::string file = world.directory() + "-backup";
    ASSERT_TRUE(save_backup({world.directory()}, {file, true}, platform::SystemClock().now()).ok());
    ASSERT_TRUE(start_wave(*world.control(engineer)).ok());
    v1::Welcome welcome;
    {
        FakeAgent agent(world, "pri");
        ASSERT_TRUE(agent.connect().ok());
        welcome = agent.welcome();
    }
    world.stop_orchestrator();
    ASSERT_TRUE(platform::remove_tree(world.directory()).ok());
    ASSERT_TRUE(restore_backup(file, {world.directory()}).ok());
    ASSERT_TRUE(platform::remove_file(file).ok());
    world.start_orchestrator([](OrchestratorOptions& options) { options.accept_loss = true; });
    std::uint64_t seen = welcome.sequence() + 1'000;
    for (int i = 0; i < 2; ++i) {
        FakeAgent agent(world, "pri");
        const auto status = agent.connect([&](v1::Hello& hello) {
            hello.set_epoch_seen(welcome.epoch());
            hello.set_sequence_seen(seen);
            hello.set_chain_hash(welcome.chain_hash());
        });
        EXPECT_TRUE(status.ok()) << status.error_message();
        welcome = agent.welcome();
        seen = welcome.sequence();
    }
    EXPECT_FALSE(version(*world.control(engineer)).read_only());
    v1::ListHostsResponse hosts;
    grpc::ClientContext context;
    ASSERT_TRUE(world.control(engineer)->ListHosts(&context, {}, &hosts).ok());
    for (const auto& each : hosts.hosts()) {
        EXPECT_EQ(each.state() == "quarantined", each.host().id() == "pri") << each.host().id();
    }
    std::string reason;
    for (int i = 0; i < 60'000 && reason.find("; down: ") == std::string::npos; ++i) {
        reason = reason_down(*world.control(engineer), "pri");
        std::this_thread::sleep_for(Duration{1});
    }
    EXPECT_THAT(reason, HasSubstr("its journal, or the record of it here, was lost"));
    EXPECT_THAT(reason, HasSubstr("; down: ")) << "it is gone as well";
}

}  // namespace
}  // namespace ararat::server
