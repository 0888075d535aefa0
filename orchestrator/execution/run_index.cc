#include "execution/run_index.h"

#include "base/check.h"

namespace ararat::execution {
namespace {

// A pass of schedule() that has nothing to do with it but to look costs as much as there are groups: left out
// are those that wait, and those whose steps run.
bool is_restless(const GroupCounts& counts) {
    switch (counts.state) {
        case GroupState::kWaiting:
        case GroupState::kMoving: {
            const bool is_stuck = counts.pending == 0 && counts.rested > 0;
            return counts.forward_in_flight == 0 && (counts.unfinished == 0 || counts.starved || is_stuck);
        }
        case GroupState::kHeld:
        case GroupState::kBackingOut: return true;
        case GroupState::kMoved:
        case GroupState::kBackedOut:
        case GroupState::kCancelled: return false;
    }
    ARARAT_CHECK(false, "a GroupState outside its enum");
}

}  // namespace

void list_group(RunIndex& index, GroupIndex group) {
    GroupCounts& counts = index.groups[group];
    if (is_restless(counts)) {
        index.restless.insert(group);
    } else {
        index.restless.erase(group);
    }
    std::optional<Duration> listed;
    const bool is_on_its_way = counts.state == GroupState::kMoving || counts.state == GroupState::kHeld;
    if (is_on_its_way && counts.cutover_begun && counts.cutover_unfinished > 0) {
        listed = counts.back_out;
    }
    if (listed == counts.listed) return;
    if (counts.listed) index.cutting_over.erase({*counts.listed, group});
    if (listed) index.cutting_over.insert({*listed, group});
    counts.listed = listed;
}

void list_groups(RunIndex& index) {
    index.restless.clear();
    index.cutting_over.clear();
    for (GroupIndex group = 0; group < index.groups.size(); ++group) {
        index.groups[group].listed.reset();
        list_group(index, group);
    }
}

}  // namespace ararat::execution
