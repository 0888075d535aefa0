// Which modes are worth choosing, and how to choose them so that the non-renewable resources suffice.
// Source: reduction of modes by Sprecher, Hartmann and Drexl 1997; repair as a min-conflicts walk over the
// relative excess (Hartmann 2001 repairs the same way, without the walk).
// Thread promise: one thread at a time.
#pragma once

#include <vector>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

// Of each activity the modes that are left, as indices in the project; empty somewhere: proved infeasible.
using ModeChoice = std::vector<std::vector<std::int32_t>>;

// Without modes that fit nowhere, that leave too little stock for everyone else, or that another mode is at
// least as good as in everything.
[[nodiscard]] ModeChoice usable_modes(const Project& project);

// The stock of a vector of modes, kept while modes change.
class StockUse {
public:
    StockUse(const Project& project, const ModeChoice& choice);

    void count(const std::vector<std::int32_t>& mode);
    void change(std::size_t activity, std::int32_t from, std::int32_t to);
    // Part of the stock that is missing, summed over resources; 0: it suffices.
    [[nodiscard]] double excess() const;
    [[nodiscard]] double excess_after(std::size_t activity, std::int32_t from, std::int32_t to) const;
    // False: still too little after the steps. Modes stay as they are when the stock suffices.
    bool repair(std::vector<std::int32_t>& mode, Dice& dice, int steps_max);

private:
    [[nodiscard]] const Mode& mode_of(std::size_t activity, std::int32_t mode) const {
        return project_.activities[activity].modes[static_cast<std::size_t>(mode)];
    }

    const Project& project_;
    const ModeChoice& choice_;
    std::vector<std::size_t> open_;  // activities with more than one mode
    std::vector<std::int64_t> used_;
};

}  // namespace ararat::planning::scheduler
