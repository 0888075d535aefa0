// What is learned from a conflict: resolution back to the first unique implication point over bounds, which
// bounds of the clause follow from the others, and which clauses are forgotten.
#include <algorithm>
#include <limits>

#include "planning/scheduler/lag_engine.h"

namespace ararat::planning::scheduler {
namespace {

constexpr Time kFree = std::numeric_limits<Time>::min();
constexpr double kBumpMax = 1e100;

}  // namespace

// The change that first made the bound hold; -1: it held from the beginning.
std::int32_t LagEngine::change_behind(Bound bound) const {
    std::int32_t index = last_change_[at(bound.direction)];
    while (index >= 0 && trail_[at(index)].before >= bound.at_least) index = trail_[at(index)].previous;
    return index;
}

void LagEngine::bump(std::int32_t variable) {
    activity_[at(variable)] += bump_;
    if (activity_[at(variable)] < kBumpMax) return;
    for (double& activity : activity_) activity /= kBumpMax;
    bump_ /= kBumpMax;
}

void LagEngine::require_for_conflict(Bound bound) {
    const std::int32_t index = change_behind(bound);
    if (index < 0 || trail_[at(index)].level == 0) return;
    Time& needed = needed_[at(index)];
    if (needed == kFree) {
        cut_.push_back(index);
        bump(bound.direction / 2);
        if (trail_[at(index)].level == static_cast<std::int32_t>(level())) ++open_at_level_;
    }
    needed = std::max(needed, bound.at_least);
}

// Replaces changes of the last level by their reasons, the latest first, until one is left.
std::int32_t LagEngine::reduce_to_unique() {
    for (auto index = static_cast<std::int32_t>(trail_.size()) - 1;; --index) {
        if (needed_[at(index)] == kFree) continue;
        if (open_at_level_ == 1) return index;
        const Change& change = trail_[at(index)];
        const Bound bound{change.direction, needed_[at(index)]};
        needed_[at(index)] = kFree;
        --open_at_level_;
        reason_buffer_.clear();
        explain(bound, change.cause, change.key, change.count, reason_buffer_);
        for (const Bound& reason : reason_buffer_) require_for_conflict(reason);
    }
}

bool LagEngine::redundant(std::int32_t index) {
    const Change& change = trail_[at(index)];
    if (change.cause == Cause::decision) return false;
    reason_buffer_.clear();
    explain({change.direction, needed_[at(index)]}, change.cause, change.key, change.count, reason_buffer_);
    return std::ranges::all_of(reason_buffer_, [&](const Bound& reason) {
        const std::int32_t behind = change_behind(reason);
        if (behind < 0 || trail_[at(behind)].level == 0) return true;
        return needed_[at(behind)] != kFree && needed_[at(behind)] >= reason.at_least;
    });
}

std::vector<Bound> LagEngine::learned_clause(std::int32_t unique, std::size_t& back_to) {
    std::ranges::sort(cut_, std::greater<>());
    cut_.erase(std::unique(cut_.begin(), cut_.end()), cut_.end());
    std::vector<Bound> bounds;
    back_to = 0;
    for (const std::int32_t index : cut_) {
        if (needed_[at(index)] == kFree) continue;
        const Change& change = trail_[at(index)];
        const Bound bound = negated({change.direction, needed_[at(index)]});
        const bool implied = std::ranges::any_of(
            bounds, [&](const Bound& other) { return other.direction == bound.direction; });
        if (implied || (index != unique && redundant(index))) continue;
        bounds.push_back(bound);
        // In the order of the trail, so the second one has the level to go back to.
        if (bounds.size() == 2) back_to = at(change.level);
    }
    for (const std::int32_t index : cut_) needed_[at(index)] = kFree;
    return bounds;
}

bool LagEngine::resolve() {
    if (level() == 0) return false;
    std::int32_t latest = 0;
    for (const Bound& bound : conflict_) {
        const std::int32_t index = change_behind(bound);
        if (index >= 0) latest = std::max(latest, trail_[at(index)].level);
    }
    if (latest == 0) return false;
    cancel_to(at(latest));
    needed_.resize(std::max(needed_.size(), trail_.size()), kFree);
    cut_.clear();
    open_at_level_ = 0;
    for (const Bound& bound : conflict_) require_for_conflict(bound);
    const std::int32_t unique = reduce_to_unique();
    std::size_t back_to = 0;
    std::vector<Bound> bounds = learned_clause(unique, back_to);
    bump_ /= 0.95;
    clause_bump_ /= 0.999;
    cancel_to(back_to);
    return learn(std::move(bounds), back_to);
}

bool LagEngine::learn(std::vector<Bound> bounds, std::size_t back_to) {
    if (bounds.size() == 1) {
        static_cast<void>(back_to);
        return set(bounds[0], Cause::decision, 0, 0);
    }
    const auto index = static_cast<std::int32_t>(clauses_.size());
    const Bound asserted = bounds[0];
    clauses_.push_back({std::move(bounds), clause_bump_});
    watch(index, 0);
    watch(index, 1);
    return set(asserted, Cause::clause, index, 0);
}

// False: the clause says nothing any more. Precondition: no decisions, everything propagated.
bool LagEngine::simplify(Clause& clause) const {
    if (std::ranges::any_of(clause.bounds, [&](const Bound& bound) { return holds(bound); })) return false;
    std::erase_if(clause.bounds, [&](const Bound& bound) { return refuted(bound); });
    return clause.bounds.size() >= 2;
}

void LagEngine::forget_clauses() {
    std::ranges::stable_sort(clauses_,
                             [](const Clause& a, const Clause& b) { return a.activity > b.activity; });
    std::vector<Clause> kept;
    for (std::size_t i = 0; i < clauses_.size(); ++i) {
        if (clauses_[i].bounds.size() > 2 && i > clauses_max_ / 2) continue;
        if (simplify(clauses_[i])) kept.push_back(std::move(clauses_[i]));
    }
    clauses_ = std::move(kept);
    for (auto& list : watches_) list.clear();
    for (std::size_t i = 0; i < clauses_.size(); ++i) {
        clauses_[i].activity /= clause_bump_;
        watch(static_cast<std::int32_t>(i), 0);
        watch(static_cast<std::int32_t>(i), 1);
    }
    clause_bump_ = 1;
    clauses_max_ += clauses_max_ / 10;
}

void LagEngine::restart() {
    cancel_to(0);
    if (clauses_.size() > clauses_max_ && next_ == trail_.size()) forget_clauses();
}

}  // namespace ararat::planning::scheduler
