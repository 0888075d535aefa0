#include "planning/scheduler/timetable_check.h"

#include <algorithm>
#include <map>

namespace ararat::planning::scheduler {
namespace {

std::string name_of(std::int32_t activity) { return "activity " + std::to_string(activity); }

class Check {
public:
    Check(const Project& project, const Timetable& timetable) : project_(project), timetable_(timetable) {}

    std::vector<std::string> run() {
        if (!check_shape()) return std::move(faults_);
        check_arcs();
        for (std::size_t resource = 0; resource < project_.capacity.size(); ++resource) check_load(resource);
        for (std::size_t resource = 0; resource < project_.stock.size(); ++resource) check_use(resource);
        check_makespan();
        return std::move(faults_);
    }

private:
    [[nodiscard]] const Mode& mode_of(std::size_t activity) const {
        return project_.activities[activity].modes[static_cast<std::size_t>(timetable_.mode[activity])];
    }
    [[nodiscard]] std::int64_t end_of(std::size_t activity) const {
        return std::int64_t{timetable_.start[activity]} + mode_of(activity).duration;
    }

    bool check_shape() {
        const std::size_t count = project_.activities.size();
        if (timetable_.start.size() != count || timetable_.mode.size() != count) {
            faults_.push_back("it has " + std::to_string(timetable_.start.size()) + " starts and " +
                              std::to_string(timetable_.mode.size()) + " modes for " + std::to_string(count) +
                              " activities");
            return false;
        }
        for (std::size_t i = 0; i < count; ++i) {
            const auto modes = static_cast<std::int32_t>(project_.activities[i].modes.size());
            if (timetable_.mode[i] < 0 || timetable_.mode[i] >= modes) {
                faults_.push_back(name_of(static_cast<std::int32_t>(i)) + " has no mode " +
                                  std::to_string(timetable_.mode[i]));
            }
            if (timetable_.start[i] < 0) {
                faults_.push_back(name_of(static_cast<std::int32_t>(i)) + " starts before 0");
            }
        }
        return faults_.empty();
    }

    void check_arcs() {
        for (const Arc& arc : project_.arcs) {
            const auto from = static_cast<std::size_t>(arc.from);
            const std::int64_t base = arc.from_end ? end_of(from) : timetable_.start[from];
            const std::int64_t start = timetable_.start[static_cast<std::size_t>(arc.to)];
            if (start >= base + arc.lag) continue;
            faults_.push_back(name_of(arc.to) + " starts at " + std::to_string(start) + ", before " +
                              std::to_string(base + arc.lag) + ", which " + name_of(arc.from) + " wants");
        }
    }

    // What is taken and given back at each moment, in order.
    void check_load(std::size_t resource) {
        std::map<std::int64_t, std::int64_t> changes;
        for (std::size_t i = 0; i < project_.activities.size(); ++i) {
            if (mode_of(i).duration == 0) continue;
            changes[timetable_.start[i]] += mode_of(i).demand[resource];
            changes[end_of(i)] -= mode_of(i).demand[resource];
        }
        std::int64_t load = 0;
        for (const auto& [at, change] : changes) {
            load += change;
            if (load <= project_.capacity[resource]) continue;
            faults_.push_back("resource " + std::to_string(resource) + " has " +
                              std::to_string(project_.capacity[resource]) + ", and " + std::to_string(load) +
                              " are wanted at " + std::to_string(at));
            return;
        }
    }

    void check_use(std::size_t resource) {
        std::int64_t used = 0;
        for (std::size_t i = 0; i < project_.activities.size(); ++i) used += mode_of(i).use[resource];
        if (used <= project_.stock[resource]) return;
        faults_.push_back("of non-renewable resource " + std::to_string(resource) + " there are " +
                          std::to_string(project_.stock[resource]) + ", and " + std::to_string(used) +
                          " are used");
    }

    void check_makespan() {
        std::int64_t latest = 0;
        for (std::size_t i = 0; i < project_.activities.size(); ++i) latest = std::max(latest, end_of(i));
        if (latest == timetable_.makespan) return;
        faults_.push_back("it says that it ends at " + std::to_string(timetable_.makespan) +
                          ", and ends at " + std::to_string(latest));
    }

    const Project& project_;
    const Timetable& timetable_;
    std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> check_timetable(const Project& project, const Timetable& timetable) {
    return Check(project, timetable).run();
}

}  // namespace ararat::planning::scheduler
