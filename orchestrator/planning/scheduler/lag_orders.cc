#include "planning/scheduler/lag_orders.h"

namespace ararat::planning::scheduler {
namespace {

constexpr std::size_t kActivitiesMax = 500;  // above: 500 cubed steps and 1 MB are as much as this is worth

class Orders {
public:
    Orders(const Project& project, const std::vector<std::int32_t>& mode, const std::vector<StartArc>& arcs)
        : project_(project), mode_(mode), lengths_(project.activities.size(), arcs) {}

    PairOrders run() {
        const auto count = static_cast<std::int32_t>(project_.activities.size());
        for (std::int32_t i = 0; i < count; ++i) {
            for (std::int32_t j = i + 1; j < count; ++j) {
                if (cannot_overlap(i, j)) found_.open.emplace_back(i, j);
            }
        }
        bool changed = true;
        while (changed && found_.possible) {
            changed = false;
            std::erase_if(found_.open, [&](const auto& pair) {
                const bool settled = found_.possible && settle(pair.first, pair.second);
                changed = changed || settled;
                return settled;
            });
        }
        return std::move(found_);
    }

private:
    [[nodiscard]] const Mode& mode_of(std::int32_t activity) const {
        const auto i = static_cast<std::size_t>(activity);
        return project_.activities[i].modes[static_cast<std::size_t>(mode_[i])];
    }
    [[nodiscard]] Time between(std::int32_t from, std::int32_t to) const {
        return lengths_.between(static_cast<std::size_t>(from), static_cast<std::size_t>(to));
    }

    [[nodiscard]] bool cannot_overlap(std::int32_t i, std::int32_t j) const {
        const Mode& one = mode_of(i);
        const Mode& other = mode_of(j);
        if (one.duration == 0 || other.duration == 0) return false;
        for (std::size_t r = 0; r < project_.capacity.size(); ++r) {
            if (one.demand[r] > 0 && other.demand[r] > 0 &&
                one.demand[r] + other.demand[r] > project_.capacity[r]) {
                return true;
            }
        }
        return false;
    }

    // True: nothing is open between them any more.
    bool settle(std::int32_t i, std::int32_t j) {
        if (between(i, j) >= mode_of(i).duration || between(j, i) >= mode_of(j).duration) return true;
        const bool i_first = between(j, i) + mode_of(i).duration <= 0;
        const bool j_first = between(i, j) + mode_of(j).duration <= 0;
        if (i_first && j_first) return false;
        const StartArc forced =
            i_first ? StartArc{i, j, mode_of(i).duration} : StartArc{j, i, mode_of(j).duration};
        found_.possible = (i_first || j_first) && lengths_.add(forced);
        found_.forced.push_back(forced);
        return true;
    }

    const Project& project_;
    const std::vector<std::int32_t>& mode_;
    PathLengths lengths_;
    PairOrders found_;
};

}  // namespace

PairOrders orders_of_pairs(const Project& project, const std::vector<std::int32_t>& mode,
                           const std::vector<StartArc>& arcs) {
    if (project.activities.size() > kActivitiesMax) return {};
    return Orders(project, mode, arcs).run();
}

}  // namespace ararat::planning::scheduler
