#include "planning/scheduler/multi_mode_solver.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/multi_mode_bounds.h"
#include "planning/scheduler/multi_mode_builder.h"

namespace ararat::planning::scheduler {
namespace {

constexpr std::size_t kPopulation = 60;
constexpr int kRepairSteps = 400;
constexpr std::int64_t kChildrenWithoutProgress = 4000;  // then a new population

struct Individual {
    std::vector<std::int32_t> list;  // activities in the order of their starts
    std::vector<std::int32_t> mode;
    std::vector<Time> start;
    Time makespan = 0;
    double excess = 0;

    [[nodiscard]] bool better_than(const Individual& other) const {
        return std::pair(excess, makespan) < std::pair(other.excess, other.makespan);
    }
};

class MultiModeSearch {
public:
    MultiModeSearch(const Project& project, const MultiModeOptions& options)
        : project_(project),
          options_(options),
          choice_(usable_modes(project)),
          stock_(project, choice_),
          builder_(project, choice_, stock_),
          dice_(options.seed),
          count_(project.activities.size()) {}

    MultiModeOutcome run() {
        if (std::ranges::any_of(choice_, &std::vector<std::int32_t>::empty)) {
            outcome_.verdict = MultiModeVerdict::infeasible;
            return std::move(outcome_);
        }
        if (!builder_.ordered()) {
            outcome_.verdict = MultiModeVerdict::not_ordered;
            return std::move(outcome_);
        }
        MultiModeBound bound = multi_mode_bound(project_, choice_);
        outcome_.lower_bound = bound.makespan;
        outcome_.lower_from = std::move(bound.from);
        while (!finished()) evolve();
        return std::move(outcome_);
    }

private:
    [[nodiscard]] bool finished() const {
        if (outcome_.schedules >= options_.schedules_max) return true;
        if (outcome_.verdict == MultiModeVerdict::feasible &&
            outcome_.best.makespan <= outcome_.lower_bound) {
            return true;
        }
        return options_.stop && options_.stop();
    }

    void evolve() {
        std::vector<Individual> population;
        while (population.size() < kPopulation && !finished()) population.push_back(random_one());
        std::int64_t idle = 0;
        Individual best;
        if (!population.empty()) best = population.front();
        while (!finished() && idle < kChildrenWithoutProgress) {
            const Individual& mother = population[winner(population)];
            const Individual& father = population[winner(population)];
            Individual child = crossed(mother, father);
            mutate(child);
            evaluate(child);
            ++idle;
            if (child.better_than(best)) {
                best = child;
                idle = 0;
            }
            replace(population, std::move(child));
        }
    }

    std::uint32_t below(std::size_t bound) { return dice_.below(static_cast<std::uint32_t>(bound)); }

    std::size_t winner(const std::vector<Individual>& population) {
        const std::size_t one = below(population.size());
        const std::size_t other = below(population.size());
        return population[other].better_than(population[one]) ? other : one;
    }

    // In place of the worse of two, unless there is its like.
    void replace(std::vector<Individual>& population, Individual child) {
        const bool known = std::ranges::any_of(population, [&](const Individual& other) {
            return other.makespan == child.makespan && other.mode == child.mode && other.start == child.start;
        });
        if (known) return;
        std::size_t worst = below(population.size());
        for (int tried = 0; tried < 3; ++tried) {
            const std::size_t other = below(population.size());
            if (population[worst].better_than(population[other])) worst = other;
        }
        if (population[worst].better_than(child)) return;
        population[worst] = std::move(child);
    }

    Individual random_one() {
        Individual one;
        one.list.resize(count_);
        std::iota(one.list.begin(), one.list.end(), 0);
        for (std::size_t i = count_; i > 1; --i) std::swap(one.list[i - 1], one.list[below(i)]);
        one.mode.resize(count_);
        for (std::size_t i = 0; i < count_; ++i) one.mode[i] = choice_[i][below(choice_[i].size())];
        evaluate(one);
        return one;
    }

    // The mother's list but for a part between two places, which has the father's order; modes likewise.
    Individual crossed(const Individual& mother, const Individual& father) {
        Individual child;
        std::size_t first = below(count_ + 1);
        std::size_t second = below(count_ + 1);
        if (first > second) std::swap(first, second);
        std::vector<bool> taken(count_, false);
        const auto take = [&](const Individual& parent, std::size_t until) {
            for (const std::int32_t i : parent.list) {
                if (child.list.size() >= until) return;
                const auto index = static_cast<std::size_t>(i);
                if (taken[index]) continue;
                taken[index] = true;
                child.list.push_back(i);
                child.mode[index] = parent.mode[index];
            }
        };
        child.mode.resize(count_);
        take(mother, first);
        take(father, second);
        take(mother, count_);
        return child;
    }

    void mutate(Individual& child) {
        for (std::size_t i = 0; i + 1 < count_; ++i) {
            if (below(33) == 0)
                std::swap(child.list[i], child.list[i + 1 + below(std::min<std::size_t>(5, count_ - i - 1))]);
        }
        for (std::size_t i = 0; i < count_; ++i) {
            if (choice_[i].size() > 1 && below(40) == 0) child.mode[i] = choice_[i][below(choice_[i].size())];
        }
    }

    // Modes repaired; forwards, backwards, forwards again; what comes out is the child's list.
    void evaluate(Individual& one) {
        stock_.count(one.mode);
        stock_.repair(one.mode, dice_, kRepairSteps);
        key_.resize(count_);
        for (std::size_t place = 0; place < count_; ++place) {
            key_[static_cast<std::size_t>(one.list[place])] = static_cast<double>(place);
        }
        const double improve = below(2) == 0 ? 0 : 0.3;
        using Direction = MultiModeBuilder::Direction;
        one.makespan = builder_.build(Direction::forward, key_, one.mode, one.start, improve, dice_);
        one.excess = stock_.excess();
        ++outcome_.schedules;
        keep(one);
        Individual other = one;
        builder_.build(Direction::backward, key_, other.mode, other.start, improve, dice_);
        other.makespan = builder_.build(Direction::forward, key_, other.mode, other.start, improve, dice_);
        other.excess = stock_.excess();
        outcome_.schedules += 2;
        keep(other);
        if (!one.better_than(other)) one = std::move(other);
        std::ranges::stable_sort(one.list, {},
                                 [&](std::int32_t i) { return one.start[static_cast<std::size_t>(i)]; });
    }

    void keep(const Individual& one) {
        if (one.excess > 0) return;
        if (outcome_.verdict == MultiModeVerdict::feasible && outcome_.best.makespan <= one.makespan) return;
        outcome_.verdict = MultiModeVerdict::feasible;
        outcome_.best = {one.start, one.mode, one.makespan};
    }

    const Project& project_;
    const MultiModeOptions& options_;
    ModeChoice choice_;
    StockUse stock_;
    MultiModeBuilder builder_;
    Dice dice_;
    std::size_t count_;
    std::vector<double> key_;
    MultiModeOutcome outcome_;
};

}  // namespace

MultiModeOutcome solve_multi_mode(const Project& project, const MultiModeOptions& options) {
    return MultiModeSearch(project, options).run();
}

}  // namespace ararat::planning::scheduler
