#include "server/data_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include "platform/clock.h"
#include "platform/files.h"
#include "server/role_check.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Instant now() { return platform::SystemClock().now(); }

TEST(DataDirectory, IsMadeOnceWithItsSecretsForTheOwnerOnly) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    const DataPaths paths{directory->path() + "/d"};
    platform::SystemClock clock;
    ASSERT_TRUE(init_data_directory(paths, ProjectId("exit"), {"localhost"}, clock.now()).ok());
    EXPECT_EQ(init_data_directory(paths, ProjectId("exit"), {"localhost"}, clock.now()).error().code,
              ErrorCode::kAlreadyExists);
    for (const std::string& secret :
         {paths.ca_key(), paths.key(), paths.ticket_key(), paths.people() + "/admin.key"}) {
        struct stat status {};
        ASSERT_EQ(::stat(secret.c_str(), &status), 0) << secret;
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << secret;
    }
    EXPECT_EQ(init_data_directory({directory->path() + "/e"}, ProjectId("Exit!"), {"localhost"}, clock.now())
                  .error()
                  .code,
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(open_data_directory({directory->path() + "/none"}).error().code, ErrorCode::kNotFound);
    const auto admin = platform::read_file(paths.people() + "/admin.crt");
    EXPECT_EQ(platform::parse_identity(admin.value())->roles, std::vector<std::string>{"admin"});
}

// A name that no certificate can carry is noticed before anything is made.
TEST(DataDirectory, IsNotMadeForABadNameAndTheNextTryIsFresh) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    const DataPaths paths{directory->path() + "/d"};
    const auto bad = init_data_directory(paths, ProjectId("exit"), {"localhost", "not a name"}, now());
    EXPECT_EQ(bad.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(bad.error().text(), HasSubstr("not a name"));
    EXPECT_FALSE(platform::file_exists(paths.root));
    EXPECT_TRUE(init_data_directory(paths, ProjectId("exit"), {"localhost"}, now()).ok());
    EXPECT_TRUE(open_data_directory(paths).ok());
    EXPECT_FALSE(platform::file_exists(paths.unfinished()));
}

// Power went while init was at work: whatever of it is in place by then, the next try comes to its end.
TEST(DataDirectory, IsMadeAnewWhereAnInitDidNotComeToItsEnd) {
    for (const char* gone : {"/project", "/ticket.key", "/ca", "/people"}) {
        const auto directory = platform::TemporaryDirectory::make();
        ASSERT_TRUE(directory.ok());
        const DataPaths paths{directory->path()};
        ASSERT_TRUE(init_data_directory(paths, ProjectId("exit"), {"localhost"}, now()).ok());
        ASSERT_TRUE(platform::remove_file(paths.project()).ok());
        ASSERT_TRUE(platform::remove_tree(paths.root + gone).ok());
        ASSERT_TRUE(platform::make_dirs(paths.unfinished() + "/ca", 0700).ok());
        const auto again = init_data_directory(paths, ProjectId("exit"), {"localhost"}, now());
        EXPECT_TRUE(again.ok()) << gone << ": " << again.error().text();
        EXPECT_TRUE(open_data_directory(paths).ok()) << gone;
    }
}

TEST(DataDirectory, KeepsAKeyThatMayHaveMadeCertificates) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    const DataPaths paths{directory->path()};
    ASSERT_TRUE(init_data_directory(paths, ProjectId("exit"), {"localhost"}, now()).ok());
    ASSERT_TRUE(platform::remove_file(paths.project()).ok());
    const auto before = platform::read_file(paths.ca_key());
    const auto refused = init_data_directory(paths, ProjectId("exit"), {"localhost"}, now());
    EXPECT_EQ(refused.error().code, ErrorCode::kAlreadyExists);
    EXPECT_THAT(refused.error().text(), HasSubstr("no project"));
    EXPECT_EQ(platform::read_file(paths.ca_key()).value(), before.value());
}

TEST(Person, IsReplacedOnlyWhenThatIsAskedFor) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    const DataPaths paths{directory->path()};
    ASSERT_TRUE(init_data_directory(paths, ProjectId("exit"), {"localhost"}, now()).ok());
    const auto before = platform::read_file(paths.people() + "/admin.crt");
    const auto refused = make_person(paths, {"admin", {"viewer"}}, now());
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kAlreadyExists);
    EXPECT_THAT(refused.error().text(), HasSubstr("--replace"));
    EXPECT_EQ(platform::read_file(paths.people() + "/admin.crt").value(), before.value());
    ASSERT_TRUE(make_person(paths, {"admin", {"admin", "viewer"}, true}, now()).ok());
    EXPECT_NE(platform::read_file(paths.people() + "/admin.crt").value(), before.value());
}

TEST(RoleCheck, WarnsOfRolesThatDoNothing) {
    const GateRoles gates = std::set<RoleId>{RoleId("change-board")};
    EXPECT_THAT(warnings_about_roles({"engineer", "lead"}, std::nullopt), IsEmpty());
    EXPECT_THAT(warnings_about_roles({"approver", "change-board"}, gates), IsEmpty());
    EXPECT_THAT(warnings_about_roles({"approver", "housing-owner"}, std::nullopt), IsEmpty())
        << "a plan that is to come may have a gate for it";
    EXPECT_THAT(warnings_about_roles({"approver", "housing-owner"}, gates),
                ElementsAre("role housing-owner opens no method and decides no gate of the plan in force"));
    EXPECT_THAT(
        warnings_about_roles({"enginer"}, std::nullopt),
        ElementsAre("role enginer opens no method (did you mean 'engineer'?)",
                    "none of these roles opens a method: viewer, lead, engineer, approver, admin do"));
    EXPECT_THAT(warnings_about_roles({"change-board"}, gates), ElementsAre(HasSubstr("none of these roles")));
}

TEST(RoleCheck, KnowsTheGatesOfThePlanInForceUnlessItIsServed) {
    TestWorld world;
    const DataPaths paths{world.directory()};
    EXPECT_EQ(read_gate_roles(paths).value(), GateRoles{}) << "it has never been served";
    world.start_orchestrator();
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    ASSERT_TRUE(world.apply(*engineer, small_plan(true)).ok());
    EXPECT_EQ(read_gate_roles(paths).value(), GateRoles{}) << "it is being served";
    world.stop_orchestrator();
    EXPECT_EQ(read_gate_roles(paths).value(), GateRoles{std::set<RoleId>{RoleId("change-board")}});
}

}  // namespace
}  // namespace ararat::server
