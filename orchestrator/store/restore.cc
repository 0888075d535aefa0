#include <optional>

#include "execution/engine_core.h"
#include "store/journal.h"
#include "store/snapshot.h"

namespace ararat::store {
namespace {

Result<void> load_plan(Journal& journal, execution::State& state, const Hash& hash) {
    if (state.plans.contains(hash)) return {};
    ARARAT_ASSIGN_OR_RETURN(CompiledPlanPtr plan, journal.plan(hash));
    ARARAT_RETURN_IF_ERROR(execution::check_plan(*plan));
    state.plans.emplace(hash, std::move(plan));
    return {};
}

// Into `restored`, whose state stays as it is where there is no snapshot that holds.
void begin_at_snapshot(Journal& journal, Restored& restored, const SnapshotTerms& terms) {
    if (terms.key.empty()) return;
    const auto found = journal.snapshot();
    if (!found) {
        restored.snapshot_problem = "the snapshot cannot be read: " + found.error().text();
        return;
    }
    if (!*found) return;
    const Snapshot& snapshot = **found;
    auto state = open_snapshot(journal, snapshot, restored.state.project, terms);
    if (!state) {
        // Whatever it is, the journal is asked next, and says so itself where it is the storage.
        restored.snapshot_problem =
            "the snapshot of record " + std::to_string(snapshot.at.sequence) + ": " + state.error().message;
        return;
    }
    restored.state = std::move(state).value();
    restored.head = snapshot.at;
    restored.from_snapshot = snapshot.at.sequence;
    return;
}

}  // namespace

Result<Restored> restore(Journal& journal, const ProjectId& project) {
    return restore(journal, project, SnapshotTerms{});
}

Result<Restored> restore(Journal& journal, const ProjectId& project, const SnapshotTerms& terms) {
    Restored restored;
    restored.state.project = project;
    begin_at_snapshot(journal, restored, terms);
    const auto apply = [&](const execution::Record& record) -> Result<void> {
        if (const auto* applied = std::get_if<execution::PlanApplied>(&record.body)) {
            ARARAT_RETURN_IF_ERROR(load_plan(journal, restored.state, applied->hash));
        }
        execution::apply(restored.state, record);
        return {};
    };
    ARARAT_ASSIGN_OR_RETURN(const ChainReport report, journal.walk(restored.head, apply));
    restored.head = report.head;
    restored.problem = report.problem;
    return restored;
}

}  // namespace ararat::store
