// Runs are not started on a disk that is all but full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "server/data_directory.h"
#include "test_world.h"
#include "tests/support/small_file_system.h"

namespace ararat::server {
namespace {

constexpr const char* kFull = "less than 5% of the file system is free: no run is started";

TEST(Room, FivePercentAreEnoughAndLessIsNot) {
    const DataPaths paths{"/place"};
    EXPECT_TRUE(check_room_for_runs(paths, {5, 100}).ok());
    EXPECT_TRUE(check_room_for_runs(paths, {50, 1'000}).ok());
    const auto refused = check_room_for_runs(paths, {49, 1'000});
    EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
    EXPECT_EQ(refused.error().message, kFull);
    EXPECT_EQ(refused.error().context, "/place");
}

TEST(Room, OnAFullFileSystemNoRunIsStartedUntilThereIsRoomAgain) {
    const auto small = testing::SmallFileSystem::make(std::size_t{16} << 20U);
    if (!small) GTEST_SKIP() << "this process may not mount";
    ASSERT_EQ(::setenv("TMPDIR", small->path().c_str(), 1), 0);
    TestWorld world;
    ::unsetenv("TMPDIR");
    world.start_orchestrator();
    const auto engineer = world.person("eve", {"engineer"});
    ASSERT_TRUE(world.apply(*world.control(engineer), small_plan(false)).ok());
    const std::string ballast = small->path() + "/ballast";
    {
        auto log = platform::DurableLog::open(ballast);
        ASSERT_TRUE(log.ok());
        for (Room room = room_of(small->path()).value(); room.free * 100 >= room.all * 5;
             room = room_of(small->path()).value()) {
            ASSERT_TRUE(log->append(std::string(65'536, 'x')).ok());
        }
    }
    v1::StartWaveRequest request;
    request.set_wave("wave-1");
    v1::StartWaveResponse response;
    grpc::ClientContext full;
    const auto refused = world.control(engineer)->StartWave(&full, request, &response);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(refused.error_message(), world.directory() + ": " + kFull);
    ASSERT_TRUE(platform::remove_file(ballast).ok());
    grpc::ClientContext again;
    const auto started = world.control(engineer)->StartWave(&again, request, &response);
    EXPECT_TRUE(started.ok()) << started.error_message();
    world.stop_orchestrator();
}

}  // namespace
}  // namespace ararat::server
