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
    EXPECT_EQ(restored->problem, "");
    EXPECT_EQ(restored->head.sequence, world.state.sequence);
    EXPECT_EQ(restored->head.hash, store->journal->head()->hash);
    EXPECT_EQ(fingerprint(restored->state), fingerprint(world.state));
    // And the replayed state goes on as the first would have: the same things wait for the same reasons.
    EXPECT_TRUE(schedule(restored->state, world.connectivity, world.now).empty());
    EXPECT_EQ(reconcile(restored->state, HostId("src")).size(), reconcile(world.state, HostId("src")).size());
    EXPECT_EQ(restored->state.hosts.at(HostId("src")).in_flight, 1U) << "d is being undone";
}

// Changed by someone with the file and SQLite: the state is that before the change, and the row is named.
void expect_good_part(const std::string& sql, std::uint64_t good, const std::string& problem) {
    auto directory = platform::TemporaryDirectory::make("restore");
    ASSERT_TRUE(directory.ok());
    const std::string path = directory->path() + "/j.db";
    EngineWorld world;
    world.apply_plan("host src\nwave w\ngroup g w\ntask a g src\ntask b g src after=a\n");
    world.up("src");
    world.start("w");
    ASSERT_TRUE(world.succeed("a").ok());
    {
        auto store = open_sqlite(path, ProjectId("exit"));
        ASSERT_TRUE(store->journal->append(world.journal, {world.state.plan}).ok());
    }
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_GT(sqlite3_changes(handle), 0) << "nothing was tampered with";
    sqlite3_close(handle);
    auto store = open_sqlite(path, ProjectId("exit"));
    ASSERT_TRUE(store.ok());
    const auto restored = restore(*store->journal, ProjectId("exit"));
    ASSERT_TRUE(restored.ok()) << restored.error().text();
    EXPECT_THAT(restored->problem, HasSubstr(problem));
    EXPECT_EQ(restored->head.sequence, good);
    execution::State before;
    before.project = ProjectId("exit");
    before.plans = world.state.plans;
    for (std::uint64_t i = 0; i < good; ++i) apply(before, world.journal[i]);
    EXPECT_EQ(fingerprint(restored->state), fingerprint(before));
}

TEST(Restore, StopsBeforeAMissingRow) {
    expect_good_part("DELETE FROM journal WHERE sequence = 1", 0, "row 1 is missing");
    expect_good_part("DELETE FROM journal WHERE sequence = 5", 4, "row 5 is missing");
}

TEST(Restore, StopsBeforeAChangedRow) {
    expect_good_part("UPDATE journal SET bytes = x'ffffff' WHERE sequence = 6", 5, "row 6 has hash");
    expect_good_part("UPDATE journal SET hash = x'00' WHERE sequence = 7", 6, "row 7 has no whole hash");
}

TEST(Restore, StopsBeforeARecordWhosePlanChangedOrIsGone) {
    expect_good_part("DELETE FROM plans", 1, "row 2: plan ");
    expect_good_part(
        "UPDATE plans SET bytes = CAST(replace(CAST(bytes AS TEXT), '/test/perform', '/evil/perform') AS "
        "BLOB)",
        1, "row 2: the bytes of plan ");
}

}  // namespace
}  // namespace ararat::store
