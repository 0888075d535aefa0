// Restart equivalence through the real file: the state that is replayed is the state that was left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "platform/files.h"
#include "store/sqlite_store.h"
#include "tests/support/engine_world.h"

namespace ararat::store {
namespace {

using testing::EngineWorld;
using ::testing::HasSubstr;

TEST(Restore, GivesTheSameStateHashForHash) {
    auto directory = platform::TemporaryDirectory::make("restore");
    ASSERT_TRUE(directory.ok());
    const std::string path = directory->path() + "/j.db";
    EngineWorld world;
    world.apply_plan(
        "host src\nchannel c src src\nwave w\ngroup g w\ngroup h w\ntask a g src opens=c\ntask b g src "
        "after=a class=one-shot\ntask d h src undo tries=1\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.finish("a", execution::Outcome::kSucceeded, false, {{"x", "1"}}).ok());
    ASSERT_TRUE(world.finish("b", execution::Outcome::kUnknown).ok());
    ASSERT_TRUE(world.fail("d").ok());
    {
        auto store = open_sqlite(path, ProjectId("exit"));
        ASSERT_TRUE(store.ok());
        ASSERT_TRUE(store->journal->append(world.journal, {world.state.plan}).ok());
    }
    auto store = open_sqlite(path, ProjectId("exit"));
    ASSERT_TRUE(store.ok());
    auto restored = restore(*store->journal, ProjectId("exit"));
    ASSERT_TRUE(restored.ok()) << restored.error().text();
    EXPECT_EQ(fingerprint(*restored), fingerprint(world.state));
    // And the replayed state goes on as the first would have: the same things wait for the same reasons.
    EXPECT_TRUE(schedule(*restored, world.connectivity, world.now).empty());
    EXPECT_EQ(reconcile(*restored, HostId("src")).size(), reconcile(world.state, HostId("src")).size());
    EXPECT_EQ(restored->hosts.at(HostId("src")).in_flight, 1U) << "d is being undone";
}

TEST(Restore, RefusesAJournalThatWasTamperedWith) {
    auto directory = platform::TemporaryDirectory::make("restore");
    ASSERT_TRUE(directory.ok());
    const std::string path = directory->path() + "/j.db";
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\n");
    {
        auto store = open_sqlite(path, ProjectId("exit"));
        ASSERT_TRUE(store->journal->append(world.journal, {world.state.plan}).ok());
    }
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, "DELETE FROM journal WHERE sequence = 1", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(handle);
    auto store = open_sqlite(path, ProjectId("exit"));
    ASSERT_TRUE(store.ok());
    const auto restored = restore(*store->journal, ProjectId("exit"));
    ASSERT_FALSE(restored.ok());
    EXPECT_EQ(restored.error().code, ErrorCode::kDataLoss);
    EXPECT_THAT(restored.error().text(), HasSubstr("row 1 is missing"));
}

}  // namespace
}  // namespace ararat::store
