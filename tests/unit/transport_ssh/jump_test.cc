// Hosts behind other hosts: real sshd on loopback, one as the way to the other. That the way is taken is
// shown by what the hop's server can do to it: refuse to forward, and end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "channel/connection.h"
#include "channel/listeners.h"
#include "ssh_server.h"
#include "transport/ssh_stream.h"

namespace ararat::transport::test {
namespace {

using execution::HostDown;
using execution::HostUp;
using execution::StepFinished;
using execution::StepStarted;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Duration kLong = std::chrono::seconds{30};
const std::string kAnyKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBPR4tT4iHYdoqjQgq6uCBDGR0rK0fHnhTqDr2KJ+2hn";

std::shared_ptr<channel::Interrupt> never() { return channel::Interrupt::make().value(); }

SshTarget named(SshTarget target, const std::string& name) {
    target.name = name;
    return target;
}

// The kernel completes connections to it, but nobody speaks.
struct SilentListener {
    platform::UniqueFd fd = channel::listen_tcp("127.0.0.1", 0).value();
    [[nodiscard]] SshTarget target() const {
        SshTarget target;
        target.address = "127.0.0.1";
        target.port = channel::local_port(fd.get());
        target.pinned_keys = {kAnyKey};
        return target;
    }
};

class SshJump : public testing::Test {
protected:
    void SetUp() override {
        ARARAT_NEEDS_SSHD();
        hop_ = std::make_unique<SshServer>();
        host_ = std::make_unique<SshServer>();
    }
    [[nodiscard]] SshTarget target() const {
        auto target = host_->target();
        target.jumps = {named(hop_->target(), "bastion")};
        return target;
    }
    [[nodiscard]] static Error refusal(const SshTarget& target, const SshTimeouts& timeouts = {}) {
        const auto session = SshSession::connect(target, timeouts, never());
        EXPECT_FALSE(session.ok());
        return session.ok() ? Error{} : session.error();
    }

    // After half a second of silence three seconds for the answer, of which the hop is given three quarters.
    [[nodiscard]] static SshTimeouts impatient() {
        SshTimeouts timeouts;
        timeouts.ask_after = Duration{500};
        timeouts.answer = Duration{3'000};
        return timeouts;
    }
    // Until the time is over or the session has ended.
    static void stay_idle(SshSession& session, Duration time) {
        const auto until = channel::steady_now() + time;
        while (session.connected() && channel::steady_now() < until) {
            session.wait(-1, 0, until - channel::steady_now());
        }
    }

    std::unique_ptr<SshServer> hop_;
    std::unique_ptr<SshServer> host_;
};

TEST_F(SshJump, CarriesCommandsByteForByte) {
    const auto session = SshSession::connect(target(), {}, never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    std::string input;
    for (int i = 0; i < 5'000'000; ++i) input.push_back(static_cast<char>(i * 7 % 256));
    const auto echoed = (*session)->run("cat", input, kLong, input.size());
    ASSERT_TRUE(echoed.ok()) << echoed.error().text();
    EXPECT_TRUE(echoed->standard_output == input);
    EXPECT_THAT(hop_->log(), HasSubstr("Accepted publickey"));
    EXPECT_THAT(host_->log(), HasSubstr("Accepted publickey"));
}

TEST_F(SshJump, GoesThroughSeveralHosts) {
    const SshServer second;
    auto target = host_->target();
    target.jumps = {named(hop_->target(), "bastion"), named(second.target(), "inner")};
    const auto session = SshSession::connect(target, {}, never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    EXPECT_EQ((*session)->run("echo there", {}, kLong)->standard_output, "there\n");
    EXPECT_THAT(second.log(), HasSubstr("Accepted publickey"));
}

TEST_F(SshJump, AWrongKeyOfTheHopEndsTheWayThere) {
    const auto way = target();
    hop_->change_host_key();
    const auto error = refusal(way);
    EXPECT_EQ(error.code, ErrorCode::kPermissionDenied);
    EXPECT_THAT(error.message, StartsWith("jump host bastion: "));
    EXPECT_THAT(error.message, HasSubstr("not the pinned one"));
    EXPECT_THAT(hop_->log(), Not(HasSubstr("Accepted")));
}

TEST_F(SshJump, AWrongKeyOfTheHostBehindIsItsOwn) {
    const auto way = target();
    host_->change_host_key();
    const auto error = refusal(way);
    EXPECT_EQ(error.code, ErrorCode::kPermissionDenied);
    EXPECT_THAT(error.message, Not(HasSubstr("bastion")));
    EXPECT_THAT(error.message, HasSubstr("not the pinned one"));
    EXPECT_THAT(host_->log(), Not(HasSubstr("Accepted"))) << "our key was not offered to it";
}

TEST_F(SshJump, AHopWithoutAPinIsNeverCalled) {
    auto way = target();
    way.jumps.front().pinned_keys.clear();
    const auto error = refusal(way);
    EXPECT_EQ(error.code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(error.message, StartsWith("jump host bastion: no host key is pinned"));
}

TEST_F(SshJump, AHopThatDoesNotKnowOurKeyIsNamed) {
    auto way = target();
    way.jumps.front().key_file = hop_->other_user_key();
    const auto error = refusal(way);
    EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
    EXPECT_THAT(error.message, StartsWith("jump host bastion: "));
}

TEST_F(SshJump, AHopThatMayNotForwardIsNamedWithWhereItShould) {
    hop_->add_config("AllowTcpForwarding no\n");
    const auto way = target();
    const auto error = refusal(way);
    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_THAT(error.message, StartsWith("jump host bastion does not reach the next host: "));
    EXPECT_THAT(error.context, HasSubstr(std::to_string(way.port)));
}

TEST_F(SshJump, EachConnectionOnTheWayHasItsTimeOut) {
    const SilentListener silent;
    SshTimeouts timeouts;
    timeouts.handshake = Duration{300};
    auto way = host_->target();
    way.jumps = {named(silent.target(), "mute")};
    const auto at_hop = refusal(way, timeouts);
    EXPECT_EQ(at_hop.code, ErrorCode::kDeadlineExceeded);
    EXPECT_THAT(at_hop.message, StartsWith("jump host mute: SSH handshake"));
    auto mute = silent.target();
    mute.jumps = {named(hop_->target(), "bastion")};
    SshTimeouts patient;
    patient.handshake = Duration{3'000};
    const auto behind = refusal(mute, patient);
    EXPECT_EQ(behind.code, ErrorCode::kDeadlineExceeded);
    EXPECT_THAT(behind.message, StartsWith("SSH handshake"));
}

TEST_F(SshJump, AHopThatDiesUnderASessionIsNamed) {
    const auto session = SshSession::connect(target(), {}, never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    const auto command = (*session)->start("cat", {}, 100, true);
    ASSERT_TRUE(command.ok());
    hop_->kill_sessions();
    while (!(*command)->ended()) {
        if (!(*command)->step() && !(*command)->ended()) (*session)->wait(-1, 0, Duration{1000});
    }
    const auto taken = (*command)->take();
    ASSERT_FALSE(taken.ok());
    EXPECT_THAT(taken.error().message, StartsWith("jump host bastion: "));
}

// Its TCP ends at the jump host, which goes on taking bytes for it.
TEST_F(SshJump, AHostThatFallsSilentIsNoticedAndTheWayToItIsNotBlamed) {
    const auto session = SshSession::connect(target(), impatient(), never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    stay_idle(**session, std::chrono::seconds{5});
    ASSERT_TRUE((*session)->connected()) << "it answers when it is asked";
    host_->freeze_sessions();
    stay_idle(**session, kLong);
    host_->kill_sessions();
    ASSERT_FALSE((*session)->connected());
    EXPECT_THAT((*session)->failure().message, StartsWith("SSH: the host has not answered for "));
}

TEST_F(SshJump, AHopThatFallsSilentIsNoticedAndNamed) {
    const auto session = SshSession::connect(target(), impatient(), never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    hop_->freeze_sessions();
    stay_idle(**session, kLong);
    hop_->kill_sessions();
    ASSERT_FALSE((*session)->connected());
    EXPECT_THAT((*session)->failure().message,
                StartsWith("jump host bastion: SSH: the host has not answered"));
}

// Each connection on the way goes silent with it, and all are asked and given up by the same clock.
TEST_F(SshJump, AHopThatFallsSilentBeforeAnotherIsNamedAndTheOtherIsNot) {
    const SshServer second;
    auto way = host_->target();
    way.jumps = {named(hop_->target(), "bastion"), named(second.target(), "inner")};
    const auto session = SshSession::connect(way, impatient(), never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    hop_->freeze_sessions();
    stay_idle(**session, kLong);
    hop_->kill_sessions();
    ASSERT_FALSE((*session)->connected());
    EXPECT_THAT((*session)->failure().message,
                StartsWith("jump host bastion: SSH: the host has not answered"));
}

TEST_F(SshJump, AHopThatFallsSilentBehindAnotherIsNamedAndTheOtherIsNot) {
    const SshServer second;
    auto way = host_->target();
    way.jumps = {named(hop_->target(), "bastion"), named(second.target(), "inner")};
    const auto session = SshSession::connect(way, impatient(), never());
    ASSERT_TRUE(session.ok()) << session.error().text();
    second.freeze_sessions();
    stay_idle(**session, kLong);
    second.kill_sessions();
    ASSERT_FALSE((*session)->connected());
    EXPECT_THAT((*session)->failure().message, StartsWith("jump host inner: SSH: the host has not answered"));
}

TEST_F(SshJump, NoPhaseOnTheWayOutlastsTheTimeOfAll) {
    SshTimeouts timeouts;
    timeouts.until = channel::steady_now();
    const auto late = refusal(target(), timeouts);
    EXPECT_EQ(late.code, ErrorCode::kDeadlineExceeded);
    EXPECT_THAT(hop_->log(), Not(HasSubstr("Accepted")));
    const auto stream = open_ssh_stream(target(), "cat", {}, {timeouts.until, never()});
    ASSERT_FALSE(stream.ok());
    EXPECT_EQ(stream.error().code, ErrorCode::kDeadlineExceeded);
}

// The listener never speaks: without the interrupt the handshake's time would be over.
TEST_F(SshJump, AStreamsOpeningIsInterrupted) {
    const SilentListener silent;
    auto way = host_->target();
    way.jumps = {named(silent.target(), "mute")};
    const auto interrupt = never();
    std::thread stopper([&] {
        EXPECT_TRUE(
            channel::wait_for_fd(silent.fd.get(), POLLIN, channel::steady_now() + kLong, *never()).ok());
        interrupt->raise();
    });
    const auto stream = open_ssh_stream(way, "cat", {}, {channel::steady_now() + kLong, interrupt});
    stopper.join();
    ASSERT_FALSE(stream.ok());
    EXPECT_EQ(stream.error().code, ErrorCode::kCancelled) << stream.error().text();
}

TEST_F(SshJump, AHopThatDiesUnderAnIdleSessionIsNamed) {
    Mailbox mailbox;
    auto options = link_options(*host_, mailbox);
    options.target.jumps = {named(hop_->target(), "bastion")};
    options.pinned_key = [host = host_->host_key(), hop = hop_->host_key()](const HostId& id) {
        return id == HostId("bastion") ? hop : host;
    };
    const auto link = SshHostLink::make(std::move(options)).value();
    link->start();
    ASSERT_TRUE(mailbox.next<HostUp>()) << hop_->log() << host_->log();
    hop_->kill_sessions();
    const auto down = mailbox.next<HostDown>();
    ASSERT_TRUE(down);
    EXPECT_THAT(down->reason, HasSubstr("jump host bastion"));
    link->stop();
}

TEST_F(SshJump, ADataChannelsStreamGoesTheSameWay) {
    auto stream = open_ssh_stream(target(), "cat", "before ", {channel::steady_now() + kLong, never()});
    ASSERT_TRUE(stream.ok()) << stream.error().text();
    ASSERT_EQ(::write(stream->fd.get(), "after", 5), 5);
    ASSERT_EQ(::shutdown(stream->fd.get(), SHUT_WR), 0);
    std::string all;
    std::array<char, 64> buffer{};
    for (ssize_t got = 0; (got = ::read(stream->fd.get(), buffer.data(), buffer.size())) > 0;) {
        all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    EXPECT_EQ(all, "before after");
    EXPECT_TRUE(stream->finish(channel::StreamEnd::kClean).ok());
    EXPECT_THAT(hop_->log(), HasSubstr("Accepted publickey"));
}

// The step outlives the way to it: nothing is done twice.
TEST_F(SshJump, AStepIsFoundAgainAfterTheHopDied) {
    Mailbox mailbox;
    auto options = link_options(*host_, mailbox);
    options.target.jumps = {named(hop_->target(), "bastion")};
    options.pinned_key = [host = host_->host_key(), hop = hop_->host_key()](const HostId& id) {
        return id == HostId("bastion") ? hop : host;
    };
    const auto link = SshHostLink::make(std::move(options)).value();
    link->start();
    ASSERT_TRUE(mailbox.next<HostUp>()) << hop_->log() << host_->log();
    const auto place = host_->folder();
    const auto command =
        script("files/long", "echo begun >> " + place + "/witness; touch " + place + "/begun; until [ -e " +
                                 place + "/go ]; do sleep 0.02; done; echo ended");
    link->send(command);
    ASSERT_TRUE(mailbox.next<StepStarted>());
    wait_for_file(place + "/begun");
    hop_->kill_sessions();
    const auto down = mailbox.next<HostDown>();
    ASSERT_TRUE(down);
    EXPECT_THAT(down->reason, HasSubstr("jump host bastion"));
    const auto up = mailbox.next<HostUp>();
    ASSERT_TRUE(up);
    EXPECT_EQ(up->known, std::vector{command.key});
    link->send(command);
    ASSERT_TRUE(mailbox.next<StepStarted>());
    ASSERT_TRUE(platform::write_file_durable(place + "/go", "").ok());
    const auto finished = mailbox.next<StepFinished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->outcome, execution::Outcome::kSucceeded) << finished->detail;
    EXPECT_EQ(mailbox.output_of(command.key), "ended\n");
    EXPECT_EQ(platform::read_file(place + "/witness").value(), "begun\n") << "it ran once";
    link->stop();
}

}  // namespace
}  // namespace ararat::transport::test
