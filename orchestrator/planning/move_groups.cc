#include "planning/move_groups.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/join.h"

namespace ararat::planning {
namespace {

// Disjoint sets whose representative is the smallest id (Tarjan 1975, with path halving).
class UnionFind {
public:
    explicit UnionFind(const std::map<ApplicationId, Application>& applications) {
        for (const auto& [id, application] : applications) parent_[id] = id;
    }

    ApplicationId find(ApplicationId id) {
        while (parent_.at(id) != id) {
            ApplicationId& parent = parent_.at(id);
            parent = parent_.at(parent);
            id = parent;
        }
        return id;
    }

    void unite(const ApplicationId& a, const ApplicationId& b) {
        const ApplicationId root_a = find(a);
        const ApplicationId root_b = find(b);
        parent_[std::max(root_a, root_b)] = std::min(root_a, root_b);
    }

private:
    std::map<ApplicationId, ApplicationId> parent_;
};

// Applications that one finding ties together.
struct Tie {
    std::vector<ApplicationId> applications;  // sorted
    std::string reason;
};

// Every dependency that holds the component together, so that each of its members is accounted for; a
// shortest circle first, and of many only the first.
template <typename ToText>
std::string edges_text(const Cycle& cycle, const ToText& to_text) {
    constexpr std::size_t kEdgesMax = 20;
    std::vector<Dependency> edges = cycle.shortest;
    for (const Dependency& edge : cycle.edges) {
        if (edges.size() > kEdgesMax) break;
        if (std::ranges::find(edges, edge) == edges.end()) edges.push_back(edge);
    }
    std::vector<std::string> texts;
    for (const Dependency& edge : edges) {
        if (texts.size() < kEdgesMax) texts.push_back(to_text(edge));
    }
    const std::size_t left_out = cycle.edges.size() - texts.size();
    return join(texts, ", ") + (left_out == 0 ? "" : " and " + std::to_string(left_out) + " more");
}

Tie tie_of(const Cycle& cycle) {
    Tie tie;
    for (const std::string& node : cycle.nodes) tie.applications.emplace_back(node);
    std::vector<std::string> cut;
    for (const Dependency& edge : cycle.cut) cut.push_back(to_string(edge));
    tie.reason = join(cycle.nodes, ", ") + " need each other: " +
                 edges_text(cycle, [](const Dependency& edge) { return to_string(edge); }) +
                 "; the cheapest way to move them apart is to give up: " + join(cut, ", ");
    return tie;
}

std::vector<Tie> ties_by_host(const Plan& plan) {
    std::map<HostId, std::map<ApplicationId, SourcePlace>> users;
    for (const auto& [id, application] : plan.applications) {
        for (const Component& component : application.components) {
            for (const HostId& host : component.hosts) {
                const auto [at, added] = users[host].try_emplace(id, component.place);
                if (!added) at->second = std::min(at->second, component.place);
            }
        }
    }
    std::vector<Tie> ties;
    for (const auto& [host, by_application] : users) {
        if (by_application.size() < 2) continue;
        Tie tie;
        std::vector<std::string> texts;
        for (const auto& [application, place] : by_application) {
            tie.applications.push_back(application);
            texts.push_back(application.str() + " (" + to_string(place) + ")");
        }
        tie.reason = "host " + host.str() + " is shared by " + join(texts, ", ");
        ties.push_back(std::move(tie));
    }
    return ties;
}

// What stands in something that cannot be taken apart.
std::vector<Tie> ties_by_equipment(const Plan& plan) {
    std::map<std::string, std::map<ApplicationId, SourcePlace>> users;
    for (const auto& [id, application] : plan.applications) {
        for (const Component& component : application.components) {
            for (const HostId& name : component.hosts) {
                const auto host = plan.hosts.find(name);
                if (host == plan.hosts.end()) continue;
                for (const std::string& equipment : host->second.equipment) {
                    const auto known = plan.equipment.find(equipment);
                    if (known == plan.equipment.end() || !known->second.moves_whole) continue;
                    users[equipment].try_emplace(id, host->second.place);
                }
            }
        }
    }
    std::vector<Tie> ties;
    for (const auto& [name, by_application] : users) {
        const Equipment& equipment = plan.equipment.at(name);
        Tie tie;
        std::vector<std::string> texts;
        for (const auto& [application, place] : by_application) {
            tie.applications.push_back(application);
            texts.push_back(application.str() + " (" + to_string(place) + ")");
        }
        tie.reason = (equipment.kind.empty() ? "equipment" : equipment.kind) + " " + name + " (" +
                     to_string(equipment.place) + ") moves whole, and in it are " + join(texts, ", ");
        ties.push_back(std::move(tie));
    }
    return ties;
}

std::vector<Tie> ties_by_rule(const Plan& plan) {
    std::vector<Tie> ties;
    for (const TogetherRule& rule : plan.together) {
        const std::set<ApplicationId> sorted(rule.applications.begin(), rule.applications.end());
        std::vector<std::string> names;
        for (const ApplicationId& id : sorted) names.push_back(id.str());
        Tie tie{{sorted.begin(), sorted.end()}, "the plan moves " + join(names, ", ") + " together"};
        if (!rule.reason.empty()) tie.reason += ": " + rule.reason;
        tie.reason += " (" + to_string(rule.place) + ")";
        ties.push_back(std::move(tie));
    }
    std::ranges::sort(ties, {}, &Tie::reason);
    return ties;
}

// Groups made of ties may wait for each other although no application does: a and c move together, a
// needs b, b needs c. Then b belongs to them.
std::vector<Tie> ties_between_groups(const Plan& plan, UnionFind& sets) {
    DependencyGraph graph;
    std::map<Dependency, std::string> written;  // group to group -> application to application
    for (const auto& [id, application] : plan.applications) graph.add_node(sets.find(id).str());
    for (const auto& [id, application] : plan.applications) {
        for (const ApplicationUse& use : application.dependencies) {
            const ApplicationId from = sets.find(id);
            const ApplicationId to = sets.find(use.application);
            if (!use.hard || from == to) continue;
            const Dependency edge{from.str(), to.str(), DependencyKind::kHard, use.place};
            const Dependency said{id.str(), use.application.str(), DependencyKind::kHard, use.place};
            written[edge] = to_string(said);
            ARARAT_CHECK(graph.add(edge).ok(), "every application's set is a node");
        }
    }
    std::vector<Tie> ties;
    for (const Cycle& cycle : graph.cycles()) {
        Tie tie;
        for (const std::string& node : cycle.nodes) tie.applications.emplace_back(node);
        tie.reason = "what moves with " + join(cycle.nodes, ", ") + " needs each other: " +
                     edges_text(cycle, [&](const Dependency& edge) { return written.at(edge); });
        ties.push_back(std::move(tie));
    }
    return ties;
}

void unite_all(const std::vector<Tie>& ties, UnionFind& sets) {
    for (const Tie& tie : ties) {
        for (const ApplicationId& id : tie.applications) sets.unite(tie.applications.front(), id);
    }
}

}  // namespace

Duration expected_cutover(const Application& application, Duration assumed) {
    // A cutover of no length could not be kept apart from another.
    constexpr Duration kShortest = std::chrono::seconds(1);
    const Duration guess = std::max(assumed, application.expected_outage.value_or(Duration{0}));
    return std::max(kShortest, application.expected_duration.value_or(guess));
}

DependencyGraph application_graph(const Plan& plan, Duration assumed) {
    DependencyGraph graph;
    for (const auto& [id, application] : plan.applications) {
        graph.add_node(id.str(), expected_cutover(application, assumed));
    }
    const auto add = [&graph](const ApplicationId& from, const ApplicationUse& use, DependencyKind kind) {
        const auto added = graph.add({from.str(), use.application.str(), kind, use.place});
        ARARAT_CHECK(added.ok(), "the parser has checked that named applications exist");
    };
    for (const auto& [id, application] : plan.applications) {
        for (const ApplicationUse& use : application.dependencies) {
            add(id, use, use.hard ? DependencyKind::kHard : DependencyKind::kSoft);
        }
        for (const ApplicationUse& use : application.pairs_with) add(id, use, DependencyKind::kPair);
    }
    return graph;
}

MoveGroups make_move_groups(const Plan& plan) {
    MoveGroups result;
    result.cycles = application_graph(plan, Duration{0}).cycles();
    std::vector<Tie> ties;
    for (const Cycle& cycle : result.cycles) ties.push_back(tie_of(cycle));
    std::ranges::move(ties_by_host(plan), std::back_inserter(ties));
    std::ranges::move(ties_by_equipment(plan), std::back_inserter(ties));
    std::ranges::move(ties_by_rule(plan), std::back_inserter(ties));

    UnionFind sets(plan.applications);
    unite_all(ties, sets);
    const std::vector<Tie> between = ties_between_groups(plan, sets);
    unite_all(between, sets);
    ties.insert(ties.end(), between.begin(), between.end());
    std::map<MoveGroupId, MoveGroup> groups;
    for (const auto& [id, application] : plan.applications) {
        const MoveGroupId group{sets.find(id).str()};
        groups[group].id = group;
        groups[group].applications.push_back(id);
        result.group_of[id] = group;
    }
    for (const Tie& tie : ties) {
        if (tie.applications.size() < 2) continue;
        groups.at(result.group_of.at(tie.applications.front())).reasons.push_back(tie.reason);
    }
    for (auto& [id, group] : groups) result.groups.push_back(std::move(group));
    return result;
}

}  // namespace ararat::planning
