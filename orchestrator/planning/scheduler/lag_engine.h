// Bounds on integer variables, propagated over difference constraints and clauses, with a clause learned from
// each conflict: the engine beneath the solver for time lags. It knows nothing of activities or resources.
// A variable v has two directions: 2v is its value, 2v+1 its value negated; "direction >= n" is the only kind
// of statement, and its negation is one too. Source: lazy clause generation (Ohrimenko, Stuckey and Codish
// 2009; Schutt, Feydy, Stuckey and Wallace 2013), here with clauses over bounds themselves, as integer trails
// do, without a Boolean variable for each. Thread promise: one thread at a time.
#pragma once

#include <cstddef>
#include <vector>

#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

struct Bound {
    std::int32_t direction = 0;
    Time at_least = 0;
};

[[nodiscard]] inline Bound negated(Bound bound) { return {bound.direction ^ 1, 1 - bound.at_least}; }

class LagEngine {
public:
    // What else propagates, run when differences and clauses are at rest.
    class Propagator {
    public:
        virtual ~Propagator() = default;
        virtual void on_change(std::int32_t variable) = 0;
        // False: a conflict, told to the engine by raise or fail.
        virtual bool propagate(LagEngine& engine) = 0;
    };

    std::int32_t add_variable(Time least, Time most);
    // value(to) >= value(from) + lag.
    void add_difference(std::int32_t from, std::int32_t to, Time lag) { add_arc(from, to, lag, {-1, 0}); }
    // The same, where the condition holds; what cannot hold makes the condition false.
    void add_difference_if(Bound condition, std::int32_t from, std::int32_t to, Time lag) {
        add_arc(from, to, lag, condition);
    }
    void use(Propagator& propagator) { propagator_ = &propagator; }

    [[nodiscard]] Time least(std::int32_t variable) const { return bound_[at(2 * variable)]; }
    [[nodiscard]] Time most(std::int32_t variable) const { return -bound_[at(2 * variable + 1)]; }
    [[nodiscard]] bool fixed(std::int32_t variable) const { return least(variable) == most(variable); }
    [[nodiscard]] bool holds(Bound b) const { return bound_[at(b.direction)] >= b.at_least; }
    [[nodiscard]] double activity(std::int32_t variable) const { return activity_[at(variable)]; }
    [[nodiscard]] std::size_t level() const { return level_start_.size(); }
    [[nodiscard]] std::size_t changes() const { return trail_.size(); }

    // False: no solution is left in this part of the tree; resolve or give up.
    bool propagate();
    void decide(Bound bound);
    // Learns from the conflict and goes back. False: there is none left to go back to: proved infeasible.
    bool resolve();
    // All decisions undone; fewer learned clauses if there have come to be many.
    void restart();
    // A bound that holds from now on. Precondition: no decisions. False: proved infeasible.
    bool require(Bound bound);

    // For propagators. The reason is a list of bounds that hold and together imply the bound.
    bool raise(Bound bound, const std::vector<Bound>& reason);
    bool fail(const std::vector<Bound>& reason);

private:
    enum class Cause : std::uint8_t { decision, arc, clause, listed };
    struct Change {
        std::int32_t direction;
        Time before;
        Time after;
        std::int32_t previous;  // the change before it of the same direction; -1: none
        std::int32_t level;
        Cause cause;
        std::int32_t key;    // the arc, the clause, or where the reason begins
        std::int32_t count;  // how long a listed reason is
    };
    struct DirectedArc {
        std::int32_t from;
        std::int32_t to;
        Time lag;
        Bound condition;  // direction -1: always
    };
    struct Clause {
        std::vector<Bound> bounds;
        double activity = 0;
    };
    struct Watch {
        Time threshold;
        std::int32_t clause;
    };

    static std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }
    void add_arc(std::int32_t from, std::int32_t to, Time lag, Bound condition);
    [[nodiscard]] bool refuted(Bound b) const { return holds(negated(b)); }
    bool set(Bound bound, Cause cause, std::int32_t key, std::int32_t count);
    bool follow(std::int32_t arc);
    bool follow_arcs(const Change& change);
    bool visit_clauses(const Change& change);
    bool find_other_watch(Clause& clause, std::int32_t index);
    void explain(Bound bound, Cause cause, std::int32_t key, std::int32_t count,
                 std::vector<Bound>& into) const;
    [[nodiscard]] std::int32_t change_behind(Bound bound) const;
    void cancel_to(std::size_t level);
    void watch(std::int32_t clause, std::size_t position);

    void require_for_conflict(Bound bound);
    std::int32_t reduce_to_unique();
    [[nodiscard]] bool redundant(std::int32_t change);
    std::vector<Bound> learned_clause(std::int32_t unique, std::size_t& back_to);
    bool learn(std::vector<Bound> bounds, std::size_t back_to);
    void bump(std::int32_t variable);
    void forget_clauses();
    bool simplify(Clause& clause) const;

    std::vector<Time> bound_;
    std::vector<std::int32_t> last_change_;
    std::vector<Change> trail_;
    std::vector<std::size_t> level_start_;
    std::size_t next_ = 0;
    std::vector<Bound> reasons_;
    std::vector<DirectedArc> arcs_;
    std::vector<std::vector<std::int32_t>> arcs_from_;
    std::vector<std::vector<std::int32_t>> arcs_if_;
    std::vector<Clause> clauses_;
    std::vector<std::vector<Watch>> watches_;
    Propagator* propagator_ = nullptr;

    std::vector<Bound> conflict_;
    std::vector<Time> needed_;  // of each change in the cut; kFree: not in it
    std::vector<std::int32_t> cut_;
    std::int32_t open_at_level_ = 0;
    mutable std::vector<Bound> reason_buffer_;
    std::vector<double> activity_;
    double bump_ = 1;
    double clause_bump_ = 1;
    std::size_t clauses_max_ = 4000;
};

}  // namespace ararat::planning::scheduler
