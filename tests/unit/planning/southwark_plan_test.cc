// The programme's own plan says what the business plan says, is complete, and can be checked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

constexpr const char* kName = "plans/southwark-ark-exit/programme.yaml";

const ParseOutcome& outcome() {
    static const ParseOutcome parsed = parse(with_library(kName, read_project_file(kName)), as_of(kName));
    return parsed;
}

const Plan& plan() { return outcome().plan; }

const ProgrammeTask& task(const std::string& id) {
    const auto found = std::ranges::find(plan().tasks, id, &ProgrammeTask::id);
    if (found == plan().tasks.end()) throw std::runtime_error("no task " + id);
    return *found;
}

bool is_unsupported(const Host& host) {
    return std::ranges::find(plan().unsupported, host.os, &NamedPlace::name) != plan().unsupported.end();
}

bool has_unsupported_host(const Application& application) {
    return std::ranges::any_of(application.components, [](const Component& component) {
        return std::ranges::any_of(component.hosts,
                                   [](const HostId& id) { return is_unsupported(plan().hosts.at(id)); });
    });
}

std::set<std::string> names_of(const std::vector<NamedPlace>& places) {
    std::set<std::string> names;
    for (const NamedPlace& place : places) names.insert(place.name);
    return names;
}

template <typename Wanted>
std::set<std::string> southwarks(const Wanted& wanted) {
    std::set<std::string> names;
    for (const auto& [id, application] : plan().applications) {
        if (application.owner == "southwark" && wanted(application)) names.insert(id.str());
    }
    return names;
}

TEST(SouthwarkPlan, HasNoFault) { EXPECT_THAT(lines(outcome()), IsEmpty()); }

TEST(SouthwarkPlan, IsOfTheDayThatStandsBesideIt) {
    EXPECT_EQ(as_of(kName), from_unix_ms(1493712000000));  // 2017-05-02T08:00:00Z
}

TEST(SouthwarkPlan, PromisesWhatTheTwelveServicesPromise) {
    std::map<std::string, double> promised;
    for (const auto& [id, service] : plan().services) {
        promised[id.str()] = service.availability_percent.value_or(0);
    }
    EXPECT_THAT(
        promised,
        UnorderedElementsAre(Pair("telephony", 99.9), Pair("acd", 99.9), Pair("internet-access", 99),
                             Pair("website", 99.9), Pair("email", 99), Pair("housing", 99),
                             Pair("revenues-and-benefits", 99), Pair("social-care", 99), Pair("planning", 99),
                             Pair("one-oracle", 99), Pair("remote-access", 99), Pair("desktop", 99)));
}

TEST(SouthwarkPlan, IsAsLargeAsTheProgramme) {
    EXPECT_GE(plan().applications.size(), 38U);
    EXPECT_GE(std::ranges::count_if(plan().hosts,
                                    [](const auto& entry) {
                                        return plan().sites.at(entry.second.site).role == SiteRole::kSource;
                                    }),
              240);
}

TEST(SouthwarkPlan, EveryHostThatIsLeftIsMovedByOneComponent) {
    std::map<HostId, int> moved;
    for (const auto& [id, host] : plan().hosts) {
        if (plan().sites.at(host.site).role == SiteRole::kSource) moved[id] = 0;
    }
    for (const auto& [id, application] : plan().applications) {
        for (const Component& component : application.components) {
            for (const HostId& host : component.hosts) ++moved[host];
        }
    }
    for (const auto& [id, times] : moved) EXPECT_EQ(times, 1) << id.str();
}

TEST(SouthwarkPlan, EveryUnsupportedHostIsUpgradedOrRetired) {
    int found = 0;
    for (const auto& [id, application] : plan().applications) {
        for (const Component& component : application.components) {
            for (const HostId& name : component.hosts) {
                const Host& host = plan().hosts.at(name);
                EXPECT_EQ(is_unsupported(host), host.compliance.contains("psn")) << name.str();
                if (!is_unsupported(host)) continue;
                ++found;
                const bool retire = host.compliance.at("psn") == "retire";
                EXPECT_THAT(component.ways, ::testing::Not(IsEmpty())) << name.str();
                for (const Way& way : component.ways) {
                    EXPECT_TRUE(way.retires || (way.upgrades && !retire)) << name.str() << " by " << way.name;
                    EXPECT_TRUE(plan().runbooks.contains(way.runbook)) << way.runbook;
                }
            }
        }
    }
    EXPECT_GE(found, 20);
}

TEST(SouthwarkPlan, NothingUnsupportedStandsAtATargetSite) {
    for (const auto& [id, host] : plan().hosts) {
        if (plan().sites.at(host.site).role == SiteRole::kSource) continue;
        EXPECT_FALSE(is_unsupported(host)) << id.str();
    }
}

TEST(SouthwarkPlan, EveryServiceHasAPairSpreadOverBothCentres) {
    std::map<ServiceId, std::set<std::string>> sites;
    for (const auto& [id, application] : plan().applications) {
        for (const Component& component : application.components) {
            if (component.pairs != PairRule::kSpread) continue;
            for (const TargetHost& target : component.targets) {
                sites[application.service].insert(target.site.str());
            }
        }
    }
    for (const auto& [id, service] : plan().services) {
        EXPECT_THAT(sites[id], UnorderedElementsAre("primary", "secondary")) << id.str();
    }
}

TEST(SouthwarkPlan, EveryApplicationHasACouncilAndAServiceWithAnOwner) {
    std::set<std::string> owners;
    for (const auto& [id, application] : plan().applications) {
        const auto service = plan().services.find(application.service);
        ASSERT_NE(service, plan().services.end()) << id.str();
        EXPECT_FALSE(service->second.owner.empty()) << service->first.str();
        owners.insert(application.owner);
    }
    EXPECT_THAT(owners, UnorderedElementsAre("brent", "lewisham", "southwark"));
}

TEST(SouthwarkPlan, SixVacanciesOfInfrastructureAreFilled) {
    int filled = 0;
    for (const char* team : {"service-desk", "desktop", "servers", "network", "databases", "applications"}) {
        ASSERT_TRUE(plan().resources.contains(team)) << team;
        const auto changes = plan().resource_changes.find(team);
        if (changes == plan().resource_changes.end()) continue;
        filled += changes->second.back().count - changes->second.front().count;
    }
    EXPECT_EQ(filled, 6);
}

TEST(SouthwarkPlan, CohortsAreThoseOfTheBusinessPlan) {
    std::map<std::string, int> left;
    for (const auto& [id, cohort] : plan().cohorts) left[id] = cohort.count - cohort.done;
    EXPECT_THAT(left,
                UnorderedElementsAre(Pair("lewisham-windows-2003", 43), Pair("lewisham-applications", 23),
                                     Pair("southwark-thin-clients", 2280), Pair("southwark-mobiles", 1800)));
}

TEST(SouthwarkPlan, DatesAreThoseOfTheBusinessPlan) {
    const std::map<std::string, std::string> dates = {
        {"contracts-novated", "2017-05-31"},        {"high-availability-complete", "2017-05-31"},
        {"psn-remediation-complete", "2017-06-30"}, {"telephony-award", "2017-06-30"},
        {"joint-committee", "2017-06-30"},          {"southwark-hand-over", "2017-11-01"},
        {"restructure-complete", "2018-03-31"},     {"flexible-working", "2018-03-31"},
        {"telephony-contracts-end", "2018-05-31"},
    };
    for (const auto& [id, date] : dates) EXPECT_EQ(task(id).due, date) << id;
    for (const char* id : {"links-primary", "links-secondary", "secondary-ready", "new-network"}) {
        EXPECT_LE(task(id).due, "2017-09-30") << id;
    }
    for (const char* council : {"brent", "lewisham", "southwark"}) {
        EXPECT_THAT(task("cabinet-" + std::string(council)).due.value_or(""),
                    ::testing::StartsWith("2017-06-"));
    }
    EXPECT_EQ(plan().sites.at(SiteId("present-secondary")).contract_end, "2017-12-31");
    EXPECT_TRUE(plan().sites.at(SiteId("ark")).contract_end.has_value());
}

TEST(SouthwarkPlan, EveryLinkWaitsForItsTask) {
    ASSERT_THAT(plan().links, SizeIs(3));
    for (const Link& link : plan().links) EXPECT_FALSE(link.task.empty()) << link.from.str();
}

// A list of all applications is forgotten when one is added.
TEST(SouthwarkPlan, MilestonesNameAllThatTheyMean) {
    EXPECT_THAT(names_of(task("all-servers-moved").applications),
                ElementsAreArray(southwarks([](const Application&) { return true; })));
    EXPECT_THAT(names_of(task("psn-southwark").applications),
                ElementsAreArray(southwarks(has_unsupported_host)));
    EXPECT_THAT(names_of(task("ark-empty").sites), UnorderedElementsAreArray({"ark"}));
}

}  // namespace
}  // namespace ararat::planning::testing
