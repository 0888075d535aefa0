#include "platform/identity.h"

#include <gtest/gtest.h>

namespace ararat::platform {
namespace {

TEST(IdentityUri, IsReadBackAsWritten) {
    for (const Identity& identity : {orchestrator_identity("exit"), agent_identity("exit", "ark-hsg-db1"),
                                     person_identity("exit", "ann", {"lead", "approver", "lead"})}) {
        const auto parsed = parse_identity_uri(identity_uri(identity));
        ASSERT_TRUE(parsed.ok()) << parsed.error().message;
        EXPECT_EQ(*parsed, identity);
    }
    EXPECT_EQ(identity_uri(person_identity("exit", "ann", {"lead", "approver"})),
              "ararat://exit/person/ann/approver+lead");
    EXPECT_EQ(identity_uri(agent_identity("exit", "db1")), "ararat://exit/agent/db1");
    EXPECT_EQ(identity_uri(orchestrator_identity("exit")), "ararat://exit/orchestrator");
}

TEST(IdentityUri, RefusesEveryOtherForm) {
    for (const char* uri :
         {"", "ararat://", "https://exit/orchestrator", "ararat://exit", "ararat://exit/",
          "ararat:///agent/x", "ararat://exit/orchestrator/", "ararat://exit/agent", "ararat://exit/agent/",
          "ararat://exit/agent/a/b", "ararat://exit/agent/A", "ararat://exit/person/ann",
          "ararat://exit/person/ann/", "ararat://exit/person/ann/lead+", "ararat://exit/person/ann/b+a",
          "ararat://exit/person/ann/a+a", "ararat://exit/person/../x", "ARARAT://exit/orchestrator"}) {
        const auto parsed = parse_identity_uri(uri);
        ASSERT_FALSE(parsed.ok()) << uri;
        EXPECT_EQ(parsed.error().code, ErrorCode::kUnauthenticated);
    }
}

TEST(Identity, KnowsItsRoles) {
    const Identity ann = person_identity("exit", "ann", {"lead"});
    EXPECT_TRUE(ann.has_role("lead"));
    EXPECT_FALSE(ann.has_role("lea"));
}

}  // namespace
}  // namespace ararat::platform
