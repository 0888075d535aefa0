#include "transport/ssh_supervisor.h"

#include <gtest/gtest.h>

#include "transport/ssh_host_key.h"

namespace ararat::transport {
namespace {

constexpr const char* kKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBPR4tT4iHYdoqjQgq6uCBDGR0rK0fHnhTqDr2KJ+2hn";
constexpr const char* kOther =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2NmCdnJYSGrWMm3VnXAvPKYzGiCeITKxT6DTbS8JR0";

TEST(SupervisorPlace, NeverPutsAnythingIntoACommandLineThatAShellCouldRead) {
    for (const auto* bad :
         {"", "/", "relative", "/a b", "/a;id", "/a$(id)", "/a'b", "/a/../etc", "/a\nb", "/a`id`"}) {
        EXPECT_FALSE(SupervisorPlace::make(bad, "root").ok()) << bad;
    }
    const auto place = SupervisorPlace::make("/var/lib/ararat-ssh", "root");
    ASSERT_TRUE(place.ok());
    EXPECT_EQ(place->request_command(), "/var/lib/ararat-ssh/bin/ararat-supervisor request");
    EXPECT_EQ(place->look_command().find("/var/lib/ararat-ssh/"),
              place->look_command().find("sha256sum ") + 10);
    EXPECT_EQ(SupervisorPlace::make("/var/lib/ararat-ssh", "migrator")->exec_command(),
              "sudo -n /var/lib/ararat-ssh/bin/ararat-supervisor exec");
}

TEST(SupervisorInput, CarriesWordsAndBytesExactly) {
    EXPECT_EQ(request_input({"put", "/a b", ""}, "rest"), std::string("3\0put\0/a b\0\0rest", 16));
    EXPECT_EQ(exec_input({"rsync", "--server", "a\nb"}), std::string("19\0rsync\0--server\0a\nb\0", 22));
}

TEST(HostKey, IsAcceptedOnlyWhenItIsThePinnedOne) {
    const auto fingerprint = fingerprint_of_line(kKey);
    const auto other = fingerprint_of_line(kOther);
    ASSERT_TRUE(fingerprint.ok()) << fingerprint.error().text();
    ASSERT_TRUE(other.ok());
    ASSERT_NE(*fingerprint, *other);
    const ShownKey shown{kKey, *fingerprint};
    EXPECT_TRUE(check_host_key(shown, {std::string(kKey) + " root@ark-fs1"}, "ark-fs1:22").ok());
    EXPECT_TRUE(check_host_key(shown, {kOther, kKey}, "ark-fs1:22").ok());
    const auto refused = check_host_key(shown, {kOther}, "ark-fs1:22");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
    EXPECT_NE(refused.error().message.find(*fingerprint), std::string::npos);
    EXPECT_NE(refused.error().message.find(*other), std::string::npos);
    EXPECT_FALSE(check_host_key(shown, {"ssh-ed25519 rubbish"}, "ark-fs1:22").ok());
    // The same bytes under another type's name are another key.
    EXPECT_FALSE(check_host_key(shown, {"ssh-rsa " + std::string(kKey).substr(12)}, "ark-fs1:22").ok());
}

TEST(HostKey, AsksForThePinnedTypes) {
    EXPECT_EQ(algorithms_for({kKey}), "ssh-ed25519");
    EXPECT_EQ(algorithms_for({kKey, "ssh-rsa AAAA", kOther}), "ssh-ed25519,rsa-sha2-512,rsa-sha2-256");
    EXPECT_EQ(algorithms_for({}), "");
}

TEST(Reason, IsTheLastLineOrTheExitCode) {
    EXPECT_EQ(reason_of({1, "", "warning\nararat-supervisor: disk full\n", false}),
              "ararat-supervisor: disk full");
    EXPECT_EQ(reason_of({7, "out", " \n", false}), "exit code 7");
}

}  // namespace
}  // namespace ararat::transport
