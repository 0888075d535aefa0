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

}  // namespace

Result<execution::State> restore(Journal& journal, const ProjectId& project) {
    // The whole chain first: nothing is replayed from a journal that was tampered with.
    ARARAT_ASSIGN_OR_RETURN(const ChainReport report, journal.verify());
    if (!report.ok) return Error{ErrorCode::kDataLoss, report.problem, "journal"};
    execution::State state;
    state.project = project;
    while (state.sequence < report.records) {
        ARARAT_ASSIGN_OR_RETURN(const auto entries, journal.read(state.sequence + 1, kBatch));
        if (entries.empty())
            return Error{ErrorCode::kDataLoss, "the journal ended while it was read", "journal"};
        for (const JournalEntry& entry : entries) {
            if (const auto* applied = std::get_if<execution::PlanApplied>(&entry.record.body)) {
                ARARAT_RETURN_IF_ERROR(load_plan(journal, state, applied->hash));
            }
            execution::apply(state, entry.record);
        }
    }
    return state;
}

}  // namespace ararat::store
