// Backups of a journal that is being written: whatever moment they catch, they hold; and what comes out of
// one says so. Then the disk's own failures: full, read-only, torn.
#include "store/backup.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "platform/files.h"
#include "store/sqlite_store.h"
#include "tests/support/plan_text.h"

namespace ararat::store {
namespace {

using execution::Record;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ProjectId kProject("exit");

Record record(std::uint64_t sequence, std::size_t bytes = 4) {
    return {sequence, testing::kTestStart, execution::EpochStarted{sequence, std::string(bytes, 'v')}};
}

class BackupTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto made = platform::TemporaryDirectory::make("backup");
        ASSERT_TRUE(made.ok());
        directory_.emplace(std::move(made).value());
    }
    [[nodiscard]] std::string path(const std::string& name) const { return directory_->path() + "/" + name; }
    [[nodiscard]] Store open(const std::string& name = "j.db") const {
        auto opened = open_sqlite(path(name), kProject);
        EXPECT_TRUE(opened.ok()) << opened.error().text();
        return std::move(opened).value();
    }

    std::optional<platform::TemporaryDirectory> directory_;
};

TEST_F(BackupTest, HoldsWhateverIsWrittenWhileItIsMade) {
    const Store store = open();
    for (std::uint64_t i = 1; i <= 300; ++i) ASSERT_TRUE(store.journal->append({record(i, 9'000)}, {}).ok());
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (std::uint64_t i = 301; !stop; ++i) ASSERT_TRUE(store.journal->append({record(i)}, {}).ok());
    });
    const auto copied = store.copy_to(path("b"));
    stop = true;
    writer.join();
    ASSERT_TRUE(copied.ok()) << copied.error().text();
    ASSERT_TRUE(make_backup(path("b"), testing::kTestStart, {{"ca/ca.key", "secret"}}).ok());
    struct stat status {};
    ASSERT_EQ(::stat(path("b").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_FALSE(platform::file_exists(path("b-wal")));
    const auto report = inspect_backup(path("b"));
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_EQ(report->problem, "");
    EXPECT_EQ(report->project, kProject);
    EXPECT_GE(report->head.sequence, 300U);
    EXPECT_EQ(report->epoch, report->head.sequence);
    EXPECT_THAT(report->files, ElementsAre("ca/ca.key"));
    EXPECT_EQ(report->made, testing::kTestStart);
}

TEST_F(BackupTest, IsNotWrittenOverAFileThatIsThere) {
    const Store store = open();
    ASSERT_TRUE(platform::write_file_durable(path("b"), "mine").ok());
    EXPECT_EQ(store.copy_to(path("b")).error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(platform::read_file(path("b")).value(), "mine");
}

TEST_F(BackupTest, ComesBackMarkedUntilItsLossIsAccepted) {
    {
        const Store store = open();
        ASSERT_TRUE(store.journal->append({record(1), record(2)}, {}).ok());
        EXPECT_EQ(store.restored, "");
        ASSERT_TRUE(store.copy_to(path("b")).ok());
    }
    ASSERT_TRUE(make_backup(path("b"), testing::kTestStart, {{"host", "here"}}).ok());
    const auto files = unpack_backup(path("b"), path("r.db"));
    ASSERT_TRUE(files.ok()) << files.error().text();
    ASSERT_EQ(files->size(), 1U);
    EXPECT_EQ(files->front().bytes, "here");
    {
        const Store store = open("r.db");
        EXPECT_EQ(store.restored, std::to_string(to_unix_ms(testing::kTestStart)));
        EXPECT_EQ(store.journal->head()->sequence, 2U);
        ASSERT_TRUE(store.accept_loss().ok());
    }
    EXPECT_EQ(open("r.db").restored, "");
    EXPECT_EQ(inspect_backup(path("b"))->head.sequence, 2U) << "the backup itself stays as it was";
}

TEST_F(BackupTest, IsMarkedAlsoWhereSomebodyPutItInPlaceByHand) {
    {
        const Store store = open();
        ASSERT_TRUE(store.journal->append({record(1)}, {}).ok());
        ASSERT_TRUE(store.copy_to(path("by-hand.db")).ok());
    }
    ASSERT_TRUE(make_backup(path("by-hand.db"), testing::kTestStart, {}).ok());
    {
        const Store store = open("by-hand.db");
        EXPECT_EQ(store.restored, std::to_string(to_unix_ms(testing::kTestStart)));
        ASSERT_TRUE(store.accept_loss().ok());
    }
    EXPECT_EQ(open("by-hand.db").restored, "");
}

TEST_F(BackupTest, NamesWhatIsNoBackupAndWhatIsDamaged) {
    EXPECT_EQ(inspect_backup(path("none")).error().code, ErrorCode::kNotFound);
    {
        const Store store = open();
        ASSERT_TRUE(store.journal->append({record(1), record(2), record(3)}, {}).ok());
        ASSERT_TRUE(store.copy_to(path("b")).ok());
    }
    EXPECT_EQ(inspect_backup(path("b")).error().code, ErrorCode::kInvalidArgument) << "a mere copy";
    ASSERT_TRUE(make_backup(path("b"), testing::kTestStart, {}).ok());
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path("b").c_str(), &handle), SQLITE_OK);
    sqlite3_exec(handle, "UPDATE journal SET bytes = x'00' WHERE sequence = 2", nullptr, nullptr, nullptr);
    sqlite3_close(handle);
    EXPECT_THAT(inspect_backup(path("b"))->problem, HasSubstr("row 2 has hash"));
}

// A power cut in the middle of a commit, at many places of the write-ahead log: the commit is gone or whole,
// and everything before it is there.
TEST_F(BackupTest, ATornLastRecordIsDroppedAndNothingElse) {
    std::string database;
    std::string log;
    std::size_t before = 0;
    {
        const Store store = open();
        for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(store.journal->append({record(i)}, {}).ok());
        before = platform::read_file(path("j.db-wal"))->size();
        ASSERT_TRUE(store.journal->append({record(6, 9'000)}, {}).ok());
        database = platform::read_file(path("j.db")).value();
        log = platform::read_file(path("j.db-wal")).value();
    }
    ASSERT_GT(log.size(), before);
    const std::size_t torn_bytes = log.size() - before;
    for (const std::size_t left :
         {std::size_t{0}, std::size_t{1}, std::size_t{512}, torn_bytes / 2, torn_bytes - 1, torn_bytes}) {
        ASSERT_TRUE(platform::write_file_durable(path("t.db"), database).ok());
        ASSERT_TRUE(platform::write_file_durable(path("t.db-wal"), log.substr(0, before + left)).ok());
        const Store store = open("t.db");
        const auto restored = restore(*store.journal, kProject);
        ASSERT_TRUE(restored.ok()) << restored.error().text();
        EXPECT_EQ(restored->problem, "") << left;
        EXPECT_EQ(restored->head.sequence, left == torn_bytes ? 6U : 5U) << left;
    }
}

// Runs on a small file system of its own, in a child; skips where that may not be mounted. The child says
// what went wrong by its exit status.
void on_small_disk(const std::string& place, int (*run)(const std::string&)) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        constexpr int kNotAllowed = 77;
        if (::unshare(CLONE_NEWNS) != 0) _exit(kNotAllowed);
        if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(kNotAllowed);
        if (::mount("none", place.c_str(), "tmpfs", 0, "size=1m") != 0) _exit(kNotAllowed);
        _exit(run(place));
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no file system may be mounted here";
    EXPECT_EQ(WEXITSTATUS(status), 0) << "the check of this number failed";
}

// What was refused is not there, also after opening again; all that was acknowledged is.
int check_again(const std::string& place, std::uint64_t acknowledged) {
    const auto store = open_sqlite(place + "/j.db", kProject);
    if (!store.ok()) return 10;
    const auto restored = restore(*store->journal, kProject);
    if (!restored.ok()) return 11;
    if (!restored->problem.empty()) return 12;
    return restored->head.sequence == acknowledged ? 0 : 13;
}

TEST_F(BackupTest, AFullDiskRefusesACommitAsAWhole) {
    on_small_disk(directory_->path(), [](const std::string& place) {
        std::uint64_t at = 0;
        {
            const auto store = open_sqlite(place + "/j.db", kProject);
            if (!store.ok()) return 1;
            while (true) {
                const auto done =
                    store->journal->append({record(at + 1, 20'000), record(at + 2, 20'000)}, {});
                if (!done.ok() && done.error().code != ErrorCode::kUnavailable) return 2;
                if (!done.ok()) break;
                at += 2;
                if (at > 1'000) return 3;
            }
            if (at == 0 || store->journal->head()->sequence != at) return 4;
            if (store->journal->append({record(at + 1)}, {}).ok()) return 5;
            if (store->copy_to(place + "/b").ok()) return 6;
            if (platform::file_exists(place + "/b")) return 7;
        }
        // As somebody who makes room would.
        if (::mount("none", place.c_str(), "tmpfs", MS_REMOUNT, "size=8m") != 0) return 8;
        return check_again(place, at);
    });
}

TEST_F(BackupTest, AReadOnlyDiskIsReadAndRefusesACommitAsAWhole) {
    on_small_disk(directory_->path(), [](const std::string& place) {
        {
            const auto store = open_sqlite(place + "/j.db", kProject);
            if (!store.ok() || !store->journal->append({record(1)}, {}).ok()) return 1;
        }
        if (::mount("none", place.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=1m") != 0) return 2;
        {
            const auto store = open_sqlite(place + "/j.db", kProject);
            if (!store.ok() || store->problem.empty() || store->is_damaged) return 3;
            if (store->journal->read(1, 10)->size() != 1) return 5;
            if (store->journal->append({record(2)}, {}).ok()) return 6;
        }
        if (::mount("none", place.c_str(), "tmpfs", MS_REMOUNT, "size=1m") != 0) return 4;
        return check_again(place, 1);
    });
}

}  // namespace
}  // namespace ararat::store
