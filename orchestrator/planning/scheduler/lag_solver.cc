#include "planning/scheduler/lag_solver.h"

#include <algorithm>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/lag_cumulative.h"
#include "planning/scheduler/lag_network.h"
#include "planning/scheduler/lag_orders.h"

namespace ararat::planning::scheduler {
namespace {

constexpr std::int64_t kStopEvery = 16;

// The first terms of Luby, Sinclair and Zuckerman's sequence: 1 1 2 1 1 2 4 ...
std::int64_t luby(std::int64_t index) {
    std::int64_t power = 1;
    while (power < index + 1) power = 2 * power + 1;
    while (power - 1 != index) {
        power = (power - 1) / 2;
        index %= power;
    }
    return (power + 1) / 2;
}

// Any project that has a timetable has one that ends by then: Dorndorf, Pesch and Phan-Huy 2000.
Time horizon_of(const Project& project, const std::vector<std::int32_t>& mode,
                const std::vector<StartArc>& arcs) {
    std::vector<Time> longest(project.activities.size());
    for (std::size_t i = 0; i < longest.size(); ++i) {
        longest[i] = project.activities[i].modes[static_cast<std::size_t>(mode[i])].duration;
    }
    for (const StartArc& arc : arcs) {
        Time& most = longest[static_cast<std::size_t>(arc.from)];
        most = std::max(most, arc.lag);
    }
    Time sum = 0;
    for (const Time most : longest) sum += most;
    return sum;
}

class LagSearch {
public:
    LagSearch(const Project& project, const std::vector<std::int32_t>& mode, const LagOptions& options)
        : project_(project),
          mode_(mode),
          options_(options),
          arcs_(start_arcs(project, mode)),
          cumulative_(project, mode),
          dice_(options.seed),
          count_(static_cast<std::int32_t>(project.activities.size())) {}

    LagOutcome run() {
        EarliestStarts earliest = earliest_starts(project_.activities.size(), arcs_);
        outcome_.positive_cycle = std::move(earliest.positive_cycle);
        if (!outcome_.positive_cycle.empty() || !demands_fit() || !build()) return proved_infeasible();
        outcome_.lower_bound = engine_.least(count_);
        outcome_.lower_from = "longest path";
        if (!engine_.propagate() || !search()) {
            if (outcome_.verdict == LagVerdict::not_found) return proved_infeasible();
            outcome_.lower_bound = outcome_.best.makespan;
            outcome_.lower_from = "search";
        }
        return std::move(outcome_);
    }

private:
    [[nodiscard]] Time duration(std::int32_t activity) const {
        const auto i = static_cast<std::size_t>(activity);
        return project_.activities[i].modes[static_cast<std::size_t>(mode_[i])].duration;
    }

    LagOutcome proved_infeasible() {
        outcome_.verdict = LagVerdict::infeasible;
        return std::move(outcome_);
    }

    bool demands_fit() const {
        std::vector<std::int64_t> used(project_.stock.size(), 0);
        for (std::size_t i = 0; i < project_.activities.size(); ++i) {
            const Mode& mode = project_.activities[i].modes[static_cast<std::size_t>(mode_[i])];
            for (std::size_t r = 0; r < used.size(); ++r) used[r] += mode.use[r];
            for (std::size_t r = 0; mode.duration > 0 && r < project_.capacity.size(); ++r) {
                if (mode.demand[r] > project_.capacity[r]) return false;
            }
        }
        return std::ranges::equal(used, project_.stock, std::ranges::less_equal());
    }

    // Starts, the end, and the orders of pairs that cannot overlap.
    bool build() {
        const Time horizon = horizon_of(project_, mode_, arcs_);
        for (std::int32_t i = 0; i < count_; ++i) engine_.add_variable(0, horizon - duration(i));
        engine_.add_variable(0, horizon);
        for (std::int32_t i = 0; i < count_; ++i) engine_.add_difference(i, count_, duration(i));
        for (const StartArc& arc : arcs_) engine_.add_difference(arc.from, arc.to, arc.lag);
        const PairOrders orders = orders_of_pairs(project_, mode_, arcs_);
        if (!orders.possible) return false;
        for (const StartArc& arc : orders.forced) engine_.add_difference(arc.from, arc.to, arc.lag);
        for (const auto& [first, second] : orders.open) {
            const std::int32_t order = engine_.add_variable(0, 1);
            engine_.add_difference_if({2 * order, 1}, first, second, duration(first));
            engine_.add_difference_if({2 * order + 1, 0}, second, first, duration(second));
            pairs_.emplace_back(first, second);
        }
        preferred_.assign(static_cast<std::size_t>(count_) + 1 + pairs_.size(), -1);
        noise_.resize(preferred_.size());
        engine_.use(cumulative_);
        const std::vector<Time> earliest = earliest_starts(project_.activities.size(), arcs_).start;
        for (std::int32_t i = 0; i < count_; ++i) {
            if (!engine_.require({2 * i, earliest[static_cast<std::size_t>(i)]})) return false;
        }
        return engine_.propagate();
    }

    // False: there is nothing (better) to be found.
    bool search() {
        for (std::int64_t round = 0;; ++round) {
            by_activity_ = round % 2 == 1;
            for (double& noise : noise_) noise = dice_.unit();
            const std::int64_t until = outcome_.schedules + 100 * luby(round);
            while (outcome_.schedules < until) {
                if (out_of_budget()) return true;
                if (!dive()) return false;
            }
            engine_.restart();
        }
    }

    bool out_of_budget() {
        if (outcome_.schedules >= options_.schedules_max) return true;
        return outcome_.schedules % kStopEvery == 0 && options_.stop && options_.stop();
    }

    // Down to a timetable or a conflict.
    bool dive() {
        ++outcome_.schedules;
        while (engine_.propagate()) {
            const Bound next = by_activity_ ? next_by_activity() : next_by_time();
            if (next.direction >= 0) {
                engine_.decide(next);
                continue;
            }
            keep();
            engine_.restart();
            return engine_.require({2 * count_ + 1, 1 - outcome_.best.makespan});
        }
        return engine_.resolve();
    }

    // Every start at its least: with all of them fixed, or nothing left to decide.
    void keep() {
        outcome_.verdict = LagVerdict::feasible;
        Timetable& best = outcome_.best;
        best.mode = mode_;
        best.start.resize(project_.activities.size());
        best.makespan = 0;
        for (std::int32_t i = 0; i < count_; ++i) {
            best.start[static_cast<std::size_t>(i)] = engine_.least(i);
            best.makespan = std::max(best.makespan, engine_.least(i) + duration(i));
        }
        for (std::size_t v = 0; v < preferred_.size(); ++v) {
            preferred_[v] = engine_.least(static_cast<std::int32_t>(v));
        }
    }

    [[nodiscard]] Bound towards_preferred(std::int32_t variable) const {
        const Time value = preferred_[static_cast<std::size_t>(variable)];
        if (value > engine_.least(variable) && value <= engine_.most(variable)) return {2 * variable, value};
        return {2 * variable + 1, -engine_.least(variable)};
    }

    // The earliest that may start is started; among those the one with the least room.
    [[nodiscard]] Bound next_by_time() const {
        std::int32_t chosen = -1;
        for (std::int32_t i = 0; i < count_; ++i) {
            if (engine_.fixed(i)) continue;
            if (chosen >= 0) {
                if (engine_.least(i) > engine_.least(chosen)) continue;
                if (engine_.least(i) == engine_.least(chosen) && engine_.most(i) >= engine_.most(chosen))
                    continue;
            }
            chosen = i;
        }
        if (chosen < 0) return {-1, 0};
        return {2 * chosen + 1, -engine_.least(chosen)};
    }

    // What was most in conflicts of late: an order towards the best timetable's, a start likewise.
    [[nodiscard]] Bound next_by_activity() const {
        std::int32_t chosen = -1;
        double most = -1;
        for (std::int32_t v = 0; v < static_cast<std::int32_t>(preferred_.size()); ++v) {
            if (v == count_ || engine_.fixed(v)) continue;
            const double value = engine_.activity(v) + 1e-9 * noise_[static_cast<std::size_t>(v)];
            if (value <= most) continue;
            most = value;
            chosen = v;
        }
        if (chosen < 0) return {-1, 0};
        if (chosen > count_ && preferred_[static_cast<std::size_t>(chosen)] < 0) {
            const auto& [first, second] = pairs_[static_cast<std::size_t>(chosen - count_ - 1)];
            const bool in_order =
                engine_.least(first) + engine_.most(first) <= engine_.least(second) + engine_.most(second);
            return in_order ? Bound{2 * chosen, 1} : Bound{2 * chosen + 1, 0};
        }
        return towards_preferred(chosen);
    }

    const Project& project_;
    const std::vector<std::int32_t>& mode_;
    const LagOptions& options_;
    std::vector<StartArc> arcs_;
    LagEngine engine_;
    LagCumulative cumulative_;
    Dice dice_;
    std::int32_t count_;
    std::vector<std::pair<std::int32_t, std::int32_t>> pairs_;  // of the variables after the end
    std::vector<Time> preferred_;                               // the best timetable's; -1: none yet
    std::vector<double> noise_;
    bool by_activity_ = false;
    LagOutcome outcome_;
};

}  // namespace

LagOutcome solve_with_lags(const Project& project, const std::vector<std::int32_t>& mode,
                           const LagOptions& options) {
    return LagSearch(project, mode, options).run();
}

}  // namespace ararat::planning::scheduler
