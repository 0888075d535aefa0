#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <mutex>

#include "agent/config.h"
#include "agent/convert.h"
#include "agent/enrol.h"
#include "agent/journal_file.h"
#include "agent/link.h"
#include "agent/welcome.h"
#include "base/protocol.h"
#include "platform/clock.h"
#include "played_orchestrator.h"

namespace ararat::agent {
namespace {

TEST(AgentConfig, FillsInWhatIsNotSaid) {
    const auto config = parse_config("# agent\norchestrator = o1:7401 o2:7401\ndata_dir = /x  # here\n", "f");
    ASSERT_TRUE(config.ok()) << config.error().text();
    EXPECT_THAT(config->orchestrators, testing::ElementsAre("o1:7401", "o2:7401"));
    EXPECT_EQ(config->certificate_file, "/x/agent.crt");
    EXPECT_EQ(config->data_port, 7411);
}

TEST(AgentConfig, ReportsEveryFaultWithItsLine) {
    const auto config = parse_config(
        "data_port = 70000\nnonsense\nspeed = 3\ndata_dir = here\nca = /a\nca = /b\n", "agent.conf");
    ASSERT_FALSE(config.ok());
    EXPECT_EQ(config.error().message,
              "agent.conf:1: \"70000\" is not a port\n"
              "agent.conf:2: \"nonsense\" is not NAME = VALUE\n"
              "agent.conf:3: there is no setting \"speed\"\n"
              "agent.conf:4: \"here\" is not an absolute path\n"
              "agent.conf:6: \"ca\" is given twice\n"
              "agent.conf: orchestrator is missing");
}

v1::Welcome good_welcome() {
    v1::Welcome welcome;
    welcome.set_protocol(kProtocolVersion);
    welcome.set_version("0.9");
    welcome.add_required_capabilities("verb.run");
    return welcome;
}

TEST(Welcome, OfAnotherProtocolIsRefusedSayingWhichSideIsOlder) {
    EXPECT_TRUE(check_welcome(good_welcome()).ok());
    v1::Welcome newer = good_welcome();
    newer.set_protocol(kProtocolVersion + 1);
    EXPECT_EQ(check_welcome(newer).error().message,
              "the orchestrator (0.9) speaks protocol 2, this agent (0.1.0) protocol 1: the agent is the "
              "older one");
    // Before there was such a field.
    EXPECT_EQ(
        check_welcome(v1::Welcome{}).error().message,
        "the orchestrator speaks protocol 0, this agent (0.1.0) protocol 1: the orchestrator is the older "
        "one");
}

TEST(Welcome, ThatAsksForMoreThanThisAgentCanIsRefused) {
    v1::Welcome demanding = good_welcome();
    demanding.add_required_capabilities("verb.teleport");
    EXPECT_EQ(check_welcome(demanding).error().message,
              "the orchestrator (0.9) asks this agent (0.1.0) for what it lacks: verb.teleport");
}

TEST(Certificate, IsWarnedAboutAMonthAheadAndOnceItHasExpired) {
    const Instant ends = from_unix_ms(1'515'013'200'000);
    EXPECT_EQ(certificate_warning(ends, ends - std::chrono::hours(31 * 24)), "");
    EXPECT_EQ(certificate_warning(ends, ends - std::chrono::hours(1)),
              "this agent's certificate expires at 2018-01-03T21:00:00Z: enrol the host anew ('ararat agent "
              "install' does)");
    EXPECT_NE(
        certificate_warning(ends, ends + std::chrono::seconds(1)).find("expired at 2018-01-03T21:00:00Z"),
        std::string::npos);
}

TEST(Backoff, IsDrawnBelowABoundThatDoublesUpToItsLimit) {
    const auto highest = [](std::uint64_t bound) { return bound; };
    EXPECT_EQ(backoff(0, highest), kBackoffFirst);
    EXPECT_EQ(backoff(3, highest), kBackoffFirst * 8);
    EXPECT_EQ(backoff(20, highest), kBackoffMax);
    EXPECT_EQ(backoff(4'000'000'000U, highest), kBackoffMax);
    EXPECT_EQ(backoff(5, [](std::uint64_t) { return std::uint64_t{0}; }), Duration{0});
}

// They take the connection, and the hello, and say nothing. A welcome of the first that is looked at only now
// is none of the second's.
TEST(Link, LeavesAnOrchestratorThatDoesNotWelcomeIt) {
    const PlayedProject project("p");
    PlayedOrchestrator silent(project), silent_too(project), right(project);
    const auto own = project.certify(platform::agent_identity("p", "host-1"));
    std::mutex mutex;
    std::vector<std::string> closed;
    std::uint64_t present = 0;
    std::unique_ptr<Link> link;
    LinkOptions options;
    options.orchestrators = {silent.address(), silent_too.address(), right.address()};
    options.trust = {project.ca.certificate_pem, {}, "p"};
    options.own = {own.certificate_pem, own.key_pem};
    options.welcome_within = Duration{300};
    options.events.on_open = [&](std::uint64_t stream, const std::string&) {
        v1::AgentMessage hello;
        hello.mutable_hello()->set_host("host-1");
        present = stream;
        link->greet(stream, hello);
        link->welcomed(stream - 1);
    };
    options.events.on_message = [&](const v1::OrchestratorMessage& message) {
        if (message.has_welcome()) link->welcomed(present);
    };
    options.events.on_closed = [&](const std::string& why) {
        const std::lock_guard lock(mutex);
        closed.push_back(why);
    };
    options.events.on_drained = [] {};
    link = std::make_unique<Link>(std::move(options));
    link->start();
    right.welcome();
    {
        const std::lock_guard lock(mutex);
        EXPECT_THAT(closed, testing::Each(testing::HasSubstr("does not welcome")));
        EXPECT_EQ(closed.size(), 2U);
        closed.clear();
    }
    usleep(600'000);
    const std::lock_guard lock(mutex);
    EXPECT_THAT(closed, testing::IsEmpty()) << "once it was welcome it stays";
}

TEST(AttemptKey, TextAndMessageAreTheSame) {
    for (const v1::Purpose purpose : {v1::PURPOSE_FORWARD, v1::PURPOSE_PROBE, v1::PURPOSE_UNDO}) {
        v1::AttemptKey key = key_of("app/db/seed", 3);
        key.set_purpose(purpose);
        EXPECT_EQ(key_from_text(key_text(key).value()).SerializeAsString(), key.SerializeAsString());
    }
    EXPECT_EQ(key_text(key_of("t")).value(), "p|run-1|t|forward|1");
    v1::AttemptKey bad = key_of("a|b");
    EXPECT_FALSE(key_text(bad).ok());
    bad = key_of("t", 0);
    EXPECT_FALSE(key_text(bad).ok());
    bad = key_of("t");
    bad.set_purpose(v1::PURPOSE_UNSPECIFIED);
    EXPECT_FALSE(key_text(bad).ok());
}

TEST(StepConversion, RefusesWhatHasNoMeaning) {
    EXPECT_TRUE(to_spec(shell_step("t", "true")).ok());
    v1::StartStep command = shell_step("t", "true");
    command.mutable_stages(0)->mutable_operation()->set_timeout_ms(0);
    EXPECT_THAT(to_spec(command).error().context, testing::HasSubstr("timeout_ms"));
    command = shell_step("t", "true");
    command.mutable_stages(0)->mutable_operation()->set_verb(static_cast<v1::Verb>(99));
    EXPECT_FALSE(to_spec(command).ok());
    command = shell_step("t", "true");
    command.mutable_stages(0)->mutable_operation()->mutable_expect()->set_exit_code(-1);
    EXPECT_FALSE(to_spec(command).ok());
}

TEST(JournalFile, KeepsWhatItWasGivenAndDropsATornTail) {
    const auto place = platform::TemporaryDirectory::make("journal").value();
    const std::string path = place.path() + "/journal";
    std::string id;
    {
        auto opened = JournalFile::open(path);
        ASSERT_TRUE(opened.ok()) << opened.error().text();
        id = std::get<JournalCreated>(opened->records.at(0)).journal_id;
        ASSERT_TRUE(opened->file.append({EpochSeen{4}, Started{"k", 4, 9}}).ok());
        EXPECT_FALSE(JournalFile::open(path).ok()) << "one agent at a time";
    }
    const std::string whole = platform::read_file(path).value();
    for (std::size_t cut = 1; cut < 30; ++cut) {
        ASSERT_TRUE(platform::write_file_durable(path, whole.substr(0, whole.size() - cut), 0600).ok());
        auto opened = JournalFile::open(path);
        ASSERT_TRUE(opened.ok()) << opened.error().text();
        EXPECT_EQ(opened->records.size(), 2U);
        EXPECT_GT(opened->torn_bytes, 0U);
        ASSERT_TRUE(opened->file.append({Started{"k", 4, 9}}).ok());
        EXPECT_EQ(platform::read_file(path).value(), whole) << "it goes on where the whole records ended";
    }
    auto opened = JournalFile::open(path);
    EXPECT_THAT(opened->records,
                testing::ElementsAre(JournalRecord(JournalCreated{id}), JournalRecord(EpochSeen{4}),
                                     JournalRecord(Started{"k", 4, 9})));
}

TEST(JournalFile, RewritingKeepsTheNewRecordsOnlyAndGoesOn) {
    const auto place = platform::TemporaryDirectory::make("journal").value();
    const std::string path = place.path() + "/journal";
    auto opened = JournalFile::open(path);
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(opened->file.append({Started{"k" + std::to_string(i), 1, 1}}).ok());
    }
    const std::uint64_t before = opened->file.size();
    ASSERT_TRUE(opened->file.rewrite({JournalCreated{"same"}, EpochSeen{1}}).ok());
    EXPECT_LT(opened->file.size(), before);
    ASSERT_TRUE(opened->file.append({Started{"after", 1, 1}}).ok());
    const std::string bytes = platform::read_file(path).value();
    EXPECT_NE(bytes.find("after"), std::string::npos);
    EXPECT_EQ(bytes.find("k99"), std::string::npos);
}

TEST(OrchestratorTrust, AcceptsTheProjectsOrchestratorAndNobodyElse) {
    const PlayedProject project("p"), stranger("p"), other("q");
    const auto certificate = [](const PlayedProject& of, const platform::Identity& identity) {
        return of.certify(identity).certificate_pem;
    };
    const trust::OrchestratorTrust trust{project.ca.certificate_pem, {}, "p"};
    EXPECT_TRUE(
        trust::check_orchestrator(trust, certificate(project, platform::orchestrator_identity("p")), {})
            .ok());
    EXPECT_FALSE(
        trust::check_orchestrator(trust, certificate(project, platform::orchestrator_identity("q")), {})
            .ok());
    EXPECT_FALSE(
        trust::check_orchestrator(trust, certificate(project, platform::agent_identity("p", "h")), {}).ok());
    EXPECT_FALSE(
        trust::check_orchestrator(trust, certificate(stranger, platform::orchestrator_identity("p")), {})
            .ok());
    EXPECT_FALSE(trust::check_orchestrator(trust, "", {}).ok());
}

TEST(OrchestratorTrust, AFingerprintStandsForTheCaThatIsShown) {
    const PlayedProject project("p"), stranger("p");
    const std::string own = project.certify(platform::orchestrator_identity("p")).certificate_pem;
    trust::OrchestratorTrust trust;
    trust.ca_sha256 = platform::certificate_fingerprint(project.ca.certificate_pem).value();
    EXPECT_TRUE(trust::check_orchestrator(trust, own, own + project.ca.certificate_pem).ok());
    EXPECT_FALSE(trust::check_orchestrator(trust, own, own).ok()) << "the CA is not shown";
    const std::string forged = stranger.certify(platform::orchestrator_identity("p")).certificate_pem;
    EXPECT_FALSE(trust::check_orchestrator(trust, forged, forged + project.ca.certificate_pem).ok());
    EXPECT_FALSE(trust::check_orchestrator(trust, forged, forged + stranger.ca.certificate_pem).ok());
}

// An enrolment service that signs for whom it likes.
class PlayedEnrolment final : public v1::Enrol::Service {
public:
    PlayedEnrolment(const PlayedProject& project, std::string host)
        : project_(project), host_(std::move(host)) {
        const auto own = project.certify(platform::orchestrator_identity("p"));
        grpc::SslServerCredentialsOptions tls(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
        tls.pem_key_cert_pairs.push_back({own.key_pem, own.certificate_pem + project.ca.certificate_pem});
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
        builder.RegisterService(this);
        server_ = builder.BuildAndStart();
    }
    ~PlayedEnrolment() override { server_->Shutdown(std::chrono::system_clock::now()); }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::vector<std::string> tokens;
    std::string asked_host;
    grpc::Status verdict;

private:
    grpc::Status Enrol(grpc::ServerContext*, const v1::EnrolRequest* request,
                       v1::EnrolResponse* response) override {
        tokens.push_back(request->token());
        asked_host = request->host();
        if (!verdict.ok()) return verdict;
        response->add_warnings("nothing to do for it");
        response->set_identity("ararat://p/agent/" + host_);
        response->set_certificate_pem(platform::issue(project_.ca, request->csr_pem(),
                                                      platform::agent_identity("p", host_),
                                                      platform::SystemClock().now(), 1)
                                          .value());
        response->set_ca_pem(project_.ca.certificate_pem);
        return grpc::Status::OK;
    }
    const PlayedProject& project_;
    std::string host_;
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
};

TEST(Enrol, GetsACertificateForAKeyThatNeverLeavesTheHost) {
    const PlayedProject project("p");
    PlayedEnrolment enrolment(project, "host-1");
    const auto place = platform::TemporaryDirectory::make("enrol").value();
    EnrolOptions options{{enrolment.address()},
                         "token",
                         "host-1",
                         place.path() + "/data",
                         {},
                         platform::certificate_fingerprint(project.ca.certificate_pem).value()};
    const auto enrolled = enrol(options);
    ASSERT_TRUE(enrolled.ok()) << enrolled.error().text();
    EXPECT_EQ(enrolled->identity, "ararat://p/agent/host-1");
    EXPECT_THAT(enrolled->warnings, testing::ElementsAre("nothing to do for it"));
    EXPECT_EQ(enrolment.asked_host, "host-1") << "so that a token for another host is not used up";
    EXPECT_THAT(enrolment.tokens, testing::ElementsAre("token"));
    const std::string key = platform::read_file(options.directory + "/agent.key").value();
    EXPECT_TRUE(
        platform::check_key_matches(key, platform::read_file(options.directory + "/agent.crt").value()).ok());
    EXPECT_EQ(platform::read_file(options.directory + "/ca.crt").value(), project.ca.certificate_pem);
}

TEST(Enrol, TakesItsTokenFromAFile) {
    const auto place = platform::TemporaryDirectory::make("enrol").value();
    const std::string file = place.path() + "/token";
    ASSERT_TRUE(platform::write_file_durable(file, "0123abc\n", 0600).ok());
    EXPECT_EQ(read_token(file).value(), "0123abc");
    ASSERT_TRUE(platform::write_file_durable(file, "\n", 0600).ok());
    EXPECT_EQ(read_token(file).error().code, ErrorCode::kInvalidArgument);
    ASSERT_TRUE(platform::write_file_durable(file, "two words\n", 0600).ok());
    EXPECT_EQ(read_token(file).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(read_token(place.path() + "/none").error().code, ErrorCode::kNotFound);
}

TEST(Enrol, AStrangerGetsNoToken) {
    const PlayedProject project("p"), stranger("p");
    PlayedEnrolment enrolment(stranger, "host-1");
    const auto place = platform::TemporaryDirectory::make("enrol").value();
    EnrolOptions options{{enrolment.address()},
                         "token",
                         "host-1",
                         place.path() + "/data",
                         {},
                         platform::certificate_fingerprint(project.ca.certificate_pem).value()};
    EXPECT_FALSE(enrol(options).ok());
    ASSERT_TRUE(platform::write_file_durable(place.path() + "/ca.crt", project.ca.certificate_pem).ok());
    options.ca_file = place.path() + "/ca.crt";
    EXPECT_FALSE(enrol(options).ok());
    options.ca_file.clear();
    options.ca_sha256.clear();
    EXPECT_FALSE(enrol(options).ok()) << "without a pin there is no enrolment";
    EXPECT_TRUE(enrolment.tokens.empty());
    EXPECT_FALSE(platform::file_exists(options.directory));
}

TEST(Enrol, IsTriedAtEachOrchestratorUntilOneHasTheLastWord) {
    const PlayedProject project("p"), other("p");
    PlayedOrchestrator away(project);
    away.close();
    PlayedEnrolment stranger(other, "host-1"), right(project, "host-1"), never_asked(project, "host-1");
    const auto place = platform::TemporaryDirectory::make("enrol").value();
    EnrolOptions options;
    options.orchestrators = {away.address(), stranger.address(), right.address(), never_asked.address()};
    options.token = "token";
    options.host = "host-1";
    options.directory = place.path() + "/data";
    options.ca_sha256 = platform::certificate_fingerprint(project.ca.certificate_pem).value();
    const auto enrolled = enrol(options);
    ASSERT_TRUE(enrolled.ok()) << enrolled.error().text();
    EXPECT_TRUE(stranger.tokens.empty()) << "the token is the project's";
    EXPECT_THAT(right.tokens, testing::ElementsAre("token"));
    EXPECT_TRUE(never_asked.tokens.empty());

    options.orchestrators = {away.address(), stranger.address()};
    const std::string why = enrol(options).error().text();
    EXPECT_THAT(why, testing::HasSubstr(away.address()));
    EXPECT_THAT(why, testing::HasSubstr(stranger.address()));

    right.verdict = grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "used before");
    options.orchestrators = {right.address(), never_asked.address()};
    EXPECT_THAT(enrol(options).error().text(), testing::HasSubstr("used before"));
    EXPECT_TRUE(never_asked.tokens.empty());
}

// Who installs agents takes the certificate for the proof that all is there.
TEST(Enrol, AnEnrolmentThatBreaksOffLeavesNoCertificate) {
    const PlayedProject project("p");
    PlayedEnrolment enrolment(project, "host-1");
    const auto place = platform::TemporaryDirectory::make("enrol").value();
    const EnrolOptions options{{enrolment.address()},
                               "token",
                               "host-1",
                               place.path() + "/data",
                               {},
                               platform::certificate_fingerprint(project.ca.certificate_pem).value()};
    ASSERT_TRUE(enrol(options).ok());
    const std::string data = options.directory;
    ASSERT_TRUE(platform::remove_file(data + "/ca.crt").ok());
    ASSERT_TRUE(platform::make_dirs(data + "/ca.crt/in-the-way").ok());
    EXPECT_FALSE(enrol(options).ok());
    EXPECT_FALSE(platform::file_exists(data + "/agent.crt")) << "the old one does not fit the new key";
    ASSERT_TRUE(platform::remove_tree(data + "/ca.crt").ok());
    ASSERT_TRUE(enrol(options).ok());
    EXPECT_TRUE(platform::check_key_matches(platform::read_file(data + "/agent.key").value(),
                                            platform::read_file(data + "/agent.crt").value())
                    .ok());
}

TEST(Enrol, RefusesACertificateInAnotherName) {
    const PlayedProject project("p");
    PlayedEnrolment enrolment(project, "host-2");
    const auto place = platform::TemporaryDirectory::make("enrol").value();
    EXPECT_FALSE(enrol({{enrolment.address()},
                        "token",
                        "host-1",
                        place.path() + "/data",
                        {},
                        platform::certificate_fingerprint(project.ca.certificate_pem).value()})
                     .ok());
    EXPECT_FALSE(platform::file_exists(place.path() + "/data"));
}

}  // namespace
}  // namespace ararat::agent
