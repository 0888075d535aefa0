#include "unit/scheduler_lags/random_project.h"

#include <algorithm>

#include "planning/scheduler/dice.h"

namespace ararat::planning::scheduler {
namespace {

class Trial {
public:
    Trial(const Project& project, Time horizon)
        : project_(project),
          horizon_(horizon),
          start_(project.activities.size()),
          mode_(project.activities.size()) {}

    std::optional<Time> run() {
        place(0);
        return best_;
    }

private:
    [[nodiscard]] const Mode& chosen(std::size_t i) const {
        return project_.activities[i].modes[static_cast<std::size_t>(mode_[i])];
    }

    // Of what is placed until now, the last of which is new.
    [[nodiscard]] bool arcs_hold(std::size_t last) const {
        return std::ranges::all_of(project_.arcs, [&](const Arc& arc) {
            const auto from = static_cast<std::size_t>(arc.from);
            const auto to = static_cast<std::size_t>(arc.to);
            if (std::max(from, to) != last) return true;
            return start_[to] >= start_[from] + arc.lag + (arc.from_end ? chosen(from).duration : 0);
        });
    }
    [[nodiscard]] bool resources_suffice(std::size_t last) const {
        for (std::size_t r = 0; r < project_.stock.size(); ++r) {
            std::int32_t used = 0;
            for (std::size_t i = 0; i <= last; ++i) used += chosen(i).use[r];
            if (used > project_.stock[r]) return false;
        }
        for (Time at = start_[last]; at < start_[last] + chosen(last).duration; ++at) {
            for (std::size_t r = 0; r < project_.capacity.size(); ++r) {
                std::int32_t load = 0;
                for (std::size_t i = 0; i <= last; ++i) {
                    if (start_[i] <= at && at < start_[i] + chosen(i).duration) load += chosen(i).demand[r];
                }
                if (load > project_.capacity[r]) return false;
            }
        }
        return true;
    }

    void place(std::size_t i) {
        if (i == project_.activities.size()) {
            Time end = 0;
            for (std::size_t k = 0; k < i; ++k) end = std::max(end, start_[k] + chosen(k).duration);
            if (!best_ || end < *best_) best_ = end;
            return;
        }
        const auto modes = static_cast<std::int32_t>(project_.activities[i].modes.size());
        for (mode_[i] = 0; mode_[i] < modes; ++mode_[i]) {
            const Time until = best_ ? *best_ - 1 : horizon_;
            for (start_[i] = 0; start_[i] + chosen(i).duration <= until; ++start_[i]) {
                if (arcs_hold(i) && resources_suffice(i)) place(i + 1);
            }
        }
    }

    const Project& project_;
    Time horizon_;
    std::vector<Time> start_;
    std::vector<std::int32_t> mode_;
    std::optional<Time> best_;
};

class Maker {
public:
    Maker(const ProjectShape& shape, std::uint64_t seed) : shape_(shape), dice_(seed) {}

    Project run() {
        for (int r = 0; r < 2; ++r) project_.capacity.push_back(number(3, 5));
        std::vector<std::int32_t> used(shape_.stocks, 0);
        for (std::size_t i = 0; i < shape_.activities; ++i) {
            Activity activity;
            const std::int32_t modes = number(1, static_cast<std::int32_t>(shape_.modes));
            for (std::int32_t m = 0; m < modes; ++m) activity.modes.push_back(mode());
            for (std::size_t r = 0; r < used.size(); ++r) used[r] += activity.modes.front().use[r];
            project_.activities.push_back(std::move(activity));
        }
        // About what the first modes take: some projects have too little.
        for (const std::int32_t use : used) project_.stock.push_back(std::max(0, use - number(0, 3)));
        for (std::size_t to = 1; to < shape_.activities; ++to) {
            for (std::size_t from = 0; from < to; ++from) {
                if (dice_.below(static_cast<std::uint32_t>(shape_.activities)) < 2) arcs_between(from, to);
            }
        }
        return std::move(project_);
    }

private:
    std::int32_t number(std::int32_t least, std::int32_t most) {
        return least + static_cast<std::int32_t>(dice_.below(static_cast<std::uint32_t>(most - least + 1)));
    }

    Mode mode() {
        Mode mode;
        mode.duration = number(0, shape_.duration_max);
        for (std::size_t r = 0; r < project_.capacity.size(); ++r) mode.demand.push_back(number(0, 3));
        for (std::size_t r = 0; r < shape_.stocks; ++r) mode.use.push_back(number(0, 3));
        return mode;
    }

    void arcs_between(std::size_t from, std::size_t to) {
        const auto one = static_cast<std::int32_t>(from);
        const auto other = static_cast<std::int32_t>(to);
        const bool from_end = dice_.below(2) == 0;
        const Time lag = number(from_end ? 0 : 1, shape_.lag_max);
        project_.arcs.push_back({one, other, lag, from_end});
        if (!shape_.maximum_lags || dice_.below(2) == 0) return;
        // At most so long after the start; now and then less than the least.
        project_.arcs.push_back({other, one, -number(std::max(0, lag - 1), lag + 4), false});
    }

    ProjectShape shape_;
    Dice dice_;
    Project project_;
};

}  // namespace

Project random_project(const ProjectShape& shape, std::uint64_t seed) { return Maker(shape, seed).run(); }

std::optional<Time> shortest_by_trying(const Project& project, Time horizon) {
    return Trial(project, horizon).run();
}

Time generous_horizon(const Project& project) {
    Time sum = 1;
    for (std::size_t i = 0; i < project.activities.size(); ++i) {
        Time longest = 0;
        Time lag = 0;
        for (const Mode& mode : project.activities[i].modes) longest = std::max(longest, mode.duration);
        for (const Arc& arc : project.arcs) {
            if (static_cast<std::size_t>(arc.from) == i) lag = std::max(lag, arc.lag);
        }
        sum += longest + lag;
    }
    return sum;
}

}  // namespace ararat::planning::scheduler
