// Explanations are held against the verifier: a named constraint is lifted and the job moved, start by start.
#include "planning/scheduler/programme_explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "planning/scheduler/programme_check.h"
#include "support/programme_in_words.h"
#include "support/programme_oracle.h"
#include "support/programme_random.h"

namespace ararat::planning::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = ConstraintKind;

ProgrammeTimes moved(ProgrammeTimes times, JobIndex job, Minute start) {
    times.start[static_cast<std::size_t>(job)] = start;
    return times;
}

// The first start before the present one at which the verifier finds nothing; none: the present one.
Minute earliest(const Programme& programme, const ProgrammeTimes& times, JobIndex job) {
    const Minute present = times.start[static_cast<std::size_t>(job)];
    for (Minute start = 0; start < present; ++start)
        if (check_programme_times(programme, moved(times, job, start)).empty()) return start;
    return present;
}

TEST(Explanation, FollowsTheChainToARelease) {
    ProgrammeInWords builder(500);
    const std::int32_t team = builder.resource(1);
    builder.at(builder.job(WayWords{.duration = 10, .demands = {{team, 1}}})).release = 20;
    builder.job(WayWords{.duration = 10, .demands = {{team, 1}}});
    builder.job(WayWords{.duration = 10});
    builder.after(1, 2, 5);
    builder.at(1).release = 15;
    const ProgrammeTimes times = starts({20, 30, 45});
    ASSERT_THAT(check_programme_times(builder.programme, times), IsEmpty());
    const std::vector<WhyStep> steps = Explanation(builder.programme, times).why(2);
    ASSERT_EQ(steps.size(), 3U);
    EXPECT_EQ(steps[0].kind, HoldKind::kAlone);
    ASSERT_EQ(steps[0].by.size(), 1U);
    EXPECT_EQ(steps[0].by[0].constraint, (Constraint{Kind::kLag, 0}));
    EXPECT_EQ(steps[0].by[0].would_start, 0);
    EXPECT_EQ(steps[1].job, 1);
    ASSERT_EQ(steps[1].by.size(), 2U);
    EXPECT_EQ(steps[1].by[1].constraint, (Constraint{Kind::kRelease, 1}));  // before the first it has room
    EXPECT_EQ(steps[1].by[0].constraint, (Constraint{Kind::kResource, team}));
    EXPECT_THAT(steps[1].by[0].blockers, ElementsAre(0));
    EXPECT_EQ(steps[1].by[0].would_start, 15);
    EXPECT_EQ(steps[2].job, 0);
    EXPECT_EQ(steps[2].by[0].constraint, (Constraint{Kind::kRelease, 0}));
    EXPECT_EQ(steps[2].followed, kNone);
}

TEST(Explanation, NamesTheWindowAndWhatMissedTheOneBefore) {
    ProgrammeInWords builder(500);
    const std::int32_t nights = builder.calendar({{0, 50, 50}, {100, 150, 150}});
    builder.job(WayWords{.duration = 45});
    builder.job(WayWords{.duration = 10, .calendar = nights});
    builder.after(0, 1);
    const WhyStep step = Explanation(builder.programme, starts({0, 100})).hold(1);
    EXPECT_EQ(step.kind, HoldKind::kAlone);
    ASSERT_EQ(step.by.size(), 2U);
    EXPECT_EQ(step.by[0].constraint, (Constraint{Kind::kCalendar, nights}));
    EXPECT_EQ(step.by[0].would_start, 45);
    EXPECT_EQ(step.by[1].constraint, (Constraint{Kind::kLag, 0}));
    EXPECT_EQ(step.by[1].would_start, 0);
    EXPECT_EQ(step.by[1].at, 40);
}

TEST(Explanation, SaysWhenOnlyAllTogetherHoldAJob) {
    ProgrammeInWords builder(500);
    const std::int32_t team = builder.resource(1);
    const std::int32_t link = builder.resource(1);
    builder.job(WayWords{.duration = 10, .demands = {{team, 1}, {link, 1}}});
    builder.job(WayWords{.duration = 10, .demands = {{team, 1}, {link, 1}}});
    const WhyStep step = Explanation(builder.programme, starts({0, 10})).hold(1);
    EXPECT_EQ(step.kind, HoldKind::kTogether);
    ASSERT_EQ(step.by.size(), 2U);
    EXPECT_EQ(step.by[0].would_start, 0);
    EXPECT_EQ(step.by[0].releaser, 0);
}

TEST(Explanation, SaysWhenNothingHoldsAJob) {
    ProgrammeInWords builder(500);
    builder.job(WayWords{.duration = 10});
    builder.at(0).release = 3;
    const ProgrammeTimes late = starts({20});
    const Explanation explanation(builder.programme, late);
    EXPECT_EQ(explanation.hold(0).kind, HoldKind::kNothing);
    EXPECT_EQ(explanation.hold(0).free_from, 3);
    EXPECT_EQ(Explanation(builder.programme, starts({0})).hold(0).kind, HoldKind::kOrigin);
    builder.at(0).fixed_start = 20;
    EXPECT_EQ(Explanation(builder.programme, starts({20})).hold(0).kind, HoldKind::kFixed);
}

// Two that must start within no time of each other hold each other; the chain still ends.
TEST(Explanation, EndsWhereJobsHoldEachOther) {
    ProgrammeInWords builder(100);
    builder.job(WayWords{.duration = 5});
    builder.job(WayWords{.duration = 5});
    builder.at(0).release = 7;
    builder.programme.lags.push_back({0, 1, 10, false, 0});
    builder.within(0, 1, 10);
    const std::vector<WhyStep> steps = Explanation(builder.programme, starts({7, 17})).why(1);
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[1].job, 0);
    EXPECT_EQ(steps[1].kind, HoldKind::kTogether);  // its release and the other's staleness
}

TEST(Explanation, TellsAllThatRefusesAStartAndByHowMuch) {
    ProgrammeInWords builder(500);
    const std::int32_t team = builder.resource(2);
    const std::int32_t portal = builder.service({25});
    const std::int32_t kit = builder.stock(1, {{200, 4}});
    for (int i = 0; i < 2; ++i)
        builder.job(WayWords{.duration = 30, .demands = {{team, 1}}, .outages = {{portal, 0, 10}}});
    builder.job(WayWords{.duration = 10, .demands = {{team, 2}}, .stock_changes = {{kit, -3, 3}}});
    builder.at(2).due = 400;
    builder.after(0, 2, 20);
    const WhyNot answer = Explanation(builder.programme, starts({0, 40, 200})).why_not(2, 45);
    ASSERT_EQ(answer.refusals.size(), 3U);
    EXPECT_EQ(answer.refusals[0].constraint, (Constraint{Kind::kResource, team}));
    EXPECT_EQ(answer.refusals[0].until, 70);
    EXPECT_EQ(answer.refusals[0].over, 1);
    EXPECT_THAT(answer.refusals[0].blockers, ElementsAre(1));
    EXPECT_EQ(answer.refusals[1].constraint, (Constraint{Kind::kStock, kit}));
    EXPECT_EQ(answer.refusals[1].until, 200);
    EXPECT_EQ(answer.refusals[1].over, 2);
    EXPECT_EQ(answer.refusals[2].constraint, (Constraint{Kind::kLag, 0}));
    EXPECT_EQ(answer.refusals[2].over, 5);
    EXPECT_THAT(answer.refusals[2].blockers, ElementsAre(0));
    EXPECT_EQ(answer.next, 200);
    const WhyNot late = Explanation(builder.programme, starts({0, 40, 200})).why_not(2, 395);
    ASSERT_EQ(late.refusals.size(), 1U);
    EXPECT_EQ(late.refusals[0].constraint, (Constraint{Kind::kDeadline, 2}));
    EXPECT_EQ(late.refusals[0].until, kNoMinute);
    EXPECT_EQ(late.next, kNoMinute);
}

TEST(Explanation, ABudgetRefusesTheMonthThatOthersHaveUsed) {
    ProgrammeInWords builder(500);
    builder.programme.month_starts = {0, 100};
    const std::int32_t portal = builder.service({20, 20});
    for (int i = 0; i < 2; ++i) builder.job(WayWords{.duration = 15, .outages = {{portal, 0, 15}}});
    // Five minutes before the month ends, five of its fifteen fall into it, which are just left.
    const WhyStep step = Explanation(builder.programme, starts({0, 95})).hold(1);
    ASSERT_EQ(step.by.size(), 1U);
    EXPECT_EQ(step.by[0].constraint, (Constraint{Kind::kBudget, portal}));
    EXPECT_THAT(step.by[0].blockers, ElementsAre(0));
    EXPECT_EQ(step.by[0].releaser, kNone);
}

// Schedules of tiny programmes: the best one, and that with jobs pushed later where the verifier allows it.
std::vector<ProgrammeTimes> some_schedules(const Programme& programme) {
    const std::optional<OracleAnswer> best = best_by_trying(programme);
    if (!best) return {};
    ProgrammeTimes late = best->times;
    for (JobIndex job = static_cast<JobIndex>(programme.jobs.size()) - 1; job >= 0; --job) {
        for (Minute start = programme.horizon; start > late.start[static_cast<std::size_t>(job)]; --start) {
            if (!check_programme_times(programme, moved(late, job, start)).empty()) continue;
            late = moved(late, job, start);
            break;
        }
    }
    return {best->times, late};
}

constexpr TinyProgramme kTiny{.jobs_max = 4, .horizon = 14, .constraints_max = 8};
constexpr std::uint64_t kProgrammes = 500;

Constraint constraint_of(const Programme& programme, const ProgrammeFault& fault, JobIndex job) {
    using Fault = ProgrammeFaultKind;
    switch (fault.kind) {
        case Fault::kRelease: return {Kind::kRelease, job};
        case Fault::kDeadline: return {Kind::kDeadline, job};
        case Fault::kWindow:
        case Fault::kLatestStart: return {Kind::kCalendar, fault.index};
        case Fault::kResource: return {Kind::kResource, fault.index};
        case Fault::kStock: return {Kind::kStock, fault.index};
        case Fault::kLag: return {Kind::kLag, fault.index};
        case Fault::kApartTime:
        case Fault::kApartWindow:
        case Fault::kApartSite: return {Kind::kApart, fault.index};
        case Fault::kBudget: return {Kind::kBudget, fault.index};
        case Fault::kWave: return {Kind::kWave, fault.index};
        case Fault::kFixedStart: return {Kind::kFixed, job};
        case Fault::kHorizon: return {Kind::kHorizon, kNone};
        default: break;
    }
    ADD_FAILURE() << "of " << programme.jobs.size() << " jobs: " << fault.text;
    return {};
}

TEST(StartRefusals, RefuseEveryStartThatTheVerifierRefusesForTheSameReasons) {
    std::set<Kind> seen;
    for (std::uint64_t seed = 1; seed <= kProgrammes; ++seed) {
        const Programme programme = random_programme(kTiny, seed);
        for (const ProgrammeTimes& times : some_schedules(programme)) {
            const StartRefusals refusals(programme, times);
            for (JobIndex job = 0; job < static_cast<JobIndex>(programme.jobs.size()); ++job) {
                const std::vector<RefusedStretch> stretches = refusals.of(job);
                const bool fixed = programme.jobs[static_cast<std::size_t>(job)].fixed_start != kNoMinute;
                for (Minute start = 0; start <= programme.horizon; ++start) {
                    std::set<Constraint> refused;
                    for (const RefusedStretch& stretch : stretches)
                        if (stretch.from <= start && start < stretch.to) refused.insert(stretch.constraint);
                    std::set<Constraint> faulty;
                    for (const auto& fault : check_programme_times(programme, moved(times, job, start)))
                        faulty.insert(constraint_of(programme, fault, job));
                    // What is fixed cannot be moved, whatever else would be wrong with that.
                    if (fixed && !faulty.empty()) faulty = {{Kind::kFixed, job}};
                    ASSERT_EQ(refused, faulty) << "seed " << seed << " job " << job << " at " << start;
                    for (const Constraint& constraint : refused) seen.insert(constraint.kind);
                }
            }
        }
    }
    EXPECT_EQ(seen.size(), 11U);  // every kind took part
}

// Without a calendar there are no windows to share: see the header.
bool shares_windows(const Programme& programme, JobIndex job) {
    return programme.jobs[static_cast<std::size_t>(job)].wave != kNone ||
           std::ranges::any_of(programme.apart, [&](const Apart& pair) {
               return pair.same_window_too && (pair.a == job || pair.b == job);
           });
}

void expect_true(const Programme& programme, const ProgrammeTimes& times, const WhyStep& step) {
    const Minute present = times.start[static_cast<std::size_t>(step.job)];
    if (step.kind == HoldKind::kFixed) return;
    const Minute as_it_is = earliest(programme, times, step.job);
    EXPECT_EQ(as_it_is, step.kind == HoldKind::kNothing ? step.free_from : present);
    if (step.kind == HoldKind::kNothing) return;
    for (const Constraint& constraint : constraints_of(programme)) {
        if (constraint.kind == Kind::kCalendar && shares_windows(programme, step.job)) continue;
        const Minute reached = earliest(without(programme, {{constraint}}), times, step.job);
        const auto named = std::ranges::find(step.by, constraint, &HeldBy::constraint);
        const bool alone = step.kind == HoldKind::kAlone && named != step.by.end();
        EXPECT_EQ(reached, alone ? named->would_start : present)
            << "kind " << static_cast<int>(constraint.kind) << " index " << constraint.index;
    }
    if (step.kind != HoldKind::kTogether) return;
    std::vector<Constraint> all;
    for (const HeldBy& held : step.by) all.push_back(held.constraint);
    if (shares_windows(programme, step.job)) return;
    EXPECT_EQ(earliest(without(programme, all), times, step.job), step.by.front().would_start);
}

TEST(Explanation, IsTrueOfEveryJob) {
    std::set<HoldKind> kinds;
    std::set<Kind> named;
    for (std::uint64_t seed = 1; seed <= kProgrammes; ++seed) {
        SCOPED_TRACE(seed);
        const Programme programme = random_programme(kTiny, seed);
        for (const ProgrammeTimes& times : some_schedules(programme)) {
            const Explanation explanation(programme, times);
            for (JobIndex job = 0; job < static_cast<JobIndex>(programme.jobs.size()); ++job) {
                const WhyStep step = explanation.hold(job);
                expect_true(programme, times, step);
                kinds.insert(step.kind);
                for (const HeldBy& held : step.by) named.insert(held.constraint.kind);
                const std::vector<WhyStep> chain = explanation.why(job);
                EXPECT_LE(chain.size(), programme.jobs.size());
                EXPECT_EQ(chain.back().followed, kNone);
            }
        }
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_EQ(kinds.size(), 5U);
    for (const Kind kind : {Kind::kRelease, Kind::kCalendar, Kind::kResource, Kind::kStock, Kind::kBudget,
                            Kind::kLag, Kind::kApart, Kind::kWave})
        EXPECT_TRUE(named.contains(kind)) << static_cast<int>(kind);
}

TEST(Explanation, SaysOfEveryStartFromWhenOnItIsFree) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const Programme programme = random_programme(kTiny, seed);
        for (const ProgrammeTimes& times : some_schedules(programme)) {
            const Explanation explanation(programme, times);
            for (Minute start = programme.horizon; start >= 0; start -= 3) {
                const WhyNot answer = explanation.why_not(0, start);
                Minute next = start;
                while (next <= programme.horizon &&
                       !check_programme_times(programme, moved(times, 0, next)).empty())
                    ++next;
                EXPECT_EQ(answer.next, next > programme.horizon ? kNoMinute : next);
                EXPECT_EQ(answer.refusals.empty(), answer.next == start);
                for (const StartRefusal& refusal : answer.refusals) {
                    EXPECT_TRUE(refusal.until == kNoMinute || refusal.until > start);
                    EXPECT_THAT(refusal.blockers, testing::Not(testing::Contains(0)));
                }
            }
        }
    }
}

}  // namespace
}  // namespace ararat::planning::scheduler
