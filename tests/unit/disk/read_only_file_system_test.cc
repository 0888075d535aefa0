// A file system on which nothing can be written any more: what is there is known, and is served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "idle_engine.h"
#include "tests/support/failing_disk.h"
#include "tests/support/small_file_system.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;

TEST(ReadOnlyFileSystem, WhileServingIsNamedAndNothingIsDone) {
    IdleEngine world;
    testing::fail_sqlite_writes(EROFS);
    const auto refused = world.apply();
    testing::fail_sqlite_writes(0);
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().message, HasSubstr("the file system is read-only"));
    EXPECT_TRUE(world.engine->view().read_only);
    EXPECT_THAT(world.engine->view().read_only_reason, HasSubstr("the file system is read-only"));
    EXPECT_EQ(world.engine->sequence(), 1U);
    EXPECT_THAT(world.effects, ::testing::IsEmpty());
    world.engine.reset();
    world.store = {};
    world.store =
        std::move(store::open_sqlite(world.directory.path() + "/journal.db", ProjectId("exit"))).value();
    world.engine = world.start();
    EXPECT_TRUE(world.apply().ok());
}

TEST(ReadOnlyFileSystem, AtTheStartIsServedForReading) {
    const auto small = testing::SmallFileSystem::make(std::size_t{16} << 20U);
    if (!small) GTEST_SKIP() << "this process may not mount";
    ASSERT_EQ(::setenv("TMPDIR", small->path().c_str(), 1), 0);
    TestWorld world;
    ::unsetenv("TMPDIR");
    world.start_orchestrator();
    const auto engineer = world.person("eve", {"engineer"});
    ASSERT_TRUE(world.apply(*world.control(engineer), small_plan(false)).ok());
    world.stop_orchestrator();
    ASSERT_TRUE(small->make_read_only());
    world.start_orchestrator();
    v1::GetVersionResponse told;
    grpc::ClientContext context;
    ASSERT_TRUE(world.control(engineer)->GetVersion(&context, {}, &told).ok());
    EXPECT_TRUE(told.read_only());
    EXPECT_THAT(told.read_only_reason(), HasSubstr("the database cannot be written: "));
    EXPECT_THAT(told.read_only_reason(), HasSubstr("Read-only file system"));
    EXPECT_EQ(told.sequence(), 2U) << "what was recorded can be read";
    world.stop_orchestrator();
}

}  // namespace
}  // namespace ararat::server
