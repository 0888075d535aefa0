// Programmes in the words of a test: each call adds one thing and returns its number; what a test wants
// otherwise it sets in `programme`. Thread promise: one thread at a time.
#pragma once

#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

struct WayWords {
    Minute duration = 0;
    std::int32_t calendar = kNone;
    std::int32_t site = kNone;
    std::int64_t cost = 0;
    std::vector<Demand> demands = {};
    std::vector<StockChange> stock_changes = {};
    std::vector<Outage> outages = {};
};

class ProgrammeInWords {
public:
    explicit ProgrammeInWords(Minute horizon) {
        programme.horizon = horizon;
        programme.month_starts = {0};
    }

    JobIndex job(const WayWords& way) { return job(std::vector<WayWords>{way}); }
    JobIndex job(const std::vector<WayWords>& ways);
    // Of a group of its own kind, whose windows, waves and changes count.
    JobIndex cutover(const WayWords& way);
    Job& at(JobIndex job) { return programme.jobs[static_cast<std::size_t>(job)]; }

    std::int32_t resource(std::int32_t capacity) { return resource({{0, capacity}}); }
    std::int32_t resource(const std::vector<CapacityStep>& steps) {
        return add(programme.resources, {steps});
    }
    std::int32_t calendar(const std::vector<OpenTime>& windows) {
        return add(programme.calendars, {windows});
    }
    std::int32_t stock(std::int32_t level, const std::vector<Delivery>& deliveries = {}) {
        return add(programme.stocks, {level, deliveries});
    }
    std::int32_t service(const std::vector<Minute>& left) { return add(programme.budgets, {left}); }
    std::int32_t after(JobIndex from, JobIndex to, Minute lag = 0) {
        return add(programme.lags, {from, to, lag, true, 0});
    }
    // `to` starts at most so long after `from` has started.
    std::int32_t within(JobIndex from, JobIndex to, Minute most) {
        return add(programme.lags, {to, from, -most, false, 0});
    }
    std::int32_t apart(const Apart& pair) { return add(programme.apart, pair); }

    Programme programme;

private:
    template <typename T>
    static std::int32_t add(std::vector<T>& to, const T& value) {
        to.push_back(value);
        return static_cast<std::int32_t>(to.size()) - 1;
    }
};

// Every job in its first way.
inline ProgrammeTimes starts(const std::vector<Minute>& start) {
    return {start, std::vector<std::int32_t>(start.size(), 0)};
}

}  // namespace ararat::planning::scheduler
