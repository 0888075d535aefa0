#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "platform/files.h"
#include "store/sqlite_store.h"
#include "tests/support/plan_text.h"

namespace ararat::store {
namespace {

using testing::kTestStart;

struct Fixture {
    Fixture() : directory(std::move(platform::TemporaryDirectory::make("registry")).value()) { open(); }
    void open() {
        registry.reset();
        registry = std::move(open_sqlite(directory.path() + "/r.db", ProjectId("exit")).value().registry);
    }
    platform::TemporaryDirectory directory;
    std::unique_ptr<Registry> registry;
};

const Enrolment kPerson{
    "olga", EnrolKind::kPerson, {"viewer", "approver"}, kTestStart + std::chrono::hours(1)};

TEST(Registry, UsesATokenOnceAlsoAcrossARestart) {
    Fixture at;
    ASSERT_TRUE(at.registry->add_token("secret-token", kPerson).ok());
    at.open();
    const auto first = at.registry->use_token("secret-token", "", kTestStart);
    ASSERT_TRUE(first.ok()) << first.error().text();
    EXPECT_EQ(first->name, "olga");
    EXPECT_EQ(first->kind, EnrolKind::kPerson);
    EXPECT_EQ(first->roles, kPerson.roles);
    at.open();
    EXPECT_EQ(at.registry->use_token("secret-token", "", kTestStart).error().code,
              ErrorCode::kFailedPrecondition);
}

TEST(Registry, RefusesUnknownAndExpiredTokensAndASecondOfTheSame) {
    Fixture at;
    EXPECT_EQ(at.registry->use_token("x", "", kTestStart).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(at.registry->add_token("x", kPerson).ok());
    EXPECT_EQ(at.registry->add_token("x", kPerson).error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(at.registry->use_token("x", "", kPerson.expires).error().code, ErrorCode::kDeadlineExceeded);
    EXPECT_TRUE(at.registry->use_token("x", "", kPerson.expires - Duration(1)).ok());
}

TEST(Registry, DoesNotUseATokenUpForWhomItIsNot) {
    Fixture at;
    ASSERT_TRUE(at.registry->add_token("x", {"ark", EnrolKind::kAgent, {}, kPerson.expires}).ok());
    ASSERT_TRUE(at.registry->add_token("y", kPerson).ok());
    const auto wrong = at.registry->use_token("x", "pri", kTestStart);
    EXPECT_EQ(wrong.error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(wrong.error().message, "the token is for agent ark, not for an agent on pri");
    EXPECT_EQ(at.registry->use_token("x", "", kTestStart).error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(at.registry->use_token("y", "olga", kTestStart).error().code, ErrorCode::kPermissionDenied);
    EXPECT_TRUE(at.registry->use_token("x", "ark", kTestStart).ok());
    EXPECT_TRUE(at.registry->use_token("y", "", kTestStart).ok());
}

TEST(Registry, NeverStoresTheTokenItself) {
    Fixture at;
    ASSERT_TRUE(at.registry->add_token("canary-4711", kPerson).ok());
    at.registry.reset();
    const auto names = platform::list_dir(at.directory.path());
    ASSERT_TRUE(names.ok());
    for (const std::string& name : *names) {
        std::ifstream file(at.directory.path() + "/" + name, std::ios::binary);
        std::stringstream bytes;
        bytes << file.rdbuf();
        EXPECT_EQ(bytes.str().find("canary-4711"), std::string::npos) << name;
    }
}

TEST(Registry, GivesATokenToOneOfManyThreads) {
    Fixture at;
    ASSERT_TRUE(at.registry->add_token("x", kPerson).ok());
    std::atomic<int> served = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { served += at.registry->use_token("x", "", kTestStart).ok() ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(served, 1);
}

TEST(Registry, PinsOneKeyPerHost) {
    Fixture at;
    EXPECT_EQ(*at.registry->host_key(HostId("h")), std::nullopt);
    ASSERT_TRUE(at.registry->pin_host_key(HostId("h"), "ssh-ed25519 AAAA").ok());
    ASSERT_TRUE(at.registry->pin_host_key(HostId("i"), "ssh-ed25519 CCCC").ok());
    at.open();
    EXPECT_EQ(*at.registry->host_key(HostId("h")), "ssh-ed25519 AAAA");
    ASSERT_TRUE(at.registry->pin_host_key(HostId("h"), "ssh-ed25519 BBBB").ok());
    EXPECT_EQ(*at.registry->host_key(HostId("h")), "ssh-ed25519 BBBB");
    EXPECT_EQ(*at.registry->host_key(HostId("i")), "ssh-ed25519 CCCC");
}

}  // namespace
}  // namespace ararat::store
