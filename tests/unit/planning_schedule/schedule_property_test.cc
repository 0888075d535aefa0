// Random plans; whatever schedule comes out is held against a checker that shares nothing with the
// scheduler, and must come out the same from the same plan written in another order.
#include <gmock/gmock.h>

#include "planning/schedule.h"
#include "support/random_estate.h"
#include "support/schedule_checker.h"

namespace ararat::planning {
namespace {

using testing::dump;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::random_estate;
using testing::shuffled;
using ::testing::StartsWith;
using testing::utc;
using testing::violations;

const Instant kAsOf = utc(2017, 10, 2, 9);

TEST(ScheduleProperty, WhateverComesOutHolds) {
    int scheduled = 0;
    int refused = 0;
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        const auto estate = random_estate(seed, 3 + seed % 28);
        ScheduleOptions options;
        options.wave_hosts_max = seed % 3 == 0 ? 6 : 0;
        const auto schedule = make_schedule(estate.plan, kAsOf, options);
        if (!schedule.ok()) {
            ++refused;
            EXPECT_THAT(schedule.error().message, StartsWith("plan.yaml:"));
            EXPECT_THAT(schedule.error().message, HasSubstr(": error E0"));
            continue;
        }
        ++scheduled;
        EXPECT_THAT(violations(estate.plan, kAsOf, options, *schedule), IsEmpty()) << "seed " << seed;
    }
    // Both kinds must occur, or the test shows less than it says.
    EXPECT_GT(scheduled, 150);
    EXPECT_GT(refused, 10);
}

TEST(ScheduleProperty, TheOrderOfWritingDoesNotMatter) {
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        const auto estate = random_estate(seed, 3 + seed % 28);
        const auto first = make_schedule(estate.plan, kAsOf);
        for (std::uint32_t order = 1; order <= 3; ++order) {
            const auto other = make_schedule(shuffled(estate.plan, seed * 100 + order), kAsOf);
            ASSERT_EQ(first.ok(), other.ok()) << "seed " << seed;
            if (first.ok()) {
                EXPECT_EQ(dump(*first), dump(*other)) << "seed " << seed;
            }
        }
    }
}

// The checker must be able to fail: each kind of damage to a good schedule is found.
TEST(ScheduleProperty, TheCheckerFindsDamage) {
    testing::EstateBuilder estate;
    estate.calendar("evenings", {0}, 19 * 60, 23 * 60);
    estate.application("a").calendar = "evenings";
    estate.application("b").resources["dba"] = 1;
    estate.application("c").resources["dba"] = 1;
    estate.needs("b", "a");
    estate.plan.resources["dba"] = 1;
    const auto good = make_schedule(estate.plan, kAsOf);
    ASSERT_TRUE(good.ok()) << good.error().message;
    ASSERT_THAT(violations(estate.plan, kAsOf, {}, *good), IsEmpty());
    const auto damaged = [&](const auto& damage) {
        Schedule schedule = *good;
        damage(schedule);
        return violations(estate.plan, kAsOf, {}, schedule);
    };
    const auto shift = [](std::size_t which, Duration by) {
        return [which, by](Schedule& schedule) {
            schedule.placements[which].start += by;
            schedule.placements[which].end += by;
        };
    };
    EXPECT_FALSE(damaged(shift(0, std::chrono::hours(5))).empty());
    EXPECT_FALSE(damaged(shift(1, -std::chrono::hours(10))).empty());
    EXPECT_FALSE(damaged([](Schedule& schedule) { schedule.placements.pop_back(); }).empty());
    EXPECT_FALSE(damaged([](Schedule& schedule) {
                     schedule.placements[0].end = schedule.placements[0].start;
                 }).empty());
    EXPECT_FALSE(damaged([](Schedule& schedule) {
                     std::swap(schedule.waves.front(), schedule.waves.back());
                 }).empty());
}

}  // namespace
}  // namespace ararat::planning
