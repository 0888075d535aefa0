#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verb_world.h"

namespace ararat::agent {
namespace {

std::string owner() { return std::to_string(geteuid()) + ":" + std::to_string(getegid()); }

Operation write_operation(const std::string& path, const std::string& content,
                          const std::string& mode = "0640") {
    return field_operation(Verb::kWriteFile,
                           {{"path", path}, {"content", content}, {"mode", mode}, {"owner", owner()}});
}
Operation restore_operation(const std::string& path) {
    return field_operation(Verb::kRestoreFile, {{"path", path}});
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

TEST(WriteFile, MakesAFileAndRestoreTakesItAway) {
    VerbWorld world;
    const VerbResult written = world.perform(write_operation(world.path("a"), "new"));
    EXPECT_EQ(written.exit_code, 0) << written.detail;
    EXPECT_EQ(world.read("a"), "new");
    EXPECT_EQ(mode_of(world.path("a")), 0640U);
    EXPECT_EQ(world.perform(restore_operation(world.path("a"))).exit_code, 0);
    EXPECT_FALSE(platform::file_exists(world.path("a")));
}

TEST(WriteFile, RestoresContentAndModeFromBeforeTheFirstTry) {
    VerbWorld world;
    world.write("a", "original", 0600);
    ASSERT_EQ(world.perform(write_operation(world.path("a"), "first")).exit_code, 0);
    ASSERT_EQ(world.perform(write_operation(world.path("a"), "second")).exit_code, 0);
    EXPECT_EQ(world.read("a"), "second");
    ASSERT_EQ(world.perform(restore_operation(world.path("a"))).exit_code, 0);
    EXPECT_EQ(world.read("a"), "original");
    EXPECT_EQ(mode_of(world.path("a")), 0600U);
}

TEST(WriteFile, RestoringTwiceOrWithoutWritingDoesNothing) {
    VerbWorld world;
    world.write("a", "original");
    EXPECT_EQ(world.perform(restore_operation(world.path("a"))).exit_code, 0);
    EXPECT_EQ(world.read("a"), "original");
    ASSERT_EQ(world.perform(write_operation(world.path("a"), "new")).exit_code, 0);
    ASSERT_EQ(world.perform(restore_operation(world.path("a"))).exit_code, 0);
    world.write("a", "by someone else since");
    EXPECT_EQ(world.perform(restore_operation(world.path("a"))).exit_code, 0);
    EXPECT_EQ(world.read("a"), "by someone else since");
}

TEST(WriteFile, AnotherTaskKeepsItsOwnOriginal) {
    VerbWorld world;
    world.write("a", "original");
    ASSERT_EQ(world.perform(write_operation(world.path("a"), "first task")).exit_code, 0);
    world.context().saved_name = "p|run|other";
    ASSERT_EQ(world.perform(write_operation(world.path("a"), "other task")).exit_code, 0);
    ASSERT_EQ(world.perform(restore_operation(world.path("a"))).exit_code, 0);
    EXPECT_EQ(world.read("a"), "first task");
}

TEST(WriteFile, NeverWritesThroughASymbolicLink) {
    VerbWorld world;
    world.write("target", "precious");
    ASSERT_EQ(symlink(world.path("target").c_str(), world.path("link").c_str()), 0);
    const VerbResult result = world.perform(write_operation(world.path("link"), "new"));
    EXPECT_NE(result.exit_code, 0);
    EXPECT_NE(result.detail.find("symbolic link"), std::string::npos) << result.detail;
    EXPECT_EQ(world.read("target"), "precious");
}

TEST(WriteFile, RefusesPathsThatAreNone) {
    VerbWorld world;
    for (const std::string& path : {std::string("relative"), world.path(""), world.path("x/../y"),
                                    std::string("/.."), world.path("missing/a"), std::string()}) {
        EXPECT_NE(world.perform(write_operation(path, "x")).exit_code, 0) << path;
    }
}

TEST(WriteFile, RefusesModesAndOwnersThatAreNone) {
    VerbWorld world;
    for (const char* mode : {"8", "rw", "77777"}) {
        EXPECT_NE(world.perform(write_operation(world.path("a"), "x", mode)).exit_code, 0) << mode;
    }
    Operation operation = write_operation(world.path("a"), "x");
    operation.fields["owner"] = "no-such-user";
    EXPECT_NE(world.perform(operation).exit_code, 0);
    EXPECT_FALSE(platform::file_exists(world.path("a")));
}

TEST(WriteFile, ReadsUsersFromPasswd) {
    VerbWorld world;
    ASSERT_TRUE(platform::make_dirs(world.path("etc")).ok());
    world.write("etc/passwd", "me:x:" + std::to_string(geteuid()) + ":1:::\n");
    world.write("etc/group", "us:x:" + std::to_string(getegid()) + ":\n");
    world.context().etc_dir = world.path("etc");
    Operation operation = write_operation(world.path("a"), "x");
    operation.fields["owner"] = "me:us";
    EXPECT_EQ(world.perform(operation).exit_code, 0);
}

TEST(WriteFile, LeavesNoTemporaryFileBehind) {
    VerbWorld world;
    ASSERT_TRUE(platform::make_dirs(world.path("d")).ok());
    ASSERT_EQ(world.perform(write_operation(world.path("d/a"), "x")).exit_code, 0);
    EXPECT_EQ(platform::list_dir(world.path("d")).value(), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace ararat::agent
