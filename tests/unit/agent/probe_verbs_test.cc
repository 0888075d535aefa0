// HTTP and TCP probes against listeners of the test's own on loopback.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "agent/verbs/http_answer.h"
#include "agent/verbs/resolve.h"
#include "verb_world.h"

namespace ararat::agent {
namespace {

// Accepts one connection, reads a request's headers, gives one answer.
class OneAnswer {
public:
    explicit OneAnswer(std::string answer, bool keep_open = false)
        : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ARARAT_CHECK(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
        ARARAT_CHECK(listen(fd_.get(), 8) == 0, "listen");
        socklen_t size = sizeof address;
        getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, answer = std::move(answer), keep_open] { serve(answer, keep_open); });
    }
    ~OneAnswer() {
        shutdown(fd_.get(), SHUT_RDWR);
        if (peer_ >= 0) shutdown(peer_, SHUT_RDWR);
        thread_.join();
        if (peer_ >= 0) close(peer_);
    }
    [[nodiscard]] std::string port() const { return std::to_string(port_); }
    [[nodiscard]] const std::string& request() const { return request_; }

private:
    void serve(const std::string& answer, bool keep_open) {
        peer_ = accept(fd_.get(), nullptr, nullptr);
        if (peer_ < 0) return;
        char c = 0;
        while (request_.find("\r\n\r\n") == std::string::npos && recv(peer_, &c, 1, 0) == 1)
            request_.push_back(c);
        // In two pieces, so that the answer is not read in one.
        const std::size_t half = answer.size() / 2;
        send(peer_, answer.data(), half, MSG_NOSIGNAL);
        send(peer_, answer.data() + half, answer.size() - half, MSG_NOSIGNAL);
        if (!keep_open) shutdown(peer_, SHUT_WR);
        while (recv(peer_, &c, 1, 0) == 1) {
        }
    }

    platform::UniqueFd fd_;
    std::uint16_t port_ = 0;
    std::atomic<int> peer_{-1};
    std::string request_;
    std::thread thread_;
};

VerbResult probe(const std::string& answer, std::map<std::string, std::string> fields = {},
                 bool keep_open = false) {
    OneAnswer server(answer, keep_open);
    VerbWorld world;
    fields["url"] = "http://127.0.0.1:" + server.port() + "/page?x=1";
    return world.perform(field_operation(Verb::kHttpProbe, fields));
}

TEST(HttpProbe, JudgesStatusAndText) {
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhousing";
    EXPECT_EQ(probe(ok).exit_code, 0);
    EXPECT_EQ(probe(ok).text, "housing");
    EXPECT_EQ(probe(ok, {{"contains", "house"}}).exit_code, 1);
    EXPECT_EQ(probe(ok, {{"contains", "hous"}}).exit_code, 0);
    EXPECT_EQ(probe(ok, {{"status", "503"}}).exit_code, 1);
    EXPECT_EQ(probe("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", {{"status", "503"}}).exit_code, 0);
}

TEST(HttpProbe, DoesNotWaitForTheConnectionToCloseWhenTheBodyIsWhole) {
    EXPECT_EQ(probe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", {}, true).text, "ok");
    EXPECT_EQ(probe("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n1\r\n!\r\n0\r\n\r\n",
                    {}, true)
                  .text,
              "ok!");
    EXPECT_EQ(probe("HTTP/1.1 204 No Content\r\n\r\n", {{"status", "204"}}, true).exit_code, 0);
}

TEST(HttpProbe, ReadsABodyWithoutLengthToItsEnd) {
    EXPECT_EQ(probe("HTTP/1.0 200 OK\r\n\r\nall of it").text, "all of it");
}

TEST(HttpProbe, RefusesWhatIsNoAnswer) {
    for (const char* answer : {"", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                               "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n"}) {
        const VerbResult result = probe(answer);
        EXPECT_NE(result.exit_code, 0) << answer;
        EXPECT_NE(result.detail, "") << answer;
    }
}

TEST(HttpProbe, SendsTheHostThatWasAskedFor) {
    OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    VerbWorld world;
    EXPECT_EQ(world
                  .perform(field_operation(Verb::kHttpProbe, {{"url", "http://127.0.0.1:" + server.port()},
                                                              {"host_header", "housing.example"}}))
                  .exit_code,
              0);
    EXPECT_EQ(server.request().rfind("GET / HTTP/1.1\r\nHost: housing.example\r\n", 0), 0U)
        << server.request();
}

TEST(HttpProbe, CannotBeGivenALineOfItsOwn) {
    VerbWorld world;
    EXPECT_NE(
        world.perform(field_operation(Verb::kHttpProbe, {{"url", "http://127.0.0.1:1/\r\nX: y"}})).exit_code,
        0);
    EXPECT_NE(world
                  .perform(field_operation(Verb::kHttpProbe,
                                           {{"url", "http://127.0.0.1:1/"}, {"host_header", "a\r\nX: y"}}))
                  .exit_code,
              0);
    EXPECT_NE(world.perform(field_operation(Verb::kHttpProbe, {{"url", "https://127.0.0.1/"}})).exit_code, 0);
}

TEST(HttpProbe, ASilentServerTimesOut) {
    OneAnswer server("", true);
    VerbWorld world;
    world.context().deadline = world.interrupt().now() + Duration{50};
    const VerbResult result =
        world.perform(field_operation(Verb::kHttpProbe, {{"url", "http://127.0.0.1:" + server.port()}}));
    EXPECT_TRUE(result.timed_out);
}

TEST(HttpProbe, ACancellationEndsIt) {
    OneAnswer server("", true);
    VerbWorld world;
    world.cancel();
    EXPECT_TRUE(
        world.perform(field_operation(Verb::kHttpProbe, {{"url", "http://127.0.0.1:" + server.port()}}))
            .cancelled);
}

TEST(HttpAnswer, IsTheSameInWhateverPiecesItComes) {
    const std::string bytes =
        "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
        "Chunked\r\n\r\n5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        HttpAnswer answer;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            ASSERT_TRUE(answer.add(std::string_view(bytes).substr(at, piece)).ok()) << piece;
        }
        EXPECT_TRUE(answer.complete()) << piece;
        EXPECT_EQ(answer.status(), 200);
        EXPECT_EQ(answer.body(), "hello0123456789");
    }
}

TEST(HttpAnswer, IsBounded) {
    HttpAnswer endless;
    ASSERT_TRUE(endless.add("HTTP/1.1 200 OK\r\n\r\n").ok());
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(endless.add(block).ok());
    EXPECT_EQ(endless.body().size(), kHttpBodyMax);
    HttpAnswer headers;
    EXPECT_FALSE(headers.add("HTTP/1.1 200 OK\r\n" + std::string(kHttpHeadMax, 'x')).ok());
}

TEST(TcpProbe, TellsAnOpenPortFromAClosedOne) {
    VerbWorld world;
    std::string port;
    {
        OneAnswer server("");
        port = server.port();
        EXPECT_EQ(world.perform(field_operation(Verb::kTcpProbe, {{"address", "127.0.0.1"}, {"port", port}}))
                      .exit_code,
                  0);
    }
    const VerbResult closed =
        world.perform(field_operation(Verb::kTcpProbe, {{"address", "127.0.0.1"}, {"port", port}}));
    EXPECT_EQ(closed.exit_code, 1);
    EXPECT_NE(closed.detail.find("refused"), std::string::npos) << closed.detail;
    for (const char* bad : {"", "0", "65536", "x", "-1", "80 "}) {
        EXPECT_NE(world.perform(field_operation(Verb::kTcpProbe, {{"address", "127.0.0.1"}, {"port", bad}}))
                      .exit_code,
                  0)
            << bad;
    }
}

TEST(Resolve, LooksIntoHostsFirst) {
    VerbWorld world;
    ASSERT_TRUE(platform::make_dirs(world.path("etc")).ok());
    world.write("etc/hosts",
                "# comment\n198.18.0.7  housing housing.example # alias\n::1 six\n198.18.0.8 HOUSING\n");
    const auto found = resolve("Housing", 80, world.path("etc"));
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->size(), 2U);
    const auto* in = reinterpret_cast<const sockaddr_in*>(&found.value()[0].storage);
    EXPECT_EQ(ntohl(in->sin_addr.s_addr), 0xC6120007U);
    EXPECT_EQ(ntohs(in->sin_port), 80);
    EXPECT_EQ(resolve("six", 80, world.path("etc"))->at(0).storage.ss_family, AF_INET6);
}

TEST(Resolve, ParsesHostsAndPorts) {
    EXPECT_EQ(parse_host_port("h:80")->port, 80);
    EXPECT_EQ(parse_host_port("[::1]:443")->host, "::1");
    EXPECT_EQ(parse_host_port("h", 80)->port, 80);
    for (const char* bad : {"", "h", ":80", "h:", "h:0", "h:x", "[::1"})
        EXPECT_FALSE(parse_host_port(bad).ok()) << bad;
}

}  // namespace
}  // namespace ararat::agent
