// The connection of people's programs: to whom it speaks, and how much it takes.
#include "cli/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdlib>

#include "base/protocol.h"
#include "platform/clock.h"
#include "test_world.h"
#include "wire/convert.h"

namespace ararat::cli {
namespace {

using server::Credentials;
using server::TestWorld;
using ::testing::HasSubstr;

// A context with this person's files.
Context context_of(const TestWorld& world, const std::string& server) {
    const auto eve = world.person("eve", {"engineer"});
    Context context;
    context.identity = world.directory() + "/eve";
    context.server = server;
    EXPECT_TRUE(platform::write_file_durable(context.identity + ".key", eve.key_pem, 0600).ok());
    EXPECT_TRUE(platform::write_file_durable(context.identity + ".crt", eve.certificate_pem).ok());
    EXPECT_TRUE(platform::write_file_durable(world.directory() + "/ca.crt", eve.ca_pem).ok());
    return context;
}

std::string control_of(TestWorld& world) {
    return fmt::format("localhost:{}", world.orchestrator().ports().control);
}

// Answers as it likes, with whatever certificate of the project it got hold of.
class PlayedControl final : public v1::Control::Service {
public:
    PlayedControl(const TestWorld& world, const platform::Identity& identity, std::uint32_t protocol)
        : protocol_(protocol) {
        const auto key = platform::generate_p256().value();
        const auto request = platform::make_csr(key).value();
        const auto certificate =
            platform::issue(world.ca(), request, identity, platform::SystemClock().now(), 1, {"localhost"});
        grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
        tls.pem_root_certs = world.ca().certificate_pem;
        tls.pem_key_cert_pairs.push_back({key.key_pem, certificate.value()});
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
        builder.RegisterService(this);
        server_ = builder.BuildAndStart();
    }
    ~PlayedControl() override { server_->Shutdown(std::chrono::system_clock::now()); }
    [[nodiscard]] std::string address() const { return fmt::format("localhost:{}", port_); }
    int calls = 0;

private:
    grpc::Status GetVersion(grpc::ServerContext*, const v1::GetVersionRequest*,
                            v1::GetVersionResponse* response) override {
        ++calls;
        response->set_version("9.9");
        response->set_protocol(protocol_);
        return grpc::Status::OK;
    }
    std::uint32_t protocol_;
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
};

TEST(Client, SpeaksToTheProjectsOrchestrator) {
    TestWorld world;
    world.start_orchestrator();
    const auto client = Client::connect(context_of(world, control_of(world)));
    ASSERT_TRUE(client.ok()) << client.error().text();
    EXPECT_EQ(client->project(), "exit");
}

// An agent's certificate is the project's, and carries its host's name: whoever has one must not be able to
// pose as the orchestrator to people.
TEST(Client, SpeaksToNobodyElseOfTheProject) {
    const TestWorld world;
    PlayedControl host(world, platform::agent_identity("exit", "localhost"), kProtocolVersion);
    const auto client = Client::connect(context_of(world, host.address()));
    ASSERT_FALSE(client.ok());
    EXPECT_THAT(client.error().text(), HasSubstr("not an orchestrator"));
    EXPECT_EQ(host.calls, 0);
    PlayedControl other(world, platform::orchestrator_identity("another"), kProtocolVersion);
    EXPECT_FALSE(Client::connect(context_of(world, other.address())).ok());
    EXPECT_EQ(other.calls, 0);
}

TEST(Client, SaysWhichSideIsOlder) {
    const TestWorld world;
    const PlayedControl newer(world, platform::orchestrator_identity("exit"), kProtocolVersion + 1);
    EXPECT_EQ(Client::connect(context_of(world, newer.address())).error().message,
              "the orchestrator (9.9) speaks protocol 2, this program (0.1.0) protocol 1: this program is "
              "the older "
              "one");
    const PlayedControl older(world, platform::orchestrator_identity("exit"), 0);
    EXPECT_THAT(Client::connect(context_of(world, older.address())).error().message,
                HasSubstr("the orchestrator is the older one"));
    EXPECT_TRUE(Client::open(context_of(world, older.address())).ok());
}

TEST(Client, TakesNoProxyForTheWeb) {
    TestWorld world;
    world.start_orchestrator();
    ::setenv("http_proxy", "http://127.0.0.1:9", 1);  // nobody answers there
    ::setenv("grpc_proxy", "http://127.0.0.1:9", 1);
    const auto client = Client::connect(context_of(world, control_of(world)));
    ::unsetenv("http_proxy");
    ::unsetenv("grpc_proxy");
    EXPECT_TRUE(client.ok()) << client.error().text();
}

// More than gRPC takes in one message when nobody says otherwise (4 MiB).
CompiledPlan large_plan() {
    CompiledPlan plan = server::small_plan(false);
    const Task pattern = plan.tasks.back();
    for (int i = 0; i < 6'000; ++i) {
        Task task = pattern;
        task.id = TaskId(fmt::format("shop/web/filler-{:05}", i));
        task.after = {plan.tasks[0].id};
        task.closes.clear();
        task.action = std::string(900, 'x');
        plan.tasks.push_back(std::move(task));
    }
    seal(plan);
    return plan;
}

Result<void> apply(Client& client, const CompiledPlan& plan) {
    const std::string bytes = wire::to_proto(plan).SerializeAsString();
    constexpr std::size_t kPiece = std::size_t{512} * 1024;
    for (std::size_t offset = 0; offset < bytes.size(); offset += kPiece) {
        v1::UploadChunkRequest chunk;
        chunk.set_upload("large");
        chunk.set_offset(offset);
        chunk.set_data(bytes.substr(offset, kPiece));
        ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::UploadChunk, chunk));
    }
    v1::ApplyPlanRequest request;
    request.set_upload("large");
    request.set_hash(plan.hash.str());
    ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::ApplyPlan, request));
    return {};
}

TEST(Client, TakesPlansAndRunsOfMoreThanFourMebibytes) {
    TestWorld world;
    world.start_orchestrator();
    auto client = Client::connect(context_of(world, control_of(world)));
    ASSERT_TRUE(client.ok()) << client.error().text();
    const CompiledPlan plan = large_plan();
    const auto applied = apply(*client, plan);
    ASSERT_TRUE(applied.ok()) << applied.error().text();

    const auto current = client->call(&v1::Control::Stub::GetCurrentPlan, v1::GetCurrentPlanRequest{});
    ASSERT_TRUE(current.ok()) << current.error().text();
    EXPECT_GT(current->ByteSizeLong(), std::size_t{4} << 20U);
    EXPECT_EQ(current->plan().hash(), plan.hash.str());

    v1::StartWaveRequest start;
    start.set_wave("wave-1");
    ASSERT_TRUE(client->call(&v1::Control::Stub::StartWave, start).ok());
    v1::DescribeRunRequest describe;
    describe.set_run("wave-1.1");
    const auto described = client->call(&v1::Control::Stub::DescribeRun, describe);
    ASSERT_TRUE(described.ok()) << described.error().text();
    EXPECT_GT(described->ByteSizeLong(), std::size_t{4} << 20U);
    grpc::ClientContext context;
    const auto watch = client->stub().WatchRun(&context, describe);
    v1::RunUpdate first;
    ASSERT_TRUE(watch->Read(&first)) << watch->Finish().error_message();
    EXPECT_EQ(first.snapshot().tasks_size(), static_cast<int>(plan.tasks.size()));
    context.TryCancel();
    EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace ararat::cli
