// Bits that turn and ends that are missing, anywhere in the database's files. Method: the same files with one
// fault each, opened as a start does. Either everything is still there, or it is open for reading only, up to
// a record that was written, says why, and has changed no byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "platform/files.h"
#include "store/rebuild.h"
#include "store/sqlite_log_damage.h"
#include "store/sqlite_store.h"
#include "tests/support/plan_text.h"

namespace ararat::store {
namespace {

using ::testing::HasSubstr;

const ProjectId kProject("exit");
constexpr std::uint64_t kInDatabase = 60;
constexpr std::uint64_t kRecords = 80;  // the rest is in the log

struct Files {
    std::string database;
    std::string log;
};

execution::Record record(std::uint64_t sequence) {
    return {sequence, testing::kTestStart + sequence * Duration{1'000},
            execution::EpochStarted{sequence,
                                    std::string(300 + sequence % 7, static_cast<char>('a' + sequence % 26))}};
}

class DamagedDatabase : public ::testing::Test {
protected:
    void SetUp() override {
        for (std::uint64_t i = 1; i <= kInDatabase;) {
            const auto store = open_sqlite(path_, kProject);
            ASSERT_TRUE(store.ok()) << store.error().text();
            for (const std::uint64_t until = i + 20; i < until; ++i) {
                ASSERT_TRUE(store->journal->append({record(i)}, {}).ok());
            }
        }
        const auto store = open_sqlite(path_, kProject);
        ASSERT_TRUE(store.ok());
        ASSERT_TRUE(store->registry->pin_host_key(HostId("h"), "ssh-ed25519 AAAA").ok());
        for (std::uint64_t i = kInDatabase + 1; i <= kRecords; ++i) {
            ASSERT_TRUE(store->journal->append({record(i)}, {}).ok());
        }
        whole_ = {read(path_), read(path_ + "-wal")};
        for (const auto& entry : store->journal->read(1, kRecords).value()) hashes_.push_back(entry.hash);
        ASSERT_EQ(hashes_.size(), kRecords);
        ASSERT_GT(whole_.log.size(), 20'000U);
    }

    static std::string read(const std::string& path) {
        auto bytes = platform::read_file(path);
        return bytes.ok() ? std::move(bytes).value() : bytes.error().text();
    }
    void put(const Files& files) const {
        std::ofstream(path_, std::ios::binary) << files.database;
        std::ofstream(path_ + "-wal", std::ios::binary) << files.log;
    }

    // Of these files: the last record that is served, and the problem that is told.
    struct Served {
        std::uint64_t sequence = 0;
        std::string problem;
    };
    Served open(const Files& files, const std::string& what) {
        put(files);
        Served served;
        {
            const auto store = open_sqlite(path_, kProject);
            if (!store.ok()) {
                ADD_FAILURE() << what << ": the start is refused: " << store.error().text();
                return served;
            }
            const auto restored = restore(*store->journal, kProject);
            if (!restored.ok()) {
                ADD_FAILURE() << what << ": " << restored.error().text();
                return served;
            }
            served = {restored->head.sequence, store->problem + restored->problem};
            const bool is_prefix =
                served.sequence == 0 ||
                (served.sequence <= kRecords && hashes_[served.sequence - 1] == restored->head.hash);
            EXPECT_TRUE(is_prefix) << what << ": another history";
            if (store->problem.empty()) return served;
        }
        EXPECT_TRUE(read(path_) == files.database) << what << ": the file was changed: " << served.problem;
        EXPECT_TRUE(read(path_ + "-wal") == files.log) << what << ": the log was changed: " << served.problem;
        return served;
    }

    platform::TemporaryDirectory directory_ = std::move(platform::TemporaryDirectory::make()).value();
    std::string path_ = directory_.path() + "/journal.db";
    Files whole_;
    std::vector<Hash> hashes_;
};

TEST_F(DamagedDatabase, WithoutDamageEverythingIsThere) {
    const Served served = open(whole_, "whole");
    EXPECT_EQ(served.problem, "");
    EXPECT_EQ(served.sequence, kRecords);
}

// A share, the same in each run: every byte of the header, and one in 89 of the rest.
TEST_F(DamagedDatabase, ABitThatTurnsIsNamedOrDoesNoHarm) {
    int noticed = 0;
    for (std::size_t at = 0; at < whole_.database.size(); at += at < 100 ? 1 : 89) {
        Files files = whole_;
        files.database[at] = static_cast<char>(files.database[at] ^ (1 << at % 8));
        const std::string what = "bit of byte " + std::to_string(at);
        const Served served = open(files, what);
        if (served.problem.empty()) {
            EXPECT_EQ(served.sequence, kRecords) << what << ": records are lost in silence";
        } else {
            ++noticed;
        }
    }
    EXPECT_GT(noticed, 100);
}

TEST_F(DamagedDatabase, AnEndThatIsMissingIsNamed) {
    for (std::size_t size = 1; size < whole_.database.size(); size += size % 4096 == 1 ? 2047 : 1024) {
        const Served served =
            open({whole_.database.substr(0, size), whole_.log}, "cut to " + std::to_string(size));
        if (!served.problem.empty()) continue;
        EXPECT_EQ(served.sequence, kRecords) << "cut to " << size;
    }
}

// Of the last commit nobody can tell a bit that turned from a write that was torn: its hosts can.
TEST_F(DamagedDatabase, ABitThatTurnsInTheLogIsNamed) {
    for (std::size_t at = 0; at < whole_.log.size(); at += at < 64 ? 1 : 193) {
        Files files = whole_;
        files.log[at] = static_cast<char>(files.log[at] ^ (1 << at % 8));
        const std::string what = "bit of byte " + std::to_string(at) + " of the log";
        const Served served = open(files, what);
        if (served.problem.empty()) {
            EXPECT_GE(served.sequence, kRecords - 1) << what << ": records are lost in silence";
        } else {
            EXPECT_THAT(served.problem, HasSubstr("write-ahead log does not hold")) << what;
        }
    }
}

// SQLite's own log, which ends in a commit of one record.
TEST_F(DamagedDatabase, EachBitOfALateFramesHeaderIsMissed) {
    constexpr std::size_t kHeader = 32;
    constexpr std::size_t kFrame = 24 + 4096;
    const std::size_t frames = (whole_.log.size() - kHeader) / kFrame;
    ASSERT_GT(frames, 20U);
    const auto ends_a_commit = [&](std::size_t frame) {
        return whole_.log.substr(kHeader + frame * kFrame + 4, 4) != std::string(4, '\0');
    };
    std::size_t before_last = frames - 1;
    while (!ends_a_commit(--before_last)) ASSERT_GT(before_last, 0U);
    for (std::size_t frame = frames - std::min<std::size_t>(frames, 40); frame <= before_last; ++frame) {
        for (std::size_t bit = 0; bit < std::size_t{24} * 8; ++bit) {
            std::string log = whole_.log;
            char& byte = log[kHeader + frame * kFrame + bit / 8];
            byte = static_cast<char>(byte ^ (1 << bit % 8));
            EXPECT_NE(damage_of_log(log), "") << "frame " << frame + 1 << ", bit " << bit;
        }
    }
}

TEST_F(DamagedDatabase, ALogThatEndsEarlyIsAWriteThatWasTorn) {
    for (std::size_t size = 0; size < whole_.log.size(); size += 509) {
        const Served served =
            open({whole_.database, whole_.log.substr(0, size)}, "log of " + std::to_string(size));
        EXPECT_EQ(served.problem, "");
        EXPECT_GE(served.sequence, kInDatabase);
    }
}

TEST_F(DamagedDatabase, WithoutAHeaderNothingIsReadAndNothingIsLost) {
    // Its log would have another copy of the first page.
    Files files{whole_.database, {}};
    files.database.replace(0, 16, 16, '\0');
    const Served served = open(files, "no header");
    EXPECT_EQ(served.sequence, 0U);
    EXPECT_THAT(served.problem, HasSubstr("file is not a database"));
    EXPECT_FALSE(rebuild_sqlite(path_, kProject, path_ + "-new").ok());
}

TEST_F(DamagedDatabase, WhatHoldsIsRebuiltBesideIt) {
    Files files = whole_;
    const std::size_t at = files.database.find(std::string(300 + 33 % 7, static_cast<char>('a' + 33 % 26)));
    ASSERT_NE(at, std::string::npos);
    files.database[at] = '?';
    put(files);
    const auto rebuilt = rebuild_sqlite(path_, kProject, path_ + "-new");
    ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().text();
    EXPECT_THAT(rebuilt->problem, HasSubstr("row 33 has hash"));
    EXPECT_EQ(read(path_), files.database);
    EXPECT_EQ(read(path_ + "-wal"), files.log);
    const auto made = open_sqlite(path_ + "-new", kProject);
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(made->journal->head()->hash, hashes_[31]);
    EXPECT_EQ(made->registry->host_key(HostId("h")).value(), "ssh-ed25519 AAAA");
}

// SQLite takes the log for ended there: what it shows holds, to the last record.
TEST_F(DamagedDatabase, WhatIsLostBehindADamagedLogIsNamedWhenItIsRebuilt) {
    Files files = whole_;
    files.log[files.log.size() / 2] ^= 1;
    put(files);
    const auto rebuilt = rebuild_sqlite(path_, kProject, path_ + "-new");
    ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().text();
    EXPECT_THAT(rebuilt->problem, HasSubstr("write-ahead log does not hold"));
    EXPECT_GT(rebuilt->head.sequence, kInDatabase);
    EXPECT_LT(rebuilt->head.sequence, kRecords - 1);
    EXPECT_EQ(rebuilt->last, record(rebuilt->head.sequence).at) << "what came later is what is missing";
    EXPECT_EQ(read(path_ + "-wal"), files.log);
}

}  // namespace
}  // namespace ararat::store
