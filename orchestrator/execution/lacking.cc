#include "execution/lacking.h"

#include <algorithm>
#include <iterator>

#include "execution/queries.h"

namespace ararat::execution {
namespace {

// A step of `group` that is not done waits for one of `needed`.
bool waits_for(const Run& run, GroupIndex group, GroupIndex needed) {
    const RunGraph& graph = *run.index.graph;
    return std::ranges::any_of(graph.tasks_of_group[needed], [&](TaskIndex task) {
        return std::ranges::any_of(graph.successors[task], [&](TaskIndex follower) {
            return graph.group_of[follower] == group && !is_satisfied(progress_at(run, follower).state);
        });
    });
}

std::string advice(const Run& run, const std::vector<GroupIndex>& lacked, const Task& passed) {
    return lack_text(run, lacked) + "; past its point of no return (" + passed.id.str() +
           ") it cannot: give a go to end it without them";
}

}  // namespace

bool ends_without(const Run& run, GroupIndex group, GroupIndex needed) {
    if (run.ends_without.empty() || group == kNoIndex || needed == kNoIndex) return false;
    const auto& groups = run.index.graph->groups;
    const auto let = run.ends_without.find(groups[group]);
    return let != run.ends_without.end() && let->second.contains(groups[needed]);
}

std::vector<GroupIndex> groups_lacked(const Run& run, GroupIndex group) {
    std::vector<GroupIndex> lacked;
    for (GroupIndex needed = 0; needed < run.index.groups.size(); ++needed) {
        if (needed == group || !counts_of(run, needed).turned_back || ends_without(run, group, needed))
            continue;
        if (waits_for(run, group, needed)) lacked.push_back(needed);
    }
    return lacked;
}

bool is_to_stop(const Run& run, GroupIndex group) {
    if (!counts_of(run, group).starved) return false;
    return passed_no_return(run, group) == nullptr || !groups_lacked(run, group).empty();
}

std::string lack_text(const Run& run, const std::vector<GroupIndex>& lacked) {
    if (lacked.empty()) return "it waits for a group that turned back";
    std::string names;
    for (const GroupIndex each : lacked) {
        names += (names.empty() ? "" : ", ") + run.index.graph->groups[each].str();
    }
    return std::string("it waits for steps of group") + (lacked.size() > 1 ? "s " : " ") + names +
           ", which turned back";
}

std::string stop_text(const Run& run, GroupIndex group) {
    const bool goes_back = passed_no_return(run, group) == nullptr;
    return std::string(goes_back ? "turns back" : "is held") +
           " as soon as what runs of it has ended: " + lack_text(run, groups_lacked(run, group));
}

std::string lack_advice(const Run& run, GroupIndex group) {
    if (!counts_of(run, group).starved) return {};
    const Task* passed = passed_no_return(run, group);
    const std::vector<GroupIndex> lacked = groups_lacked(run, group);
    return passed == nullptr || lacked.empty() ? "" : advice(run, lacked, *passed);
}

bool hold_for_lack(Records& out, const Run& run, GroupIndex group) {
    if (!counts_of(run, group).starved) return false;
    const Task* passed = passed_no_return(run, group);
    if (passed == nullptr) return false;
    const auto& groups = run.index.graph->groups;
    const std::vector<GroupIndex> lacked = groups_lacked(run, group);
    const auto told = run.lacking.find(groups[group]);
    std::vector<GroupIndex> untold;
    std::ranges::copy_if(lacked, std::back_inserter(untold), [&](GroupIndex each) {
        return told == run.lacking.end() || !told->second.contains(groups[each]);
    });
    if (untold.empty()) return false;
    // What it is held for already stays so.
    const bool is_held = group_state(run, group) == GroupState::kHeld;
    GroupChanged held{
        run.id, groups[group], GroupState::kHeld, "",
        (is_held ? run.group_reasons.at(groups[group]) + "; and " : "") + advice(run, untold, *passed)};
    for (const GroupIndex each : lacked) held.lacks.push_back(groups[each]);
    out.push_back(std::move(held));
    return true;
}

std::string left_alone_by(const Run& run, GroupIndex group) {
    const auto& groups = run.index.graph->groups;
    for (GroupIndex other = 0; other < groups.size(); ++other) {
        if (other == group || is_final(group_state(run, other)) || ends_without(run, other, group)) continue;
        const Task* passed = passed_no_return(run, other);
        if (passed == nullptr || !waits_for(run, other, group)) continue;
        return "group " + groups[other].str() + " waits for group " + groups[group].str() +
               ", and is past its point of no return (" + passed->id.str() +
               "): it would be held until a go lets it end without; to back out all the same, say so "
               "(--although-needed)";
    }
    return {};
}

}  // namespace ararat::execution
