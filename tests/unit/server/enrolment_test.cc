// Tokens and certificates: who gets one, what is remembered of it, and what raises an alert.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "alert_log.h"
#include "platform/pki.h"
#include "server/backup.h"
#include "server/enrol_service.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct World : TestWorld {
    World() {
        start_orchestrator();
        connect();
    }
    void connect() {
        admin = control(person("admin", {"admin"}));
        grpc::SslCredentialsOptions tls;
        tls.pem_root_certs = ca().certificate_pem;
        enrolment = v1::Enrol::NewStub(grpc::CreateChannel(
            fmt::format("localhost:{}", orchestrator().ports().enrol), grpc::SslCredentials(tls)));
    }
    v1::CreateEnrolTokenResponse token_for(const std::string& name) const {
        v1::CreateEnrolTokenRequest request;
        request.set_name(name);
        request.set_kind("agent");
        v1::CreateEnrolTokenResponse token;
        grpc::ClientContext context;
        const auto status = admin->CreateEnrolToken(&context, request, &token);
        EXPECT_TRUE(status.ok()) << status.error_message();
        return token;
    }
    grpc::Status enrol(const std::string& token, const std::string& host, const std::string& csr) {
        v1::EnrolRequest request;
        request.set_token(token);
        request.set_host(host);
        request.set_csr_pem(csr);
        grpc::ClientContext context;
        return enrolment->Enrol(&context, request, &response);
    }
    grpc::Status enrol(const std::string& token, const std::string& host) {
        return enrol(token, host, platform::make_csr(platform::generate_p256().value()).value());
    }
    // Records of this kind, as the audit lists them.
    std::vector<v1::Record> records(v1::Record::BodyCase kind) const {
        v1::ListAuditResponse listed;
        grpc::ClientContext context;
        EXPECT_TRUE(admin->ListAudit(&context, {}, &listed).ok());
        std::vector<v1::Record> found;
        for (const auto& entry : listed.entries()) {
            if (entry.record().body_case() == kind) found.push_back(entry.record());
        }
        return found;
    }

    std::unique_ptr<v1::Control::Stub> admin;
    std::unique_ptr<v1::Enrol::Stub> enrolment;
    v1::EnrolResponse response;
};

TEST(Enrolment, ATokenIsGoodForOneCertificateOfItsNameAndNoSecond) {
    AlertLog log;
    World world;
    const auto token = world.token_for("ark").token();
    EXPECT_EQ(world.enrol(token, "ark", "not a request").error_code(), grpc::StatusCode::INVALID_ARGUMENT)
        << "and the token is not used up by it";
    ASSERT_TRUE(world.enrol(token, "ark").ok());
    EXPECT_EQ(world.response.identity(), "ararat://exit/agent/ark");
    EXPECT_EQ(platform::parse_identity(world.response.certificate_pem())->name, "ark");
    EXPECT_EQ(log.alerts({"enrolment"}), 0U);

    EXPECT_EQ(world.enrol(token, "ark").error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(log.alerts({"enrolment", "'ark'", "the token for ark was used before"}), 1U);
    EXPECT_EQ(world.enrol("0123456789", "ark").error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(log.alerts({"enrolment", "there is no such token"}), 1U);
}

// A mistyped name costs nothing: nothing is issued, and the token is still good.
TEST(Enrolment, AWrongNameIsRefusedBeforeTheTokenIsUsedUp) {
    AlertLog log;
    World world;
    const auto token = world.token_for("ark").token();
    const auto wrong = world.enrol(token, "akr");
    EXPECT_EQ(wrong.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(wrong.error_message(), "the token is for another name than akr; it is not used up");
    EXPECT_EQ(log.alerts({"the token is for agent ark, not for an agent on akr"}), 1U);
    EXPECT_EQ(world.enrol(token, "").error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(world.enrol(token, "A b").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_TRUE(world.enrol(token, "ark").ok());
}

// Another orchestrator may lead, and be asked next: the token must still be good there.
TEST(Enrolment, OneThatDoesNotLeadSaysSoAndLooksAtNoToken) {
    AlertLog log;
    World world;
    const auto token = world.token_for("ark").token();
    const std::string backup = world.directory() + "-backup";
    ASSERT_TRUE(save_backup({world.directory()}, {backup, true}, platform::SystemClock().now()).ok());
    world.stop_orchestrator();
    ASSERT_TRUE(platform::remove_tree(world.directory()).ok());
    ASSERT_TRUE(restore_backup(backup, {world.directory()}).ok());
    ASSERT_TRUE(platform::remove_file(backup).ok());
    world.start_orchestrator();
    world.connect();
    for (const std::string& any : {token, std::string("0123456789")}) {
        const auto sent_on = world.enrol(any, "ark");
        EXPECT_EQ(sent_on.error_code(), grpc::StatusCode::UNAVAILABLE);
        EXPECT_THAT(sent_on.error_message(), HasSubstr("does not lead"));
    }
    EXPECT_EQ(log.alerts({"enrolment"}), 0U);
    world.stop_orchestrator();
    world.start_orchestrator([](OrchestratorOptions& options) { options.accept_loss = true; });
    world.connect();
    EXPECT_TRUE(world.enrol(token, "ark").ok()) << "it was not used up";
}

TEST(Enrolment, IsJournalled) {
    World world;
    const auto token = world.token_for("ark").token();
    ASSERT_TRUE(world.enrol(token, "ark").ok());
    ASSERT_FALSE(world.enrol(token, "ark").ok());
    const auto made = world.records(v1::Record::kEnrolTokenMade);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].enrol_token_made().name(), "ark");
    EXPECT_EQ(made[0].enrol_token_made().kind(), "agent");
    EXPECT_EQ(made[0].enrol_token_made().by(), "admin");
    EXPECT_THAT(made[0].DebugString(), ::testing::Not(HasSubstr(token)));
    const auto enrolled = world.records(v1::Record::kEnrolled);
    ASSERT_EQ(enrolled.size(), 1U);
    EXPECT_EQ(enrolled[0].enrolled().identity(), "ararat://exit/agent/ark");
    EXPECT_EQ(enrolled[0].enrolled().certificate_sha256(),
              platform::certificate_fingerprint(world.response.certificate_pem()).value());
    const auto refused = world.records(v1::Record::kEnrolmentRefused);
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].enrolment_refused().host(), "ark");
    EXPECT_THAT(refused[0].enrolment_refused().reason(), HasSubstr("used before"));
}

// A stranger with a loop must not fill the disk.
TEST(Enrolment, RefusalsAreJournalledUpToANumber) {
    AlertLog log;
    World world;
    constexpr std::uint64_t kTries = kRefusalsRecordedMax + 3;
    for (std::uint64_t i = 0; i < kTries; ++i) EXPECT_FALSE(world.enrol("guessed", "ark").ok());
    EXPECT_EQ(world.records(v1::Record::kEnrolmentRefused).size(), kRefusalsRecordedMax);
    EXPECT_EQ(log.alerts({"enrolment"}), kTries);
}

TEST(Enrolment, OfAHostThatThePlanDoesNotHaveGoesOnWithAWarning) {
    World world;
    EXPECT_THAT(world.token_for("far").warnings(), IsEmpty()) << "there is no plan yet";
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    ASSERT_TRUE(world.apply(*engineer, small_plan(false)).ok());
    EXPECT_THAT(world.token_for("ark").warnings(), IsEmpty());
    const auto token = world.token_for("far");
    const std::string warning = "the plan in force has no host far: its agent will have nothing to do";
    EXPECT_THAT(token.warnings(), ElementsAre(warning));
    ASSERT_TRUE(world.enrol(token.token(), "far").ok());
    EXPECT_THAT(world.response.warnings(), ElementsAre(warning));
}

TEST(HostKeys, PinningIsJournalled) {
    World world;
    v1::PinHostKeyRequest request;
    request.set_host("ark");
    request.set_public_key(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");
    v1::PinHostKeyResponse response;
    grpc::ClientContext context;
    const auto status = world.admin->PinHostKey(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    const auto pinned = world.records(v1::Record::kHostKeyPinned);
    ASSERT_EQ(pinned.size(), 1U);
    EXPECT_EQ(pinned[0].host_key_pinned().host(), "ark");
    EXPECT_EQ(pinned[0].host_key_pinned().fingerprint(), response.fingerprint());
    EXPECT_EQ(pinned[0].host_key_pinned().by(), "admin");
}

TEST(Enrolment, RefusesTokensForNobody) {
    World world;
    const auto admin = world.control(world.person("admin", {"admin"}));
    const auto create = [&](const char* name, const char* kind, std::vector<std::string> roles) {
        v1::CreateEnrolTokenRequest request;
        request.set_name(name);
        request.set_kind(kind);
        for (const auto& role : roles) request.add_roles(role);
        v1::CreateEnrolTokenResponse token;
        grpc::ClientContext context;
        return admin->CreateEnrolToken(&context, request, &token).error_message().substr(0, 5);
    };
    EXPECT_EQ(create("Ark/..", "agent", {}), "name:");
    EXPECT_EQ(create("ark..db", "agent", {}), "name:") << "no certificate could carry it";
    EXPECT_EQ(create("ark", "robot", {}), "kind:");
    EXPECT_EQ(create("ark", "agent", {"admin"}), "roles");
    EXPECT_EQ(create("ann", "person", {}), "roles");
    EXPECT_EQ(create("ann", "person", {"Admin"}), "roles");
}

// Whoever knocks where they may not is told of, whether the door is a call or a stream.
TEST(Alerts, AreRaisedForRefusedCallsAndStreamsAlike) {
    AlertLog log;
    World world;
    const auto viewer = world.control(world.person("vic", {"viewer"}));
    v1::CreateEnrolTokenRequest token;
    v1::CreateEnrolTokenResponse made;
    grpc::ClientContext calling;
    EXPECT_EQ(viewer->CreateEnrolToken(&calling, token, &made).error_code(),
              grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(log.alerts({"CreateEnrolToken", "vic"}), 1U);

    v1::InstallAgentRequest install;
    install.set_host("ark");
    grpc::ClientContext installing;
    EXPECT_EQ(viewer->InstallAgent(&installing, install)->Finish().error_code(),
              grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(log.alerts({"InstallAgent", "vic"}), 1U);

    const auto nobody = world.control(world.person("nemo", {"change-board"}));
    grpc::ClientContext watching;
    EXPECT_EQ(nobody->WatchRun(&watching, {})->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(log.alerts({"WatchRun", "nemo"}), 1U);
    grpc::ClientContext reading;
    EXPECT_EQ(nobody->ReadLogs(&reading, {})->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(log.alerts({"ReadLogs", "nemo"}), 1U);
}

}  // namespace
}  // namespace ararat::server
