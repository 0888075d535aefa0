#include "execution/engine_core.h"
#include "store/journal.h"

namespace ararat::store {
namespace {

constexpr std::uint64_t kBatch = 10'000;

Result<void> load_plan(Journal& journal, execution::State& state, const Hash& hash) {
    if (state.plans.contains(hash)) return {};
    ARARAT_ASSIGN_OR_RETURN(CompiledPlanPtr plan, journal.plan(hash));
    ARARAT_RETURN_IF_ERROR(execution::check_plan(*plan));
    state.plans.emplace(hash, std::move(plan));
    return {};
}

// Well: applied. An error: it, or the plan that it names, does not hold.
Result<void> replay(Journal& journal, Restored& restored, const JournalEntry& entry) {
    if (const auto* applied = std::get_if<execution::PlanApplied>(&entry.record.body)) {
        ARARAT_RETURN_IF_ERROR(load_plan(journal, restored.state, applied->hash));
    }
    execution::apply(restored.state, entry.record);
    restored.head = ChainHead{entry.record.sequence, entry.hash};
    return {};
}

// Not the storage's fault, but what it holds.
bool is_damage(const Error& error) {
    return error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kNotFound ||
           error.code == ErrorCode::kInvalidArgument;
}

}  // namespace

Result<Restored> restore(Journal& journal, const ProjectId& project) {
    // The whole chain first: nothing is replayed from behind a row that was tampered with.
    ARARAT_ASSIGN_OR_RETURN(const ChainReport report, journal.verify());
    Restored restored;
    restored.state.project = project;
    restored.problem = report.problem;
    while (restored.state.sequence < report.records) {
        const auto entries = journal.read(restored.state.sequence + 1, kBatch);
        if (!entries && !is_damage(entries.error())) return entries.error();
        if (!entries || entries->empty()) {
            restored.problem = entries ? "the journal ended while it was read" : entries.error().message;
            return restored;
        }
        for (const JournalEntry& entry : *entries) {
            if (entry.record.sequence > report.records) break;
            const auto applied = replay(journal, restored, entry);
            if (applied.ok()) continue;
            if (!is_damage(applied.error())) return applied.error();
            restored.problem =
                "row " + std::to_string(entry.record.sequence) + ": " + applied.error().message;
            return restored;
        }
    }
    return restored;
}

}  // namespace ararat::store
