// The journal in a real file: what is appended is there after opening again, and every kind of tampering
// with the file is named.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "platform/files.h"
#include "store/sqlite_store.h"
#include "tests/support/plan_text.h"
#include "wire/chain.h"

namespace ararat::store {
namespace {

using execution::EpochStarted;
using execution::Record;
using ::testing::HasSubstr;

const ProjectId kProject("exit");

Record record(std::uint64_t sequence, const std::string& version = "test") {
    return Record{sequence, testing::kTestStart, EpochStarted{sequence, version}};
}

class JournalTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto made = platform::TemporaryDirectory::make("journal");
        ASSERT_TRUE(made.ok());
        directory_.emplace(std::move(made).value());
        path_ = directory_->path() + "/journal.db";
    }

    Store open() {
        auto opened = open_sqlite(path_, kProject);
        EXPECT_TRUE(opened.ok()) << opened.error().text();
        return std::move(opened).value();
    }

    void write(std::uint64_t records) {
        const Store store = open();
        for (std::uint64_t i = 1; i <= records; ++i) ASSERT_TRUE(store.journal->append({record(i)}, {}).ok());
    }

    // As someone with the file and SQLite would.
    void tamper(const std::string& sql) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
        char* message = nullptr;
        EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
        EXPECT_GT(sqlite3_changes(handle), 0) << "nothing was tampered with";
        sqlite3_close(handle);
    }

    std::string problem() {
        const auto report = open().journal->verify();
        EXPECT_TRUE(report.ok());
        EXPECT_EQ(report->ok, report->problem.empty());
        return report->problem;
    }

    std::optional<platform::TemporaryDirectory> directory_;
    std::string path_;
};

TEST_F(JournalTest, HoldsWhatWasAppendedAfterOpeningAgain) {
    {
        const Store store = open();
        EXPECT_EQ(store.journal->head()->sequence, 0U);
        EXPECT_EQ(store.journal->head()->hash.str(), to_hex(wire::chain_start(kProject)));
        ASSERT_TRUE(store.journal->append({record(1), record(2)}, {}).ok());
        ASSERT_TRUE(store.journal->append({record(3)}, {}).ok());
    }
    const Store store = open();
    EXPECT_EQ(store.journal->head()->sequence, 3U);
    const auto entries = store.journal->read(2, 10);
    ASSERT_TRUE(entries.ok());
    ASSERT_EQ(entries->size(), 2U);
    EXPECT_EQ((*entries)[0].record.sequence, 2U);
    EXPECT_EQ((*entries)[1].hash, store.journal->head()->hash);
    EXPECT_EQ(store.journal->read(1, 1)->size(), 1U);
    const auto report = store.journal->verify();
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->ok) << report->problem;
    EXPECT_EQ(report->records, 3U);
    EXPECT_EQ(report->head.hash, store.journal->head()->hash);
}

TEST_F(JournalTest, KeepsTheFileToItsOwner) {
    const Store store = open();
    struct stat status {};
    ASSERT_EQ(stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(JournalTest, RefusesAGapAndARepetition) {
    const Store store = open();
    ASSERT_TRUE(store.journal->append({record(1)}, {}).ok());
    for (const auto& wrong :
         {std::vector{record(3)}, std::vector{record(1)}, std::vector{record(2), record(4)}}) {
        const auto refused = store.journal->append(wrong, {});
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
    }
    EXPECT_EQ(store.journal->head()->sequence, 1U);
    EXPECT_TRUE(store.journal->append({record(2)}, {}).ok()) << "a refusal is not a failure of storage";
}

TEST_F(JournalTest, WritesNothingThatItCouldNotReadBack) {
    const Store store = open();
    const auto refused = store.journal->append({record(1, "\xff is no text")}, {});
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().text(), HasSubstr("record 1 could not be read back"));
    EXPECT_EQ(store.journal->head()->sequence, 0U);
    EXPECT_THAT(store.journal->append({record(1)}, {}).error().text(),
                HasSubstr("nothing is written any more"));
    EXPECT_TRUE(store.journal->read(1, 1)->empty());
}

TEST_F(JournalTest, ChainsEachRecordToAllBeforeIt) {
    write(2);
    const std::string first = open().journal->head()->hash.str();
    ASSERT_TRUE(platform::remove_file(path_).ok());
    const Store other = open();
    ASSERT_TRUE(other.journal->append({record(1, "another past"), record(2)}, {}).ok());
    EXPECT_NE(other.journal->head()->hash.str(), first);
}

TEST_F(JournalTest, NamesAChangedRecord) {
    write(5);
    // The version's text is the last field: one letter of it becomes another, the record stays readable.
    tamper(
        "UPDATE journal SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || 'T' AS BLOB) WHERE sequence "
        "= 3");
    EXPECT_THAT(problem(), HasSubstr("row 3 has hash "));
    EXPECT_THAT(problem(), HasSubstr("but its content gives "));
}

TEST_F(JournalTest, NamesAChangedHash) {
    write(5);
    tamper("UPDATE journal SET hash = (SELECT hash FROM journal WHERE sequence = 1) WHERE sequence = 4");
    EXPECT_THAT(problem(), HasSubstr("row 4 has hash "));
}

TEST_F(JournalTest, NamesAMissingRow) {
    write(5);
    tamper("DELETE FROM journal WHERE sequence = 2");
    EXPECT_EQ(problem(), "row 2 is missing: row 3 follows 1");
}

TEST_F(JournalTest, NamesSwappedRows) {
    write(5);
    tamper(
        "UPDATE journal SET sequence = CASE sequence WHEN 2 THEN 103 ELSE 102 END WHERE sequence IN (2, 3);"
        "UPDATE journal SET sequence = sequence - 100 WHERE sequence > 100");
    EXPECT_THAT(problem(), HasSubstr("row 2 has hash "));
}

TEST_F(JournalTest, ReadsUpToARowThatIsNoRecordAndThenNamesIt) {
    write(3);
    tamper("UPDATE journal SET bytes = x'ffffff' WHERE sequence = 2");
    const Store store = open();
    EXPECT_EQ(store.journal->read(1, 10)->size(), 1U);
    const auto entries = store.journal->read(2, 10);
    ASSERT_FALSE(entries.ok());
    EXPECT_EQ(entries.error().code, ErrorCode::kDataLoss);
    EXPECT_THAT(entries.error().text(), HasSubstr("row 2 cannot be read"));
}

TEST_F(JournalTest, OpensAlsoWhenTheNewestHashIsNoHashAndNamesIt) {
    write(3);
    tamper("UPDATE journal SET hash = x'00' WHERE sequence = 3");
    EXPECT_EQ(problem(), "row 3 has no whole hash");
}

// Longer than one chunk, and with commits in between: verification must not keep the engine from writing.
TEST_F(JournalTest, IsVerifiedInPiecesWhileItGrows) {
    constexpr std::uint64_t kRecords = 2 * kVerifyChunk + 7;
    const Store store = open();
    std::vector<Record> records;
    for (std::uint64_t i = 1; i <= kRecords; ++i) records.push_back(record(i));
    ASSERT_TRUE(store.journal->append(records, {}).ok());
    std::atomic<bool> stop{false};
    std::uint64_t appended = kRecords;
    std::thread writer([&] {
        while (!stop) {
            ASSERT_TRUE(store.journal->append({record(++appended)}, {}).ok());
        }
    });
    for (int i = 0; i < 5; ++i) {
        const auto report = store.journal->verify();
        ASSERT_TRUE(report.ok());
        EXPECT_TRUE(report->ok) << report->problem;
        EXPECT_GE(report->records, kRecords);
    }
    stop = true;
    writer.join();
    EXPECT_EQ(store.journal->verify()->records, appended);
}

TEST_F(JournalTest, NamesAChangeBehindTheFirstPiece) {
    {
        std::vector<Record> records;
        for (std::uint64_t i = 1; i <= kVerifyChunk + 3; ++i) records.push_back(record(i));
        ASSERT_TRUE(open().journal->append(records, {}).ok());
    }
    tamper("DELETE FROM journal WHERE sequence = " + std::to_string(kVerifyChunk + 2));
    EXPECT_THAT(problem(), HasSubstr("row " + std::to_string(kVerifyChunk + 2) + " is missing"));
}

TEST_F(JournalTest, StoresPlansInTheSameCommitByTheirHash) {
    const auto plan = std::make_shared<const CompiledPlan>(
        testing::parse_plan_text("host h\nwave w\ngroup g w\ntask a g h\n"));
    {
        const Store store = open();
        EXPECT_EQ(store.journal->plan(plan->hash).error().code, ErrorCode::kNotFound);
        ASSERT_TRUE(store.journal->append({record(1)}, {plan, plan}).ok());
    }
    const Store store = open();
    const auto back = store.journal->plan(plan->hash);
    ASSERT_TRUE(back.ok()) << back.error().text();
    EXPECT_EQ(**back, *plan);
}

TEST_F(JournalTest, RefusesAPlanWhoseBytesChanged) {
    const auto plan = std::make_shared<const CompiledPlan>(
        testing::parse_plan_text("host h\nwave w\ngroup g w\ntask a g h\n"));
    { ASSERT_TRUE(open().journal->append({record(1)}, {plan}).ok()); }
    tamper(
        "UPDATE plans SET bytes = CAST(replace(CAST(bytes AS TEXT), '/test/perform', '/evil/perform') AS "
        "BLOB)");
    const auto back = open().journal->plan(plan->hash);
    ASSERT_FALSE(back.ok());
    EXPECT_EQ(back.error().code, ErrorCode::kDataLoss);
}

TEST_F(JournalTest, IsRefusedToASecondProcessAndToAnotherProject) {
    {
        const Store store = open();
        const pid_t child = fork();
        if (child == 0) {
            const auto second = open_sqlite(path_, kProject);
            _exit(second.ok() ? 1 : 0);
        }
        int status = -1;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0) << "a second writer was let in";
    }
    const auto other = open_sqlite(path_, ProjectId("elsewhere"));
    ASSERT_FALSE(other.ok());
    EXPECT_THAT(other.error().text(), HasSubstr("belongs to project exit, not to elsewhere"));
}

// A child appends without end and says each commit that returned; it is killed at some moment. What it
// said must be there.
TEST_F(JournalTest, KeepsEveryCommitThatReturnedWhenTheProcessIsKilled) {
    for (int round = 0; round < 5; ++round) {
        ASSERT_EQ(unlink(path_.c_str()) == 0 || errno == ENOENT, true);
        int pipe_ends[2];
        ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
        const pid_t child = fork();
        if (child == 0) {
            auto store = open_sqlite(path_, kProject);
            for (std::uint64_t i = 1; store.ok(); ++i) {
                if (!store->journal->append({record(i)}, {}).ok()) break;
                if (::write(pipe_ends[1], &i, sizeof i) != sizeof i) break;
            }
            _exit(1);
        }
        close(pipe_ends[1]);
        std::uint64_t said = 0;
        for (int i = 0; i < 20 + 7 * round; ++i) {
            ASSERT_EQ(::read(pipe_ends[0], &said, sizeof said), static_cast<ssize_t>(sizeof said));
        }
        ASSERT_EQ(kill(child, SIGKILL), 0);
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        while (::read(pipe_ends[0], &said, sizeof said) == static_cast<ssize_t>(sizeof said)) {
        }
        close(pipe_ends[0]);
        const Store store = open();
        EXPECT_GE(store.journal->head()->sequence, said);
        EXPECT_TRUE(store.journal->verify()->ok);
    }
}

}  // namespace
}  // namespace ararat::store
