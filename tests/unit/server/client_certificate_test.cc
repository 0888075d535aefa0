// What is logged of clients that are not let in.
#include "server/client_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/clock.h"
#include "platform/pki.h"
#include "server/alert_pace.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;

TEST(CheckClient, NamesACertificateOfAStrangerByFingerprintAndSubject) {
    const Instant now = platform::SystemClock().now();
    const auto ca = platform::make_ca("exit", now).value();
    const auto other = platform::make_ca("other-project", now).value();
    const auto refused = check_client(ca.certificate_pem, other.certificate_pem, now, {});
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().message,
                HasSubstr("SHA-256 " + platform::certificate_fingerprint(other.certificate_pem).value()));
    EXPECT_THAT(refused.error().message,
                HasSubstr(platform::certificate_subject(other.certificate_pem).value()));
    EXPECT_THAT(platform::certificate_subject(other.certificate_pem).value(), HasSubstr("other-project"));
    EXPECT_FALSE(check_client(ca.certificate_pem, "no certificate", now, {}).ok());
}

TEST(AlertPace, LetsOneLineASecondThroughOfEachAndAFewInAll) {
    AlertPace pace;
    EXPECT_EQ(pace.admit("a", Duration{1'000}), 0U);
    EXPECT_EQ(pace.admit("a", Duration{1'500}), std::nullopt);
    EXPECT_EQ(pace.admit("b", Duration{1'500}), 1U) << "how many were left out before it";
    EXPECT_EQ(pace.admit("a", Duration{2'000}), 0U);
    for (std::size_t i = 1; i < kAlertsASecondMax; ++i) {
        EXPECT_TRUE(pace.admit(std::to_string(i), Duration{2'100})) << i;
    }
    EXPECT_EQ(pace.admit("new", Duration{2'200}), std::nullopt) << "a certificate costs its maker nothing";
    EXPECT_EQ(pace.admit("new", Duration{2'300}), std::nullopt);
    EXPECT_EQ(pace.admit("new", Duration{3'000}), 2U);
}

}  // namespace
}  // namespace ararat::server
