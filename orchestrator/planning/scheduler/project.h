// A project to schedule, as the solvers see it: activities with modes, time lags, renewable and non-renewable
// resources. What the plan's words mean is known to the builder of it alone; nothing here knows of servers.
// Units: time in whole steps (minutes of a plan, whatever a benchmark's file counts in).
// Source of the model: the resource-constrained project scheduling problem, single- and multi-mode, with
// minimum and maximum time lags (Brucker et al. 1999; Bartusch, Moehring and Radermacher 1988).
// Thread promise: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ararat::planning::scheduler {

using Time = std::int32_t;

struct Mode {
    Time duration = 0;
    std::vector<std::int32_t> demand;  // of each renewable resource, while it runs
    std::vector<std::int32_t> use;     // of each non-renewable resource, once
};

struct Activity {
    std::vector<Mode> modes;  // at least one
};

// start[to] >= start[from] + lag, or, counted from its end, start[to] >= start[from] + duration + lag.
// A negative lag of the first kind from a later to an earlier activity is a maximum time lag.
struct Arc {
    std::int32_t from = 0;
    std::int32_t to = 0;
    Time lag = 0;
    bool from_end = true;
};

struct Project {
    std::vector<Activity> activities;
    std::vector<Arc> arcs;
    std::vector<std::int32_t> capacity;  // of each renewable resource
    std::vector<std::int32_t> stock;     // of each non-renewable resource
};

// One start and one mode for each activity.
struct Timetable {
    std::vector<Time> start;
    std::vector<std::int32_t> mode;
    Time makespan = 0;  // the latest end
};

}  // namespace ararat::planning::scheduler
