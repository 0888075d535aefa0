// A project whose database is damaged below what SQL shows: it is served for reading, the bytes are kept, and
// what holds can be taken over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "server/backup.h"
#include "store/backup.h"
#include "store/sqlite_store.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;

class ServedDamage : public ::testing::Test {
protected:
    void SetUp() override {
        world_.start_orchestrator();
        const auto stub = world_.control(engineer_);
        ASSERT_TRUE(world_.apply(*stub, small_plan(false)).ok());
        v1::StartWaveRequest request;
        request.set_wave("wave-1");
        v1::StartWaveResponse response;
        grpc::ClientContext context;
        ASSERT_TRUE(stub->StartWave(&context, request, &response).ok());
        written_ = version().sequence();
        world_.stop_orchestrator();
    }
    v1::GetVersionResponse version() {
        v1::GetVersionResponse response;
        grpc::ClientContext context;
        EXPECT_TRUE(world_.control(engineer_)->GetVersion(&context, {}, &response).ok());
        return response;
    }
    void damage(const std::string& bytes) {
        ASSERT_TRUE(platform::write_file_durable(paths_.database(), bytes, 0600).ok());
    }
    // The moment of the newest record in a backup.
    static Instant last_record(const std::string& file) {
        const std::string database = file + "-unpacked";
        EXPECT_TRUE(store::unpack_backup(file, database).ok());
        const auto store = store::open_sqlite(database, ProjectId("exit"));
        const std::uint64_t newest = store->journal->head()->sequence;
        return store->journal->read(newest, 1)->front().record.at;
    }
    // The copy of the only damage that was found, and what is written beside it.
    std::pair<std::string, std::string> kept() {
        std::pair<std::string, std::string> found;
        const auto names = platform::list_dir(paths_.quarantine());
        EXPECT_TRUE(names.ok());
        for (const std::string& name : *names) {
            const auto bytes = platform::read_file(paths_.quarantine() + "/" + name).value();
            (name.ends_with(".txt") ? found.second : found.first) = bytes;
        }
        return found;
    }

    TestWorld world_;
    Credentials engineer_ = world_.person("eve", {"engineer"});
    DataPaths paths_{world_.directory()};
    std::uint64_t written_ = 0;
};

TEST_F(ServedDamage, WithoutAHeaderItIsServedEmptyAndItsBytesAreKept) {
    std::string bytes = platform::read_file(paths_.database()).value();
    bytes.replace(0, 16, 16, '\0');
    damage(bytes);
    for (int starts = 0; starts < 2; ++starts) {
        world_.start_orchestrator();
        const auto told = version();
        EXPECT_TRUE(told.read_only());
        EXPECT_THAT(told.read_only_reason(), HasSubstr("file is not a database"));
        EXPECT_THAT(told.read_only_reason(), HasSubstr("backup rebuild"));
        EXPECT_EQ(told.sequence(), 0U);
        world_.stop_orchestrator();
    }
    EXPECT_EQ(platform::read_file(paths_.database()).value(), bytes);
    const auto [copy, text] = kept();
    EXPECT_TRUE(copy == bytes);
    EXPECT_THAT(text, HasSubstr("sha256 of journal.db: " + sha256_hex(bytes)));
    const auto rebuilt = rebuild_backup(paths_, {world_.directory() + "/rebuilt", false}, Instant{});
    EXPECT_EQ(rebuilt.error().code, ErrorCode::kDataLoss);
    EXPECT_EQ(save_backup(paths_, {world_.directory() + "/saved", false}, Instant{}).error().code,
              ErrorCode::kDataLoss);
}

TEST_F(ServedDamage, ADatabaseThatIsGoneIsNotBegunAnew) {
    ASSERT_TRUE(platform::remove_file(paths_.database()).ok());
    world_.start_orchestrator();
    EXPECT_THAT(version().read_only_reason(), HasSubstr("journal.db is gone"));
    EXPECT_FALSE(platform::file_exists(paths_.database()));
}

TEST_F(ServedDamage, WhatHoldsBecomesABackupFromWhichTheProjectGoesOn) {
    std::string bytes = platform::read_file(paths_.database()).value();
    const std::size_t at = bytes.find("wave-1.1");
    ASSERT_NE(at, std::string::npos);
    bytes[at] = 'W';
    damage(bytes);
    const std::string file = world_.directory() + "/rebuilt";
    const auto rebuilt = rebuild_backup(paths_, {file, true}, platform::SystemClock().now());
    ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().text();
    EXPECT_THAT(*rebuilt, HasSubstr("after record "));
    EXPECT_THAT(*rebuilt, HasSubstr(" has hash "));
    EXPECT_EQ(platform::read_file(paths_.database()).value(), bytes);
    const auto report = store::inspect_backup(file);
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_EQ(report->problem, "");
    EXPECT_GT(report->head.sequence, 0U);
    EXPECT_LT(report->head.sequence, written_);
    EXPECT_EQ(report->made, last_record(file)) << "what was done after that is not in it";

    const DataPaths again{world_.directory() + "/again"};
    ASSERT_TRUE(restore_backup(file, again).ok());
    OrchestratorOptions options;
    options.data_directory = again.root;
    options.control_address = options.agents_address = options.enrol_address = "127.0.0.1:0";
    {
        const auto served = Orchestrator::start(options);
        ASSERT_TRUE(served.ok()) << served.error().text();
    }
    options.accept_loss = true;
    const auto served = Orchestrator::start(options);
    ASSERT_TRUE(served.ok()) << served.error().text();
    const auto stub = v1::Control::NewStub(world_.channel((*served)->ports().control, engineer_));
    v1::GetVersionResponse told;
    grpc::ClientContext context;
    ASSERT_TRUE(stub->GetVersion(&context, {}, &told).ok());
    EXPECT_FALSE(told.read_only());
}

}  // namespace
}  // namespace ararat::server
