// What a data channel carries: trees through a real rsync, sockets with half-closes, in both directions of
// dialling; and what bounds it: bandwidth, leases, revocation in mid-stream.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "channel/connection.h"
#include "endpoint_pair.h"
#include "platform/users.h"

namespace ararat::channel::test {
namespace {

namespace fs = std::filesystem;

std::string pattern(std::size_t bytes) {
    std::string text(bytes, '\0');
    std::uint32_t state = 12345;
    for (auto& c : text) {
        state = state * 1664525U + 1013904223U;
        c = static_cast<char>(state >> 24U);
    }
    return text;
}

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

// A small tree with what a copy can get wrong.
void make_tree(const std::string& root) {
    fs::create_directories(root + "/a dir/b");
    write(root + "/a dir/b/big", pattern(3'000'000));
    write(root + "/empty", "");
    write(root + "/name with 'quotes' and \"more\" $(id)", "x");
    fs::create_hard_link(root + "/a dir/b/big", root + "/hard");
    fs::create_symlink("/etc/passwd", root + "/link");
    fs::permissions(root + "/empty", fs::perms::owner_read);
    for (int i = 0; i < 200; ++i)
        write(root + "/file" + std::to_string(i), pattern(100 + static_cast<std::size_t>(i)));
}

class Channel : public testing::TestWithParam<Dials> {
protected:
    Estate estate_;
    Host source_ = estate_.start("ark-fs1");
    Host target_ = estate_.start("pri-fs1");

    void open(const TicketPair& pair) {
        const auto at_source = source_.endpoint->open_ticket(pair.source);
        ASSERT_TRUE(at_source.ok()) << at_source.error().text();
        const auto at_target = target_.endpoint->open_ticket(pair.target);
        ASSERT_TRUE(at_target.ok()) << at_target.error().text();
    }
};

INSTANTIATE_TEST_SUITE_P(All, Channel, testing::Values(Dials::kTarget, Dials::kSource), [](const auto& one) {
    return one.param == Dials::kTarget ? "TargetDials" : "SourceDials";
});

TEST_P(Channel, CopiesAndVerifiesATreeThroughRsync) {
    const auto from = estate_.folder("from");
    const auto into = estate_.folder("into");
    make_tree(from);
    const auto pair = tree_tickets(source_, target_, GetParam(), from);
    open(pair);

    auto copied = rsync(target_, pair.target, into);
    ASSERT_EQ(copied.exit_code, 0) << copied.errors << source_.events->all() << target_.events->all();
    EXPECT_EQ(listing(from), listing(into));

    const std::vector<std::string> verify = {"--dry-run", "--checksum", "--itemize-changes"};
    auto verified = rsync(target_, pair.target, into, verify);
    EXPECT_EQ(verified.exit_code, 0) << verified.errors;
    EXPECT_EQ(verified.output, "");

    write(into + "/file7", pattern(107).replace(50, 1, "!"));
    write(into + "/only-here", "x");
    verified = rsync(target_, pair.target, into, verify);
    EXPECT_NE(verified.output.find("file7"), std::string::npos) << verified.output;
    EXPECT_NE(verified.output.find("*deleting   only-here"), std::string::npos) << verified.output;

    copied = rsync(target_, pair.target, into, {"--checksum"});
    EXPECT_EQ(copied.exit_code, 0) << copied.errors;
    EXPECT_EQ(listing(from), listing(into));
    const auto progress = target_.endpoint->progress();
    ASSERT_EQ(progress.size(), 1U);
    EXPECT_GT(progress[0].bytes, 3'000'000U);
}

TEST_P(Channel, ForwardsASocketWithHalfClose) {
    const auto big = pattern(5'000'000);
    // Answers only after the end of its input: wants the half-close to come through.
    const LocalServer server(source_.folder + "/db.sock", [&](int fd) {
        const auto all = receive_all(fd);
        EXPECT_EQ(all.size(), big.size());
        send_all(fd, all == big ? "same" : "different");
        send_all(fd, big);
    });
    const auto exposed = target_.folder + "/run/exposed/db.sock";
    const auto pair = socket_tickets(source_, target_, GetParam(), source_.folder + "/db.sock", exposed);
    open(pair);
    struct stat info {};
    ASSERT_EQ(::stat(exposed.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << "whoever gets in is a client of the source's database";
    EXPECT_EQ(info.st_uid, geteuid());

    for (int round = 0; round < 5; ++round) {  // more often than there are parked connections
        const auto client = dial_local(exposed);
        ASSERT_TRUE(client.ok()) << client.error().text();
        send_all(client->get(), big);
        ASSERT_EQ(::shutdown(client->get(), SHUT_WR), 0);
        const auto answer = receive_all(client->get());
        EXPECT_EQ(answer, "same" + big) << source_.events->all() << target_.events->all();
    }
    target_.endpoint->close_ticket(pair.target.key);
    EXPECT_NE(::stat(exposed.c_str(), &info), 0) << "the exposed socket is gone with the ticket";
}

// Bytes without end from source to target, until either end closes the ticket.
TEST_P(Channel, RevokingATicketInMidStreamStopsBothEnds) {
    for (const bool at_source : {true, false}) {
        std::atomic<bool> server_stopped{false};
        const LocalServer server(source_.folder + "/db.sock", [&](int fd) {
            while (send_some(fd, std::string(10'000, 'x'))) {
            }
            server_stopped = true;
        });
        const auto exposed = target_.folder + "/db.sock";
        const auto pair = socket_tickets(source_, target_, GetParam(), source_.folder + "/db.sock", exposed);
        open(pair);
        const auto client = dial_local(exposed);
        ASSERT_TRUE(client.ok());
        std::string piece(100'000, '\0');
        ASSERT_EQ(::recv(client->get(), piece.data(), piece.size(), MSG_WAITALL), 100'000);

        (at_source ? source_ : target_).endpoint->close_ticket((at_source ? pair.source : pair.target).key);
        // Ends although the server would go on for ever; both local sides see it.
        (void)receive_all(client->get());
        EXPECT_TRUE(source_.events->wait_for(ChannelEvent::Kind::kStreamFailed)) << at_source;
        EXPECT_TRUE(target_.events->wait_for(ChannelEvent::Kind::kStreamFailed)) << at_source;
        while (!server_stopped) std::this_thread::yield();  // the test's own time-out bounds it
        (at_source ? target_ : source_).endpoint->close_ticket(pair.source.key);
        const auto again = source_.endpoint->open_ticket(pair.source);
        EXPECT_FALSE(again.ok()) << "a revoked generation is void";
    }
}

TEST_P(Channel, RevokingATreesTicketStopsRsync) {
    const auto from = estate_.folder("from");
    const auto into = estate_.folder("into");
    write(from + "/big", pattern(20'000'000));
    auto pair = tree_tickets(source_, target_, GetParam(), from);
    pair.source.bytes_per_second_max = pair.target.bytes_per_second_max = 200'000;  // 100 seconds' worth
    open(pair);
    std::thread revoker([&] {
        EXPECT_TRUE(source_.events->wait_for(ChannelEvent::Kind::kStreamOpened));
        source_.endpoint->close_ticket(pair.source.key);
    });
    const auto copied = rsync(target_, pair.target, into);
    revoker.join();
    EXPECT_NE(copied.exit_code, 0);
    EXPECT_FALSE(fs::exists(into + "/big"));
}

TEST(ChannelBandwidth, MovesNoMoreThanItsTokens) {
    Estate estate;
    const auto clock = std::make_shared<ManualClock>();
    auto source = estate.start("ark-db1", clock);
    auto target = estate.start("pri-db1", clock);
    const auto bytes = pattern(300'000);
    const LocalServer server(source.folder + "/db.sock", [&](int fd) { (void)send_some(fd, bytes); });
    const auto exposed = target.folder + "/db.sock";
    auto pair = socket_tickets(source, target, Dials::kTarget, source.folder + "/db.sock", exposed);
    pair.source.bytes_per_second_max = pair.target.bytes_per_second_max = 400'000;  // burst: 40,000
    ASSERT_TRUE(source.endpoint->open_ticket(pair.source).ok());
    ASSERT_TRUE(target.endpoint->open_ticket(pair.target).ok());
    const auto client = dial_local(exposed);
    ASSERT_TRUE(client.ok());

    std::string received;
    std::string piece(bytes.size(), '\0');
    std::size_t allowed = 40'000;
    while (received.size() < bytes.size()) {
        const auto wanted = std::min(allowed, bytes.size()) - received.size();
        ASSERT_EQ(::recv(client->get(), piece.data(), wanted, MSG_WAITALL), static_cast<ssize_t>(wanted));
        received.append(piece, 0, wanted);
        // The clock stands still: not one byte more can come.
        EXPECT_LT(::recv(client->get(), piece.data(), 1, MSG_DONTWAIT),
                  received.size() < bytes.size() ? 0 : 1);
        clock->advance(Duration{100});
        allowed += 40'000;
    }
    EXPECT_EQ(received, bytes);
    EXPECT_EQ(receive_all(client->get()), "");
}

TEST(ChannelLease, EndsItsStreamsUnlessRenewed) {
    Estate estate;
    const auto clock = std::make_shared<ManualClock>();
    auto source = estate.start("ark-db1", clock);
    auto target = estate.start("pri-db1", clock);
    const LocalServer server(source.folder + "/db.sock", [](int fd) { send_all(fd, receive_all(fd)); });
    const auto exposed = target.folder + "/db.sock";
    auto pair = socket_tickets(source, target, Dials::kTarget, source.folder + "/db.sock", exposed);
    pair.source.lease = pair.target.lease = Duration{5'000};
    ASSERT_TRUE(source.endpoint->open_ticket(pair.source).ok());
    ASSERT_TRUE(target.endpoint->open_ticket(pair.target).ok());
    const auto client = dial_local(exposed);
    ASSERT_TRUE(client.ok());
    ASSERT_TRUE(source.events->wait_for(ChannelEvent::Kind::kStreamOpened));
    clock->advance(Duration{4'000});
    ASSERT_TRUE(source.endpoint->open_ticket(pair.source).ok());
    clock->advance(Duration{2'000});
    EXPECT_TRUE(target.events->wait_for(ChannelEvent::Kind::kLeaseExpired)) << "it was not renewed";
    (void)receive_all(client->get());
    for (const auto& one : source.endpoint->progress()) EXPECT_TRUE(one.open) << "it was renewed";
    clock->advance(Duration{4'000});
    EXPECT_TRUE(source.events->wait_for(ChannelEvent::Kind::kLeaseExpired));
    EXPECT_EQ(source.events->all().find("refused"), std::string::npos);
}

// Who shows a rate must learn that nothing moves any more; once is enough.
TEST(ChannelProgressReports, SayOnceThatNothingMoves) {
    Estate estate;
    const auto clock = std::make_shared<ManualClock>();
    auto source = estate.start("ark-db1", clock);
    auto target = estate.start("pri-db1", clock);
    const LocalServer server(source.folder + "/db.sock", [](int fd) { send_all(fd, receive_all(fd)); });
    const auto exposed = target.folder + "/db.sock";
    const auto pair = socket_tickets(source, target, Dials::kTarget, source.folder + "/db.sock", exposed);
    ASSERT_TRUE(source.endpoint->open_ticket(pair.source).ok());
    ASSERT_TRUE(target.endpoint->open_ticket(pair.target).ok());
    const auto client = dial_local(exposed);
    ASSERT_TRUE(client.ok());
    send_all(client->get(), "ping");
    ASSERT_EQ(::shutdown(client->get(), SHUT_WR), 0);
    ASSERT_EQ(receive_all(client->get()), "ping");
    const auto reports = [&] {
        const std::lock_guard lock(target.progress->mutex);
        return target.progress->bytes;
    };
    const auto wait_for = [&](std::size_t count) {
        for (int i = 0; i < 3'000 && reports().size() < count; ++i) ::usleep(10'000);
    };
    for (int i = 0; i < 3'000 && (reports().empty() || reports().back() != 8); ++i) ::usleep(10'000);
    const std::size_t moving = reports().size();
    clock->advance(kStallAfter);
    wait_for(moving + 1);
    clock->advance(kStallAfter * 10);
    ::usleep(1'000'000);
    ASSERT_EQ(reports().size(), moving + 1);
    EXPECT_EQ(reports().back(), 8U);
}

TEST(ExposedSocket, BelongsToItsOwnerAndNobodyElse) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
    Estate estate;
    auto source = estate.start("ark-db1");
    auto target = estate.start("pri-db1");
    const auto exposed = target.folder + "/db.sock";
    auto pair = socket_tickets(source, target, Dials::kTarget, source.folder + "/db.sock", exposed);
    pair.target.expose_owner = "nobody";
    ASSERT_TRUE(target.endpoint->open_ticket(pair.target).ok());
    struct stat info {};
    ASSERT_EQ(::stat(exposed.c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, platform::user_id("nobody").value());
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    pair.target.expose_owner = "root";
    EXPECT_FALSE(target.endpoint->open_ticket(pair.target).ok()) << "a renewal gives it to nobody else";
    pair.target.key.generation = 2;
    pair.target.expose_owner = "no-such-user";
    const auto opened = target.endpoint->open_ticket(pair.target);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
    EXPECT_NE(::stat(exposed.c_str(), &info), 0);
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

TEST(ChannelDescriptors, AreAllClosedAtTheEnd) {
    const auto before = open_descriptors();
    {
        Estate estate;
        auto source = estate.start("ark-db1");
        auto target = estate.start("pri-db1");
        const LocalServer server(source.folder + "/db.sock", [](int fd) { send_all(fd, receive_all(fd)); });
        for (const auto dials : {Dials::kTarget, Dials::kSource}) {
            const auto exposed = target.folder + (dials == Dials::kTarget ? "/a.sock" : "/b.sock");
            const auto pair = socket_tickets(source, target, dials, source.folder + "/db.sock", exposed);
            ASSERT_TRUE(source.endpoint->open_ticket(pair.source).ok());
            ASSERT_TRUE(target.endpoint->open_ticket(pair.target).ok());
            for (int i = 0; i < 20; ++i) {
                const auto client = dial_local(exposed);
                ASSERT_TRUE(client.ok());
                send_all(client->get(), "ping");
                ASSERT_EQ(::shutdown(client->get(), SHUT_WR), 0);
                ASSERT_EQ(receive_all(client->get()), "ping") << source.events->all() << target.events->all();
            }
        }
    }
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace ararat::channel::test
