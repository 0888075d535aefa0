#include "channel/frames.h"

#include <gtest/gtest.h>

#include "channel/connection.h"

namespace ararat::channel {
namespace {

TEST(Frames, HelloComesBackAsItWent) {
    const Hello hello{TicketKey{"wave-1.3", "housing/db/wal", 7}, std::string("\0\xFFproof", 7)};
    const auto back = decode_hello(encode(hello));
    ASSERT_TRUE(back.ok()) << back.error().text();
    EXPECT_EQ(back->key, hello.key);
    EXPECT_EQ(back->proof, hello.proof);
}

TEST(Frames, AnswerKeepsEveryErrorCode) {
    for (int code = 0; code <= static_cast<int>(ErrorCode::kUnauthenticated); ++code) {
        const auto back = decode_answer(encode(Answer{static_cast<ErrorCode>(code), "no", "p"}));
        ASSERT_TRUE(back.ok());
        EXPECT_EQ(back->code, static_cast<ErrorCode>(code));
        EXPECT_EQ(back->refused, "no");
        EXPECT_EQ(back->proof, "p");
    }
    auto unknown = encode(Answer{ErrorCode::kNotFound, "no", "p"});
    unknown[4] = 99;
    EXPECT_FALSE(decode_answer(unknown).ok());
}

TEST(Frames, RequestsComeBackAsTheyWent) {
    const std::vector<std::string> arguments = {"rsync", "", "a b\n", std::string("\0", 1)};
    const auto request = decode_request(encode_request(arguments));
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request.value(), arguments);
    EXPECT_TRUE(decode_request(encode_request({}))->empty());

    const auto local = decode_local_request(encode(LocalRequest{"r", "c", arguments}));
    ASSERT_TRUE(local.ok());
    EXPECT_EQ(local->run, "r");
    EXPECT_EQ(local->channel, "c");
    EXPECT_EQ(local->arguments, arguments);
}

// Every prefix and every flipped byte of a message is answered with an error or a message, never more.
TEST(Frames, DamagedMessagesAreErrors) {
    const auto bytes = encode(Hello{TicketKey{"run", "channel", 1}, std::string(32, 'p')});
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_hello(bytes.substr(0, size)).ok()) << size;
    }
    for (std::size_t at = 0; at < 20; ++at) {  // lengths and the magic word
        auto damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
        EXPECT_FALSE(decode_hello(damaged).ok()) << at;
    }
    EXPECT_FALSE(decode_local_request(bytes).ok());
    EXPECT_FALSE(decode_answer(bytes).ok());
}

TEST(Frames, SizesAreBounded) {
    EXPECT_EQ(frame_size(framed("abc")).value(), 3U);
    EXPECT_TRUE(frame_size(framed(std::string(kFrameBytesMax, 'x'))).ok());
    EXPECT_FALSE(frame_size(std::string_view("\x00\x01\x00\x01", 4)).ok());
    EXPECT_FALSE(frame_size(std::string_view("\xFF\xFF\xFF\xFF", 4)).ok());
}

TEST(Frames, ProofDependsOnEverythingItBinds) {
    Ticket ticket;
    ticket.key = {"run", "channel", 1};
    ticket.secret = std::string(32, 's');
    const std::string exporter(32, 'e');
    const auto proof = ticket_proof(ticket, ProofSide::kDialler, exporter);
    EXPECT_EQ(proof.size(), 32U);
    EXPECT_NE(proof, ticket_proof(ticket, ProofSide::kAcceptor, exporter));
    EXPECT_NE(proof, ticket_proof(ticket, ProofSide::kDialler, std::string(32, 'f')));
    auto other = ticket;
    other.key.generation = 2;
    EXPECT_NE(proof, ticket_proof(other, ProofSide::kDialler, exporter));
    other = ticket;
    other.key = {"ru", "nchannel", 1};  // the boundary between fields counts
    EXPECT_NE(proof, ticket_proof(other, ProofSide::kDialler, exporter));
    other = ticket;
    other.secret[31] = 't';
    EXPECT_NE(proof, ticket_proof(other, ProofSide::kDialler, exporter));
}

TEST(HostPort, SplitsOrRefuses) {
    EXPECT_EQ(split_host_port("198.18.0.1:7411")->host, "198.18.0.1");
    EXPECT_EQ(split_host_port("[::1]:7411")->host, "::1");
    EXPECT_EQ(split_host_port("db.example:5432")->port, "5432");
    for (const auto* bad : {"", ":", "host", "host:", ":7411", "host:0", "host:65536", "host:7a", "host:-1",
                            "[]:7411", "host:999999999999999999999"}) {
        EXPECT_FALSE(split_host_port(bad).ok()) << bad;
    }
}

}  // namespace
}  // namespace ararat::channel
