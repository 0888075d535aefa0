#include "planning/scheduler/programme_binds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "planning/scheduler/programme_check.h"
#include "support/programme_in_words.h"
#include "support/programme_oracle.h"
#include "support/programme_random.h"

namespace ararat::planning::scheduler {
namespace {

using Kind = ConstraintKind;

std::optional<ProgrammeTimes> exactly(const Programme& programme) {
    std::optional<OracleAnswer> answer = best_by_trying(programme);
    if (!answer) return std::nullopt;
    return answer->times;
}

Relief relief_of(const Binding& binding, const Constraint& constraint) {
    const auto found = std::ranges::find(binding.reliefs, constraint, &Relief::constraint);
    if (found != binding.reliefs.end()) return *found;
    ADD_FAILURE() << "no relief of kind " << static_cast<int>(constraint.kind);
    return {};
}

// Three on a team of one, and a link that all three leave half empty.
TEST(WhatBinds, TellsTheTeamThatIsShortFromTheLinkThatIsNot) {
    ProgrammeInWords builder(30);
    const std::int32_t team = builder.resource(1);
    const std::int32_t link = builder.resource(6);
    for (int i = 0; i < 3; ++i) builder.job(WayWords{.duration = 4, .demands = {{team, 1}, {link, 1}}});
    const Binding binding = what_binds(builder.programme, starts({0, 4, 8}), exactly);
    EXPECT_EQ(relief_of(binding, {Kind::kResource, team}).finish_earlier, 4);
    EXPECT_TRUE(relief_of(binding, {Kind::kResource, team}).on_chain);
    EXPECT_EQ(relief_of(binding, {Kind::kResource, link}).finish_earlier, 0);
    EXPECT_FALSE(relief_of(binding, {Kind::kResource, link}).on_chain);
    EXPECT_EQ(binding.reliefs.front().constraint, (Constraint{Kind::kResource, team}));
    ASSERT_EQ(binding.chain.size(), 3U);
    EXPECT_EQ(binding.chain.back().kind, HoldKind::kOrigin);
}

TEST(WhatBinds, SaysWhatTenMinutesOfABudgetAreWorth) {
    ProgrammeInWords builder(60);
    builder.programme.month_starts = {0, 40};
    const std::int32_t portal = builder.service({10, 40});
    for (int i = 0; i < 2; ++i) builder.job(WayWords{.duration = 8, .outages = {{portal, 0, 8}}});
    const ProgrammeTimes times = *exactly(builder.programme);
    // Both run across the month's end, five minutes on this side of it and three on the other.
    EXPECT_EQ(score_of(builder.programme, times).finish, 43);
    const Relief relief = relief_of(what_binds(builder.programme, times, exactly), {Kind::kBudget, portal});
    EXPECT_EQ(relief.units, 10);
    EXPECT_EQ(relief.finish_earlier, 35);
}

TEST(WhatBinds, AddsAWindowWhereTheChainWaits) {
    ProgrammeInWords builder(100);
    const std::int32_t nights = builder.calendar({{0, 8, 8}, {50, 58, 58}, {80, 88, 88}});
    const std::int32_t team = builder.resource(1);
    for (int i = 0; i < 2; ++i)
        builder.job(WayWords{.duration = 5, .calendar = nights, .demands = {{team, 1}}});
    const Relief relief =
        relief_of(what_binds(builder.programme, starts({0, 50}), exactly), {Kind::kCalendar, nights});
    EXPECT_EQ(relief.units, 1);
    EXPECT_GT(relief.window_start, 8);
    EXPECT_LT(relief.window_start, 42);
    EXPECT_EQ(relief.finish_earlier, 50 - relief.window_start);
}

// A day is 1440 minutes: a window like the next one fits two days before it, and no nearer.
TEST(WhatBinds, AWindowMoreIsAtTheSameTimeOfDay) {
    ProgrammeInWords builder(9000);
    const std::int32_t nights = builder.calendar({{100, 400, 300}, {4420, 4720, 4500}});
    Relief relief;
    const std::optional<Programme> more =
        relieved(builder.programme, {Kind::kCalendar, nights}, {}, 4420, relief);
    ASSERT_TRUE(more);
    EXPECT_EQ(relief.window_start, 4420 - 1440);
    EXPECT_EQ(more->calendars[0].windows[1].latest_start, 4500 - 1440);
    EXPECT_THAT(check_programme(*more), testing::IsEmpty());
    builder.programme.calendars[0].windows = {{0, 300, 300}, {302, 600, 600}};
    EXPECT_FALSE(relieved(builder.programme, {Kind::kCalendar, nights}, {}, 302, relief));
}

TEST(WhatBinds, CreditsNothingWithWhatSolvingAgainFinds) {
    ProgrammeInWords builder(40);
    const std::int32_t team = builder.resource(2);
    for (int i = 0; i < 2; ++i) builder.job(WayWords{.duration = 4, .demands = {{team, 1}}});
    const Binding binding = what_binds(builder.programme, starts({10, 20}), exactly);
    EXPECT_EQ(binding.score.finish, 4);
    EXPECT_EQ(relief_of(binding, {Kind::kResource, team}).finish_earlier, 0);
}

TEST(WhatBinds, StopsAfterSoManySolvesAndSaysSo) {
    ProgrammeInWords builder(40);
    for (int i = 0; i < 5; ++i) builder.resource(1);
    builder.job(WayWords{.duration = 4, .demands = {{0, 1}}});
    builder.job(WayWords{.duration = 4, .demands = {{0, 1}}});
    int solves = 0;
    const SolveFunction counted = [&](const Programme& programme) {
        ++solves;
        return exactly(programme);
    };
    const Binding binding = what_binds(builder.programme, starts({0, 4}), counted, {.solves_max = 3});
    EXPECT_EQ(solves, 3);
    EXPECT_EQ(binding.solves, 3);
    EXPECT_FALSE(binding.all_tried);
    EXPECT_EQ(binding.reliefs.size(), 2U);
    EXPECT_EQ(binding.reliefs.front().constraint, (Constraint{Kind::kResource, 0}));
    EXPECT_TRUE(what_binds(builder.programme, starts({0, 4}), counted).all_tried);
}

TEST(WhatBinds, ASolverThatFindsNothingIsWorthNothing) {
    ProgrammeInWords builder(40);
    const std::int32_t team = builder.resource(1);
    for (int i = 0; i < 2; ++i) builder.job(WayWords{.duration = 4, .demands = {{team, 1}}});
    const Binding binding =
        what_binds(builder.programme, starts({0, 4}), [](const Programme&) { return std::nullopt; });
    EXPECT_EQ(binding.score.finish, 8);
    EXPECT_EQ(relief_of(binding, {Kind::kResource, team}).finish_earlier, 0);
}

// With an exact solver the figures are what the best schedules of both programmes say.
TEST(WhatBinds, FiguresAreTrueOfTinyProgrammes) {
    int worth = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        const Programme programme =
            random_programme({.jobs_max = 4, .horizon = 12, .constraints_max = 8}, seed);
        const std::optional<OracleAnswer> best = best_by_trying(programme);
        if (!best) continue;
        const ReliefOptions options{.budget_minutes = 2, .deadline_minutes = 2, .release_minutes = 2};
        const Binding binding = what_binds(programme, best->times, exactly, options);
        EXPECT_EQ(binding.score, best->score);
        for (const Relief& relief : binding.reliefs) {
            EXPECT_LE(relief.score, best->score);
            EXPECT_EQ(relief.finish_earlier, best->score.finish - relief.score.finish);
            if (relief.finish_earlier > 0) ++worth;
            if (relief.constraint.kind == Kind::kCalendar) continue;
            Relief again;
            const std::optional<Programme> more = relieved(programme, relief.constraint, options, 0, again);
            ASSERT_TRUE(more);
            EXPECT_THAT(check_programme(*more), testing::IsEmpty());
            EXPECT_EQ(best_by_trying(*more)->score, relief.score) << "seed " << seed;
        }
    }
    EXPECT_GT(worth, 20);
}

}  // namespace
}  // namespace ararat::planning::scheduler
