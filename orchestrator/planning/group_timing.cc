// Expected lengths: of one move group, and of the chains between groups.
#include <set>

#include "base/check.h"
#include "planning/schedule_problem.h"

namespace ararat::planning {

GroupTiming timing_of(const Plan& plan, const MoveGroup& group,
                      const std::map<ApplicationId, Duration>& durations) {
    // Applications that need each other in a circle are cut over at once: they become one node, as
    // long as its longest member.
    DependencyGraph inside;
    const std::set<ApplicationId> members(group.applications.begin(), group.applications.end());
    for (const ApplicationId& id : members) inside.add_node(id.str());
    const auto for_each_need = [&](const auto& visit) {
        for (const ApplicationId& id : members) {
            for (const ApplicationUse& use : plan.applications.at(id).dependencies) {
                if (use.hard && members.contains(use.application)) visit(id, use);
            }
        }
    };
    for_each_need([&](const ApplicationId& id, const ApplicationUse& use) {
        const auto added = inside.add({id.str(), use.application.str(), DependencyKind::kHard, use.place});
        ARARAT_CHECK(added.ok(), "both ends are members of the group");
    });
    std::map<std::string, std::string> circle_of;
    std::map<std::string, Duration> length_of;
    DependencyGraph condensed;
    for (const std::vector<std::string>& circle : inside.components()) {
        Duration longest{0};
        for (const std::string& id : circle) {
            circle_of[id] = circle.front();
            longest = std::max(longest, durations.at(ApplicationId{id}));
        }
        length_of[circle.front()] = longest;
        condensed.add_node(circle.front(), longest);
    }
    std::map<std::string, std::set<std::string>> before;
    for_each_need([&](const ApplicationId& id, const ApplicationUse& use) {
        const std::string& from = circle_of.at(id.str());
        const std::string& to = circle_of.at(use.application.str());
        if (from == to || !before[from].insert(to).second) return;
        const auto added = condensed.add({from, to, DependencyKind::kHard, use.place});
        ARARAT_CHECK(added.ok(), "every circle is a node");
    });
    const auto order = condensed.topological_order();
    ARARAT_CHECK(order.ok(), "strongly connected components leave no circle between them");
    std::map<std::string, Duration> start_of;
    GroupTiming timing;
    for (const std::string& circle : *order) {
        Duration& start = start_of[circle];
        for (const std::string& needed : before[circle]) {
            start = std::max(start, start_of.at(needed) + length_of.at(needed));
        }
        timing.length = std::max(timing.length, start + length_of.at(circle));
    }
    for (const ApplicationId& id : members) timing.offsets[id] = start_of.at(circle_of.at(id.str()));
    return timing;
}

Duration group_duration(const Plan& plan, const MoveGroup& group, Duration assumed) {
    std::map<ApplicationId, Duration> durations;
    for (const ApplicationId& id : group.applications) {
        durations[id] = expected_cutover(plan.applications.at(id), assumed);
    }
    return timing_of(plan, group, durations).length;
}

DependencyGraph group_graph(const Plan& plan, const MoveGroups& groups, Duration assumed) {
    DependencyGraph graph;
    for (const MoveGroup& group : groups.groups) {
        graph.add_node(group.id.str(), group_duration(plan, group, assumed));
    }
    for (const auto& [id, application] : plan.applications) {
        const MoveGroupId& from = groups.group_of.at(id);
        for (const ApplicationUse& use : application.dependencies) {
            const MoveGroupId& to = groups.group_of.at(use.application);
            if (!use.hard || from == to) continue;
            const auto added = graph.add({from.str(), to.str(), DependencyKind::kHard, use.place});
            ARARAT_CHECK(added.ok(), "every application is in a group");
        }
    }
    return graph;
}

}  // namespace ararat::planning
