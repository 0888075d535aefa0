// A single-mode project made ready for fast passes: activities renumbered so that every arc goes from a lower
// to a higher number, arcs in rows, and the demands of up to four resources packed into one word.
// Units: whole steps of time, divided by the greatest common divisor of all durations and lags.
// Thread promise: immutable once made.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

// Four lanes of 16 bits; the highest bit of each stays free, so that a subtraction shows a lack there.
constexpr std::int32_t kLanes = 4;
constexpr std::int32_t kLaneMost = 0x7fff;
constexpr std::uint64_t kLaneGuards = 0x8000800080008000U;

struct Link {
    std::int32_t to = 0;
    Time lag = 0;  // from the end of one to the start of the other, never negative
};

// Rows of links, one row an activity.
struct LinkRows {
    std::vector<std::int32_t> first;  // count + 1 of them
    std::vector<Link> links;

    [[nodiscard]] const Link* begin(std::int32_t activity) const {
        return links.data() + first[static_cast<std::size_t>(activity)];
    }
    [[nodiscard]] const Link* end(std::int32_t activity) const {
        return links.data() + first[static_cast<std::size_t>(activity) + 1];
    }
};

struct Network {
    std::int32_t count = 0;
    std::int32_t words = 0;  // of packed demand for each activity
    Time unit = 1;           // what one step here is in the project
    Time horizon = 0;        // nothing ends later in a schedule without idle time
    std::vector<Time> duration;
    std::vector<std::uint64_t> demand;    // count x words
    std::vector<std::uint64_t> capacity;  // words
    LinkRows before;                      // predecessors
    LinkRows after;                       // successors
    std::vector<std::int32_t> original;   // number here -> number in the project

    // The same with time running backwards: activity i is count - 1 - i there.
    [[nodiscard]] Network mirrored() const;
};

// Fails for what is another solver's matter: several modes, stocks, maximum lags, overlaps; and for what no
// solver can do: circles, demands above the capacity, a horizon beyond 32 bits.
[[nodiscard]] Result<Network> network_of(const Project& project);

}  // namespace ararat::planning::scheduler
