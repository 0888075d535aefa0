// Two ends over a socket pair, driven by one thread step by step: no ports, no waiting.
#include "platform/tls_context.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "platform/clock.h"
#include "platform/pki.h"

namespace ararat::platform {
namespace {

Instant now() { return SystemClock().now(); }

TlsCredentials credentials(const CertificateAuthority& ca, const Identity& identity, int days = 1) {
    const KeyPair key = *generate_p256();
    // Issued in the past, so that a short life has ended.
    const Instant from = days > 0 ? now() : now() - std::chrono::hours(48);
    const int life = days > 0 ? days : 1;
    return {*issue(ca, *make_csr(key), identity, from, life), key.key_pem, ca.certificate_pem};
}

struct Ends {
    TlsStream client, server;
};

Ends connect(const TlsCredentials& client, const TlsCredentials& server) {
    std::signal(SIGPIPE, SIG_IGN);
    int sockets[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    const auto client_context = TlsContext::make(TlsRole::kClient, client);
    const auto server_context = TlsContext::make(TlsRole::kServer, server);
    return {TlsStream::make(*client_context, UniqueFd(sockets[0])).value(),
            TlsStream::make(*server_context, UniqueFd(sockets[1])).value()};
}

struct Handshakes {
    Result<TlsWait> client = TlsWait::kRead;
    Result<TlsWait> server = TlsWait::kRead;
};

Handshakes shake(Ends& ends) {
    Handshakes done;
    for (int round = 0; round < 10; ++round) {
        if (done.client.ok() && *done.client != TlsWait::kNone) done.client = ends.client.handshake();
        if (done.server.ok() && *done.server != TlsWait::kNone) done.server = ends.server.handshake();
    }
    return done;
}

bool complete(const Result<TlsWait>& side) { return side.ok() && *side == TlsWait::kNone; }

TEST(TlsStream, BothEndsKnowEachOtherAndShareTheExporter) {
    const auto ca = *make_ca("exit", now());
    Ends ends = connect(credentials(ca, agent_identity("exit", "new")),
                        credentials(ca, agent_identity("exit", "old")));
    const Handshakes done = shake(ends);
    ASSERT_TRUE(complete(done.client) && complete(done.server));
    EXPECT_EQ(*ends.client.peer_identity(), agent_identity("exit", "old"));
    EXPECT_EQ(*ends.server.peer_identity(), agent_identity("exit", "new"));
    EXPECT_EQ(*ends.server.peer_identity_uri(), "ararat://exit/agent/new");
    const auto material = ends.client.exporter("EXPERIMENTAL ararat", 32);
    EXPECT_EQ(*material, *ends.server.exporter("EXPERIMENTAL ararat", 32));
    EXPECT_NE(*material, *ends.server.exporter("EXPERIMENTAL other", 32));
    EXPECT_EQ(material->size(), 32U);
}

TEST(TlsStream, CarriesBytesAndTheEndOfOneDirection) {
    const auto ca = *make_ca("exit", now());
    Ends ends = connect(credentials(ca, agent_identity("exit", "new")),
                        credentials(ca, agent_identity("exit", "old")));
    shake(ends);
    char buffer[64];
    EXPECT_EQ(ends.server.read(buffer, sizeof buffer)->wait, TlsWait::kRead);
    EXPECT_EQ(ends.client.write("hello")->bytes, 5U);
    EXPECT_EQ(ends.server.read(buffer, 2)->bytes, 2U);
    EXPECT_TRUE(ends.server.has_pending());
    EXPECT_EQ(ends.server.read(buffer, sizeof buffer)->bytes, 3U);
    ASSERT_TRUE(ends.client.end_write().ok());
    ASSERT_TRUE(ends.client.end_write().ok());
    EXPECT_TRUE(ends.server.read(buffer, sizeof buffer)->end);
    // The other direction goes on.
    EXPECT_EQ(ends.server.write("answer")->bytes, 6U);
    EXPECT_EQ(ends.client.read(buffer, sizeof buffer)->bytes, 6U);
    EXPECT_EQ(std::string(buffer, 6), "answer");
}

TEST(TlsStream, ACutConnectionIsNoEndOfData) {
    const auto ca = *make_ca("exit", now());
    Ends ends = connect(credentials(ca, agent_identity("exit", "new")),
                        credentials(ca, agent_identity("exit", "old")));
    shake(ends);
    ASSERT_EQ(::shutdown(ends.client.fd(), SHUT_RDWR), 0);
    char buffer[64];
    const auto read = ends.server.read(buffer, sizeof buffer);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ErrorCode::kUnavailable);
    EXPECT_FALSE(ends.server.write("into the void").ok());
}

TEST(TlsStream, RefusesAPeerOfAnotherCa) {
    const auto ca = *make_ca("exit", now());
    const auto other = *make_ca("exit", now());
    TlsCredentials stranger = credentials(other, agent_identity("exit", "new"));
    stranger.ca_pem = ca.certificate_pem;  // it trusts us, we do not trust it
    Ends ends = connect(stranger, credentials(ca, agent_identity("exit", "old")));
    const Handshakes done = shake(ends);
    ASSERT_FALSE(done.server.ok());
    EXPECT_EQ(done.server.error().code, ErrorCode::kUnauthenticated);
    EXPECT_NE(done.server.error().message.find("the peer's certificate"), std::string::npos);
    // TLS 1.3 lets the client finish first; it learns at its first read.
    char buffer[8];
    EXPECT_FALSE(complete(done.client) && ends.client.read(buffer, sizeof buffer).ok());
}

TEST(TlsStream, RefusesAnExpiredServer) {
    const auto ca = *make_ca("exit", now() - std::chrono::hours(72));
    Ends ends = connect(credentials(ca, agent_identity("exit", "new")),
                        credentials(ca, agent_identity("exit", "old"), 0));
    const Handshakes done = shake(ends);
    ASSERT_FALSE(done.client.ok());
    EXPECT_EQ(done.client.error().message, "TLS handshake: the peer's certificate: certificate has expired");
}

TEST(TlsStream, RefusesAPersonAsAServer) {
    const auto ca = *make_ca("exit", now());
    Ends ends = connect(credentials(ca, agent_identity("exit", "new")),
                        credentials(ca, person_identity("exit", "ann", {"lead"})));
    EXPECT_FALSE(shake(ends).client.ok());
}

TEST(TlsStream, TellsSilenceFromRefusal) {
    const auto ca = *make_ca("exit", now());
    Ends ends = connect(credentials(ca, agent_identity("exit", "new")),
                        credentials(ca, agent_identity("exit", "old")));
    EXPECT_EQ(ends.client.handshake_within(Duration(1)).error().code, ErrorCode::kDeadlineExceeded);
    ASSERT_EQ(::shutdown(ends.server.fd(), SHUT_RDWR), 0);
    EXPECT_EQ(ends.client.handshake_within(Duration(1000)).error().code, ErrorCode::kUnavailable);
}

TEST(TlsContext, RefusesAKeyOfAnotherCertificate) {
    const auto ca = *make_ca("exit", now());
    TlsCredentials mixed = credentials(ca, agent_identity("exit", "old"));
    mixed.key_pem = generate_p256()->key_pem;
    EXPECT_FALSE(TlsContext::make(TlsRole::kServer, mixed).ok());
}

}  // namespace
}  // namespace ararat::platform
