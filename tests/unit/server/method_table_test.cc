// Every method times every role, none included. The expected matrix is written out here a second time, on
// purpose: a change of who may do what must be made in two places by someone who means it.
#include "server/method_table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "ararat/v1/control.pb.h"
#include "server/methods.h"

namespace ararat::server {
namespace {

const std::vector<std::string> kRoles = {"viewer", "lead", "engineer", "approver", "admin"};
const std::set<std::string> kEveryone(kRoles.begin(), kRoles.end());

const std::map<std::string, std::set<std::string>> kExpected = {
    {"GetVersion", kEveryone},
    {"GetCurrentPlan", kEveryone},
    {"UploadChunk", {"engineer"}},
    {"ApplyPlan", {"engineer"}},
    {"ListWaves", kEveryone},
    {"StartWave", {"engineer", "lead"}},
    {"ControlRun", {"engineer", "lead"}},
    {"RetryTask", {"engineer"}},
    {"SkipTask", {"engineer"}},
    {"BackOut", {"engineer", "lead"}},
    {"GiveGo", {"engineer", "lead"}},
    {"CompleteManual", {"engineer", "lead"}},
    {"ListRuns", kEveryone},
    {"DescribeRun", kEveryone},
    {"WatchRun", kEveryone},
    {"Why", kEveryone},
    {"ReadLogs", kEveryone},
    {"ListApprovals", kEveryone},
    {"DecideApproval", {"approver"}},
    {"ListHosts", kEveryone},
    {"CreateEnrolToken", {"admin"}},
    {"PinHostKey", {"admin"}},
    {"InstallAgent", {"admin"}},
    {"ListAudit", kEveryone},
    {"VerifyAudit", kEveryone},
    {"WatchEvents", kEveryone},
};

MethodTable table() {
    MethodTable made;
    add_control_methods(made, ControlDeps{});  // handlers are not called here
    return made;
}

Caller caller_with(std::vector<std::string> roles) {
    auto made = caller_of(platform::person_identity("exit", "ann", std::move(roles)), "certificate", "exit");
    return std::move(made).value();
}

TEST(MethodTable, HasEveryMethodOfTheServiceAndNoOther) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("ararat.v1.Control");
    ASSERT_NE(service, nullptr);
    std::set<std::string> expected;
    for (int i = 0; i < service->method_count(); ++i) expected.insert(service->method(i)->name());
    const auto names = table().names();
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected);
    EXPECT_EQ(kExpected.size(), expected.size());
}

TEST(MethodTable, LetsEachRoleCallExactlyWhatItMay) {
    const MethodTable methods = table();
    for (const auto& [method, allowed] : kExpected) {
        for (const std::string& role : kRoles) {
            EXPECT_EQ(methods.authorise(method, caller_with({role})).ok(), allowed.contains(role))
                << method << " by " << role;
        }
    }
}

TEST(MethodTable, LetsNobodyInWithoutARoleOrWithAGatesRoleAlone) {
    const MethodTable methods = table();
    Caller without;
    without.principal.name = "bob";
    for (const auto& [method, allowed] : kExpected) {
        EXPECT_FALSE(methods.authorise(method, without).ok()) << method;
        EXPECT_FALSE(methods.authorise(method, caller_with({"change-board"})).ok()) << method;
    }
}

TEST(MethodTable, DeniesAMethodThatIsNotInTheTable) {
    const auto denied = table().authorise("DropDatabase", caller_with(kRoles));
    ASSERT_FALSE(denied.ok());
    EXPECT_EQ(denied.error().code, ErrorCode::kPermissionDenied);
}

TEST(MethodTable, DeniesBeforeTheHandlerIsReached) {
    MethodTable methods;
    bool reached = false;
    methods.add<v1::ApplyPlanRequest, v1::ApplyPlanResponse>(
        "ApplyPlan", [&](const Caller&, const v1::ApplyPlanRequest&) -> Result<v1::ApplyPlanResponse> {
            reached = true;
            return v1::ApplyPlanResponse();
        });
    v1::ApplyPlanResponse response;
    EXPECT_FALSE(methods.call("ApplyPlan", caller_with({"viewer"}), v1::ApplyPlanRequest(), response).ok());
    EXPECT_FALSE(reached);
    EXPECT_TRUE(methods.call("ApplyPlan", caller_with({"engineer"}), v1::ApplyPlanRequest(), response).ok());
    EXPECT_TRUE(reached);
}

TEST(MethodTable, RefusesWhatChangesSomethingWhileNothingMayAndAnswersTheRest) {
    MethodTable methods = table();
    methods.set_change_check([] {
        return Result<void>(Error{ErrorCode::kFailedPrecondition, "read-only: because"});
    });
    for (const auto& [method, allowed] : kExpected) {
        const auto answer = methods.authorise(method, caller_with(kRoles));
        if (allowed.contains("viewer")) {
            EXPECT_TRUE(answer.ok()) << method;
        } else {
            ASSERT_FALSE(answer.ok()) << method;
            EXPECT_EQ(answer.error().message, "read-only: because");
        }
    }
    EXPECT_EQ(methods.authorise("ApplyPlan", caller_with({"viewer"})).error().code,
              ErrorCode::kPermissionDenied);
}

TEST(MethodTable, RefusesAnUnknownEnumNamingTheField) {
    v1::ControlRunRequest request;
    request.set_action(static_cast<v1::RunAction>(42));
    const auto checked = check_enums(request);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(checked.error().context, "action");

    v1::CompiledPlan plan;
    plan.add_tasks();
    plan.add_tasks()->mutable_check()->set_verb(static_cast<v1::Verb>(99));
    EXPECT_EQ(check_enums(plan).error().context, "tasks[1].check.verb");
}

TEST(Caller, IsAPersonOfThisProject) {
    EXPECT_FALSE(caller_of(platform::agent_identity("exit", "ark-db1"), "", "exit").ok());
    EXPECT_FALSE(caller_of(platform::orchestrator_identity("exit"), "", "exit").ok());
    EXPECT_FALSE(caller_of(platform::person_identity("other", "ann", {"admin"}), "", "exit").ok());
    const Caller caller = caller_with({"approver", "change-board"});
    EXPECT_TRUE(caller.roles.contains(PersonRole::kApprover));
    EXPECT_FALSE(caller.roles.contains(PersonRole::kAdmin));
    EXPECT_TRUE(caller.principal.roles.contains(RoleId("change-board")));
}

}  // namespace
}  // namespace ararat::server
