// After a failed sync nobody knows what is on the disk, and a second one may say wrongly that all is well:
// the process ends, and only a new one reads what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>

#include "agent/journal_file.h"
#include "idle_engine.h"
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
