// Conflicts are planted and found exactly; on tiny programmes the oracle says of every set that is found that
// it has no schedule, and of every set with one constraint less that it has one.
#include "planning/scheduler/programme_conflict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "planning/scheduler/programme_bounds.h"
#include "planning/scheduler/programme_check.h"
#include "support/programme_in_words.h"
#include "support/programme_oracle.h"
#include "support/programme_random.h"

namespace ararat::planning::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Kind = ConstraintKind;

Feasibility exactly(const Programme& programme) {
    return best_by_trying(programme) ? Feasibility::kFeasible : Feasibility::kProvedInfeasible;
}

// Where a proof without search must do.
Feasibility assumed(const Programme&) { return Feasibility::kFeasible; }

TEST(Conflict, AProgrammeThatHasAScheduleHasNone) {
    ProgrammeInWords builder(20);
    builder.job(WayWords{.duration = 5});
    const Conflict conflict = find_conflict(builder.programme, exactly);
    EXPECT_EQ(conflict.standing, ConflictStanding::kFeasible);
    EXPECT_THAT(conflict.constraints, IsEmpty());
    EXPECT_EQ(find_conflict(Programme{}, exactly).standing, ConflictStanding::kFeasible);
}

// A circle of three among a hundred jobs in a chain, with a second way round that is wide enough.
TEST(Conflict, FindsACircleOfLagsAndNothingElse) {
    ProgrammeInWords builder(10000);
    for (int i = 0; i < 100; ++i) builder.job(WayWords{.duration = 10});
    for (JobIndex i = 0; i + 1 < 100; ++i) builder.after(i, i + 1);
    builder.within(40, 45, 50);                             // just enough
    const std::int32_t stale = builder.within(60, 63, 29);  // one minute short
    builder.at(99).due = 5000;
    const Conflict conflict = find_conflict(builder.programme, assumed);
    EXPECT_EQ(conflict.standing, ConflictStanding::kProved);
    EXPECT_TRUE(conflict.minimal);
    EXPECT_THAT(conflict.constraints, ElementsAre(Constraint{Kind::kLag, 60}, Constraint{Kind::kLag, 61},
                                                  Constraint{Kind::kLag, 62}, Constraint{Kind::kLag, stale}));
    EXPECT_EQ(conflict.proof.kind, ProofKind::kLagCycle);
    EXPECT_THAT(conflict.proof.jobs, UnorderedElementsAre(60, 61, 62, 63));
}

TEST(Conflict, AWayThatIsShortEnoughMakesNoCircle) {
    ProgrammeInWords builder(100);
    builder.job(std::vector<WayWords>{{.duration = 10}, {.duration = 4}});
    builder.job(WayWords{.duration = 1});
    builder.after(0, 1);
    builder.within(0, 1, 5);
    EXPECT_EQ(find_conflict(builder.programme, exactly).standing, ConflictStanding::kFeasible);
    builder.at(0).fixed_way = 0;
    EXPECT_THAT(
        find_conflict(builder.programme, exactly).constraints,
        ElementsAre(Constraint{Kind::kLag, 0}, Constraint{Kind::kLag, 1}, Constraint{Kind::kFixed, 0}));
}

TEST(Conflict, FindsTheDeadlineAndTheChainBeforeIt) {
    ProgrammeInWords builder(1000);
    for (int i = 0; i < 6; ++i) builder.job(WayWords{.duration = 10});
    builder.after(0, 1);
    builder.after(1, 2, 5);
    builder.after(3, 2);
    builder.after(2, 4);
    builder.at(0).release = 100;
    builder.at(3).release = 90;
    builder.at(2).due = 134;
    builder.at(4).due = 900;
    const Conflict conflict = find_conflict(builder.programme, assumed);
    EXPECT_EQ(conflict.standing, ConflictStanding::kProved);
    EXPECT_TRUE(conflict.minimal);
    EXPECT_THAT(conflict.constraints,
                ElementsAre(Constraint{Kind::kRelease, 0}, Constraint{Kind::kDeadline, 2},
                            Constraint{Kind::kLag, 0}, Constraint{Kind::kLag, 1}));
    EXPECT_EQ(conflict.proof.kind, ProofKind::kTimes);
    EXPECT_EQ(conflict.proof.job, 2);
    EXPECT_THAT(conflict.proof.jobs, ElementsAre(2, 1, 0));
}

// The release stands in the chain, but the chain is too long from the origin too.
TEST(Conflict, LeavesOutAReleaseThatIsNotNeeded) {
    ProgrammeInWords builder(1000);
    for (int i = 0; i < 2; ++i) builder.job(WayWords{.duration = 10});
    builder.after(0, 1);
    builder.at(0).release = 3;
    builder.at(1).due = 15;
    EXPECT_THAT(find_conflict(builder.programme, assumed).constraints,
                ElementsAre(Constraint{Kind::kDeadline, 1}, Constraint{Kind::kLag, 0}));
}

TEST(Conflict, CountsTheWaitForAWindow) {
    ProgrammeInWords builder(1000);
    const std::int32_t nights = builder.calendar({{0, 20, 20}, {300, 320, 320}});
    builder.job(WayWords{.duration = 15});
    builder.job(WayWords{.duration = 10, .calendar = nights});
    builder.after(0, 1);
    builder.at(1).due = 200;
    EXPECT_THAT(find_conflict(builder.programme, assumed).constraints,
                ElementsAre(Constraint{Kind::kDeadline, 1}, Constraint{Kind::kCalendar, nights},
                            Constraint{Kind::kLag, 0}));
}

// Three must lie in 100 ... 130 and ask 40 of the 30 there are; others ask too, and have time.
TEST(Conflict, FindsTheIntervalThatIsTooFull) {
    ProgrammeInWords builder(1000);
    const std::int32_t team = builder.resource(1);
    const std::int32_t link = builder.resource(5);
    for (int i = 0; i < 6; ++i)
        builder.job(WayWords{.duration = i == 1 ? 20 : 10, .demands = {{team, 1}, {link, 1}}});
    for (const JobIndex job : {1, 3, 4}) {
        builder.at(job).release = 100;
        builder.at(job).due = 130;
    }
    builder.at(5).due = 400;
    const Conflict conflict = find_conflict(builder.programme, assumed);
    EXPECT_EQ(conflict.standing, ConflictStanding::kProved);
    EXPECT_TRUE(conflict.minimal);
    EXPECT_THAT(conflict.constraints,
                ElementsAre(Constraint{Kind::kRelease, 1}, Constraint{Kind::kRelease, 3},
                            Constraint{Kind::kRelease, 4}, Constraint{Kind::kDeadline, 1},
                            Constraint{Kind::kDeadline, 3}, Constraint{Kind::kDeadline, 4},
                            Constraint{Kind::kResource, team}));
    EXPECT_EQ(conflict.proof.kind, ProofKind::kOverload);
    EXPECT_THAT(conflict.proof.jobs, ElementsAre(1, 3, 4));
    EXPECT_EQ(conflict.proof.from, 100);
    EXPECT_EQ(conflict.proof.to, 130);
    EXPECT_EQ(conflict.proof.demanded, 40);
    EXPECT_EQ(conflict.proof.available, 30);
}

// Of a calendar's jobs only the time inside its windows counts.
TEST(Conflict, CountsOnlyWhatAResourceHasInsideTheWindows) {
    ProgrammeInWords builder(1000);
    const std::int32_t team = builder.resource(1);
    const std::int32_t nights = builder.calendar({{0, 20, 20}, {100, 120, 120}});
    for (int i = 0; i < 5; ++i)
        builder.job(WayWords{.duration = 10, .calendar = nights, .demands = {{team, 1}}});
    const Conflict conflict = find_conflict(builder.programme, assumed);
    EXPECT_EQ(conflict.proof.kind, ProofKind::kOverload);
    EXPECT_EQ(conflict.proof.available, 40);
    EXPECT_THAT(conflict.constraints,
                ElementsAre(Constraint{Kind::kCalendar, nights}, Constraint{Kind::kResource, team}));
}

TEST(Conflict, FindsADemandThatIsNeverThere) {
    ProgrammeInWords builder(1000);
    const std::int32_t team = builder.resource({{0, 1}, {500, 3}});
    builder.job(WayWords{.duration = 10, .demands = {{team, 3}}});
    builder.at(0).due = 500;
    EXPECT_THAT(find_conflict(builder.programme, assumed).constraints,
                ElementsAre(Constraint{Kind::kDeadline, 0}, Constraint{Kind::kResource, team}));
}

// From here on only search finds it.
TEST(Conflict, NarrowsAPairAndItsOnlyWindowDown) {
    ProgrammeInWords builder(30);
    const std::int32_t nights = builder.calendar({{5, 25, 25}});
    const std::int32_t team = builder.resource(3);
    for (int i = 0; i < 3; ++i)
        builder.job(WayWords{.duration = 4, .calendar = nights, .demands = {{team, 1}}});
    builder.apart({.a = 0, .b = 2});
    const std::int32_t pair = builder.apart({.a = 0, .b = 1, .same_window_too = true});
    builder.after(0, 2);
    builder.at(2).due = 28;
    const Conflict conflict = find_conflict(builder.programme, exactly);
    EXPECT_EQ(conflict.standing, ConflictStanding::kProved);
    EXPECT_TRUE(conflict.minimal);
    EXPECT_EQ(conflict.proof.kind, ProofKind::kNothing);
    EXPECT_THAT(conflict.constraints,
                ElementsAre(Constraint{Kind::kCalendar, nights}, Constraint{Kind::kApart, pair}));
}

TEST(Conflict, NarrowsABudgetAndAFixedStartDown) {
    ProgrammeInWords builder(30);
    builder.programme.month_starts = {0, 15};
    const std::int32_t portal = builder.service({10, 3});
    const std::int32_t payments = builder.service({10, 10});
    for (int i = 0; i < 2; ++i)
        builder.job(WayWords{.duration = 6, .outages = {{portal, 0, 6}, {payments, 0, 2}}});
    builder.at(0).fixed_start = 2;
    builder.at(0).fixed_way = 0;
    builder.at(1).due = 29;
    const Conflict conflict = find_conflict(builder.programme, exactly);
    EXPECT_EQ(conflict.standing, ConflictStanding::kFeasible);  // 12 ... 18: three in each month
    builder.programme.budgets[0].left = {9, 2};
    EXPECT_THAT(find_conflict(builder.programme, exactly).constraints,
                testing::Contains(Constraint{Kind::kBudget, portal}));
    EXPECT_THAT(find_conflict(builder.programme, exactly).constraints,
                testing::Not(testing::Contains(Constraint{Kind::kBudget, payments})));
}

TEST(Conflict, SaysWhenItRestsOnASearchThatFoundNothing) {
    ProgrammeInWords builder(30);
    const std::int32_t nights = builder.calendar({{5, 25, 25}});
    for (int i = 0; i < 2; ++i) builder.job(WayWords{.duration = 4, .calendar = nights});
    const std::int32_t pair = builder.apart({.a = 0, .b = 1, .same_window_too = true});
    const FeasibilityFunction bounded = [](const Programme& programme) {
        return best_by_trying(programme) ? Feasibility::kFeasible : Feasibility::kNotFound;
    };
    const Conflict conflict = find_conflict(builder.programme, bounded);
    EXPECT_EQ(conflict.standing, ConflictStanding::kNotFound);
    EXPECT_TRUE(conflict.minimal);
    EXPECT_THAT(conflict.constraints,
                ElementsAre(Constraint{Kind::kCalendar, nights}, Constraint{Kind::kApart, pair}));
}

TEST(Conflict, SaysWhenItsChecksCameToAnEnd) {
    ProgrammeInWords builder(30);
    const std::int32_t nights = builder.calendar({{5, 25, 25}});
    for (int i = 0; i < 2; ++i) builder.job(WayWords{.duration = 4, .calendar = nights});
    for (int i = 0; i < 10; ++i) builder.resource(1);
    const std::int32_t pair = builder.apart({.a = 0, .b = 1, .same_window_too = true});
    const Conflict conflict = find_conflict(builder.programme, exactly, {.checks_max = 3});
    EXPECT_EQ(conflict.standing, ConflictStanding::kNotFound);
    EXPECT_FALSE(conflict.minimal);
    EXPECT_LE(conflict.checks, 3);
    EXPECT_THAT(conflict.constraints, testing::Contains(Constraint{Kind::kCalendar, nights}));
    EXPECT_THAT(conflict.constraints, testing::Contains(Constraint{Kind::kApart, pair}));
}

// With everything lifted there is still none: groups and sites, say, which no one constraint stands for.
TEST(Conflict, IsEmptyWhereNothingThatCanBeLiftedIsToBlame) {
    ProgrammeInWords builder(30);
    builder.job(WayWords{.duration = 4});
    const FeasibilityFunction never = [](const Programme&) { return Feasibility::kNotFound; };
    const Conflict conflict = find_conflict(builder.programme, never);
    EXPECT_EQ(conflict.standing, ConflictStanding::kNotFound);
    EXPECT_THAT(conflict.constraints, IsEmpty());
}

TEST(Conflict, OfTinyProgrammesIsImpossibleAndWithoutAnyOfItsPartsIsNot) {
    std::map<ProofKind, int> proofs;
    constexpr TinyProgramme kTiny{.jobs_max = 3, .horizon = 10, .constraints_max = 9};
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        const Programme programme = random_programme(kTiny, seed);
        const bool possible = exactly(programme) == Feasibility::kFeasible;
        const Conflict conflict = find_conflict(programme, exactly);
        EXPECT_EQ(conflict.standing, possible ? ConflictStanding::kFeasible : ConflictStanding::kProved);
        if (possible) continue;
        ++proofs[conflict.proof.kind];
        EXPECT_TRUE(conflict.minimal);
        const std::vector<Constraint> all = constraints_of(programme);
        const auto only = [&](const std::vector<Constraint>& kept) {
            std::vector<Constraint> lifted;
            std::ranges::set_difference(all, kept, std::back_inserter(lifted));
            return without(programme, lifted);
        };
        EXPECT_EQ(exactly(only(conflict.constraints)), Feasibility::kProvedInfeasible);
        for (const Constraint& constraint : conflict.constraints) {
            std::vector<Constraint> rest = conflict.constraints;
            std::erase(rest, constraint);
            EXPECT_EQ(exactly(only(rest)), Feasibility::kFeasible);
        }
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_EQ(proofs.size(), 4U) << "each proof, and search, must have been needed";
}

TEST(InfeasibilityProof, IsNeverGivenForAProgrammeThatHasASchedule) {
    int proved = 0;
    int impossible = 0;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        const Programme programme =
            random_programme({.jobs_max = 4, .horizon = 12, .constraints_max = 9}, seed);
        const bool none = prove_infeasible(programme).kind != ProofKind::kNothing;
        const bool possible = best_by_trying(programme).has_value();
        EXPECT_FALSE(none && possible) << "seed " << seed;
        proved += none ? 1 : 0;
        impossible += possible ? 0 : 1;
    }
    EXPECT_GT(proved, impossible / 3);
}

TEST(ProgrammeBounds, HoldForEverySchedule) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        const Programme programme =
            random_programme({.jobs_max = 4, .horizon = 12, .constraints_max = 9}, seed);
        const std::optional<OracleAnswer> best = best_by_trying(programme);
        if (!best) continue;
        const ProgrammeBounds bounds = bounds_of(programme);
        ASSERT_TRUE(bounds.feasible()) << "seed " << seed;
        for (JobIndex job = 0; job < static_cast<JobIndex>(programme.jobs.size()); ++job) {
            const JobBounds& of = bounds.jobs[static_cast<std::size_t>(job)];
            const Minute start = best->times.start[static_cast<std::size_t>(job)];
            const Minute end = end_of(programme, best->times, job);
            EXPECT_TRUE(of.earliest_start <= start && start <= of.latest_start) << "seed " << seed;
            EXPECT_TRUE(of.earliest_end <= end && end <= of.latest_end) << "seed " << seed;
        }
    }
}

}  // namespace
}  // namespace ararat::planning::scheduler
