#include "platform/pki.h"

#include <gtest/gtest.h>

#include "platform/process.h"

namespace ararat::platform {
namespace {

const Instant kNow = from_unix_ms(1'506'794'400'000);  // 2017-09-30T18:00:00Z

struct Issued {
    KeyPair key;
    std::string certificate_pem;
};

Issued issued_by(const CertificateAuthority& ca, const Identity& identity, Instant now = kNow,
                 int days = 30) {
    Issued issued;
    issued.key = *generate_p256();
    issued.certificate_pem =
        *issue(ca, *make_csr(issued.key), identity, now, days, {"localhost", "127.0.0.1"});
    return issued;
}

TEST(Pki, IssuesACertificateThatVerifiesAndSaysWhoItIs) {
    const auto ca = make_ca("exit", kNow);
    ASSERT_TRUE(ca.ok()) << ca.error().message;
    const Identity identity = agent_identity("exit", "db1");
    const Issued agent = issued_by(*ca, identity);
    EXPECT_EQ(*parse_identity(agent.certificate_pem), identity);
    const auto verified = verify_certificate(ca->certificate_pem, agent.certificate_pem, kNow);
    ASSERT_TRUE(verified.ok()) << verified.error().message;
    EXPECT_EQ(*verified, identity);
    EXPECT_TRUE(check_key_matches(agent.key.key_pem, agent.certificate_pem).ok());
    EXPECT_EQ(*certificate_not_after(agent.certificate_pem), kNow + std::chrono::hours(24 * 30));
    EXPECT_EQ(certificate_fingerprint(agent.certificate_pem)->size(), 64U);
}

TEST(Pki, RefusesAnotherCaAndTheWrongTime) {
    const auto ca = make_ca("exit", kNow);
    const auto other = make_ca("exit", kNow);
    const Issued agent = issued_by(*ca, agent_identity("exit", "db1"));
    const auto refused = verify_certificate(other->certificate_pem, agent.certificate_pem, kNow);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
    const auto late =
        verify_certificate(ca->certificate_pem, agent.certificate_pem, kNow + std::chrono::hours(24 * 31));
    EXPECT_EQ(late.error().message, "the certificate does not verify: certificate has expired");
    const auto early =
        verify_certificate(ca->certificate_pem, agent.certificate_pem, kNow - std::chrono::hours(2));
    EXPECT_EQ(early.error().message, "the certificate does not verify: certificate is not yet valid");
}

TEST(Pki, TellsWhoseACertificateIsWhateverTheTime) {
    const auto ca = make_ca("exit", kNow);
    const auto other = make_ca("exit", kNow);
    const Identity identity = agent_identity("exit", "db1");
    const Issued agent = issued_by(*ca, identity);
    EXPECT_FALSE(verify_certificate(ca->certificate_pem, agent.certificate_pem, Instant{}).ok());
    EXPECT_EQ(*identity_at_any_time(ca->certificate_pem, agent.certificate_pem), identity);
    EXPECT_EQ(identity_at_any_time(other->certificate_pem, agent.certificate_pem).error().code,
              ErrorCode::kUnauthenticated);
    EXPECT_FALSE(identity_at_any_time(ca->certificate_pem, "none").ok());
}

TEST(Pki, AnIssuedCertificateIssuesNothing) {
    const auto ca = make_ca("exit", kNow);
    const Issued agent = issued_by(*ca, agent_identity("exit", "db1"));
    const CertificateAuthority impostor{agent.key.key_pem, agent.certificate_pem};
    const Issued forged = issued_by(impostor, orchestrator_identity("exit"));
    EXPECT_FALSE(verify_certificate(agent.certificate_pem, forged.certificate_pem, kNow).ok());
    EXPECT_FALSE(verify_certificate(ca->certificate_pem, forged.certificate_pem, kNow).ok());
}

TEST(Pki, TheCaItselfIsNobody) {
    const auto ca = make_ca("exit", kNow);
    EXPECT_EQ(parse_identity(ca->certificate_pem).error().message,
              "the certificate carries 0 URIs, where one says who it is");
}

TEST(Pki, RefusesNamesThatWouldAddNames) {
    const auto ca = make_ca("exit", kNow);
    const std::string csr = *make_csr(*generate_p256());
    const Identity identity = agent_identity("exit", "db1");
    for (const char* name : {"a,URI:ararat://exit/orchestrator", "", "a b", "-a", "a..b", "*.a"}) {
        EXPECT_FALSE(issue(*ca, csr, identity, kNow, 1, {name}).ok()) << name;
    }
    EXPECT_FALSE(issue(*ca, csr, agent_identity("exit", "x,URI:y"), kNow, 1).ok());
    EXPECT_FALSE(issue(*ca, csr, identity, kNow, 0).ok());
    EXPECT_TRUE(issue(*ca, csr, identity, kNow, 1, {"db1.example.org", "::1"}).ok());
}

TEST(Pki, TakesOnlyP256Requests) {
    const auto ca = make_ca("exit", kNow);
    const Identity identity = agent_identity("exit", "db1");
    EXPECT_EQ(issue(*ca, "no request", identity, kNow, 1).error().code, ErrorCode::kInvalidArgument);
    const auto rsa = run_process({"openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout",
                                  "/dev/null", "-subj", "/CN=x"});
    ASSERT_TRUE(rsa.ok() && rsa->ok());
    EXPECT_EQ(issue(*ca, rsa->standard_output, identity, kNow, 1).error().message,
              "the request's key is not a P-256 key");
}

TEST(Signature, IsOfOneKeyAndOneText) {
    const auto ca = make_ca("exit", kNow);
    const Issued ann = issued_by(*ca, person_identity("exit", "ann", {"approver"}));
    const Issued bob = issued_by(*ca, person_identity("exit", "bob", {"approver"}));
    const auto signature = sign_p256(ann.key.key_pem, "wave-1 is approved");
    ASSERT_TRUE(signature.ok()) << signature.error().message;
    EXPECT_TRUE(verify_p256(ann.certificate_pem, "wave-1 is approved", *signature).ok());
    EXPECT_FALSE(verify_p256(ann.certificate_pem, "wave-2 is approved", *signature).ok());
    EXPECT_FALSE(verify_p256(bob.certificate_pem, "wave-1 is approved", *signature).ok());
    EXPECT_FALSE(verify_p256(ann.certificate_pem, "wave-1 is approved", "no signature").ok());
    EXPECT_FALSE(verify_p256(ann.certificate_pem, "wave-1 is approved", "").ok());
    EXPECT_EQ(sign_p256("no key", "x").error().code, ErrorCode::kInvalidArgument);
}

// RFC 4231, test cases 2 and 6.
TEST(HmacSha256, AgreesWithTheRfcsExamples) {
    const auto hex = [](const std::string& bytes) {
        std::string text;
        for (const char c : bytes) {
            const char digits[] = "0123456789abcdef";
            text += digits[static_cast<unsigned char>(c) >> 4U];
            text += digits[static_cast<unsigned char>(c) & 15U];
        }
        return text;
    };
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(
        hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(hmac_sha256("", "").size(), 32U);
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace ararat::platform
