// What a peer with a good certificate may do to the others: nothing. Real gRPC and TLS, a clock of the
// test's.
#include "transport/agent_sessions.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "base/protocol.h"
#include "platform/pki.h"

namespace ararat::transport {
namespace {

class ManualClock final : public platform::Clock {
public:
    Instant now() override { return platform::SystemClock().now(); }
    Duration boottime() override { return Duration{ms_.load()}; }
    void advance(Duration time) { ms_ += time.count(); }

private:
    std::atomic<std::int64_t> ms_{1'000'000};
};

class World {
public:
    World() {
        AgentSessionsOptions options;
        options.project = ProjectId("exit");
        options.inputs = [this](const execution::Input& input) {
            const std::lock_guard lock(mutex_);
            if (const auto* up = std::get_if<execution::HostUp>(&input)) came_.push_back(*up);
            if (const auto* down = std::get_if<execution::HostDown>(&input)) went_.push_back(down->reason);
        };
        options.output = [](const OutputChunk&) {};
        options.progress = [this](const ChannelBytes& bytes) {
            const std::lock_guard lock(mutex_);
            heard_.push_back(bytes.run.str() + "/" + bytes.channel.str());
            changed_.notify_all();
        };
        options.position = [] { return JournalPosition{1, 1, "hash"}; };
        options.sent_there = [](const HostId&, const execution::AttemptKey&) { return true; };
        options.carries = [](const HostId& host, const RunId& run, const ChannelId& channel, std::uint32_t) {
            return host == HostId("ark") && run == RunId("mine") && channel == ChannelId("c");
        };
        options.estate = &estate_;
        options.clock = &clock;
        sessions = std::make_unique<AgentSessions>(std::move(options));
        const auto own = certify(platform::orchestrator_identity("exit"), {"localhost"});
        grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
        tls.pem_root_certs = ca_.certificate_pem;
        tls.pem_key_cert_pairs.push_back({own.first, own.second});
        grpc::ServerBuilder builder;
        builder.AddListeningPort("localhost:0", grpc::SslServerCredentials(tls), &port_);
        builder.RegisterService(sessions.get());
        server_ = builder.BuildAndStart();
    }
    ~World() {
        sessions->stop();
        server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
    }

    std::unique_ptr<v1::Agent::Stub> agent(const std::string& host) {
        const auto own = certify(platform::agent_identity("exit", host), {});
        grpc::SslCredentialsOptions tls;
        tls.pem_root_certs = ca_.certificate_pem;
        tls.pem_private_key = own.first;
        tls.pem_cert_chain = own.second;
        grpc::ChannelArguments arguments;
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        return v1::Agent::NewStub(grpc::CreateCustomChannel("localhost:" + std::to_string(port_),
                                                            grpc::SslCredentials(tls), arguments));
    }
    // All that was passed on, once there is anything.
    std::vector<std::string> wait_for_progress() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(60), [this] { return !heard_.empty(); });
        return heard_;
    }

    std::vector<execution::HostUp> came() {
        const std::lock_guard lock(mutex_);
        return came_;
    }

    std::vector<std::string> went() {
        const std::lock_guard lock(mutex_);
        return went_;
    }
    void plan_host(const std::string& host) {
        CompiledPlan plan;
        plan.hosts = {{HostId(host), SiteId("s"), "198.18.1.1", HostVia::kAgent, "root", 22, {}}};
        estate_.follow(plan);
    }

    ManualClock clock;
    std::unique_ptr<AgentSessions> sessions;

private:
    std::pair<std::string, std::string> certify(const platform::Identity& identity,
                                                const std::vector<std::string>& names) {
        const auto key = platform::generate_p256().value();
        return {
            key.key_pem,
            platform::issue(ca_, platform::make_csr(key).value(), identity, clock.now(), 1, names).value()};
    }

    platform::CertificateAuthority ca_ = platform::make_ca("exit", platform::SystemClock().now()).value();
    EstateDirectory estate_;
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> heard_;
    std::vector<execution::HostUp> came_;
    std::vector<std::string> went_;
};

// A stream that is opened and says nothing unless it is told to.
struct Stream {
    explicit Stream(v1::Agent::Stub& stub) : stream(stub.Connect(&context)) {}
    v1::AgentMessage hello(const std::string& host) {
        v1::AgentMessage message;
        message.mutable_hello()->set_protocol(kProtocolVersion);
        message.mutable_hello()->set_host(host);
        message.mutable_hello()->set_journal_id("journal");
        return message;
    }
    grpc::Status wait_for_end() {
        v1::OrchestratorMessage message;
        while (stream->Read(&message)) {
        }
        return stream->Finish();
    }

    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::AgentMessage, v1::OrchestratorMessage>> stream;
};

TEST(AgentSessions, TellsAnAgentThatHasObeyedNobodyFromOneThatHas) {
    World world;
    v1::OrchestratorMessage message;
    for (const std::uint64_t epoch : {0, 1}) {
        const auto stub = world.agent("ark");
        Stream stream(*stub);
        auto hello = stream.hello("ark");
        hello.mutable_hello()->set_epoch_seen(epoch);
        stream.stream->Write(hello);
        ASSERT_TRUE(stream.stream->Read(&message));
    }
    ASSERT_EQ(world.came().size(), 2U);
    EXPECT_TRUE(world.came()[0].is_fresh);
    EXPECT_FALSE(world.came()[1].is_fresh);
}

// Each would be a turn of the engine, and an agent that is refused comes again for ever.
TEST(AgentSessions, TellsOfARefusalOnceForEachReason) {
    World world;
    world.plan_host("ark");
    const auto ark = platform::agent_identity("exit", "ark");
    for (const char* reason : {"old", "old", "expired", "expired", "old"})
        world.sessions->refused(ark, reason);
    EXPECT_EQ(world.went(),
              (std::vector<std::string>{"its agent was refused: old", "its agent was refused: expired",
                                        "its agent was refused: old"}));
    const auto stub = world.agent("ark");
    Stream good(*stub);
    good.stream->Write(good.hello("ark"));
    v1::OrchestratorMessage message;
    ASSERT_TRUE(good.stream->Read(&message));
    world.sessions->refused(ark, "old");
    EXPECT_EQ(world.went().size(), 3U) << "its own stream is there";
    good.stream->WritesDone();
    good.wait_for_end();
    for (int i = 0; i < 60'000 && world.went().size() < 4; ++i) std::this_thread::sleep_for(Duration{1});
    world.sessions->refused(ark, "old");
    EXPECT_EQ(world.went().size(), 5U) << "it was here in between";
}

TEST(AgentSessions, EndsAStreamThatDoesNotSayHello) {
    World world;
    const auto stub = world.agent("ark");
    Stream silent(*stub);
    // It is known once a second stream of the same connection was welcomed.
    Stream good(*stub);
    good.stream->Write(good.hello("ark"));
    v1::OrchestratorMessage message;
    ASSERT_TRUE(good.stream->Read(&message)) << "it waits for nobody";
    world.sessions->pulse();
    std::atomic<bool> pulsing{true};
    std::thread pulses([&] {
        for (; pulsing; std::this_thread::sleep_for(std::chrono::milliseconds(10))) world.sessions->pulse();
    });
    world.clock.advance(kHelloWithin + Duration{1});
    const grpc::Status status = silent.wait_for_end();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << status.error_message();
    pulsing = false;
    pulses.join();
    ASSERT_TRUE(good.stream->Write(good.hello("ark"))) << "the other one is still open";
}

TEST(AgentSessions, AnIdentityHoldsTwoSilentStreamsAtMost) {
    World world;
    const auto stub = world.agent("ark");
    Stream first(*stub), second(*stub), third(*stub);
    std::atomic<int> refused{0};
    std::vector<std::thread> readers;
    for (Stream* one : {&first, &second, &third}) {
        readers.emplace_back([one, &refused] {
            if (one->wait_for_end().error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) ++refused;
        });
    }
    for (int i = 0; i < 6'000 && refused == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(refused, 1);
    const auto other = world.agent("pri");
    Stream another(*other);
    another.stream->Write(another.hello("pri"));
    v1::OrchestratorMessage message;
    EXPECT_TRUE(another.stream->Read(&message)) << "others are not held up";
    world.sessions->stop();
    for (std::thread& reader : readers) reader.join();
}

TEST(AgentSessions, AHostSpeaksOfItsOwnChannelsOnly) {
    World world;
    const auto stub = world.agent("ark");
    Stream stream(*stub);
    stream.stream->Write(stream.hello("ark"));
    const auto say = [&](const std::string& run, const std::string& channel) {
        v1::AgentMessage message;
        message.mutable_channel_progress()->set_run(run);
        message.mutable_channel_progress()->set_channel(channel);
        message.mutable_channel_progress()->set_generation(1);
        stream.stream->Write(message);
    };
    say("others", "c");
    say("mine", "d");
    say(std::string(100'000, 'x'), std::string(100'000, 'y'));
    say("mine", "c");
    EXPECT_EQ(world.wait_for_progress(), std::vector<std::string>{"mine/c"});
}

}  // namespace
}  // namespace ararat::transport
