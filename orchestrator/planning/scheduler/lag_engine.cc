#include "planning/scheduler/lag_engine.h"

#include <algorithm>

namespace ararat::planning::scheduler {

std::int32_t LagEngine::add_variable(Time least, Time most) {
    const auto variable = static_cast<std::int32_t>(activity_.size());
    activity_.push_back(0);
    bound_.push_back(least);
    bound_.push_back(-most);
    last_change_.resize(bound_.size(), -1);
    arcs_from_.resize(bound_.size());
    arcs_if_.resize(bound_.size());
    watches_.resize(bound_.size());
    return variable;
}

void LagEngine::add_arc(std::int32_t from, std::int32_t to, Time lag, Bound condition) {
    const DirectedArc forward{2 * from, 2 * to, lag, condition};
    const DirectedArc backward{2 * to + 1, 2 * from + 1, lag, condition};
    for (const DirectedArc& arc : {forward, backward}) {
        const auto index = static_cast<std::int32_t>(arcs_.size());
        arcs_.push_back(arc);
        arcs_from_[at(arc.from)].push_back(index);
        if (condition.direction >= 0) arcs_if_[at(condition.direction)].push_back(index);
    }
}

bool LagEngine::set(Bound bound, Cause cause, std::int32_t key, std::int32_t count) {
    if (holds(bound)) return true;
    if (refuted(bound)) {
        conflict_.clear();
        explain(bound, cause, key, count, conflict_);
        conflict_.push_back(negated(bound));
        return false;
    }
    trail_.push_back({bound.direction, bound_[at(bound.direction)], bound.at_least,
                      last_change_[at(bound.direction)], static_cast<std::int32_t>(level()), cause, key,
                      count});
    last_change_[at(bound.direction)] = static_cast<std::int32_t>(trail_.size()) - 1;
    bound_[at(bound.direction)] = bound.at_least;
    return true;
}

bool LagEngine::raise(Bound bound, const std::vector<Bound>& reason) {
    if (holds(bound)) return true;
    const auto begin = static_cast<std::int32_t>(reasons_.size());
    reasons_.insert(reasons_.end(), reason.begin(), reason.end());
    return set(bound, Cause::listed, begin, static_cast<std::int32_t>(reason.size()));
}

bool LagEngine::fail(const std::vector<Bound>& reason) {
    conflict_ = reason;
    return false;
}

// What implies the bound, which may be less than what was set: an arc's reason is then less, too.
void LagEngine::explain(Bound bound, Cause cause, std::int32_t key, std::int32_t count,
                        std::vector<Bound>& into) const {
    switch (cause) {
        case Cause::decision: return;
        case Cause::arc: {
            const DirectedArc& arc = arcs_[at(key)];
            into.push_back({arc.from, bound.at_least - arc.lag});
            if (arc.condition.direction >= 0) into.push_back(arc.condition);
            return;
        }
        case Cause::clause:
            for (const Bound& other : clauses_[at(key)].bounds) {
                if (other.direction != bound.direction) into.push_back(negated(other));
            }
            return;
        case Cause::listed:
            into.insert(into.end(), reasons_.begin() + key, reasons_.begin() + key + count);
            return;
    }
}

bool LagEngine::follow(std::int32_t index) {
    const DirectedArc& arc = arcs_[at(index)];
    const Bound implied{arc.to, bound_[at(arc.from)] + arc.lag};
    if (holds(implied)) return true;
    if (arc.condition.direction < 0 || holds(arc.condition)) return set(implied, Cause::arc, index, 0);
    if (!refuted(implied) || refuted(arc.condition)) return true;
    const Time most = -bound_[at(arc.to ^ 1)];
    const auto begin = static_cast<std::int32_t>(reasons_.size());
    reasons_.push_back({arc.from, most + 1 - arc.lag});
    reasons_.push_back({arc.to ^ 1, -most});
    return set(negated(arc.condition), Cause::listed, begin, 2);
}

bool LagEngine::follow_arcs(const Change& change) {
    const std::size_t direction = at(change.direction);
    if (bound_[direction] == change.after) {
        for (const std::int32_t arc : arcs_from_[direction]) {
            if (!follow(arc)) return false;
        }
    }
    for (const std::int32_t arc : arcs_if_[direction]) {
        const Time threshold = arcs_[at(arc)].condition.at_least;
        if (change.before < threshold && threshold <= change.after && !follow(arc)) return false;
    }
    return true;
}

bool LagEngine::find_other_watch(Clause& clause, std::int32_t index) {
    for (std::size_t i = 2; i < clause.bounds.size(); ++i) {
        if (refuted(clause.bounds[i])) continue;
        std::swap(clause.bounds[1], clause.bounds[i]);
        watch(index, 1);
        return true;
    }
    return false;
}

// Two watched bounds a clause; a watch stands in the list of the direction that can refute its bound.
bool LagEngine::visit_clauses(const Change& change) {
    std::vector<Watch>& list = watches_[at(change.direction)];
    std::size_t kept = 0;
    bool consistent = true;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Watch seen = list[i];
        if (!consistent || seen.threshold <= change.before || seen.threshold > change.after) {
            list[kept++] = seen;
            continue;
        }
        Clause& clause = clauses_[at(seen.clause)];
        if ((clause.bounds[0].direction ^ 1) == change.direction)
            std::swap(clause.bounds[0], clause.bounds[1]);
        if (!holds(clause.bounds[0]) && find_other_watch(clause, seen.clause)) continue;
        list[kept++] = seen;
        if (holds(clause.bounds[0])) continue;
        clause.activity += clause_bump_;
        consistent = set(clause.bounds[0], Cause::clause, seen.clause, 0);
    }
    list.resize(kept);
    return consistent;
}

bool LagEngine::propagate() {
    for (;;) {
        while (next_ < trail_.size()) {
            const Change change = trail_[next_++];
            if (propagator_ != nullptr) propagator_->on_change(change.direction / 2);
            if (!follow_arcs(change) || !visit_clauses(change)) return false;
        }
        if (propagator_ == nullptr) return true;
        if (!propagator_->propagate(*this)) return false;
        if (next_ == trail_.size()) return true;
    }
}

void LagEngine::decide(Bound bound) {
    level_start_.push_back(trail_.size());
    set(bound, Cause::decision, 0, 0);
}

bool LagEngine::require(Bound bound) {
    if (!set(bound, Cause::decision, 0, 0)) return false;
    return propagate();
}

void LagEngine::cancel_to(std::size_t level) {
    if (level >= level_start_.size()) return;
    const std::size_t keep = level_start_[level];
    while (trail_.size() > keep) {
        const Change& change = trail_.back();
        bound_[at(change.direction)] = change.before;
        last_change_[at(change.direction)] = change.previous;
        if (propagator_ != nullptr) propagator_->on_change(change.direction / 2);
        trail_.pop_back();
    }
    level_start_.resize(level);
    next_ = std::min(next_, trail_.size());
    std::size_t reasons = 0;
    for (std::size_t i = trail_.size(); i > 0 && reasons == 0; --i) {
        const Change& change = trail_[i - 1];
        if (change.cause == Cause::listed) reasons = at(change.key + change.count);
    }
    reasons_.resize(reasons);
}

void LagEngine::watch(std::int32_t clause, std::size_t position) {
    const Bound refuting = negated(clauses_[at(clause)].bounds[position]);
    watches_[at(refuting.direction)].push_back({refuting.at_least, clause});
}

}  // namespace ararat::planning::scheduler
