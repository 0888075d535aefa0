// A programme, its schedule and what is uncertain in them, laid out for many executions: jobs in the order in
// which they are executed, everything else in flat arrays with numbers instead of names, nothing left to look
// up. Not for use outside of the forecast. Units: minutes. Thread promise: values; nobody changes a finished
// model.
#pragma once

#include <vector>

#include "planning/scheduler/duration_spread.h"
#include "planning/scheduler/forecast.h"
#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

// Later than anything, with room for lags on either side.
inline constexpr Minute kNever = 1 << 30;

struct ForecastModel {
    // A job's place in the order of execution.
    using Place = std::int32_t;

    struct Predecessor {
        std::int32_t moment = 0;  // twice the predecessor's place, and one more where its end counts
        Minute lag = 0;
    };
    struct Need {
        std::int32_t resource = 0;
        std::int32_t amount = 0;
    };
    struct Other {
        Place place = 0;
        bool time = false;
        bool window = false;
    };
    struct Row {
        JobIndex job = 0;
        Minute turn = 0;      // it is looked at in this order
        Minute earliest = 0;  // it does not start before
        Minute planned = 0;   // duration
        Minute scale = 0;     // ... of which draws are ratios: that of its first plan, where it has begun
        std::int32_t table = kNone;
        std::int32_t calendar = kNone;
        std::uint32_t window = 0;  // where it is planned
        std::int32_t wave = kNone;
        std::int32_t group = kNone;  // part numbers
        Minute due = kNoMinute;
        Minute fixed_start = kNoMinute;
        Minute fixed_end = kNoMinute;
        Minute elapsed = 0;                // of one that runs
        std::uint64_t back_out_below = 0;  // backed out where 32 random bits are less
        bool cutover = false;
        bool special = false;  // has one of the last three
        Slice predecessors;
        Slice successors;
        Slice needs;
        Slice changes;
        Slice outages;
        Slice others;
    };
    struct MaximumLag {
        std::int32_t lag = 0;
        std::int32_t from_moment = 0;
        std::int32_t to_place = 0;
        Minute minutes = 0;
    };
    // A change of a resource's capacity, or of a stock; late with an arrival.
    struct Change {
        Minute at = 0;
        std::int32_t amount = 0;
        std::int32_t arrival = kNone;
    };
    struct Arrival {
        Minute delay = 0;
        std::int32_t table = kNone;
    };
    struct Release {
        Place place = 0;
        std::int32_t arrival = 0;
        Minute release = 0;
    };

    std::vector<Row> rows;
    std::vector<Predecessor> predecessors;
    std::vector<Place> successors;
    std::vector<Need> needs;
    std::vector<StockChange> stock_changes;
    std::vector<Outage> outages;
    std::vector<Other> others;
    std::vector<QuantileTable> tables;

    std::vector<Slice> windows_of;  // by calendar
    std::vector<OpenTime> windows;

    std::vector<Slice> steps_of;  // by resource
    std::vector<CapacityStep> steps;
    std::vector<std::int32_t> late_resources;  // those of which an arrival delays a step
    std::vector<Slice> changes_of;             // by resource: the same as changes; only of late ones
    std::vector<Slice> stock_of;               // by stock: what there is at first, and deliveries
    std::vector<Change> changes;

    std::vector<Minute> budget_left;  // by service and month
    std::vector<Minute> month_starts;
    Minute horizon = 0;

    std::vector<Arrival> arrivals;
    std::vector<Release> releases;
    std::vector<MaximumLag> maximum_lags;

    Minute repeat_after = 0;
    double slowdown_mean = 0;  // of its logarithm
    double slowdown_deviation = 0;

    std::int32_t wave_count = 0;
    std::int32_t part_count = 0;
};

}  // namespace ararat::planning::scheduler
