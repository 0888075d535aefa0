// A backup of a project that is served, and the project that is made of it: it says what it is until somebody
// accepts what is missing. And a damaged database, of which a copy is kept as it was found.
#include "server/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/backup.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

OrchestratorOptions options_for(const std::string& directory) {
    OrchestratorOptions options;
    options.data_directory = directory;
    options.control_address = options.agents_address = options.enrol_address = "127.0.0.1:0";
    return options;
}

v1::GetVersionResponse version(const TestWorld& world, std::uint16_t port, const Credentials& by) {
    const auto stub = v1::Control::NewStub(world.channel(port, by));
    v1::GetVersionResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(stub->GetVersion(&context, {}, &response).ok());
    return response;
}

TEST(Backup, IsMadeWhileServingAndComesBackReadOnlyUntilItsLossIsAccepted) {
    TestWorld world;
    world.start_orchestrator();
    const auto engineer = world.person("eve", {"engineer"});
    ASSERT_TRUE(world.apply(*world.control(engineer), small_plan(false)).ok());
    const auto place = platform::TemporaryDirectory::make("backup");
    ASSERT_TRUE(place.ok());
    const std::string file = place->path() + "/b";
    const Instant now = platform::SystemClock().now();
    const auto saved = save_backup({world.directory()}, {file, true}, now);
    ASSERT_TRUE(saved.ok()) << saved.error().text();
    EXPECT_FALSE(save_backup({world.directory()}, {file, true}, now).ok()) << "it would be written over";
    const auto written = version(world, world.orchestrator().ports().control, engineer).sequence();
    world.stop_orchestrator();
    const auto report = store::inspect_backup(file);
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_EQ(report->problem, "");
    EXPECT_EQ(report->head.sequence, written);
    EXPECT_EQ(report->plans, 1U);
    EXPECT_THAT(report->files, Contains("ca/ca.key"));

    const DataPaths again{place->path() + "/again"};
    const auto restored = restore_backup(file, again);
    ASSERT_TRUE(restored.ok()) << restored.error().text();
    EXPECT_EQ(restore_backup(file, again).error().code, ErrorCode::kFailedPrecondition) << "it is not empty";
    {
        const auto served = Orchestrator::start(options_for(again.root));
        ASSERT_TRUE(served.ok()) << served.error().text();
        const auto told = version(world, (*served)->ports().control, engineer);
        EXPECT_TRUE(told.read_only());
        EXPECT_THAT(told.read_only_reason(), HasSubstr("restored from a backup"));
        EXPECT_EQ(told.sequence(), written) << "not even its start is recorded";
    }
    auto accepting = options_for(again.root);
    accepting.accept_loss = true;
    std::uint64_t epoch = 0;
    for (const auto& options : {accepting, options_for(again.root)}) {
        const auto served = Orchestrator::start(options);
        ASSERT_TRUE(served.ok()) << served.error().text();
        const auto told = version(world, (*served)->ports().control, engineer);
        EXPECT_FALSE(told.read_only());
        if (epoch != 0) {
            EXPECT_EQ(told.epoch(), epoch + 1) << "the loss is accepted once";
        }
        epoch = told.epoch();
        EXPECT_GT(epoch, 1'000'000U) << "hosts may obey an epoch of the lost history";
    }
}

TEST(Backup, WithoutKeysHoldsNone) {
    TestWorld world;
    world.start_orchestrator();
    world.stop_orchestrator();
    const std::string file = world.directory() + "/b";
    const auto saved = save_backup({world.directory()}, {file}, platform::SystemClock().now());
    ASSERT_TRUE(saved.ok()) << saved.error().text();
    EXPECT_THAT(store::inspect_backup(file)->files, ElementsAre("host", "project"));
    const std::string bytes = platform::read_file(file).value();
    EXPECT_EQ(bytes.find("PRIVATE KEY"), std::string::npos);
}

TEST(Backup, ThatNamesAFileOutsideItsDirectoryIsRefused) {
    TestWorld world;
    world.start_orchestrator();
    world.stop_orchestrator();
    const std::string file = world.directory() + "/b";
    ASSERT_TRUE(save_backup({world.directory()}, {file}, platform::SystemClock().now()).ok());
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
    sqlite3_exec(handle, "INSERT INTO backup_files VALUES ('people/../../evil', x'00')", nullptr, nullptr,
                 nullptr);
    sqlite3_close(handle);
    const auto refused = restore_backup(file, {world.directory() + "/again"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(platform::file_exists(world.directory() + "/evil"));
}

TEST(Quarantine, KeepsADamagedDatabaseOnceAsItWasFound) {
    TestWorld world;
    world.start_orchestrator();
    world.stop_orchestrator();
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open((world.directory() + "/journal.db").c_str(), &handle), SQLITE_OK);
    sqlite3_exec(handle, "UPDATE journal SET hash = zeroblob(32) WHERE sequence = 1", nullptr, nullptr,
                 nullptr);
    sqlite3_close(handle);
    for (int i = 0; i < 2; ++i) {
        world.start_orchestrator();
        world.stop_orchestrator();
        const std::string folder = world.directory() + "/quarantine";
        const auto kept = platform::list_dir(folder);
        ASSERT_TRUE(kept.ok()) << kept.error().text();
        ASSERT_THAT(*kept, SizeIs(2)) << "a copy and why; no second one at the second start";
        EXPECT_THAT(platform::read_file(folder + "/" + kept->back()).value(),
                    HasSubstr("row 1 has hash 00000000"));
        ASSERT_EQ(sqlite3_open((folder + "/" + kept->front()).c_str(), &handle), SQLITE_OK);
        sqlite3_exec(handle, "DELETE FROM journal WHERE hash = zeroblob(32)", nullptr, nullptr, nullptr);
        EXPECT_EQ(sqlite3_changes(handle), i == 0 ? 1 : 0) << "the row as it was found";
        sqlite3_close(handle);
    }
}

}  // namespace
}  // namespace ararat::server
