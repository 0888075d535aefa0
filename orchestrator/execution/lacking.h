// A group that waits for steps of another one which turned back: they will not come. It turns back itself, as
// soon as what runs of it has ended. Past its point of no return it cannot: it is held and told, until a go,
// on record, lets it end without those groups. Internal to execution. Thread promise: pure functions.
#pragma once

#include <string>
#include <vector>

#include "execution/transitions.h"

namespace ararat::execution {

// A person let this group end without that one.
[[nodiscard]] bool ends_without(const Run& run, GroupIndex group, GroupIndex needed);

// Groups that turned back while steps of this one wait for theirs, in their order.
[[nodiscard]] std::vector<GroupIndex> groups_lacked(const Run& run, GroupIndex group);

// No more of it is to start: it is about to turn back, or to be held.
[[nodiscard]] bool is_to_stop(const Run& run, GroupIndex group);

// "it waits for steps of group web, which turned back"
[[nodiscard]] std::string lack_text(const Run& run, const std::vector<GroupIndex>& lacked);
// "turns back as soon as what runs of it has ended: it waits for ..." Precondition: it is to stop.
[[nodiscard]] std::string stop_text(const Run& run, GroupIndex group);
// What a person can do about it; empty: it lacks nothing, or can still be backed out.
[[nodiscard]] std::string lack_advice(const Run& run, GroupIndex group);

// Holds a group past its point of no return for what it lacks, each group named once; false: there is nothing
// that its hold has not told already. Precondition: nothing of the group is out.
bool hold_for_lack(Records& out, const Run& run, GroupIndex group);

// The name of a group that this one's back-out would leave so, and why; empty: none.
[[nodiscard]] std::string left_alone_by(const Run& run, GroupIndex group);

}  // namespace ararat::execution
