#include "planning/move_groups.h"

#include <gmock/gmock.h>

#include "support/estate_builder.h"

namespace ararat::planning {
namespace {

using ::testing::ElementsAre;
using testing::EstateBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<ApplicationId> ids(std::initializer_list<std::string> names) {
    std::vector<ApplicationId> result;
    for (const std::string& name : names) result.emplace_back(name);
    return result;
}

EstateBuilder estate_of(std::initializer_list<std::string> names) {
    EstateBuilder estate;
    for (const std::string& name : names) estate.application(name);
    return estate;
}

TEST(MoveGroups, ALoneApplicationIsItsOwnGroup) {
    auto estate = estate_of({"housing", "finance"});
    estate.needs("housing", "finance").uses("finance", "housing");
    const auto result = make_move_groups(estate.plan);
    ASSERT_EQ(result.groups.size(), 2U);
    EXPECT_EQ(result.groups[0].id, MoveGroupId{"finance"});
    EXPECT_EQ(result.groups[1].applications, ids({"housing"}));
    EXPECT_THAT(result.groups[1].reasons, IsEmpty());
}

TEST(MoveGroups, AHardCircleMovesTogetherAndSaysWhatToGiveUp) {
    auto estate = estate_of({"a", "b"});
    estate.needs("a", "b").needs("b", "a");
    const auto result = make_move_groups(estate.plan);
    ASSERT_EQ(result.groups.size(), 1U);
    EXPECT_EQ(result.groups[0].applications, ids({"a", "b"}));
    EXPECT_THAT(
        result.groups[0].reasons,
        ElementsAre("a, b need each other: a needs b (plan.yaml:10:3), b needs a (plan.yaml:11:3); the "
                    "cheapest way to move them apart is to give up: a needs b (plan.yaml:10:3)"));
}

// Two circles that share b: the shorter one alone would not say why d is among them.
TEST(MoveGroups, EveryDependencyThatHoldsAGroupTogetherIsNamed) {
    auto estate = estate_of({"a", "b", "c", "d", "e"});
    estate.needs("a", "b").needs("b", "a").needs("b", "c").needs("c", "d").needs("d", "b").needs("e", "a");
    const auto result = make_move_groups(estate.plan);
    ASSERT_EQ(result.groups.size(), 2U);
    EXPECT_EQ(result.groups[0].applications, ids({"a", "b", "c", "d"}));
    EXPECT_THAT(
        result.groups[0].reasons,
        ElementsAre(
            "a, b, c, d need each other: a needs b (plan.yaml:16:3), b needs a (plan.yaml:17:3), b needs "
            "c (plan.yaml:18:3), c needs d (plan.yaml:19:3), d needs b (plan.yaml:20:3); the cheapest way "
            "to move them apart is to give up: a needs b (plan.yaml:16:3)"));
}

TEST(MoveGroups, OfManyDependenciesTheFirstAreNamedAndTheOthersCounted) {
    EstateBuilder estate;
    const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f"};
    for (const std::string& name : names) estate.application(name);
    for (const std::string& one : names) {
        for (const std::string& other : names) {
            if (one != other) estate.needs(one, other);
        }
    }
    const auto result = make_move_groups(estate.plan);
    ASSERT_EQ(result.groups.size(), 1U);
    const std::string& reason = result.groups[0].reasons.at(0);
    EXPECT_THAT(reason, HasSubstr("a needs b (plan.yaml:18:3), b needs a (plan.yaml:23:3), a needs c"));
    EXPECT_THAT(reason, HasSubstr(" and 10 more; the cheapest way"));
}

TEST(MoveGroups, ASharedSourceHostTiesItsApplications) {
    auto estate = estate_of({"housing", "finance", "planning"});
    auto& finance = estate.plan.applications.at(ApplicationId{"finance"});
    finance.components[0].hosts.push_back(HostId{"housing-1"});
    const auto result = make_move_groups(estate.plan);
    ASSERT_EQ(result.groups.size(), 2U);
    EXPECT_EQ(result.groups[0].applications, ids({"finance", "housing"}));
    EXPECT_THAT(result.groups[0].reasons,
                ElementsAre("host housing-1 is shared by finance (plan.yaml:9:3), housing (plan.yaml:7:3)"));
}

TEST(MoveGroups, EquipmentThatMovesWholeTiesWhatStandsInIt) {
    EstateBuilder estate;
    for (const char* name : {"a", "b", "c"}) estate.application(name);
    estate.plan.equipment["blades"] = {"blades", "chassis", std::nullopt, true, {"plan.yaml", 90, 3}};
    estate.plan.equipment["san"] = {"san", "datastore", 2, false, {"plan.yaml", 91, 3}};
    for (const char* host : {"a-1", "b-1"}) {
        estate.plan.hosts.at(HostId{host}).place = {"plan.yaml", 80, 3};
        estate.plan.hosts.at(HostId{host}).equipment = {"blades", "san"};
    }
    estate.plan.hosts.at(HostId{"c-1"}).equipment = {"san"};
    const MoveGroups groups = make_move_groups(estate.plan);
    ASSERT_EQ(groups.groups.size(), 2U);
    EXPECT_THAT(groups.groups[0].applications, ElementsAre(ApplicationId{"a"}, ApplicationId{"b"}));
    EXPECT_THAT(
        groups.groups[0].reasons,
        ElementsAre("chassis blades (plan.yaml:90:3) moves whole, and in it are a (plan.yaml:80:3), b "
                    "(plan.yaml:80:3)"));
}

TEST(MoveGroups, ARuleTiesAndRulesChain) {
    auto estate = estate_of({"a", "b", "c", "d"});
    estate.together({"c", "b"}, "one storage array").together({"a", "c"}, "");
    const auto result = make_move_groups(estate.plan);
    ASSERT_EQ(result.groups.size(), 2U);
    EXPECT_EQ(result.groups[0].id, MoveGroupId{"a"});
    EXPECT_EQ(result.groups[0].applications, ids({"a", "b", "c"}));
    EXPECT_THAT(result.groups[0].reasons,
                ElementsAre("the plan moves a, c together (plan.yaml:15:3)",
                            "the plan moves b, c together: one storage array (plan.yaml:14:3)"));
}

// No application needs itself by any chain, but a and c cannot move together with b in between.
TEST(MoveGroups, WhatStandsBetweenTiedApplicationsMovesWithThem) {
    auto estate = estate_of({"a", "b", "c"});
    estate.needs("a", "b").needs("b", "c").together({"a", "c"}, "one chassis");
    const auto result = make_move_groups(estate.plan);
    ASSERT_EQ(result.groups.size(), 1U);
    EXPECT_EQ(result.groups[0].applications, ids({"a", "b", "c"}));
    EXPECT_THAT(result.groups[0].reasons.back(),
                HasSubstr("needs each other: a needs b (plan.yaml:12:3), b needs c (plan.yaml:13:3)"));
}

}  // namespace
}  // namespace ararat::planning
