// Random plans for property tests: the same seed gives the same plan.
#pragma once

#include <cstdint>

#include "support/estate_builder.h"

namespace ararat::testing {

// Applications with needs (also in circles), uses, pairs, rules, shared hosts, calendars in UTC, data,
// resources, pins and a contract's end. Not every plan has a schedule.
[[nodiscard]] EstateBuilder random_estate(std::uint32_t seed, std::size_t applications);

// The same plan with every list whose order means nothing in another order.
[[nodiscard]] Plan shuffled(Plan plan, std::uint32_t seed);

}  // namespace ararat::testing
