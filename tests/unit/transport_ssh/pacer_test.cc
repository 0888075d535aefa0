#include "transport/ssh_pacer.h"

#include <gtest/gtest.h>

namespace ararat::transport {
namespace {

constexpr Duration kNow{1'000'000};

TEST(SshPacer, LetsABurstThroughAndThenTheRate) {
    SshPacer pacer({4, 2}, {100, 100});
    for (int i = 0; i < 4; ++i) EXPECT_EQ(pacer.admit("host", {}, kNow), Duration{0}) << i;
    EXPECT_EQ(pacer.admit("host", {}, kNow), Duration{500});
    EXPECT_EQ(pacer.admit("host", {}, kNow + Duration{499}), Duration{1});
    EXPECT_EQ(pacer.admit("host", {}, kNow + Duration{500}), Duration{0});
    EXPECT_EQ(pacer.admit("host", {}, kNow + Duration{500}), Duration{500});
}

TEST(SshPacer, ARefusalUsesNothingUp) {
    SshPacer pacer({1, 1}, {50, 50}, {2, 1});
    EXPECT_EQ(pacer.admit("a", {}, kNow), Duration{0});
    for (int i = 0; i < 10; ++i) EXPECT_EQ(pacer.admit("a", {}, kNow), Duration{1000});
    EXPECT_EQ(pacer.admit("b", {}, kNow), Duration{0}) << "the way still had one admission";
    EXPECT_EQ(pacer.admit("c", {}, kNow), Duration{1000}) << "and now has none";
}

TEST(SshPacer, GatewaysArePacedApart) {
    SshPacer pacer({10, 10}, {1, 1});
    EXPECT_EQ(pacer.admit("a", "jump1", kNow), Duration{0});
    EXPECT_EQ(pacer.admit("b", "jump2", kNow), Duration{0});
    EXPECT_EQ(pacer.admit("c", "jump1", kNow), Duration{1000});
}

TEST(SshPacer, AWayThroughOtherHostsIsPacedAtEachOfThem) {
    SshPacer pacer({2, 1}, {10, 10}, {10, 10});
    EXPECT_EQ(pacer.admit({"bastion", "a"}, kNow), Duration{0});
    EXPECT_EQ(pacer.admit({"bastion", "b"}, kNow), Duration{0});
    EXPECT_EQ(pacer.admit({"bastion", "c"}, kNow), Duration{1000}) << "the bastion is a host too";
    EXPECT_EQ(pacer.admit({"other", "c"}, kNow), Duration{0}) << "the refusal used nothing of c up";
    EXPECT_EQ(pacer.admit({"other", "c"}, kNow), Duration{0});
    EXPECT_EQ(pacer.admit({"third", "c"}, kNow), Duration{1000});
}

// A thousand hosts at once, as after an orchestrator's restart: never more than the pace of what they share.
TEST(SshPacer, SaysWhichHostOfTheWayIsWaitedFor) {
    SshPacer pacer({2, 1}, {100, 1}, {100, 1});
    EXPECT_EQ(pacer.admit({"bastion", "a"}, kNow), Duration{0});
    EXPECT_EQ(pacer.admit({"bastion", "b"}, kNow), Duration{0});
    EXPECT_EQ(pacer.busiest({"bastion", "c"}, kNow), "bastion");
    EXPECT_EQ(pacer.admit({"a"}, kNow), Duration{0});
    EXPECT_EQ(pacer.busiest({"other", "a"}, kNow), "a");
    SshPacer narrow({2, 1}, {1, 1}, {1, 1});
    EXPECT_EQ(narrow.admit({"bastion", "a"}, kNow), Duration{0});
    EXPECT_EQ(narrow.busiest({"bastion", "b"}, kNow), "this machine") << "its own connections are paced too";
}

TEST(SshPacer, HoldsAStormToItsPace) {
    SshPacer pacer({4, 2}, {1, 1}, {50, 50});
    for (int second = 0; second < 10; ++second) {
        int admitted = 0;
        for (int tick = 0; tick < 1000; ++tick) {
            const auto now = kNow + std::chrono::seconds{second} + Duration{tick};
            for (int host = 0; host < 20; ++host) {
                const auto name = "host-" + std::to_string((tick * 20 + host) % 1000);
                if (pacer.admit(name, {}, now).count() == 0) ++admitted;
            }
        }
        EXPECT_LE(admitted, second == 0 ? 100 : 50) << second;
        EXPECT_GE(admitted, 49) << second;
    }
}

TEST(SshPacer, TwoHundredHostsReachedDirectlyDoNotWaitForOneAnother) {
    SshPacer pacer;
    for (int host = 0; host < 200; ++host) {
        EXPECT_EQ(pacer.admit("host-" + std::to_string(host), {}, kNow), Duration{0}) << host;
    }
    EXPECT_GT(pacer.admit("one-more", {}, kNow), Duration{0});
    EXPECT_EQ(pacer.admit("one-more", "jump", kNow), Duration{0}) << "another way";
}

TEST(SshPacer, AClockThatStandsStillAdmitsNothingNew) {
    SshPacer pacer({1, 1}, {1, 1});
    EXPECT_EQ(pacer.admit("a", {}, kNow), Duration{0});
    EXPECT_GT(pacer.admit("a", {}, kNow - Duration{5000}), Duration{0});
    EXPECT_GT(pacer.admit("a", {}, kNow), Duration{0});
}

}  // namespace
}  // namespace ararat::transport
