#include "planning/scheduler/forecast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "unit/scheduler_forecast/small_programme.h"

namespace ararat::planning::scheduler {
namespace {

constexpr std::int32_t kMany = 40'000;

// Half the width that holds a share of `count` draws but in four cases of a hundred thousand.
double share_tolerance(double share, std::int32_t count) {
    return 4.1 * std::sqrt(share * (1 - share) / count);
}

// The forecast's percentile lies, in the true distribution, where the percentile of so many draws may lie.
void expect_share_up_to(double truth, double percent, std::int32_t count) {
    // 1e-3: minutes are whole, and tables linear between their steps.
    EXPECT_NEAR(truth, percent / 100, share_tolerance(percent / 100, count) + 1e-3);
}

double normal_share(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

TEST(Forecast, WithoutUncertaintyTheScheduleIsWhatHappens) {
    SmallProgramme b;
    const std::int32_t team = b.resource(2);
    const JobIndex a = b.job(0, 100);
    const JobIndex c = b.job(0, 200);
    const JobIndex d = b.job(150, 100);
    const JobIndex e = b.job(200, 50);
    b.needs(a, team, 1);
    b.needs(c, team, 1);
    b.needs(d, team, 1);
    b.needs(e, team, 1);
    b.after(a, d, 30);
    b.at(e).due = 249;
    b.at(d).due = 250;
    const Forecast found = b.forecast_of(10);
    EXPECT_EQ(found.finishes, std::vector<Minute>(10, 250));
    ASSERT_EQ(found.dues.size(), 2U);
    EXPECT_EQ(found.dues[0].missed, 0);
    EXPECT_EQ(found.dues[1].missed, 1);
    ASSERT_EQ(found.histogram.size(), 1U);
    EXPECT_EQ(found.histogram[0].executions, 10);
}

TEST(Forecast, OneJobHasTheQuantilesOfItsDistribution) {
    SmallProgramme b;
    b.spread(b.job(0, 10'000), lognormal(1.1, 1.6));
    const Forecast found = b.forecast_of(kMany);
    const double sigma = std::log(1.6 / 1.1) / 1.2815515655;
    for (const Percentile& p : found.finish)
        expect_share_up_to(normal_share(std::log(p.minute / 11'000.0) / sigma), p.percent, kMany);
}

TEST(Forecast, ATriangularJobHasTheQuantilesOfItsDistribution) {
    SmallProgramme b;
    b.spread(b.job(0, 10'000), triangular(0.5, 1, 3));
    const Forecast found = b.forecast_of(kMany);
    for (const Percentile& p : found.finish) {
        const double above = 3 - p.minute / 10'000.0;
        expect_share_up_to(1 - above * above / (2.5 * 2), p.percent, kMany);
    }
}

// The sum of three equal triangular durations on [0, 1] with its mode in the middle: each is the sum of two
// uniform ones, so that the whole is Irwin and Hall's of six.
TEST(Forecast, AChainHasTheQuantilesOfTheSum) {
    SmallProgramme b;
    JobIndex last = kNone;
    for (int i = 0; i < 3; ++i) {
        const JobIndex next = b.job(10'000 * i, 10'000);
        b.spread(next, triangular(0, 1, 2));
        if (last != kNone) b.after(last, next);
        last = next;
    }
    b.let_start_early();
    const Forecast found = b.forecast_of(kMany);
    for (const Percentile& p : found.finish) {
        const double x = p.minute / 10'000.0;
        double share = 0;
        for (int k = 0; k <= static_cast<int>(x); ++k) {
            constexpr double kChoose[] = {1, 6, 15, 20, 15, 6, 1};
            share += (k % 2 == 0 ? 1 : -1) * kChoose[k] * std::pow(x - k, 6) / 720;
        }
        expect_share_up_to(share, p.percent, kMany);
    }
}

// Of two equal jobs at once the later one counts: its distribution is the square. Each drives in half.
TEST(Forecast, TheLaterOfTwoDrives) {
    SmallProgramme b;
    for (int i = 0; i < 2; ++i) b.spread(b.job(0, 10'000), triangular(0, 0, 2));
    b.input.wave_of = {0, 1};
    const Forecast found = b.forecast_of(kMany);
    for (const Percentile& p : found.finish) {
        const double above = 1 - p.minute / 20'000.0;
        expect_share_up_to(std::pow(1 - above * above, 2), p.percent, kMany);
    }
    ASSERT_EQ(found.waves.size(), 2U);
    EXPECT_NEAR(found.waves[0].drives, 0.5, share_tolerance(0.5, kMany));
    EXPECT_NEAR(found.waves[0].drives + found.waves[1].drives, 1, 1e-3);  // both, where they end at once
    const double above = 1 - found.waves[1].finish[1].minute / 20'000.0;
    expect_share_up_to(1 - above * above, 80, kMany);
}

// Lateness is handed on by a team that is short, though nothing precedes anything.
TEST(Forecast, WhoHoldsTheTeamDrivesWhoWaitsForIt) {
    SmallProgramme b;
    const std::int32_t team = b.resource(1);
    const JobIndex first = b.job(0, 100);
    const JobIndex second = b.job(100, 100);
    const JobIndex aside = b.job(0, 50);
    b.needs(first, team, 1);
    b.needs(second, team, 1);
    DurationSpread late;
    late.measured = {1.5};
    late.prior_weight = 0;
    b.spread(first, late);
    const Forecast found = b.forecast_of(5);
    EXPECT_EQ(found.finishes, std::vector<Minute>(5, 250));
    EXPECT_EQ(found.drives, (std::vector<double>{1, 1, 0}));
    EXPECT_EQ(found.drives[static_cast<std::size_t>(aside)], 0);
}

TEST(Forecast, AHeldJobDoesNotBeginBeforeItsPlannedStart) {
    SmallProgramme b;
    const JobIndex first = b.job(0, 100);
    const JobIndex second = b.job(100, 100);
    b.after(first, second);
    DurationSpread early;
    early.measured = {0.5};
    early.prior_weight = 0;
    b.spread(first, early);
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 200);
    b.let_start_early();
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 150);
    b.at(second).release = 70;
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 170);
}

// A cutover of an hour, ready some time after the planned 0, in windows of two hours a day: it ends an hour
// after the beginning of a window, or within it.
TEST(Forecast, WindowsQuantiseTheFinish) {
    SmallProgramme b;
    const JobIndex seed = b.job(0, 1'000);
    const JobIndex cutover = b.cutover(1'440, 60, b.windows(0, 120, 1'440, 100));
    b.after(seed, cutover);
    b.spread(seed, triangular(1, 1, 3));
    const Forecast found = b.forecast_of(kMany);
    for (const Minute finish : found.finishes) {
        EXPECT_GE(finish % 1'440, 60);
        EXPECT_LE(finish % 1'440, 120);
    }
    EXPECT_EQ(found.backed_out, 0);
    // Ready by the last minute at which an hour fits, 1,500: the seed took 1.5 times its plan or less.
    const double in_time = 1 - std::pow((3 - 1.5) / 2, 2);
    EXPECT_NEAR(found.done_by(1'560), in_time, share_tolerance(in_time, kMany) + 1e-3);
    const double next = 1 - std::pow((3 - 2.94) / 2, 2);
    EXPECT_NEAR(found.done_by(2'880 + 120), next, share_tolerance(next, kMany) + 1e-4);
}

TEST(Forecast, WhatOverrunsItsWindowIsBackedOutIfItIsACutoverElseGoesOn) {
    SmallProgramme b;
    const std::int32_t nights = b.windows(0, 120, 1'440, 10);
    const JobIndex cutover = b.cutover(0, 100, nights);
    DurationSpread twofold;
    twofold.measured = {1.0, 2.0};  // each as likely as the other, and all between
    twofold.prior_weight = 0;
    b.spread(cutover, twofold);
    const Forecast repeated = b.forecast_of(kMany);
    // Hazen's line from a quarter to three quarters reaches the window's end at 1.2: 35% fit.
    EXPECT_NEAR(repeated.done_by(120), 0.35, share_tolerance(0.35, kMany) + 0.01);
    EXPECT_NEAR(repeated.done_by(1'560), 1 - 0.65 * 0.65, share_tolerance(0.6, kMany) + 0.01);
    EXPECT_GT(repeated.backed_out, 1);

    b.at(cutover).kind = JobKind::kTask;
    const Forecast goes_on = b.forecast_of(kMany);
    EXPECT_EQ(goes_on.backed_out, 0);
    EXPECT_EQ(goes_on.finishes.back(), 1'440 + 80);
    EXPECT_NEAR(goes_on.done_by(120), 0.35, share_tolerance(0.35, kMany) + 0.01);
}

TEST(Forecast, ABackedOutCutoverIsRepeatedInItsNextWindow) {
    SmallProgramme b;
    const JobIndex cutover = b.cutover(0, 60, b.windows(0, 240, 1'440, 30));
    b.chance_of_back_out(cutover, 0.25);
    const Forecast found = b.forecast_of(kMany);
    EXPECT_NEAR(found.done_by(60), 0.75, share_tolerance(0.75, kMany));
    EXPECT_NEAR(found.done_by(1'500), 1 - 0.0625, share_tolerance(0.0625, kMany));
    EXPECT_EQ(found.done_by(1'499), found.done_by(60));
    EXPECT_NEAR(found.backed_out, 1.0 / 3, 0.02);
    b.input.repeat_after = 2 * 1'440;
    EXPECT_EQ(b.forecast_of(kMany).done_by(2 * 1'440), found.done_by(60));
}

TEST(Forecast, WithoutAWindowLeftAProgrammeIsNeverDone) {
    SmallProgramme b;
    const JobIndex cutover = b.cutover(0, 60, b.windows(0, 120, 1'440, 2));
    const JobIndex after = b.job(60, 10);
    b.after(cutover, after);
    b.at(after).due = 100'000;
    b.chance_of_back_out(cutover, 0.5);
    const Forecast found = b.forecast_of(kMany);
    EXPECT_NEAR(found.never_done, 0.25, share_tolerance(0.25, kMany));
    EXPECT_EQ(found.dues[0].missed, found.never_done);
    EXPECT_EQ(found.finish_at(80), kNoMinute);
    EXPECT_EQ(found.finish_at(50), 70);
}

// A service has an hour left in each month of ten days. Two cutovers of forty minutes each are planned one a
// month; the first slips to the second's month, of which the second then takes what is left of it first.
TEST(Forecast, BudgetsPushACutoverToTheNextMonth) {
    constexpr Minute kMonth = 14'400;
    SmallProgramme b;
    b.programme.month_starts = {0, kMonth, 2 * kMonth};
    b.budget({60, 60, 60});
    const std::int32_t nights = b.windows(0, 240, 1'440, 30);
    const JobIndex seed = b.job(0, 9 * 1'440);
    const JobIndex slips = b.cutover(9 * 1'440, 40, nights);
    const JobIndex other = b.cutover(kMonth, 40, nights);
    b.outage(slips, 0, 0, 40);
    b.outage(other, 0, 0, 40);
    b.after(seed, slips);
    EXPECT_EQ(b.forecast_of(1).finishes.front(), kMonth + 40);
    DurationSpread late;
    late.measured = {1.2};
    late.prior_weight = 0;
    b.spread(seed, late);
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 2 * kMonth + 40);
    b.programme.budgets[0].left[1] = 80;
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 11 * 1'440 + 40);
}

TEST(Forecast, ABudgetIsChargedWhatWasTakenAndOverdrawingIsTold) {
    SmallProgramme b;
    b.programme.month_starts = {0, 10'000};
    b.budget({50, 50});
    const JobIndex cutover = b.job(0, 40, JobKind::kCutover);
    b.outage(cutover, 0, 0, 40);
    b.spread(cutover, triangular(1, 1, 1.5));
    const Forecast found = b.forecast_of(kMany);
    ASSERT_EQ(found.budgets.size(), 1U);
    // More than 50 of 40 minutes, from 50.5 on: (1.5 - 50.5/40)^2 / 0.25.
    const double over = std::pow(1.5 - 50.5 / 40, 2) / 0.25;
    EXPECT_NEAR(found.budgets[0].overdrawn, over, share_tolerance(over, kMany) + 2e-3);
}

TEST(Forecast, AStockDeliveredLateDelays) {
    SmallProgramme b;
    b.programme.stocks = {{10, {{1'000, 10}}}};
    const JobIndex first = b.job(0, 100);
    const JobIndex second = b.job(1'000, 100);
    b.takes(first, 0, -10, 0);
    b.takes(second, 0, -10, 0);
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 1'100);
    LateArrival late;
    late.delay = 500;
    late.deliveries = {{0, 0}};
    b.input.arrivals = {late};
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 1'600);
    // What the first gives back comes before the delivery.
    b.programme.stock_changes[0].at_end = 10;
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 1'100);
}

TEST(Forecast, ALinkThatArrivesLateHoldsUpWhoNeedsIt) {
    SmallProgramme b;
    b.programme.resources = {{{{0, 1}, {1'000, 3}, {5'000, 4}}}};
    const JobIndex wide = b.job(1'000, 100);
    const JobIndex narrow = b.job(1'010, 100);
    b.needs(wide, 0, 2);
    b.needs(narrow, 0, 1);
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 1'110);
    LateArrival late;
    late.delay = 2'000;
    late.spread = triangular(0.5, 0.5, 1.5);
    late.steps = {{0, 1}};
    b.input.arrivals = {late};
    const Forecast found = b.forecast_of(kMany);
    EXPECT_GE(found.finishes.front(), 2'100);
    const double by = 1 - std::pow(1.5 - 1.0, 2);
    EXPECT_NEAR(found.done_by(3'100), by, share_tolerance(by, kMany) + 2e-3);
    // Who waits for the wider link keeps nobody from the narrow one.
    b.at(narrow).due = 1'110;
    EXPECT_EQ(b.forecast_of(100).dues[0].missed, 0);
}

TEST(Forecast, AnApprovalHoldsUpAllItsJobsTogether) {
    SmallProgramme b;
    for (int i = 0; i < 2; ++i) {
        const JobIndex job = b.job(100, 50);
        b.at(job).release = 100;
        b.at(job).due = 250;
    }
    LateArrival late;
    late.delay = 200;
    late.spread = triangular(0, 0, 1);
    late.jobs = {0, 1};
    b.input.arrivals = {late};
    const Forecast found = b.forecast_of(kMany);
    EXPECT_EQ(found.dues[0].missed, found.dues[1].missed);
    EXPECT_EQ(found.dues[0].missed, 1 - found.done_by(250));
    EXPECT_NEAR(found.dues[0].missed, 0.25, share_tolerance(0.25, kMany) + 5e-3);
}

// The team's evening is free for the other, as the one before it in the plan has slipped to the next.
TEST(Forecast, WhoSlipsToALaterWindowGivesUpHisPlace) {
    SmallProgramme b;
    const std::int32_t team = b.resource(1);
    const std::int32_t weekends = b.windows(0, 200, 10'000, 10);
    const JobIndex seed = b.job(0, 100);
    const JobIndex slips = b.cutover(10'000, 150, weekends);
    const JobIndex other = b.cutover(10'150, 40, weekends);
    b.needs(slips, team, 1);
    b.needs(other, team, 1);
    b.after(seed, slips);
    b.at(other).due = 10'190;
    DurationSpread late;
    late.measured = {101};
    late.prior_weight = 0;
    b.spread(seed, late);
    const Forecast found = b.forecast_of(1);
    EXPECT_EQ(found.finishes.front(), 20'150);
    EXPECT_EQ(found.dues[0].missed, 0);
}

// Two of the three are let go at 200 and go to who waits for them; the third is nobody's until then.
TEST(Forecast, WhoWaitsHoldsOnlyWhatHeWillTakeOver) {
    SmallProgramme b;
    const std::int32_t team = b.resource(3);
    const JobIndex late = b.job(0, 100);
    const JobIndex waits = b.job(100, 100);
    const JobIndex small = b.job(110, 50);
    b.needs(late, team, 2);
    b.needs(waits, team, 2);
    b.needs(small, team, 1);
    b.at(waits).due = 300;
    b.at(small).due = 160;
    DurationSpread twice;
    twice.measured = {2};
    twice.prior_weight = 0;
    b.spread(late, twice);
    const Forecast found = b.forecast_of(1);
    EXPECT_EQ(found.finishes.front(), 300);
    EXPECT_EQ(found.dues[0].missed, 0);
    EXPECT_EQ(found.dues[1].missed, 0);
    // A larger one that comes after it has to wait for it too.
    b.programme.demands.back().amount = 2;
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 350);
}

TEST(Forecast, ThoseKeptApartNeverRunAtOnceNorInOneWindow) {
    SmallProgramme b;
    const std::int32_t weekends = b.windows(0, 200, 10'000, 10);
    const JobIndex a = b.cutover(0, 50, weekends);
    const JobIndex c = b.cutover(60, 50, weekends);
    DurationSpread late;
    late.measured = {2};
    late.prior_weight = 0;
    b.spread(a, late);
    b.programme.apart = {{a, c, true, false, false, 0}};
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 150);
    b.programme.apart[0].same_window_too = true;
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 10'050);
    // Another owner's window is the same where the two overlap, though the jobs do not; without a calendar it
    // is none.
    b.way(a).calendar = b.windows(0, 120, 10'000, 10);
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 10'050);
    b.way(a).calendar = kNone;
    EXPECT_EQ(b.forecast_of(1).finishes.front(), 150);
}

TEST(Forecast, ABrokenMaximumLagIsCounted) {
    SmallProgramme b;
    const JobIndex seed = b.job(0, 100);
    const JobIndex other = b.job(0, 100);
    const JobIndex cutover = b.job(100, 10);
    b.after(seed, cutover);
    b.after(other, cutover);
    b.programme.lags.push_back({cutover, seed, -150, false, 0});  // stale 150 minutes after the seed began
    b.spread(other, triangular(1, 1, 2));
    const Forecast found = b.forecast_of(kMany);
    ASSERT_EQ(found.maximum_lags.size(), 1U);
    EXPECT_EQ(found.maximum_lags[0].lag, 2);
    EXPECT_NEAR(found.maximum_lags[0].broken, 0.25, share_tolerance(0.25, kMany) + 0.01);
}

TEST(Forecast, DoneJobsTookWhatTheyTook) {
    SmallProgramme b;
    const JobIndex first = b.job(0, 100);
    const JobIndex second = b.job(100, 100);
    b.after(first, second);
    b.spread(first, triangular(1, 1, 3));
    b.input.progress.now = 170;
    b.input.progress.started = {{first, 10, 160}};
    EXPECT_EQ(b.forecast_of(3).finishes, std::vector<Minute>(3, 270));
}

// P(D > 150 + t | D > 150) of a triangular duration with its mode at the low end is a square again.
TEST(Forecast, ARunningJobIsNoneOfThoseThatWouldBeOver) {
    SmallProgramme b;
    b.spread(b.job(0, 10'000), triangular(0, 0, 2));
    b.input.progress.now = 15'000;
    b.input.progress.started = {{0, 0}};
    const Forecast found = b.forecast_of(kMany);
    EXPECT_GE(found.finishes.front(), 15'000);
    for (const Percentile& p : found.finish) {
        const double above = (20'000.0 - p.minute) / 5'000;
        expect_share_up_to(1 - above * above, p.percent, kMany);
    }
    // Planned anew while it ran: what it takes is still spread around its first plan.
    b.way(0).duration = 16'000;
    b.input.progress.started[0].planned_duration = 10'000;
    EXPECT_EQ(b.forecast_of(kMany).finishes, found.finishes);
    // It has run longer than ever thought possible: at the soonest it ends now.
    b.input.progress.now = 25'000;
    EXPECT_EQ(b.forecast_of(10).finishes, std::vector<Minute>(10, 25'000));
}

// Ten of twenty equal jobs are done, each in nearly what was planned.
TEST(Forecast, MeasuredDurationsNarrowIt) {
    SmallProgramme b;
    JobIndex last = kNone;
    for (int i = 0; i < 20; ++i) {
        const JobIndex next = b.job(100 * i, 100);
        if (last != kNone) b.after(last, next);
        last = next;
    }
    b.input.spreads = {triangular(0.5, 1, 3)};
    b.input.spread_of.assign(20, 0);
    b.let_start_early();
    b.input.progress.now = 1'010;
    for (int i = 0; i < 10; ++i) b.input.progress.started.push_back({i, 100 * i, 100 * i + 98 + i % 5});
    const auto width = [](const Forecast& found) { return found.finish_at(90) - found.finish_at(10); };
    const Forecast before = b.forecast_of(kMany);
    take_in_measured(b.input, b.programme, b.times);
    EXPECT_EQ(b.input.spreads[0].measured.size(), 10U);
    const Forecast after = b.forecast_of(kMany);
    EXPECT_LT(width(after), width(before));
    EXPECT_LT(std::abs(after.finish_at(50) - 2'000), std::abs(before.finish_at(50) - 2'000));
}

// With a common factor the spread of a long chain does not average out; what is done tells where it lies.
TEST(Forecast, ASlowProgrammeIsSlowAsAWhole) {
    SmallProgramme b;
    JobIndex last = kNone;
    for (int i = 0; i < 40; ++i) {
        const JobIndex next = b.job(1'000 * i, 1'000);
        if (last != kNone) b.after(last, next);
        last = next;
    }
    b.input.spreads = {lognormal(1, 1.05)};
    b.input.spread_of.assign(40, 0);
    b.let_start_early();
    b.input.slowdown_p90 = 1.5;
    const Forecast found = b.forecast_of(kMany);
    EXPECT_NEAR(found.finish_at(50), 40'000, 800);
    EXPECT_NEAR(found.finish_at(90), 60'000, 1'500);
    // Ten took 1.3 times what was planned.
    b.input.progress.now = 13'000;
    for (int i = 0; i < 10; ++i) b.input.progress.started.push_back({i, 1'300 * i, 1'300 * (i + 1)});
    const Forecast told = b.forecast_of(kMany);
    EXPECT_NEAR(told.finish_at(50), 40 * 1'300, 700);
    EXPECT_LT(told.finish_at(90) - told.finish_at(50), 1'500);
}

TEST(Forecast, DependsOnTheSeedAndNotOnThreads) {
    SmallProgramme b;
    const std::int32_t team = b.resource(2);
    const std::int32_t nights = b.windows(0, 300, 1'440, 60);
    for (int i = 0; i < 12; ++i) {
        const JobIndex cutover = b.cutover(1'440 * (i / 2), 200, nights);
        b.needs(cutover, team, 1);
        b.at(cutover).due = 1'440 * (i + 2);
        b.spread(cutover, lognormal(1, 1.4));
        b.chance_of_back_out(cutover, 0.1);
    }
    const auto model = prepare_forecast(b.programme, b.times, b.input).value();
    const ForecastOptions options;
    const Forecast whole = summary_of(*model, std::vector{execute(*model, 7, 0, 1'000)}, options);
    const Forecast parts = summary_of(
        *model,
        std::vector{execute(*model, 7, 600, 400), execute(*model, 7, 0, 599), execute(*model, 7, 599, 1)},
        options);
    EXPECT_EQ(whole.finishes, parts.finishes);
    EXPECT_EQ(whole.drives, parts.drives);
    for (std::size_t i = 0; i < whole.dues.size(); ++i) EXPECT_EQ(whole.dues[i].missed, parts.dues[i].missed);
    EXPECT_NE(whole.finishes, b.forecast_of(1'000, 8).finishes);
    EXPECT_EQ(b.forecast_of(1'000, 8).finishes, b.forecast_of(1'000, 8).finishes);
}

TEST(Forecast, HistogramHoldsEveryExecutionThatIsDone) {
    SmallProgramme b;
    b.spread(b.job(0, 1'000), triangular(1, 1, 2));
    const Forecast found = b.forecast_of(1'000);
    std::int32_t sum = 0;
    Minute before = found.finishes.front();
    for (const HistogramBin& bin : found.histogram) {
        EXPECT_EQ(bin.from, before);
        before = bin.to;
        sum += bin.executions;
    }
    EXPECT_EQ(sum, 1'000);
    EXPECT_GT(before, found.finishes.back());
}

TEST(Forecast, WhatDoesNotFitTheProgrammeIsRefused) {
    SmallProgramme b;
    b.job(0, 100);
    const auto refused = [&](const ForecastInput& input) {
        return !forecast(b.programme, b.times, input, {}).ok();
    };
    EXPECT_FALSE(refused({}));
    ForecastInput input;
    input.spread_of = {0};
    EXPECT_TRUE(refused(input));
    input = {};
    input.back_out_chance = {1};
    EXPECT_TRUE(refused(input));
    input = {};
    input.held = {true, true};
    EXPECT_TRUE(refused(input));
    input = {};
    input.progress.started = {{0, 5}};
    EXPECT_TRUE(refused(input));
    input = {};
    input.arrivals.resize(1);
    input.arrivals[0].steps = {{0, 0}};
    EXPECT_TRUE(refused(input));
    input = {};
    input.slowdown_p90 = 0.9;
    EXPECT_TRUE(refused(input));
    ForecastOptions options;
    options.percents = {0};
    EXPECT_FALSE(forecast(b.programme, b.times, {}, options).ok());
    options = {};
    options.executions = 0;
    EXPECT_FALSE(forecast(b.programme, b.times, {}, options).ok());
    EXPECT_FALSE(forecast(b.programme, ProgrammeTimes{}, {}, {}).ok());
}

}  // namespace
}  // namespace ararat::planning::scheduler
