#include "planning/scheduler/multi_mode_choice.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ararat::planning::scheduler {
namespace {

constexpr std::uint32_t kWalkOneIn = 12;  // steps of the repair that are taken at random

bool fits(const Project& project, const Mode& mode) {
    return mode.duration == 0 || std::ranges::equal(mode.demand, project.capacity, std::ranges::less_equal());
}

bool as_good(const Mode& one, const Mode& other) {
    return one.duration <= other.duration &&
           std::ranges::equal(one.demand, other.demand, std::ranges::less_equal()) &&
           std::ranges::equal(one.use, other.use, std::ranges::less_equal());
}

class Reduction {
public:
    explicit Reduction(const Project& project) : project_(project), left_(project.activities.size()) {
        for (std::size_t i = 0; i < left_.size(); ++i) {
            const auto count = static_cast<std::int32_t>(project.activities[i].modes.size());
            for (std::int32_t m = 0; m < count; ++m) {
                if (fits(project, mode_of(i, m))) left_[i].push_back(m);
            }
        }
    }

    ModeChoice run() {
        while (std::ranges::none_of(left_, &std::vector<std::int32_t>::empty) && remove_hungry()) {
        }
        for (std::size_t i = 0; i < left_.size(); ++i) remove_dominated(i);
        return std::move(left_);
    }

private:
    [[nodiscard]] const Mode& mode_of(std::size_t activity, std::int32_t mode) const {
        return project_.activities[activity].modes[static_cast<std::size_t>(mode)];
    }
    [[nodiscard]] std::int32_t least_use(std::size_t activity, std::size_t r) const {
        std::int32_t least = std::numeric_limits<std::int32_t>::max();
        for (const std::int32_t m : left_[activity]) least = std::min(least, mode_of(activity, m).use[r]);
        return least;
    }

    bool remove_hungry() {
        bool removed = false;
        for (std::size_t r = 0; r < project_.stock.size(); ++r) {
            std::int64_t least = 0;
            for (std::size_t i = 0; i < left_.size(); ++i) least += least_use(i, r);
            for (std::size_t i = 0; i < left_.size(); ++i) {
                const std::int64_t others = least - least_use(i, r);
                const auto hungry = [&](std::int32_t m) {
                    return others + mode_of(i, m).use[r] > project_.stock[r];
                };
                if (std::erase_if(left_[i], hungry) > 0) removed = true;
                if (left_[i].empty()) return false;
            }
        }
        return removed;
    }

    void remove_dominated(std::size_t activity) {
        std::vector<std::int32_t>& left = left_[activity];
        std::vector<std::int32_t> kept;
        for (const std::int32_t m : left) {
            const bool dominated = std::ranges::any_of(left, [&](std::int32_t other) {
                const bool better = as_good(mode_of(activity, other), mode_of(activity, m));
                const bool worse = as_good(mode_of(activity, m), mode_of(activity, other));
                return other != m && better && (!worse || other < m);
            });
            if (!dominated) kept.push_back(m);
        }
        left = std::move(kept);
    }

    const Project& project_;
    ModeChoice left_;
};

}  // namespace

ModeChoice usable_modes(const Project& project) { return Reduction(project).run(); }

StockUse::StockUse(const Project& project, const ModeChoice& choice) : project_(project), choice_(choice) {
    for (std::size_t i = 0; i < choice.size(); ++i) {
        if (choice[i].size() > 1) open_.push_back(i);
    }
}

void StockUse::count(const std::vector<std::int32_t>& mode) {
    used_.assign(project_.stock.size(), 0);
    for (std::size_t i = 0; i < mode.size(); ++i) {
        for (std::size_t r = 0; r < used_.size(); ++r) used_[r] += mode_of(i, mode[i]).use[r];
    }
}

void StockUse::change(std::size_t activity, std::int32_t from, std::int32_t to) {
    for (std::size_t r = 0; r < used_.size(); ++r) {
        used_[r] += mode_of(activity, to).use[r] - mode_of(activity, from).use[r];
    }
}

double StockUse::excess() const {
    double sum = 0;
    for (std::size_t r = 0; r < used_.size(); ++r) {
        const std::int64_t over = used_[r] - project_.stock[r];
        if (over > 0) sum += static_cast<double>(over) / std::max(1, project_.stock[r]);
    }
    return sum;
}

double StockUse::excess_after(std::size_t activity, std::int32_t from, std::int32_t to) const {
    double sum = 0;
    for (std::size_t r = 0; r < used_.size(); ++r) {
        const std::int64_t over =
            used_[r] + mode_of(activity, to).use[r] - mode_of(activity, from).use[r] - project_.stock[r];
        if (over > 0) sum += static_cast<double>(over) / std::max(1, project_.stock[r]);
    }
    return sum;
}

bool StockUse::repair(std::vector<std::int32_t>& mode, Dice& dice, int steps_max) {
    double now = excess();
    for (int step = 0; now > 0 && step < steps_max && !open_.empty(); ++step) {
        const auto open = static_cast<std::uint32_t>(open_.size());
        std::size_t best_activity = open_[dice.below(open)];
        const auto& any = choice_[best_activity];
        std::int32_t best_mode = any[dice.below(static_cast<std::uint32_t>(any.size()))];
        if (dice.below(kWalkOneIn) != 0) {
            // The best change from a few activities, so that repairs differ.
            double best = std::numeric_limits<double>::max();
            for (int tried = 0; tried < 8; ++tried) {
                const std::size_t i = open_[dice.below(open)];
                for (const std::int32_t m : choice_[i]) {
                    if (m == mode[i]) continue;
                    const double after = excess_after(i, mode[i], m);
                    if (after >= best) continue;
                    best = after;
                    best_activity = i;
                    best_mode = m;
                }
            }
            if (best > now) continue;
        }
        change(best_activity, mode[best_activity], best_mode);
        mode[best_activity] = best_mode;
        now = excess();
    }
    return now <= 0;
}

}  // namespace ararat::planning::scheduler
