#include "channel/rsync_command.h"

#include <gtest/gtest.h>

namespace ararat::channel {
namespace {

using Arguments = std::vector<std::string>;

// The path a peer asks for plays no part: the ticket's is served.
Arguments proposal(const Arguments& options) {
    Arguments all = {"rsync", "--server", "--sender"};
    all.insert(all.end(), options.begin(), options.end());
    all.insert(all.end(), {".", "/etc/"});
    return all;
}

TEST(RsyncCommand, ServesTheTicketsTreeWhateverPathWasAsked) {
    const auto command =
        rsync_server_command(proposal({"-lHogDtpAXre.iLsfxCIvu", "--numeric-ids"}), "/srv/files");
    ASSERT_TRUE(command.ok()) << command.error().text();
    EXPECT_EQ(command.value(), (Arguments{"rsync", "--server", "--sender", "-lHogDtpAXre.iLsfxCIvu",
                                          "--numeric-ids", ".", "/srv/files/"}));
}

TEST(RsyncCommand, AcceptsWhatOurOwnMoversAskFor) {
    for (const auto& options : {
             Arguments{"-nlHogDtpAXrce.iLsfxCIvu", "--numeric-ids"},
             Arguments{"-nlHogDtpAXrce.iLsfxCIvu", "--log-format=%i", "--numeric-ids"},
             Arguments{"-lWHogDtpAXre.iLsfxCIvu", "--timeout=60", "--bwlimit=100", "--inplace"},
             Arguments{"-lHogDtpAXrSze.LsfxCIvu", "--partial"},
         }) {
        const auto command = rsync_server_command(proposal(options), "/srv/files/");
        EXPECT_TRUE(command.ok()) << options.front() << ": " << command.error().text();
    }
}

class RefusedRsyncCommand : public testing::TestWithParam<Arguments> {};

TEST_P(RefusedRsyncCommand, IsNamedAndRefused) {
    const auto command = rsync_server_command(GetParam(), "/srv/files");
    ASSERT_FALSE(command.ok());
    EXPECT_EQ(command.error().code, ErrorCode::kPermissionDenied);
    EXPECT_NE(command.error().message.find("refuses"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedRsyncCommand,
    testing::Values(Arguments{}, Arguments{"rsync", "--server", "--sender", "."},
                    proposal({"--remove-source-files"}), proposal({"--remove-sent-files"}),
                    proposal({"-lL"}),                         // follow symbolic links out of the tree
                    proposal({"-k"}), proposal({"-lse.iLs"}),  // arguments over the protocol
                    proposal({"--files-from=/etc/shadow"}), proposal({"--daemon"}),
                    proposal({"--config=/tmp/x"}), proposal({"--rsh=sh"}), proposal({"-e", "sh"}),
                    proposal({"--log-file=/etc/passwd"}), proposal({"--timeout=60;id"}),
                    proposal({"--copy-unsafe-links"}), proposal({"-lre.$(id)"}), proposal({"/etc/shadow"}),
                    proposal({"--info=x\ny"}), proposal({""}), proposal({"-"}),
                    Arguments{"rsync", "--server", "-lre.iLs", ".", "/srv/files"},  // would write here
                    Arguments{"rsync", "--sender", "--server", "-lre.iLs", ".", "/srv/files"},
                    Arguments{"sh", "--server", "--sender", "-lre.iLs", ".", "/srv/files"},
                    Arguments{"/tmp/rsync", "--server", "--sender", "-lre.iLs", ".", "/srv/files"},
                    Arguments{"rsync", "--server", "--sender", "-lre.iLs", ".", "/a", "/b"}));

TEST(RsyncCommand, RefusesATreeThatIsNotAbsolute) {
    EXPECT_FALSE(rsync_server_command(proposal({"-lre.iLs"}), "srv/files").ok());
    EXPECT_FALSE(rsync_server_command(proposal({"-lre.iLs"}), "").ok());
}

}  // namespace
}  // namespace ararat::channel
