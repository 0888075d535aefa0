// Services and trees against programs of the test's own that play systemctl and rsync and write down what
// they are asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "verb_world.h"

namespace ararat::agent {
namespace {

class PlayedHost {
public:
    PlayedHost() {
        ARARAT_CHECK(platform::make_dirs(world.path("bin")).ok(), "make_dirs");
        ARARAT_CHECK(platform::make_dirs(world.path("etc")).ok(), "make_dirs");
        world.context().environment["PATH"] = world.path("bin") + ":/usr/bin:/bin";
        world.context().etc_dir = world.path("etc");
    }
    // A systemctl that keeps one unit's state in a file.
    void play_systemctl(const std::string& extra = "") {
        program("systemctl", "shift\n" + extra +
                                 "case $1 in\n"
                                 "  start|restart) echo active > $S/state;;\n"
                                 "  stop) echo inactive > $S/state;;\n"
                                 "  is-active) cat $S/state; exit 0;;\n"
                                 "esac\n");
        world.write("state", "inactive\n");
    }
    void program(const std::string& name, const std::string& body) {
        world.write("bin/" + name,
                    "#!/bin/sh\nS=" + world.path("") + "\necho \"" + name + " $*\" >> $S/calls\n" + body,
                    0755);
    }
    std::vector<std::string> calls() {
        std::vector<std::string> lines;
        std::string line;
        for (const char c : world.read("calls")) {
            if (c == '\n')
                lines.push_back(std::exchange(line, {}));
            else
                line.push_back(c);
        }
        return lines;
    }
    VerbResult service(const std::string& unit, const std::string& state) {
        return world.perform(field_operation(Verb::kService, {{"unit", unit}, {"state", state}}));
    }

    VerbWorld world;
};

TEST(ServiceVerb, MaskingStopsDisablesAndMasks) {
    PlayedHost host;
    host.play_systemctl();
    const VerbResult result = host.service("housing", "masked");
    EXPECT_EQ(result.exit_code, 0) << result.detail;
    EXPECT_THAT(host.calls(),
                testing::ElementsAre("systemctl --no-ask-password stop housing.service",
                                     "systemctl --no-ask-password is-active housing.service",
                                     "systemctl --no-ask-password disable --quiet housing.service",
                                     "systemctl --no-ask-password mask --quiet housing.service",
                                     "systemctl --no-ask-password is-active housing.service"));
}

TEST(ServiceVerb, FencesAUnitThatCannotBeMaskedAndUnfencesIt) {
    PlayedHost host;
    host.play_systemctl("[ $1 = mask ] && { echo 'File exists' >&2; exit 1; }\n");
    const std::string fence =
        host.world.path("etc/systemd/system/housing.service.d/00-ararat-moved-away.conf");
    ASSERT_EQ(host.service("housing.service", "masked").exit_code, 0);
    EXPECT_TRUE(platform::file_exists(fence));
    EXPECT_THAT(host.calls(), testing::Contains("systemctl --no-ask-password daemon-reload"));
    ASSERT_EQ(host.service("housing.service", "started").exit_code, 0);
    EXPECT_FALSE(platform::file_exists(fence));
}

TEST(ServiceVerb, StartingUnmasksAndEnablesFirst) {
    PlayedHost host;
    host.play_systemctl();
    EXPECT_EQ(host.service("housing", "started").exit_code, 0);
    EXPECT_THAT(host.calls(),
                testing::ElementsAre("systemctl --no-ask-password unmask --quiet housing.service",
                                     "systemctl --no-ask-password enable --quiet housing.service",
                                     "systemctl --no-ask-password start housing.service",
                                     "systemctl --no-ask-password is-active housing.service"));
}

TEST(ServiceVerb, ACommandThatSucceedsProvesNothing) {
    PlayedHost host;
    host.play_systemctl();
    host.program("systemctl", "shift\n[ $1 = is-active ] && echo failed\nexit 0\n");
    const VerbResult started = host.service("housing", "started");
    EXPECT_NE(started.exit_code, 0);
    EXPECT_NE(started.detail.find("failed"), std::string::npos);
    host.program("systemctl", "shift\n[ $1 = is-active ] && echo active\nexit 0\n");
    EXPECT_NE(host.service("housing", "stopped").exit_code, 0);
    EXPECT_NE(host.service("housing", "masked").exit_code, 0);
}

TEST(ServiceVerb, RefusesWhatIsNoUnitAndNoState) {
    PlayedHost host;
    host.play_systemctl();
    for (const char* unit : {"", "-H evil", "a b", "../x", "a;b", "--root=/x"}) {
        EXPECT_NE(host.service(unit, "started").exit_code, 0) << unit;
    }
    EXPECT_NE(host.service("housing", "exploded").exit_code, 0);
    EXPECT_FALSE(platform::file_exists(host.world.path("calls")));
}

TEST(CopyTree, AsksRsyncThroughTheDataChannel) {
    PlayedHost host;
    host.program("rsync",
                 "echo 'Number of files: 12 (reg: 10, dir: 2)'\necho 'Total file size: 2000 bytes'\n"
                 "echo 'Total transferred file size: 30 bytes'\n");
    const VerbResult result = host.world.perform(
        field_operation(Verb::kCopyTree, {{"channel", "share/files"}, {"path", "/srv/share"}}));
    EXPECT_EQ(result.exit_code, 0) << result.detail;
    EXPECT_THAT(result.outputs,
                testing::UnorderedElementsAre(testing::Pair("files", "12"), testing::Pair("bytes", "2000"),
                                              testing::Pair("transferred", "30")));
    EXPECT_THAT(
        host.calls(),
        testing::ElementsAre("rsync -aHAX --numeric-ids --no-human-readable --stats --delete "
                             "--rsh=/usr/local/bin/ararat-agent rsh run share/files source:/ /srv/share/"));
}

TEST(CopyTree, FilesThatVanishAreNoFailure) {
    PlayedHost host;
    host.program("rsync", "exit 24\n");
    EXPECT_EQ(
        host.world.perform(field_operation(Verb::kCopyTree, {{"channel", "c"}, {"path", "/x"}})).exit_code,
        0);
    host.program("rsync", "exit 23\n");
    EXPECT_EQ(
        host.world.perform(field_operation(Verb::kCopyTree, {{"channel", "c"}, {"path", "/x"}})).exit_code,
        23);
}

// An agent's restart breaks the channel in the middle, and then nobody answers for a moment.
TEST(CopyTree, GoesOnAfterTheChannelBroke) {
    PlayedHost host;
    for (const char* code : {"10", "12", "30", "255"}) {
        const std::string tries = host.world.path("tries-") + code;
        host.program("rsync", "echo x >> " + tries + "\n[ $(wc -l < " + tries + ") -ge 3 ] || exit " + code +
                                  "\n" + "echo 'Number of files: 12 (reg: 10, dir: 2)'\n");
        const VerbResult result =
            host.world.perform(field_operation(Verb::kCopyTree, {{"channel", "c"}, {"path", "/x"}}));
        EXPECT_EQ(result.exit_code, 0) << code << ": " << result.detail;
        EXPECT_EQ(result.outputs.at("files"), "12");
        EXPECT_THAT(host.world.printed(), testing::HasSubstr("started again"));
    }
}

TEST(CopyTree, DoesNotGoOnPastItsDeadlineNorWhereItWasRefusedNorCancelled) {
    PlayedHost host;
    host.program("rsync", "exit 12\n");
    const Operation copy = field_operation(Verb::kCopyTree, {{"channel", "c"}, {"path", "/x"}});
    host.world.context().deadline = host.world.interrupt().now() + Duration{1'500};
    // The last try may be cut off by the deadline itself.
    EXPECT_THAT(host.world.perform(copy).exit_code, ::testing::AnyOf(12, 128 + SIGTERM));
    EXPECT_GE(host.calls().size(), 2U);
    host.world.context().deadline = host.world.interrupt().now() + Duration{60'000};
    host.program("rsync", "exit 254\n");
    EXPECT_EQ(host.world.perform(copy).exit_code, 254) << "the channel's other end has said no";
    host.program("rsync", "exit 255\n");
    host.world.cancel();
    EXPECT_TRUE(host.world.perform(copy).cancelled);
}

// rsync's last words are about the connection between its processes, whatever the first one died of.
TEST(CopyTree, SaysWhatRsyncFailedOf) {
    PlayedHost host;
    host.program(
        "rsync",
        "echo 'rsync: [receiver] write failed on \"/x/f\": No space left on device (28)' >&2\n"
        "echo 'rsync error: error in file IO (code 11) at receiver.c(380) [receiver=3.2.7]' >&2\n"
        "echo 'rsync: connection unexpectedly closed (20 bytes received) [generator]' >&2\nexit 11\n");
    const Operation copy = field_operation(Verb::kCopyTree, {{"channel", "c"}, {"path", "/x"}});
    const Operation verify = field_operation(Verb::kVerifyTree, {{"channel", "c"}, {"path", "/x"}});
    for (const Operation& operation : {copy, verify}) {
        const VerbResult result = host.world.perform(operation);
        EXPECT_EQ(result.exit_code, 11);
        EXPECT_EQ(result.detail, "rsync: [receiver] write failed on \"/x/f\": No space left on device (28)");
    }
    host.program("rsync", "echo 'rsync: connection unexpectedly closed (0 bytes) [receiver]' >&2\nexit 11\n");
    EXPECT_EQ(host.world.perform(copy).detail, "rsync: connection unexpectedly closed (0 bytes) [receiver]");
}

TEST(CopyTree, CountsWhatWillTravelWhereItIsAskedTo) {
    PlayedHost host;
    host.program("rsync", "echo 'Number of files: 1'\necho 'Total transferred file size: 1234 bytes'\n");
    std::vector<std::pair<std::string, std::uint64_t>> expected;
    host.world.context().expect_bytes = [&](const std::string& channel, std::uint64_t bytes) {
        expected.emplace_back(channel, bytes);
    };
    Operation copy = field_operation(Verb::kCopyTree, {{"channel", "c"}, {"path", "/x"}});
    EXPECT_EQ(host.world.perform(copy).exit_code, 0);
    EXPECT_THAT(expected, testing::IsEmpty()) << "a walk over both trees is not for free";
    copy.fields["estimate"] = "true";
    EXPECT_EQ(host.world.perform(copy).exit_code, 0);
    EXPECT_THAT(expected, testing::ElementsAre(testing::Pair("c", 1234U)));
    EXPECT_THAT(host.calls().at(1), testing::HasSubstr("--dry-run"));
    EXPECT_THAT(host.calls().at(2), testing::Not(testing::HasSubstr("--dry-run")));
}

TEST(VerifyTree, CountsAnewAfterTheChannelBroke) {
    PlayedHost host;
    const std::string tries = host.world.path("tries");
    host.program("rsync", "echo x >> " + tries + "\necho '*deleting   gone'\n[ $(wc -l < " + tries +
                              ") -ge 2 ] || exit 12\necho 'Number of files: 3'\n");
    const VerbResult result =
        host.world.perform(field_operation(Verb::kVerifyTree, {{"channel", "c"}, {"path", "/x"}}));
    EXPECT_EQ(result.outputs.at("differing"), "1");
}

TEST(CopyTree, WordsThatRsyncWouldSplitAreRefused) {
    PlayedHost host;
    host.program("rsync", "");
    for (const char* channel : {"", "a b", "-x", "a;b", "a'b"}) {
        EXPECT_NE(host.world.perform(field_operation(Verb::kCopyTree, {{"channel", channel}, {"path", "/x"}}))
                      .exit_code,
                  0)
            << channel;
    }
    EXPECT_NE(
        host.world.perform(field_operation(Verb::kCopyTree, {{"channel", "c"}, {"path", "x"}})).exit_code, 0);
    EXPECT_FALSE(platform::file_exists(host.world.path("calls")));
}

TEST(VerifyTree, CountsEveryDifference) {
    PlayedHost host;
    host.program("rsync",
                 "echo '>fcst...... a/changed file'\necho '*deleting   gone'\necho 'cd+++++++++ new/'\n"
                 "echo 'Number of files: 3'\necho 'Total file size: 9 bytes'\n");
    const VerbResult result =
        host.world.perform(field_operation(Verb::kVerifyTree, {{"channel", "c"}, {"path", "/x"}}));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.outputs.at("differing"), "3");
    EXPECT_NE(result.detail.find("a/changed file"), std::string::npos);
    EXPECT_THAT(host.calls().at(0), testing::HasSubstr("--dry-run --checksum --itemize-changes"));
}

TEST(VerifyTree, AnEqualTreeIsGood) {
    PlayedHost host;
    host.program("rsync", "echo\necho 'Number of files: 3'\necho 'Total file size: 9 bytes'\n");
    const VerbResult result =
        host.world.perform(field_operation(Verb::kVerifyTree, {{"channel", "c"}, {"path", "/x"}}));
    EXPECT_EQ(result.exit_code, 0) << result.detail;
    EXPECT_THAT(result.outputs,
                testing::UnorderedElementsAre(testing::Pair("files", "3"), testing::Pair("bytes", "9"),
                                              testing::Pair("differing", "0")));
}

TEST(Facts, TellsWhatTheHostIs) {
    VerbWorld world;
    const VerbResult result = world.perform(field_operation(Verb::kFacts, {}));
    EXPECT_EQ(result.exit_code, 0);
    for (const char* name : {"os", "kernel", "cpus", "memory_bytes", "disk_free_bytes", "time_unix_ms"}) {
        EXPECT_NE(result.outputs.at(name), "") << name;
    }
    EXPECT_NE(world.perform(field_operation(Verb::kFacts, {{"path", "/no/such/place"}})).exit_code, 0);
}

}  // namespace
}  // namespace ararat::agent
