// After a failed sync nobody knows what is on the disk, and a second one may say wrongly that all is well:
// the process ends, and only a new one reads what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "agent/journal_file.h"
#include "idle_engine.h"
#include "test_world.h"
#include "tests/support/failing_disk.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;
using ::testing::KilledBySignal;
using ::testing::Not;

void die_without_core() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

TEST(FailedSync, EndsTheOrchestratorAtOnce) {
    IdleEngine world;
    EXPECT_EXIT(
        {
            die_without_core();
            testing::fail_syncs(EIO);
            static_cast<void>(world.apply());
        },
        KilledBySignal(SIGABRT), Not(HasSubstr("synced again")));
}

TEST(FailedSync, OfASnapshotEndsItToo) {
    IdleEngine world;
    ASSERT_TRUE(world.apply().ok());
    EXPECT_EXIT(
        {
            die_without_core();
            testing::fail_syncs(EIO);
            world.engine->turn({});
        },
        KilledBySignal(SIGABRT), Not(HasSubstr("synced again")));
}

TEST(FailedSync, OfItsFirstRecordEndsItToo) {
    IdleEngine world;
    world.engine.reset();
    EXPECT_EXIT(
        {
            die_without_core();
            testing::fail_syncs(EIO);
            world.engine = world.start();
        },
        KilledBySignal(SIGABRT), Not(HasSubstr("synced again")));
}

// Its token is used up before anything is recorded: this commit is the registry's.
grpc::Status enrol(TestWorld& world, const std::string& token) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = world.ca().certificate_pem;
    const auto stub = v1::Enrol::NewStub(grpc::CreateChannel(
        "localhost:" + std::to_string(world.orchestrator().ports().enrol), grpc::SslCredentials(tls)));
    v1::EnrolRequest request;
    request.set_token(token);
    request.set_host("pri");
    request.set_csr_pem(platform::make_csr(platform::generate_p256().value()).value());
    v1::EnrolResponse response;
    grpc::ClientContext context;
    return stub->Enrol(&context, request, &response);
}

TEST(FailedSync, OfATokenEndsItToo) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            die_without_core();
            TestWorld world;
            world.start_orchestrator();
            v1::CreateEnrolTokenRequest request;
            request.set_kind("agent");
            request.set_name("pri");
            v1::CreateEnrolTokenResponse response;
            grpc::ClientContext context;
            const auto made = world.control(world.person("root", {"admin"}))
                                  ->CreateEnrolToken(&context, request, &response);
            if (!made.ok()) std::fprintf(stderr, "%s\n", made.error_message().c_str());
            testing::fail_syncs(EIO);
            static_cast<void>(enrol(world, response.token()));
        },
        KilledBySignal(SIGABRT), Not(HasSubstr("synced again")));
}

TEST(FailedSync, EndsTheAgentAtOnce) {
    const auto directory = platform::TemporaryDirectory::make();
    auto journal = agent::JournalFile::open(directory->path() + "/journal");
    ASSERT_TRUE(journal.ok());
    EXPECT_EXIT(
        {
            die_without_core();
            testing::fail_syncs(EIO);
            static_cast<void>(journal->file.append({agent::EpochSeen{7}}));
        },
        KilledBySignal(SIGABRT), Not(HasSubstr("synced again")));
    // Also where the disk says that it is full only then.
    EXPECT_EXIT(
        {
            die_without_core();
            testing::fail_syncs(ENOSPC);
            static_cast<void>(journal->file.append({agent::EpochSeen{7}}));
        },
        KilledBySignal(SIGABRT), Not(HasSubstr("synced again")));
}

}  // namespace
}  // namespace ararat::server
