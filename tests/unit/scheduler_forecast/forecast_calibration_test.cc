// Of many programmes that really happen, half should be done by their forecast P50 and four fifths by their
// P80. What really happens is drawn and executed here, minute by minute, by code that shares nothing with the
// forecast but the words of its policy. A finish in windows takes few values, and more than half may be done
// by the P50: so each programme counts against the share that its own forecast says, and the bounds are those
// of the sum of as many independent draws.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "planning/scheduler/dice.h"
#include "unit/scheduler_forecast/small_programme.h"

namespace ararat::planning::scheduler {
namespace {

constexpr Minute kDay = 1'440;

// A normal draw as the sum of twelve uniform ones would be too thin in its tails: Box and Muller.
double normal(Dice& dice) {
    return std::sqrt(-2 * std::log(1 - dice.unit())) * std::cos(2 * 3.14159265358979323846 * dice.unit());
}

struct Trial {
    SmallProgramme plan;
    double sigma = 0;
    double back_out = 0;

    [[nodiscard]] Minute drawn(JobIndex job, Dice& dice) const {
        const Minute planned =
            plan.programme.ways[plan.programme.jobs[static_cast<std::size_t>(job)].ways.first].duration;
        return std::max(1, static_cast<Minute>(planned * std::exp(sigma * normal(dice)) + 0.5));
    }
};

// Groups that are seeded over one link, cut over in nightly windows by one team, each held to its plan.
Trial with_windows(Dice& dice) {
    Trial trial;
    SmallProgramme& b = trial.plan;
    const std::int32_t link = b.resource(1);
    const std::int32_t nights = b.windows(0, 300, kDay, 400);
    trial.sigma = 0.1 + 0.3 * dice.unit();
    trial.back_out = 0.1 * dice.unit();
    const int groups = 2 + static_cast<int>(dice.below(4));
    Minute at = 0;
    b.input.spreads = {lognormal(1, std::exp(trial.sigma * 1.2815515655446004))};
    for (int i = 0; i < groups; ++i) {
        const auto length = static_cast<Minute>(600 + dice.below(2'000));
        const JobIndex seed = b.job(at, length);
        b.needs(seed, link, 1);
        const Minute night = (at + length + kDay - 1) / kDay * kDay;
        const JobIndex cutover = b.cutover(night, static_cast<Minute>(60 + dice.below(120)), nights);
        b.after(seed, cutover);
        at += length + static_cast<Minute>(dice.below(300));
    }
    b.input.spread_of.assign(b.programme.jobs.size(), 0);
    for (const Job& job : b.programme.jobs)
        b.input.back_out_chance.push_back(job.kind == JobKind::kCutover ? trial.back_out : 0);
    return trial;
}

// What happens: the link takes the seeds in their order, as none is ever late but by the one before; a
// cutover begins on the first night from its planned one on by which its seed is done and into which its plan
// fits.
Minute what_happens(const Trial& trial, Dice& dice) {
    const Programme& programme = trial.plan.programme;
    Minute link_free = 0;
    Minute finish = 0;
    for (JobIndex seed = 0; seed < static_cast<JobIndex>(programme.jobs.size()); seed += 2) {
        const auto s = static_cast<std::size_t>(seed);
        link_free = std::max(trial.plan.times.start[s], link_free) + trial.drawn(seed, dice);
        const Minute planned = programme.ways[programme.jobs[s + 1].ways.first].duration;
        Minute at = std::max(trial.plan.times.start[s + 1], link_free);
        for (bool done = false; !done;) {
            while (at % kDay + planned > 300) ++at;
            const Minute night_ends = at / kDay * kDay + 300;
            const Minute over = at + trial.drawn(seed + 1, dice);
            done = over <= night_ends && dice.unit() >= trial.back_out;
            at = done ? over : night_ends;
        }
        finish = std::max(finish, at);
    }
    return finish;
}

struct Calibration {
    double expected = 0;
    double variance = 0;
    int seen = 0;

    void add(double share, bool done) {
        expected += share;
        variance += share * (1 - share);
        seen += done ? 1 : 0;
    }
    // Four standard deviations: five runs in a hundred thousand would fail by chance, and a seed is no
    // chance.
    void expect_calibrated(double forecasters_error) const {
        EXPECT_NEAR(seen, expected, 4 * std::sqrt(variance) + forecasters_error);
    }
};

TEST(ForecastCalibration, ProgrammesInWindowsAreDoneAsOftenAsTheirForecastSays) {
    constexpr int kTrials = 2'000;
    constexpr std::int32_t kExecutions = 1'000;
    Calibration at_p50;
    Calibration at_p80;
    Dice dice(2'024);
    for (int i = 0; i < kTrials; ++i) {
        Trial trial = with_windows(dice);
        const Forecast found = trial.plan.forecast_of(kExecutions, static_cast<std::uint64_t>(i));
        const Minute happened = what_happens(trial, dice);
        const Minute p50 = found.finish_at(50);
        const Minute p80 = found.finish_at(80);
        at_p50.add(found.done_by(p50), happened <= p50);
        at_p80.add(found.done_by(p80), happened <= p80);
    }
    // The forecast's own shares err by 1 / (2 sqrt(executions)) each, independently.
    const double own = 4 * std::sqrt(static_cast<double>(kTrials)) * 0.5 / std::sqrt(double{kExecutions});
    at_p50.expect_calibrated(own);
    at_p80.expect_calibrated(own);
    EXPECT_GE(at_p50.expected, 0.5 * kTrials);
    EXPECT_GE(at_p80.expected, 0.8 * kTrials);
}

// Without windows the finish has no steps, and the shares are a half and four fifths themselves: a random
// network of jobs without resources, whose finish is its longest path.
TEST(ForecastCalibration, NetworksAreDoneByTheirP50InHalfAndByTheirP80InFourFifths) {
    constexpr int kTrials = 2'000;
    constexpr std::int32_t kExecutions = 1'000;
    Calibration at_p50;
    Calibration at_p80;
    Dice dice(77);
    for (int i = 0; i < kTrials; ++i) {
        Trial trial;
        SmallProgramme& b = trial.plan;
        trial.sigma = 0.1 + 0.4 * dice.unit();
        const std::uint32_t count = 3 + dice.below(8);
        for (std::uint32_t k = 0; k < count; ++k) {
            const JobIndex next = b.job(0, static_cast<Minute>(1'000 + dice.below(9'000)));
            std::set<JobIndex> before;
            for (std::uint32_t n = 0; k > 0 && n < 2; ++n)
                before.insert(static_cast<JobIndex>(dice.below(k)));
            for (const JobIndex one : before) {
                b.after(one, next, static_cast<Minute>(dice.below(500)));
                Minute& start = b.times.start[k];
                start = std::max(start, end_of(b.programme, b.times, one) + b.programme.lags.back().lag);
            }
        }
        b.input.spreads = {lognormal(1, std::exp(trial.sigma * 1.2815515655446004))};
        b.input.spread_of.assign(count, 0);
        b.let_start_early();
        const Forecast found = b.forecast_of(kExecutions, static_cast<std::uint64_t>(i));
        std::vector<Minute> ends(count, 0);
        for (std::size_t k = 0; k < count; ++k) {
            Minute start = 0;
            for (const Lag& lag : b.programme.lags)
                if (static_cast<std::size_t>(lag.to) == k)
                    start = std::max(start, ends[static_cast<std::size_t>(lag.from)] + lag.lag);
            ends[k] = start + trial.drawn(static_cast<JobIndex>(k), dice);
        }
        const Minute happened = *std::ranges::max_element(ends);
        at_p50.add(0.5, happened <= found.finish_at(50));
        at_p80.add(0.8, happened <= found.finish_at(80));
    }
    const double own = 4 * std::sqrt(static_cast<double>(kTrials)) * 0.5 / std::sqrt(double{kExecutions});
    at_p50.expect_calibrated(own);
    at_p80.expect_calibrated(own);
}

}  // namespace
}  // namespace ararat::planning::scheduler
