// What every listener has beside its services: limits, health, reflection.
#include "server/grpc_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <grpcpp/generic/generic_stub.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "alert_log.h"
#include "server/data_directory.h"
#include "stubborn_journal.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;

constexpr auto kPatience = std::chrono::seconds(10);

// One message to a method and the first one back, as bytes: Debian ships no generated client for these.
Result<std::string> ask(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& bytes) {
    grpc::GenericStub stub(channel);
    grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    if (!status.ok()) return Error{ErrorCode::kUnavailable, status.error_message()};
    std::vector<grpc::Slice> slices;
    std::string text;
    if (answer.Valid() && !answer.Dump(&slices).ok()) return Error{ErrorCode::kInternal, "no bytes"};
    for (const auto& each : slices) text.append(reinterpret_cast<const char*>(each.begin()), each.size());
    return text;
}

// The answer to an empty HealthCheckRequest of grpc.health.v1: field 1 is the status.
std::string health(const std::shared_ptr<grpc::Channel>& channel) {
    const auto answer = ask(channel, "/grpc.health.v1.Health/Check", "");
    if (!answer.ok()) return answer.error().message;
    if (*answer == "\x08\x01") return "serving";
    if (*answer == "\x08\x02") return "not serving";
    return "an answer of " + std::to_string(answer->size()) + " bytes";
}

bool becomes(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        ::poll(nullptr, 0, 20);
    }
    return true;
}

TEST(Health, IsNotServingInReadOnlyModeWhereReadsAreStillAnswered) {
    std::atomic<bool> full{false};
    TestWorld world;
    world.start_orchestrator([&full](OrchestratorOptions& options) {
        options.open_store = [&full](const std::string& path,
                                     const ProjectId& project) -> Result<store::Store> {
            ARARAT_ASSIGN_OR_RETURN(store::Store store, store::open_sqlite(path, project));
            store.journal = std::make_unique<StubbornJournal>(std::move(store.journal), full);
            return store;
        };
    });
    const auto eve = world.person("eve", {"engineer"});
    const auto ports = world.orchestrator().ports();
    EXPECT_EQ(health(world.channel(ports.control, eve)), "serving");
    EXPECT_EQ(health(world.channel(ports.enrol, {{}, {}, eve.ca_pem})), "serving");
    const auto engineer = world.control(eve);
    full = true;
    EXPECT_EQ(world.apply(*engineer, small_plan(false)).error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_TRUE(becomes([&] { return health(world.channel(ports.control, eve)) == "not serving"; }));
    EXPECT_TRUE(becomes([&] {
        return health(world.channel(ports.enrol, {{}, {}, eve.ca_pem})) == "not serving";
    }));
    v1::GetVersionResponse version;
    grpc::ClientContext context;
    ASSERT_TRUE(engineer->GetVersion(&context, {}, &version).ok());
    EXPECT_TRUE(version.read_only());
    EXPECT_THAT(version.read_only_reason(), HasSubstr("no space left"));
}

TEST(Reflection, NamesTheServices) {
    TestWorld world;
    world.start_orchestrator();
    // A ServerReflectionRequest with list_services (field 7) set.
    const auto listed =
        ask(world.channel(world.orchestrator().ports().control, world.person("eve", {"viewer"})),
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*");
    ASSERT_TRUE(listed.ok()) << listed.error().text();
    EXPECT_THAT(*listed, HasSubstr("ararat.v1.Control"));
    EXPECT_THAT(*listed, HasSubstr("grpc.health.v1.Health"));
}

// Lowers what this process may open for as long as it lives.
class FewDescriptors {
public:
    explicit FewDescriptors(rlim_t most) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit few{most, before_.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    }
    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;

private:
    rlimit before_{};
};

platform::UniqueFd dial(std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    platform::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    return fd;
}

bool is_closed_by_peer(int fd) {
    pollfd watched{fd, POLLIN, 0};
    char byte = 0;
    return ::poll(&watched, 1, 0) == 1 && ::recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

// Both ends of every connection are in this process, so that half as many fill it up.
TEST(Listener, ClosesWhatComesBeyondItsShareOfDescriptorsAndServesAgain) {
    AlertLog log;
    const TestWorld world;
    const auto directory = open_data_directory({world.directory()}).value();
    v1::Enrol::Service service;
    const FewDescriptors few(256);
    GrpcListenerOptions options;
    options.address = "127.0.0.1:0";
    options.identity = {directory.certificate_pem, directory.key_pem, directory.ca.certificate_pem};
    options.services = {&service};
    options.limits = {10'000, 0.75};
    const auto started = GrpcListener::start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().text();
    const auto port = (*started)->port();
    const auto eve = world.person("eve", {"viewer"});

    std::vector<platform::UniqueFd> crowd;
    const auto closed = [&] {
        return std::ranges::count_if(crowd, [](const auto& fd) { return is_closed_by_peer(fd.get()); });
    };
    for (int i = 0; i < 110; ++i) crowd.push_back(dial(port));
    EXPECT_TRUE(becomes([&] { return closed() >= 5; })) << "descriptors from 192 on are closed at once";
    EXPECT_FALSE(is_closed_by_peer(crowd.front().get())) << "those that came in time are kept";
    EXPECT_EQ(log.alerts({"too many connections"}), 1U);
    crowd.clear();
    EXPECT_TRUE(becomes([&] { return health(world.channel(port, eve)) == "serving"; }));
}

}  // namespace
}  // namespace ararat::server
