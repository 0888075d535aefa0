// A person's go for groups that wait for one because of the time left in their window, or, past their point
// of no return, because it closed or because groups turned back for whose steps they wait.
#include "execution/decide.h"
#include "execution/latest_return.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

Error refused(const std::string& words) { return Error{ErrorCode::kFailedPrecondition, words}; }

}  // namespace

Result<Records> decide_go(const State& state, const GiveGo& input, Instant now) {
    ARARAT_ASSIGN_OR_RETURN(const Run* run, run_under_way(state, input.run));
    if (input.reason.empty()) {
        return Error{ErrorCode::kInvalidArgument, "a go is given with a reason, which is recorded"};
    }
    // As a retry: once everything else has ended, whoever is held is seen to.
    if (run->cancelling && run->status != RunStatus::kHeld)
        return refused("run " + input.run.str() + " is being cancelled");
    if (input.group && !run->groups.contains(*input.group)) {
        return Error{ErrorCode::kNotFound,
                     "run " + input.run.str() + " does not move group " + input.group->str()};
    }
    const Cause cause{input.by.name, input.reason};
    Records out;
    const auto& groups = run->index.graph->groups;
    for (GroupIndex group = 0; group < groups.size(); ++group) {
        if (input.group && groups[group] != *input.group) continue;
        const bool is_over = ends_late_only_with_a_go(*run, group, now);
        const bool waits_for_time = is_over || waits_for_decision(*run, group);
        const auto lacking = run->lacking.find(groups[group]);
        const bool lacks = lacking != run->lacking.end();
        if (!waits_for_time && !lacks) continue;
        if (is_over && !run->late_returns.contains(groups[group])) {
            LatestReturnReached reached = make_latest_return(state, *run, group, kNoIndex);
            reached.answer = WhenLate::kHold;
            out.push_back(std::move(reached));
        }
        if (waits_for_time) out.push_back(GoGiven{run->id, groups[group], cause.by, cause.reason});
        if (lacks) {
            out.push_back(GoGiven{run->id,
                                  groups[group],
                                  cause.by,
                                  cause.reason,
                                  {lacking->second.begin(), lacking->second.end()}});
        }
        // Whatever else it may be held for holds it again.
        if (group_state(*run, group) == GroupState::kHeld) {
            change_group(out, *run, group, GroupState::kMoving, cause);
        }
    }
    if (out.empty()) {
        return refused((input.group ? "group " + input.group->str() : "no group of run " + input.run.str()) +
                       (input.group ? " does not wait" : " waits") +
                       " for a go/no-go, neither because of the time left in its window nor because a group "
                       "turned back for whose steps it waits");
    }
    wake_run(out, *run, cause);
    return out;
}

}  // namespace ararat::execution
