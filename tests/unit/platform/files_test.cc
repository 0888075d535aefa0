#include "platform/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/random.h"

namespace ararat::platform {
namespace {

mode_t mode_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
}

TEST(WriteFileDurable, ReplacesAsAWholeAndLeavesNothingBeside) {
    const auto dir = TemporaryDirectory::make();
    const std::string path = dir->path() + "/plan";
    const mode_t before = ::umask(0077);
    ASSERT_TRUE(write_file_durable(path, "first", 0640).ok());
    ASSERT_TRUE(write_file_durable(path, std::string("sec\0nd", 6), 0640).ok());
    ::umask(before);
    EXPECT_EQ(*read_file(path), std::string("sec\0nd", 6));
    EXPECT_EQ(mode_of(path), 0640U);
    EXPECT_EQ(*list_dir(dir->path()), std::vector<std::string>{"plan"});
}

TEST(WriteFileDurable, ReplacesASymbolicLinkNotWhatItPointsAt) {
    const auto dir = TemporaryDirectory::make();
    const std::string victim = dir->path() + "/victim";
    const std::string link = dir->path() + "/link";
    ASSERT_TRUE(write_file_durable(victim, "keep").ok());
    ASSERT_EQ(::symlink(victim.c_str(), link.c_str()), 0);
    ASSERT_TRUE(write_file_durable(link, "new").ok());
    EXPECT_EQ(*read_file(victim), "keep");
    EXPECT_EQ(*read_file(link), "new");
}

TEST(WriteFileDurable, FailsWhereThereIsNoDirectory) {
    const auto dir = TemporaryDirectory::make();
    EXPECT_EQ(write_file_durable(dir->path() + "/none/plan", "x").error().code, ErrorCode::kNotFound);
}

TEST(CreateFileDurable, RefusesToReplace) {
    const auto dir = TemporaryDirectory::make();
    const std::string path = dir->path() + "/key";
    ASSERT_TRUE(create_file_durable(path, "secret").ok());
    EXPECT_EQ(create_file_durable(path, "other").error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(*read_file(path), "secret");
    EXPECT_EQ(mode_of(path), 0600U);
    EXPECT_EQ(list_dir(dir->path())->size(), 1U);
}

TEST(ReadFile, RefusesWhatIsTooLarge) {
    const auto dir = TemporaryDirectory::make();
    const std::string path = dir->path() + "/large";
    ASSERT_TRUE(write_file_durable(path, std::string(1000, 'x')).ok());
    EXPECT_EQ(read_file(path, 1000)->size(), 1000U);
    EXPECT_EQ(read_file(path, 999).error().text(), path + ": larger than 999 bytes");
    EXPECT_EQ(read_file(dir->path() + "/none").error().message, "open: No such file or directory");
}

TEST(MakeDirs, MakesParentsAndIsContentWithWhatIsThere) {
    const auto dir = TemporaryDirectory::make();
    const std::string deep = dir->path() + "/a/b/c";
    ASSERT_TRUE(make_dirs(deep, 0700).ok());
    ASSERT_TRUE(make_dirs(deep, 0700).ok());
    EXPECT_EQ(mode_of(deep), 0700U);
    ASSERT_TRUE(write_file_durable(deep + "/file", "").ok());
    EXPECT_FALSE(make_dirs(deep + "/file/x").ok());
}

TEST(RemoveTree, RemovesLinksButNotWhatTheyPointAt) {
    const auto dir = TemporaryDirectory::make();
    const std::string outside = dir->path() + "/outside";
    const std::string tree = dir->path() + "/tree";
    ASSERT_TRUE(make_dirs(outside).ok());
    ASSERT_TRUE(write_file_durable(outside + "/keep", "x").ok());
    ASSERT_TRUE(make_dirs(tree + "/sub").ok());
    ASSERT_TRUE(write_file_durable(tree + "/sub/file", "x").ok());
    ASSERT_EQ(::symlink(outside.c_str(), (tree + "/link").c_str()), 0);
    ASSERT_TRUE(remove_tree(tree).ok());
    EXPECT_FALSE(file_exists(tree));
    EXPECT_EQ(*read_file(outside + "/keep"), "x");
    EXPECT_TRUE(remove_tree(tree).ok());
}

TEST(DirOf, SplitsPathsAsDirnameDoes) {
    EXPECT_EQ(dir_of("/a/b"), "/a");
    EXPECT_EQ(dir_of("/a"), "/");
    EXPECT_EQ(dir_of("/"), "/");
    EXPECT_EQ(dir_of("a"), ".");
    EXPECT_EQ(dir_of("a/b/"), "a");
    EXPECT_EQ(dir_of("//a//b//"), "//a");
    EXPECT_EQ(base_of("/a/b/"), "b");
    EXPECT_EQ(base_of("a"), "a");
    EXPECT_EQ(base_of("/"), "/");
}

TEST(DurableLog, AppendsAndCutsATornTail) {
    const auto dir = TemporaryDirectory::make();
    const std::string path = dir->path() + "/journal";
    {
        auto log = DurableLog::open(path);
        ASSERT_TRUE(log.ok());
        ASSERT_TRUE(log->append("one\n").ok());
        ASSERT_TRUE(log->append("two\n").ok());
        EXPECT_EQ(log->size(), 8U);
    }
    auto log = DurableLog::open(path);
    EXPECT_EQ(log->size(), 8U);
    ASSERT_TRUE(log->truncate(4).ok());
    ASSERT_TRUE(log->append("three\n").ok());
    EXPECT_EQ(*read_file(path), "one\nthree\n");
}

TEST(LockFile, HasOneHolder) {
    const auto dir = TemporaryDirectory::make();
    const std::string path = dir->path() + "/lock";
    auto first = lock_file(path);
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(lock_file(path).error().text(), path + ": in use by another process");
    first->reset();
    EXPECT_TRUE(lock_file(path).ok());
}

TEST(UniqueFd, ClosesOnce) {
    UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(fd.valid());
    const int number = fd.get();
    UniqueFd other(std::move(fd));
    EXPECT_FALSE(fd.valid());  // NOLINT(bugprone-use-after-move): what a move leaves is the point
    EXPECT_EQ(other.get(), number);
    other.reset();
    EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST(Random, GivesAsManyBytesAsAsked) {
    EXPECT_EQ(random_bytes(33).size(), 33U);
    EXPECT_EQ(random_hex(16).size(), 32U);
    EXPECT_NE(random_hex(16), random_hex(16));
    bool seen[3] = {};
    for (int i = 0; i < 200; ++i) seen[random_below(3)] = true;
    EXPECT_TRUE(seen[0] && seen[1] && seen[2]);
}

TEST(SystemClock, BoottimeNeverGoesBack) {
    SystemClock clock;
    const Duration first = clock.boottime();
    EXPECT_GE(clock.boottime(), first);
    EXPECT_GT(to_unix_ms(clock.now()), 1'500'000'000'000);
}

TEST(Files, WhatIsNotThereIsToldFromWhatCannotBeLookedAt) {
    const auto place = TemporaryDirectory::make().value();
    EXPECT_TRUE(is_there(place.path()).value());
    EXPECT_FALSE(is_there(place.path() + "/none").value());
    const std::string loop = place.path() + "/loop";
    ASSERT_EQ(symlink(loop.c_str(), loop.c_str()), 0);
    EXPECT_FALSE(is_there(loop).ok());
}

TEST(Files, RealPathFollowsLinksAndTakesTheRestAsItIs) {
    const auto place = TemporaryDirectory::make().value();
    const std::string root = real_path(place.path()).value();
    ASSERT_TRUE(make_dirs(root + "/a/b").ok());
    ASSERT_EQ(symlink((root + "/a/b").c_str(), (root + "/link").c_str()), 0);
    ASSERT_EQ(symlink((root + "/none").c_str(), (root + "/dangling").c_str()), 0);
    EXPECT_EQ(real_path(root + "/link/x/y").value(), root + "/a/b/x/y");
    EXPECT_EQ(real_path(root + "/link/..").value(), root + "/a");
    EXPECT_FALSE(real_path(root + "/dangling").ok());
    EXPECT_FALSE(real_path(root + "/none/../x").ok());
    EXPECT_FALSE(real_path("relative").ok());
}

}  // namespace
}  // namespace ararat::platform
