#include "platform/root_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "platform/files.h"

namespace ararat::platform {
namespace {

using ::testing::ElementsAre;

// OUTSIDE/secret, and ROOT with a file, a folder with one, and links.
class RootFolderTest : public ::testing::Test {
protected:
    RootFolderTest() : dir_(std::move(*TemporaryDirectory::make())) {
        write("outside/secret", "secret");
        write("root/plan", "plan");
        write("root/sub/part", "part");
        link("../sub/part", "root/sub/near");
        link("sub", "root/folder");
        link("../outside/secret", "root/far");
        link(dir_.path() + "/outside", "root/away");
        link(dir_.path() + "/root/plan", "root/absolute");
        root_.emplace(std::move(*RootFolder::open(dir_.path() + "/root")));
    }

    void write(const std::string& name, const std::string& bytes) {
        const std::string path = dir_.path() + "/" + name;
        ASSERT_TRUE(make_dirs(dir_of(path)).ok());
        ASSERT_TRUE(write_file_durable(path, bytes).ok());
    }
    void link(const std::string& target, const std::string& name) {
        ASSERT_EQ(::symlink(target.c_str(), (dir_.path() + "/" + name).c_str()), 0);
    }
    std::string read(const std::string& name, Links links = Links::kWithin) {
        const auto content = root_->read(name, links);
        return content.ok() ? content->bytes : content.error().message;
    }

    TemporaryDirectory dir_;
    std::optional<RootFolder> root_;
};

TEST_F(RootFolderTest, ReadsWhatStaysWithin) {
    EXPECT_EQ(read("plan"), "plan");
    EXPECT_EQ(read("sub/../sub/part"), "part");
    EXPECT_EQ(read("sub/near"), "part");
    EXPECT_EQ(read("folder/part"), "part");
    EXPECT_EQ(root_->folder("sub")->read("part")->bytes, "part");
}

TEST_F(RootFolderTest, RefusesWhatLeavesAndNamesWhereTo) {
    const std::string leaves = "leaves its root: it is '" + dir_.path() + "/outside";
    EXPECT_EQ(read("../outside/secret"), leaves + "/secret'");
    EXPECT_EQ(read("far"), leaves + "/secret'");
    EXPECT_EQ(read("away/secret"), leaves + "/secret'");
    EXPECT_EQ(read("folder/../../outside/secret"), leaves + "/secret'");
    EXPECT_EQ(root_->folder("away").error().message, leaves + "'");
    EXPECT_EQ(root_->folder("away").error().code, ErrorCode::kInvalidArgument);
    // An absolute path may come back in; whoever copies the folder would find it leads elsewhere.
    EXPECT_EQ(read("absolute"), "leaves its root: it is '" + dir_.path() + "/root/plan'");
    EXPECT_EQ(read("/etc/passwd"), "leaves its root: it is '/etc/passwd'");
}

TEST_F(RootFolderTest, RefusesEveryLinkWhereNoneMayBe) {
    EXPECT_EQ(read("plan", Links::kRefused), "plan");
    EXPECT_EQ(read("sub/near", Links::kRefused), "is a symbolic link to '" + dir_.path() + "/root/sub/part'");
    EXPECT_EQ(read("folder/part", Links::kRefused),
              "is a symbolic link to '" + dir_.path() + "/root/sub/part'");
}

TEST_F(RootFolderTest, ListsKindsWithoutFollowing) {
    const auto entries = root_->entries();
    ASSERT_TRUE(entries.ok());
    std::vector<std::string> shown;
    for (const FolderEntry& entry : *entries) {
        const std::array<const char*, 4> kinds = {"file", "folder", "link", "other"};
        shown.push_back(entry.name + " " + kinds.at(static_cast<std::size_t>(entry.kind)));
    }
    EXPECT_THAT(shown, ElementsAre("absolute link", "away link", "far link", "folder link", "plan file",
                                   "sub folder"));
}

TEST_F(RootFolderTest, RefusesWhatIsNoFileWithoutWaiting) {
    ASSERT_EQ(::mkfifo((dir_.path() + "/root/fifo").c_str(), 0600), 0);
    EXPECT_EQ(read("fifo"), "is no regular file");
    EXPECT_EQ(read("sub"), "is no regular file");
    EXPECT_EQ(root_->read("nothing").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(root_->read("plan", Links::kWithin, 3).error().message, "larger than 3 bytes");
    EXPECT_EQ(RootFolder::open(dir_.path() + "/nowhere").error().code, ErrorCode::kNotFound);
}

// One file under two names is one file.
TEST_F(RootFolderTest, TellsWhichFileItIs) {
    const auto one = root_->read("sub/part");
    const auto same = root_->read("folder/near");
    const auto other = root_->read("plan");
    EXPECT_EQ(one->inode, same->inode);
    EXPECT_EQ(one->device, same->device);
    EXPECT_NE(one->inode, other->inode);
}

}  // namespace
}  // namespace ararat::platform
