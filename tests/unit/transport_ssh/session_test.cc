#include "transport/ssh_session.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <array>

#include "channel/listeners.h"

#include "ssh_server.h"

namespace ararat::transport::test {
namespace {

std::shared_ptr<channel::Interrupt> never() { return channel::Interrupt::make().value(); }
// The kernel completes connections to it, but nobody speaks.
struct SilentListener {
    platform::UniqueFd fd = channel::listen_tcp("127.0.0.1", 0).value();
    std::uint16_t port = channel::local_port(fd.get());
};
constexpr Duration kLong = std::chrono::seconds{30};

TEST(SshSession, RunsCommandsByteForByte) {
    ARARAT_NEEDS_SSHD();
    const SshServer server;
    const auto session = SshSession::connect(server.target(), {}, never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    std::string input;
    for (int i = 0; i < 300'000; ++i) input.push_back(static_cast<char>(i * 7 % 256));
    const auto echoed = (*session)->run("cat", input, kLong);
    ASSERT_TRUE(echoed.ok()) << echoed.error().text();
    EXPECT_EQ(echoed->exit_code, 0);
    EXPECT_TRUE(echoed->standard_output == input);

    const auto failed = (*session)->run("echo out; echo err >&2; exit 7", {}, kLong);
    ASSERT_TRUE(failed.ok());
    EXPECT_EQ(failed->exit_code, 7);
    EXPECT_EQ(failed->standard_output, "out\n");
    EXPECT_EQ(failed->standard_error, "err\n");

    const auto killed = (*session)->run("kill -9 $$", {}, kLong);
    ASSERT_TRUE(killed.ok()) << killed.error().text();
    EXPECT_EQ(killed->exit_code, -1);
    // A command that does not read what it is sent is no broken session.
    const auto deaf = (*session)->run("exit 3", std::string(3'000'000, 'x'), kLong);
    ASSERT_TRUE(deaf.ok()) << deaf.error().text();
    EXPECT_EQ(deaf->exit_code, 3);
}

TEST(SshSession, CapsWhatAHostSends) {
    ARARAT_NEEDS_SSHD();
    const SshServer server;
    const auto session = SshSession::connect(server.target(), {}, never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    const auto output =
        (*session)->run("head -c 5000000 /dev/zero; head -c 100000 /dev/zero >&2", {}, kLong, 1000);
    ASSERT_TRUE(output.ok()) << output.error().text();
    EXPECT_EQ(output->standard_output.size(), 1000U);
    EXPECT_TRUE(output->truncated);
    EXPECT_LE(output->standard_error.size(), 4096U);
    EXPECT_EQ(output->exit_code, 0);
}

TEST(SshSession, RunsCommandsSideBySide) {
    ARARAT_NEEDS_SSHD();
    const SshServer server;
    const auto session = SshSession::connect(server.target(), {}, never());
    ASSERT_TRUE(session.ok());
    // Each waits for the next one's file: in sequence they would wait for ever.
    std::vector<std::unique_ptr<SshExec>> commands;
    for (int i = 0; i < 8; ++i) {
        const auto mine = server.folder() + "/f" + std::to_string(i);
        const auto next = server.folder() + "/f" + std::to_string((i + 1) % 8);
        commands.push_back((*session)
                               ->start("touch " + mine + "; until [ -e " + next +
                                           " ]; do sleep 0.01; done; echo " + std::to_string(i),
                                       {}, 100)
                               .value());
    }
    for (int i = 0; i < 8; ++i) {
        auto& command = commands[static_cast<std::size_t>(i)];
        while (!command->ended()) {
            bool moved = false;
            for (auto& one : commands) moved = one->step() || moved;
            if (!moved) (*session)->wait(-1, 0, Duration{1000});
        }
        EXPECT_EQ(command->take()->standard_output, std::to_string(i) + "\n");
    }
}

TEST(SshSession, RefusesAHostWithAnotherKeyAndNamesBoth) {
    ARARAT_NEEDS_SSHD();
    SshServer server;
    const auto target = server.target();
    server.change_host_key();
    const auto session = SshSession::connect(target, {}, never());
    ASSERT_FALSE(session.ok());
    EXPECT_EQ(session.error().code, ErrorCode::kPermissionDenied);
    const auto& message = session.error().message;
    const auto first = message.find("SHA256:");
    ASSERT_NE(first, std::string::npos) << message;
    EXPECT_NE(message.find("SHA256:", first + 1), std::string::npos) << message;
    const auto log = platform::read_file(server.folder() + "/sshd.log");
    EXPECT_EQ(log->find("Accepted"), std::string::npos) << "our key was not offered to it: " << *log;
}

TEST(SshSession, RefusesAHostWithoutAKeyOfThePinnedType) {
    ARARAT_NEEDS_SSHD();
    const SshServer server;
    auto target = server.target();
    target.pinned_keys = {
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9"
        "nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="};
    const auto session = SshSession::connect(target, {}, never());
    ASSERT_FALSE(session.ok());
    EXPECT_EQ(session.error().code, ErrorCode::kPermissionDenied) << session.error().text();
}

TEST(SshSession, RefusesToConnectWithoutAPin) {
    SshTarget target;
    target.address = "127.0.0.1";
    const auto session = SshSession::connect(target, {}, never());
    ASSERT_FALSE(session.ok());
    EXPECT_EQ(session.error().code, ErrorCode::kFailedPrecondition);
}

TEST(SshSession, SaysThatItsKeyIsNotAccepted) {
    ARARAT_NEEDS_SSHD();
    const SshServer server;
    auto target = server.target();
    target.key_file = server.other_user_key();
    const auto session = SshSession::connect(target, {}, never());
    ASSERT_FALSE(session.ok());
    EXPECT_EQ(session.error().code, ErrorCode::kUnauthenticated) << session.error().text();
}

TEST(SshSession, NoticesThatTheServerHasGone) {
    ARARAT_NEEDS_SSHD();
    SshServer server;
    const auto session = SshSession::connect(server.target(), {}, never());
    ASSERT_TRUE(session.ok());
    const auto command = (*session)->start("echo $PPID; cat", {}, 100, true);
    ASSERT_TRUE(command.ok());
    std::array<char, 64> buffer{};
    std::size_t got = 0;
    while (got == 0) {
        (*session)->wait(-1, 0, Duration{1000});
        got = (*command)->read_some(buffer.data(), buffer.size()).value();
    }
    // The session's own process, by the number it told us.
    const auto pid = std::stoi(std::string(buffer.data(), got));
    ASSERT_GT(pid, 1);
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    while (!(*command)->ended()) {
        if (!(*command)->step() && !(*command)->ended()) (*session)->wait(-1, 0, Duration{1000});
    }
    const auto taken = (*command)->take();
    EXPECT_TRUE(!taken.ok() || taken->exit_code == -1);
    EXPECT_FALSE((*session)->run("true", {}, Duration{5000}).ok());
}

TEST(SshSession, APeerThatSaysNothingIsGivenUp) {
    SshTarget target;
    target.pinned_keys = {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBPR4tT4iHYdoqjQgq6uCBDGR0rK0fHnhTqDr2KJ+2hn"};
    const SilentListener silent;
    target.address = "127.0.0.1";
    target.port = silent.port;
    SshTimeouts timeouts;
    timeouts.handshake = Duration{300};
    const auto session = SshSession::connect(target, timeouts, never());
    ASSERT_FALSE(session.ok());
    EXPECT_EQ(session.error().code, ErrorCode::kDeadlineExceeded) << session.error().text();
}

TEST(SshSession, AnInterruptEndsAWait) {
    const SilentListener silent;
    SshTarget target;
    target.address = "127.0.0.1";
    target.port = silent.port;
    target.pinned_keys = {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBPR4tT4iHYdoqjQgq6uCBDGR0rK0fHnhTqDr2KJ+2hn"};
    const auto interrupt = never();
    interrupt->raise();
    const auto session = SshSession::connect(target, {}, interrupt);
    ASSERT_FALSE(session.ok());
    EXPECT_EQ(session.error().code, ErrorCode::kCancelled) << session.error().text();
}

TEST(SshHostKeyScan, ShowsWhatWouldBePinned) {
    ARARAT_NEEDS_SSHD();
    const SshServer server;
    const auto shown = scan_host_key("127.0.0.1", server.target().port, {}, never());
    ASSERT_TRUE(shown.ok()) << shown.error().text();
    EXPECT_TRUE(server.host_key().starts_with(*shown)) << *shown;
}

}  // namespace
}  // namespace ararat::transport::test
