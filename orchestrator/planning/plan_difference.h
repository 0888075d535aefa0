// What a new compiled plan changes in the one that is there: what `ararat plan` shows before anything is
// applied.
// Thread promise: functions of their arguments.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/compiled_plan.h"

namespace ararat::planning {

enum class ChangeKind { kAdded, kRemoved, kChanged };
enum class ChangedThing { kWave, kMoveGroup, kHost, kChannel, kGate, kTask, kFile, kSetting };
[[nodiscard]] std::string_view to_string(ChangeKind kind);
[[nodiscard]] std::string_view to_string(ChangedThing thing);

struct PlanChange {
    ChangeKind kind = ChangeKind::kChanged;
    ChangedThing thing = ChangedThing::kTask;
    std::string id;
    std::vector<std::string> details;  // kChanged: "executor: ark-hsg-db1 -> ark-hsg-db2"
    friend bool operator==(const PlanChange&, const PlanChange&) = default;
};

struct PlanDifference {
    std::vector<PlanChange> changes;  // by thing, then id
    [[nodiscard]] bool empty() const { return changes.empty(); }
    // {thing, kind} -> how many; absent where none.
    [[nodiscard]] std::map<std::pair<ChangedThing, ChangeKind>, std::size_t> counts() const;
};

// `before` may be null: all is added. Hashes, subtrees and the author follow from the rest and are not
// compared.
[[nodiscard]] PlanDifference difference(const CompiledPlan* before, const CompiledPlan& after);

// For people: a line of counts, then "+ task housing/db/quiesce", "- host ark-hsg-db1", "~ wave wave-1"
// with its details indented below. "no changes" when there are none.
[[nodiscard]] std::vector<std::string> text_lines(const PlanDifference& difference);

}  // namespace ararat::planning
