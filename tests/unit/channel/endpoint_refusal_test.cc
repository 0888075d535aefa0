// Who does not get a stream, and what they and the endpoint say about it.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <fstream>

#include "channel/connection.h"
#include "endpoint_pair.h"

namespace ararat::channel::test {
namespace {

class Refusal : public testing::Test {
protected:
    Estate estate_;
    Host source_ = estate_.start("ark-fs1");
    Host target_ = estate_.start("pri-fs1");
    std::string from_ = estate_.folder("from");
    std::string into_ = estate_.folder("into");
    TicketPair pair_ = tree_tickets(source_, target_, Dials::kTarget, from_);

    void SetUp() override { std::ofstream(from_ + "/file") << "content"; }
};

TEST_F(Refusal, WithoutATicketOnTheTarget) {
    ASSERT_TRUE(source_.endpoint->open_ticket(pair_.source).ok());
    const auto copied = rsync(target_, pair_.target, into_);
    EXPECT_NE(copied.exit_code, 0);
    EXPECT_NE(copied.errors.find("no ticket for channel"), std::string::npos) << copied.errors;
}

TEST_F(Refusal, WithoutATicketOnTheSource) {
    ASSERT_TRUE(target_.endpoint->open_ticket(pair_.target).ok());
    const auto copied = rsync(target_, pair_.target, into_);
    EXPECT_NE(copied.exit_code, 0);
    EXPECT_NE(copied.errors.find("no such ticket is open here"), std::string::npos) << copied.errors;
    EXPECT_TRUE(source_.events->wait_for(ChannelEvent::Kind::kRefused, "no such ticket"));
}

TEST_F(Refusal, WithAnotherSecret) {
    pair_.target.secret[0] = static_cast<char>(pair_.target.secret[0] ^ 1);
    ASSERT_TRUE(source_.endpoint->open_ticket(pair_.source).ok());
    ASSERT_TRUE(target_.endpoint->open_ticket(pair_.target).ok());
    const auto copied = rsync(target_, pair_.target, into_);
    EXPECT_NE(copied.exit_code, 0);
    EXPECT_NE(copied.errors.find("the proof of the ticket is wrong"), std::string::npos) << copied.errors;
    EXPECT_TRUE(source_.events->wait_for(ChannelEvent::Kind::kRefused, "proof"));
}

TEST_F(Refusal, WithAnotherGeneration) {
    pair_.target.key.generation = 2;
    ASSERT_TRUE(source_.endpoint->open_ticket(pair_.source).ok());
    ASSERT_TRUE(target_.endpoint->open_ticket(pair_.target).ok());
    EXPECT_NE(rsync(target_, pair_.target, into_).exit_code, 0);
    EXPECT_TRUE(source_.events->wait_for(ChannelEvent::Kind::kRefused, "no such ticket"));
}

// The whole ticket, secret included, in the hands of another agent of the same project.
TEST_F(Refusal, WithAnotherAgentsCertificate) {
    auto mallory = estate_.start("sec-web1");
    ASSERT_TRUE(source_.endpoint->open_ticket(pair_.source).ok());
    ASSERT_TRUE(mallory.endpoint->open_ticket(pair_.target).ok());
    const auto copied = rsync(mallory, pair_.target, into_);
    EXPECT_NE(copied.exit_code, 0);
    EXPECT_NE(copied.errors.find("the ticket is not for ararat://southwark/agent/sec-web1"),
              std::string::npos)
        << copied.errors;
}

// A target must not take a tree from whoever answers at the source's address.
TEST_F(Refusal, OfASourceThatIsAnother) {
    auto mallory = estate_.start("sec-web1");
    pair_.target.peer_address = mallory.address();
    ASSERT_TRUE(mallory.endpoint->open_ticket(pair_.source).ok());
    ASSERT_TRUE(target_.endpoint->open_ticket(pair_.target).ok());
    const auto copied = rsync(target_, pair_.target, into_);
    EXPECT_NE(copied.exit_code, 0);
    EXPECT_NE(copied.errors.find("is ararat://southwark/agent/sec-web1, not "), std::string::npos)
        << copied.errors;
}

// The certificate says the right name, but another authority says so.
TEST_F(Refusal, OfACertificateOfAnotherAuthority) {
    auto impostor = estate_.start("pri-fs1-other", nullptr, true);
    pair_.source.peer = impostor.identity;
    ASSERT_TRUE(source_.endpoint->open_ticket(pair_.source).ok());
    ASSERT_TRUE(impostor.endpoint->open_ticket(pair_.target).ok());
    EXPECT_NE(rsync(impostor, pair_.target, into_).exit_code, 0);
    EXPECT_TRUE(source_.events->wait_for(ChannelEvent::Kind::kRefused)) << source_.events->all();
}

TEST_F(Refusal, OfArgumentsThatAReadOnlySenderMustNotGet) {
    ASSERT_TRUE(source_.endpoint->open_ticket(pair_.source).ok());
    ASSERT_TRUE(target_.endpoint->open_ticket(pair_.target).ok());
    for (const auto* argument : {"--remove-source-files", "--copy-links", "--copy-unsafe-links"}) {
        const auto copied = rsync(target_, pair_.target, into_, {argument});
        EXPECT_NE(copied.exit_code, 0) << argument;
        EXPECT_NE(copied.errors.find("the data channel refuses rsync's argument"), std::string::npos)
            << argument << ": " << copied.errors;
    }
    EXPECT_TRUE(platform::file_exists(from_ + "/file"));
    // The same ticket still serves what is allowed.
    EXPECT_EQ(rsync(target_, pair_.target, into_).exit_code, 0);
}

TEST_F(Refusal, OfATreeThatIsNotThere) {
    pair_.source.path = from_ + "/missing";
    ASSERT_TRUE(source_.endpoint->open_ticket(pair_.source).ok());
    ASSERT_TRUE(target_.endpoint->open_ticket(pair_.target).ok());
    const auto copied = rsync(target_, pair_.target, into_);
    EXPECT_NE(copied.errors.find("no such directory on the source"), std::string::npos) << copied.errors;
}

TEST_F(Refusal, ToExposeOverSomethingThatIsNoSocket) {
    const auto precious = target_.folder + "/precious";
    std::ofstream(precious) << "data";
    const auto pair = socket_tickets(source_, target_, Dials::kTarget, "/run/db.sock", precious);
    const auto opened = target_.endpoint->open_ticket(pair.target);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition);
    target_.endpoint->close_ticket(pair.target.key);
    EXPECT_EQ(platform::read_file(precious).value(), "data");
}

// Strangers hold connections open and send rubbish; those who belong are served all the same.
TEST_F(Refusal, StrangersDoNotKeepOthersOut) {
    const auto never = Interrupt::make().value();
    std::vector<platform::UniqueFd> strangers;
    for (int i = 0; i < 20; ++i) {
        strangers.push_back(dial(source_.address(), std::chrono::seconds{5}, *never).value());
        if (i % 2 == 0) send_all(strangers.back().get(), "GET / HTTP/1.1\r\n\r\n");
    }
    ASSERT_TRUE(source_.endpoint->open_ticket(pair_.source).ok());
    ASSERT_TRUE(target_.endpoint->open_ticket(pair_.target).ok());
    const auto copied = rsync(target_, pair_.target, into_);
    EXPECT_EQ(copied.exit_code, 0) << copied.errors;
    EXPECT_TRUE(source_.events->wait_for(ChannelEvent::Kind::kRefused, "TLS"));
}

TEST_F(Refusal, OfEverythingAfterStop) {
    target_.endpoint->stop();
    target_.endpoint->stop();
    EXPECT_FALSE(target_.endpoint->open_ticket(pair_.target).ok());
    EXPECT_FALSE(dial_local(target_.local_socket()).ok());
}

}  // namespace
}  // namespace ararat::channel::test
