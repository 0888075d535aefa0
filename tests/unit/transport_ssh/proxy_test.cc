// The data channel of a host without an agent: its end is beside the orchestrator, rsync runs over SSH.
#include "transport/ssh_proxy.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "channel/connection.h"
#include "channel/listeners.h"
#include "endpoint_pair.h"
#include "platform/log.h"
#include "ssh_server.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport::test {
namespace {

using channel::test::Dials;
using channel::test::Estate;
using channel::test::Host;

// The orchestrator's proxy, an agent's endpoint as the target, and an SSH host as the source.
class Proxy : public testing::Test {
protected:
    void SetUp() override {
        ARARAT_NEEDS_SSHD();
        server_ = std::make_unique<SshServer>();
        // Brought there as a link would.
        mailbox_ = std::make_unique<Mailbox>();
        link_ = SshHostLink::make(link_options(*server_, *mailbox_)).value();
        link_->start();
        ASSERT_TRUE(mailbox_->next<execution::HostUp>());

        auto orchestrator = estate_.start("orchestrator");
        orchestrator.endpoint->stop();
        SshProxyOptions options;
        options.certificate_file = orchestrator.folder + "/certificate.pem";
        options.key_file = orchestrator.folder + "/key.pem";
        options.ca_file = orchestrator.folder + "/ca.pem";
        options.listen_address = "127.0.0.1";
        options.listen_port = 0;
        options.end = {orchestrator.identity, "127.0.0.1:0"};
        options.progress = [this](const ChannelBytes& bytes) {
            const std::lock_guard lock(mutex_);
            progress_ = bytes;
        };
        proxy_ = SshProxy::start(std::move(options)).value();
    }

    // Opens both ends' tickets; the target dials the proxy.
    channel::Ticket open(ChannelKind kind, const std::string& path, const std::string& expose = {},
                         std::uint64_t bytes_per_second_max = 0) {
        execution::OpenTicket ticket;
        ticket.run = RunId("wave-1.1");
        ticket.channel = Channel{ChannelId("files/share/tree"),
                                 kind,
                                 HostId("ark-fs1"),
                                 HostId("pri-fs1"),
                                 path,
                                 expose,
                                 {},
                                 ListenSide::kSource,
                                 bytes_per_second_max};
        close_ = {ticket.run, ticket.channel, 1, 1};
        const TicketGrant grant{ticket, true, std::string(32, 's'), target_.identity, {}, Duration{60'000}};
        const auto place = SupervisorPlace::make(server_->remote_root(), server_->target().user).value();
        const SshReach reach{HostId("ark-fs1"), reached_ ? *reached_ : server_->target(),
                             place.request_command(), place.exec_command()};
        const auto opened = proxy_->open_ticket(grant, reach);
        EXPECT_TRUE(opened.ok()) << opened.error().text();

        channel::Ticket mine;
        mine.key = {"wave-1.1", "files/share/tree", 1};
        mine.kind = kind == ChannelKind::kTree ? channel::TicketKind::kTree : channel::TicketKind::kSocket;
        mine.expose = expose;
        mine.secret = grant.secret;
        mine.peer = proxy_->end().identity;
        mine.peer_address = proxy_->end().address;
        const auto at_target = target_.endpoint->open_ticket(mine);
        EXPECT_TRUE(at_target.ok()) << at_target.error().text();
        return mine;
    }

    std::optional<SshTarget> reached_;  // instead of the server
    std::mutex mutex_;
    ChannelBytes progress_;
    Estate estate_;
    Host target_ = estate_.start("pri-fs1");
    std::unique_ptr<SshServer> server_;
    std::unique_ptr<Mailbox> mailbox_;
    std::shared_ptr<SshHostLink> link_;
    std::unique_ptr<SshProxy> proxy_;
    execution::CloseTicket close_;
};

TEST_F(Proxy, CopiesATreeFromAHostWithoutAnAgent) {
    const auto from = estate_.folder("from");
    const auto into = estate_.folder("into");
    std::filesystem::create_directories(from + "/a b");
    for (int i = 0; i < 300; ++i)
        std::ofstream(from + "/a b/f" + std::to_string(i)) << std::string(2000, 'x') << i;
    const auto ticket = open(ChannelKind::kTree, from);
    const auto copied = channel::test::rsync(target_, ticket, into);
    ASSERT_EQ(copied.exit_code, 0) << copied.errors << target_.events->all();
    EXPECT_EQ(channel::test::listing(from), channel::test::listing(into));
    const auto verified =
        channel::test::rsync(target_, ticket, into, {"--dry-run", "--checksum", "--itemize-changes"});
    EXPECT_EQ(verified.exit_code, 0) << verified.errors;
    EXPECT_EQ(verified.output, "");
    const auto refused = channel::test::rsync(target_, ticket, into, {"--remove-source-files"});
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_TRUE(std::filesystem::exists(from + "/a b/f0"));
    proxy_->stop();
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(progress_.host, HostId("ark-fs1"));
    EXPECT_GT(progress_.bytes, 600'000U);
}

TEST_F(Proxy, ForwardsASocketOfAHostWithoutAnAgent) {
    const std::string big(1'000'000, 'y');
    const channel::test::LocalServer server(server_->folder() + "/db.sock", [](int fd) {
        channel::test::send_all(fd, channel::test::receive_all(fd));
    });
    const auto exposed = target_.folder + "/db.sock";
    (void)open(ChannelKind::kSocket, server_->folder() + "/db.sock", exposed);
    const auto client = channel::dial_local(exposed);
    ASSERT_TRUE(client.ok());
    channel::test::send_all(client->get(), big);
    ASSERT_EQ(::shutdown(client->get(), SHUT_WR), 0);
    EXPECT_TRUE(channel::test::receive_all(client->get()) == big) << target_.events->all();
}

TEST_F(Proxy, ARevokedTicketStopsRsyncOnTheHost) {
    const auto from = estate_.folder("from");
    const auto into = estate_.folder("into");
    std::ofstream(from + "/big") << std::string(20'000'000, 'x');
    const auto ticket = open(ChannelKind::kTree, from, {}, 200'000);
    std::thread revoker([&] {
        EXPECT_TRUE(target_.events->wait_for(channel::ChannelEvent::Kind::kStreamOpened));
        proxy_->close_ticket(close_);
    });
    const auto copied = channel::test::rsync(target_, ticket, into);
    revoker.join();
    EXPECT_NE(copied.exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(into + "/big"));
    EXPECT_NE(channel::test::rsync(target_, ticket, into).exit_code, 0) << "and stays revoked";
}

// It takes the connection and says nothing: the opening would last as long as a handshake may.
TEST_F(Proxy, StopsWhileAnOpeningWaitsForAHost) {
    link_->stop();  // nothing logs while the log is changed
    const auto said = std::make_shared<std::ostringstream>();
    const auto log = spdlog::default_logger();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(*said)));
    const auto silent = channel::listen_tcp("127.0.0.1", 0).value();
    reached_ = server_->target();
    reached_->port = channel::local_port(silent.get());
    const auto exposed = target_.folder + "/db.sock";
    (void)open(ChannelKind::kSocket, server_->folder() + "/db.sock", exposed);
    const auto client = channel::dial_local(exposed);
    ASSERT_TRUE(client.ok());
    ASSERT_TRUE(channel::wait_for_fd(silent.get(), POLLIN, channel::steady_now() + Duration{30'000},
                                     *channel::Interrupt::make().value())
                    .ok());
    proxy_->stop();
    spdlog::set_default_logger(log);
    EXPECT_NE(said->str().find("the channel was closed"), std::string::npos) << said->str();
    EXPECT_EQ(said->str().find("no answer within"), std::string::npos) << said->str();
}

TEST_F(Proxy, CannotBeATarget) {
    execution::OpenTicket ticket;
    ticket.channel.id = ChannelId("c");
    const TicketGrant grant{ticket, false, std::string(32, 's'), target_.identity, {}, Duration{0}};
    const auto opened = proxy_->open_ticket(grant, {HostId("ark-fs1"), {}, {}, {}});
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kUnimplemented);
}

}  // namespace
}  // namespace ararat::transport::test
