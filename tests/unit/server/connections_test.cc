// Who gets in, and who does not: handshakes, roles of certificates, floods.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "alert_log.h"
#include "base/protocol.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "server/data_directory.h"
#include "test_world.h"

namespace ararat::server {
namespace {

class World : public TestWorld {
public:
    World() { start_orchestrator(); }
};

grpc::Status get_version(v1::Control::Stub& stub) {
    v1::GetVersionResponse response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    return stub.GetVersion(&context, {}, &response);
}

TEST(Handshake, RefusesAnAgentThatSpeaksForAnotherHost) {
    World world;
    FakeAgent agent(world, "ark");
    const auto status = agent.connect([](v1::Hello& hello) { hello.set_host("pri"); });
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_NE(status.error_message().find("hello.host is pri"), std::string::npos);
}

TEST(Handshake, RefusesAnotherProtocolWithWords) {
    World world;
    FakeAgent agent(world, "ark");
    const auto status = agent.connect([](v1::Hello& hello) { hello.set_protocol(99); });
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_NE(status.error_message().find("protocol 99"), std::string::npos);
}

v1::HostView host_of(v1::Control::Stub& stub, int index) {
    v1::ListHostsResponse hosts;
    grpc::ClientContext context;
    EXPECT_TRUE(stub.ListHosts(&context, {}, &hosts).ok());
    return hosts.hosts(index);
}

std::string why(v1::Control::Stub& stub, const std::string& subject) {
    v1::WhyRequest request;
    request.set_subject(subject);
    v1::WhyResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(stub.Why(&context, request, &response).ok());
    return response.DebugString();
}

TEST(Handshake, PeopleSeeThatAnAgentWasRefusedAndWhy) {
    World world;
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    ASSERT_TRUE(world.apply(*engineer, small_plan(false)).ok());
    const auto former = [](v1::Hello& hello) {
        hello.set_protocol(kProtocolVersion - 1);
        hello.set_version("0.0.9");
    };
    FakeAgent agent(world, "ark");
    ASSERT_FALSE(agent.connect(former).ok());
    const auto host = host_of(*engineer, 0);
    EXPECT_EQ(host.state(), "down");
    for (const std::string& words :
         {fmt::format("the agent (0.0.9) speaks protocol {}", kProtocolVersion - 1),
          fmt::format("this orchestrator ({}) protocol {}", kProgramVersion, kProtocolVersion)}) {
        EXPECT_NE(host.reason().find(words), std::string::npos) << host.reason();
        EXPECT_NE(why(*engineer, "ark").find(words), std::string::npos) << why(*engineer, "ark");
    }
    // Who is there stays there, whoever else comes in its name.
    FakeAgent good(world, "ark");
    ASSERT_TRUE(good.connect().ok());
    FakeAgent again(world, "ark");
    ASSERT_FALSE(again.connect(former).ok());
    EXPECT_EQ(host_of(*engineer, 0).state(), "up");
}

TEST(Handshake, AnOlderProgramOfTheSameProtocolIsWelcomeAndSeen) {
    World world;
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    ASSERT_TRUE(world.apply(*engineer, small_plan(false)).ok());
    FakeAgent agent(world, "ark");
    ASSERT_TRUE(agent.connect([](v1::Hello& hello) { hello.set_version("0.0.9"); }).ok());
    EXPECT_EQ(host_of(*engineer, 0).state(), "up");
    EXPECT_EQ(host_of(*engineer, 0).version(), "0.0.9");
}

TEST(Handshake, PeopleSeeWhoseCertificateHasExpired) {
    AlertLog log;
    World world;
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    ASSERT_TRUE(world.apply(*engineer, small_plan(false)).ok());
    const auto key = platform::generate_p256().value();
    const auto expired =
        platform::issue(world.ca(), platform::make_csr(key).value(), platform::agent_identity("exit", "ark"),
                        platform::SystemClock().now() - std::chrono::hours(48), 1);
    const auto stub = v1::Agent::NewStub(world.channel(
        world.orchestrator().ports().agents, {key.key_pem, expired.value(), world.ca().certificate_pem}));
    grpc::ClientContext context;
    EXPECT_EQ(stub->Connect(&context)->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_GE(log.alerts({"a connection was refused", "agent/ark", "its certificate expired at 20",
                          "SHA-256 " + platform::certificate_fingerprint(expired.value()).value()}),
              1U);
    const auto host = host_of(*engineer, 0);
    EXPECT_EQ(host.state(), "down");
    EXPECT_NE(host.reason().find("its agent was refused: its certificate expired at 20"), std::string::npos)
        << host.reason();
}

TEST(Handshake, RefusesAnAgentThatLacksWhatThePlanNeeds) {
    World world;
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    ASSERT_TRUE(world.apply(*engineer, small_plan(false)).ok());
    FakeAgent agent(world, "ark");
    const auto status = agent.connect([](v1::Hello& hello) { hello.clear_capabilities(); });
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_NE(status.error_message().find("channel.tree"), std::string::npos) << status.error_message();
}

TEST(Handshake, SendsAnAgentAwayThatANewPlanAsksTooMuchOf) {
    World world;
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    FakeAgent able(world, "pri");
    FakeAgent lacking(world, "ark");
    ASSERT_TRUE(able.connect().ok());
    ASSERT_TRUE(lacking.connect([](v1::Hello& hello) { hello.clear_capabilities(); }).ok());
    ASSERT_TRUE(world.apply(*engineer, small_plan(false)).ok());
    const auto status = lacking.wait_for_end();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_NE(status.error_message().find("channel.tree"), std::string::npos) << status.error_message();
    v1::ListHostsResponse hosts;
    grpc::ClientContext listing;
    ASSERT_TRUE(engineer->ListHosts(&listing, {}, &hosts).ok());
    ASSERT_EQ(hosts.hosts_size(), 2);
    EXPECT_EQ(hosts.hosts(0).state(), "down");
    EXPECT_NE(hosts.hosts(0).reason().find("channel.tree"), std::string::npos);
    EXPECT_EQ(hosts.hosts(1).state(), "up");
}

TEST(Agents, WhatOneSaysOfItsTroubleIsShownUntilItIsOver) {
    World world;
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    ASSERT_TRUE(world.apply(*engineer, small_plan(false)).ok());
    FakeAgent agent(world, "ark");
    ASSERT_TRUE(agent.connect().ok());
    v1::AgentMessage message;
    for (const std::string trouble : {"its journal cannot be written", ""}) {
        message.mutable_heartbeat()->set_trouble(trouble);
        agent.send(message);
        agent.wait_until([&] { return host_of(*engineer, 0).reason() == trouble; });
        EXPECT_EQ(host_of(*engineer, 0).state(), "up");
    }
    message.mutable_heartbeat()->set_trouble("full");
    agent.send(message);
    agent.wait_until([&] { return host_of(*engineer, 0).reason() == "full"; });
    FakeAgent newer(world, "ark");
    ASSERT_TRUE(newer.connect().ok());
    newer.wait_until([&] { return host_of(*engineer, 0).reason().empty(); });
}

TEST(Handshake, RefusesAPersonOnTheAgentsListenerAndAnAgentOnThePeoples) {
    World world;
    const auto person = world.person("eve", {"engineer"});
    const auto stub = v1::Agent::NewStub(world.channel(world.orchestrator().ports().agents, person));
    grpc::ClientContext context;
    auto stream = stub->Connect(&context);
    v1::AgentMessage first;
    first.mutable_hello()->set_host("eve");
    first.mutable_hello()->set_protocol(1);
    stream->Write(first);
    v1::OrchestratorMessage message;
    EXPECT_FALSE(stream->Read(&message));
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);

    const auto agent = world.control(world.credentials(platform::agent_identity("exit", "ark")));
    EXPECT_EQ(get_version(*agent).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST(Handshake, RefusesACertificateOfAnotherAuthorityAndOneWithoutIdentity) {
    World world;
    platform::SystemClock clock;
    const auto other = platform::make_ca("exit", clock.now()).value();
    const auto key = platform::generate_p256().value();
    const auto request = platform::make_csr(key).value();
    const auto identity = platform::person_identity("exit", "eve", {"admin"});
    Credentials forged{key.key_pem, platform::issue(other, request, identity, clock.now(), 1).value(),
                       world.ca().certificate_pem};
    EXPECT_EQ(get_version(*world.control(forged)).error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(get_version(*world.control({{}, {}, world.ca().certificate_pem})).error_code(),
              grpc::StatusCode::UNAVAILABLE);
    // The CA's own certificate is of our CA and carries nobody's identity.
    Credentials nobody{world.ca().key_pem, world.ca().certificate_pem, world.ca().certificate_pem};
    EXPECT_FALSE(get_version(*world.control(nobody)).ok());
    const auto expired =
        platform::issue(world.ca(), request, identity, clock.now() - std::chrono::hours(48), 1);
    EXPECT_EQ(
        get_version(*world.control({key.key_pem, expired.value(), world.ca().certificate_pem})).error_code(),
        grpc::StatusCode::UNAVAILABLE);
}

TEST(Handshake, ANewerConnectionOfAHostReplacesTheOlder) {
    World world;
    FakeAgent older(world, "ark");
    FakeAgent newer(world, "ark");
    ASSERT_TRUE(older.connect().ok());
    ASSERT_TRUE(newer.connect().ok());
    EXPECT_EQ(older.wait_for_end().error_code(), grpc::StatusCode::ABORTED);
}

TEST(Handshake, ARolledBackJournalIsNoticed) {
    World world;
    FakeAgent agent(world, "ark");
    const auto status = agent.connect([](v1::Hello& hello) { hello.set_sequence_seen(1'000'000); });
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
    EXPECT_NE(status.error_message().find("rolled back"), std::string::npos);
    v1::GetVersionResponse version;
    grpc::ClientContext context;
    ASSERT_TRUE(world.control(world.person("vic", {"viewer"}))->GetVersion(&context, {}, &version).ok());
    EXPECT_NE(version.read_only_reason().find("agent of ark: the agent has seen journal record 1000000"),
              std::string::npos)
        << version.read_only_reason();
}

TEST(Agents, AHostThatReportsForAnotherIsNotBelieved) {
    World world;
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    ASSERT_TRUE(world.apply(*engineer, small_plan(false)).ok());
    FakeAgent source(world, "ark");
    FakeAgent target(world, "pri");
    ASSERT_TRUE(source.connect().ok());
    ASSERT_TRUE(target.connect().ok());
    target.hold_results(true);
    v1::StartWaveRequest request;
    request.set_wave("wave-1");
    v1::StartWaveResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(engineer->StartWave(&context, request, &response).ok());
    target.wait_until([&] { return target.starts_heard() == 1; });

    v1::AgentMessage lie;
    v1::AttemptKey& key = *lie.mutable_step_finished()->mutable_key();
    key.set_project("exit");
    key.set_run("wave-1.1");
    key.set_task("shop/web/copy");
    key.set_purpose(v1::PURPOSE_FORWARD);
    key.set_attempt(1);
    lie.mutable_step_finished()->set_outcome(v1::OUTCOME_SUCCEEDED);
    source.send(lie);
    v1::AgentMessage another_project = lie;
    another_project.mutable_step_finished()->mutable_key()->set_project("other");
    source.send(another_project);
    // The second lie ends the stream; by then the first one was judged.
    EXPECT_EQ(source.wait_for_end().error_code(), grpc::StatusCode::PERMISSION_DENIED);
    v1::DescribeRunRequest describe;
    describe.set_run("wave-1.1");
    v1::DescribeRunResponse described;
    grpc::ClientContext describing;
    ASSERT_TRUE(engineer->DescribeRun(&describing, describe, &described).ok());
    EXPECT_EQ(described.run().tasks_done(), 0U);
    target.hold_results(false);
}

TEST(Listener, ServesAgainAfterMoreConnectionsThanOneAddressMayHave) {
    World world;
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(world.orchestrator().ports().control);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::vector<platform::UniqueFd> crowd;
    for (int i = 0; i < 300; ++i) {
        platform::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
        if (i % 3 != 0) crowd.push_back(std::move(fd));  // some go at once, some stay and say nothing
    }
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    EXPECT_TRUE(get_version(*engineer).ok()) << "while strangers sit there";
    crowd.clear();
    const auto another = world.control(world.person("eve", {"engineer"}));
    EXPECT_TRUE(get_version(*another).ok());
}

TEST(DataDirectory, SaysWhereItIsServedAndLetsNoSecondProcessIn) {
    World world;
    const auto written = platform::read_file(world.directory() + "/orchestrator.json");
    ASSERT_TRUE(written.ok());
    const auto addresses = nlohmann::json::parse(written.value());
    EXPECT_EQ(addresses["control"], fmt::format("localhost:{}", world.orchestrator().ports().control));
    EXPECT_EQ(addresses["enrol"], fmt::format("localhost:{}", world.orchestrator().ports().enrol));
    OrchestratorOptions second;
    second.data_directory = world.directory();
    EXPECT_EQ(Orchestrator::start(second).error().code, ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace ararat::server
