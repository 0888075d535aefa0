// Restart equivalence through the real file: the state that is replayed is the state that was left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "execution/engine_core.h"
#include "platform/files.h"
#include "store/snapshot.h"
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

const SnapshotTerms kTerms{"secret", "test"};

// A journal of which a snapshot was taken in the middle of a run.
class SnapshotTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto made = platform::TemporaryDirectory::make("snapshot");
        ASSERT_TRUE(made.ok());
        directory_.emplace(std::move(made).value());
        path_ = directory_->path() + "/j.db";
        world_.apply_plan(
            "host src\nchannel c src src\nwave w\ngroup g w\ngroup h w\ntask a g src opens=c\ntask b g src "
            "after=a class=one-shot\ntask d h src undo tries=1\n");
        world_.up("src");
        world_.start("w");
        ASSERT_TRUE(world_.finish("a", execution::Outcome::kSucceeded, false, {{"x", "1"}}).ok());
        auto store = open_sqlite(path_, ProjectId("exit"));
        ASSERT_TRUE(store.ok());
        ASSERT_TRUE(store->journal->append(world_.journal, {world_.state.plan}).ok());
        taken_ = world_.state.sequence;
        const auto head = store->journal->head().value();
        ASSERT_TRUE(store->journal->put_snapshot({head, seal_snapshot(world_.state, head, kTerms)}).ok());
        ASSERT_TRUE(world_.finish("b", execution::Outcome::kUnknown).ok());
        ASSERT_TRUE(world_.fail("d").ok());
        const auto after = world_.journal.begin() + static_cast<std::ptrdiff_t>(taken_);
        ASSERT_TRUE(store->journal->append({after, world_.journal.end()}, {}).ok());
    }

    void tamper(const std::string& sql) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
        ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
        EXPECT_GT(sqlite3_changes(handle), 0) << "nothing was tampered with";
        sqlite3_close(handle);
    }

    Restored begin_again(const SnapshotTerms& terms = kTerms) {
        auto store = open_sqlite(path_, ProjectId("exit"));
        EXPECT_TRUE(store.ok());
        auto restored = restore(*store->journal, ProjectId("exit"), terms);
        EXPECT_TRUE(restored.ok()) << restored.error().text();
        return std::move(restored).value();
    }

    // Everything was replayed, and why is said.
    void expect_passed_over(const Restored& restored, const std::string& why) {
        EXPECT_EQ(restored.from_snapshot, 0U);
        EXPECT_THAT(restored.snapshot_problem, HasSubstr(why));
        EXPECT_EQ(restored.problem, "");
        EXPECT_EQ(fingerprint(restored.state), fingerprint(world_.state));
    }

    std::optional<platform::TemporaryDirectory> directory_;
    std::string path_;
    EngineWorld world_;
    std::uint64_t taken_ = 0;
};

TEST_F(SnapshotTest, IsWhereARestartBeginsAndGivesTheSameState) {
    const Restored restored = begin_again();
    EXPECT_EQ(restored.snapshot_problem, "");
    EXPECT_EQ(restored.problem, "");
    EXPECT_EQ(restored.from_snapshot, taken_);
    EXPECT_EQ(restored.head.sequence, world_.state.sequence);
    EXPECT_EQ(fingerprint(restored.state), fingerprint(world_.state));
    // With all that is derived: the bytes hold the index as well.
    const Restored replayed = begin_again({});
    EXPECT_EQ(replayed.from_snapshot, 0U);
    const ChainHead head = restored.head;
    EXPECT_EQ(head.hash, replayed.head.hash);
    EXPECT_EQ(seal_snapshot(restored.state, head, kTerms), seal_snapshot(replayed.state, head, kTerms));
    EXPECT_TRUE(schedule(restored.state, world_.connectivity, world_.now).empty());
    EXPECT_EQ(reconcile(restored.state, HostId("src")).size(), reconcile(world_.state, HostId("src")).size());
}

TEST_F(SnapshotTest, ThatWasDamagedIsNamedAndPassedOver) {
    tamper("UPDATE snapshots SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) AS BLOB)");
    expect_passed_over(begin_again(), "the snapshot of record " + std::to_string(taken_) +
                                          ": has changed since it was made");
    tamper("UPDATE snapshots SET bytes = x'00'");
    expect_passed_over(begin_again(), "has no whole seal");
}

TEST_F(SnapshotTest, OfAnotherKeyVersionOrPlaceIsPassedOver) {
    expect_passed_over(begin_again({"guessed", "test"}), "was made with another key");
    expect_passed_over(begin_again({"secret", "newer"}), "another version");
    tamper("UPDATE snapshots SET sequence = sequence - 1");
    expect_passed_over(begin_again(), "for another record");
}

TEST_F(SnapshotTest, OfAnotherHistoryLeavesTheJournalToSayWhatIsWrong) {
    tamper("UPDATE journal SET hash = zeroblob(32) WHERE sequence = " + std::to_string(taken_));
    const Restored restored = begin_again();
    EXPECT_THAT(restored.snapshot_problem, HasSubstr("but the journal's row has 0000"));
    EXPECT_THAT(restored.problem, HasSubstr("row " + std::to_string(taken_) + " has hash 0000"));
    EXPECT_EQ(restored.head.sequence, taken_ - 1);
}

TEST_F(SnapshotTest, WhosePlanIsGoneIsPassedOverAndTheRowNamed) {
    tamper("DELETE FROM plans");
    const Restored restored = begin_again();
    EXPECT_THAT(restored.snapshot_problem, HasSubstr("is not stored"));
    EXPECT_THAT(restored.problem, HasSubstr("row 2: plan "));
}

// What is before a snapshot is not walked at a start, and verify() walks it all the same.
TEST_F(SnapshotTest, DoesNotHideAnEarlierChangeFromVerification) {
    tamper("UPDATE journal SET bytes = x'00' WHERE sequence = 2");
    EXPECT_EQ(begin_again().problem, "");
    auto store = open_sqlite(path_, ProjectId("exit"));
    ASSERT_TRUE(store.ok());
    EXPECT_THAT(store->journal->verify()->problem, HasSubstr("row 2 has hash"));
}

}  // namespace
}  // namespace ararat::store
