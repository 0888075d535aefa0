#include "planning/scheduler/programme_constraint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/programme_check.h"
#include "support/programme_in_words.h"
#include "support/programme_oracle.h"
#include "support/programme_random.h"

namespace ararat::planning::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = ConstraintKind;

TEST(ProgrammeConstraints, AreListedInOrder) {
    ProgrammeInWords builder(50);
    for (int i = 0; i < 3; ++i) builder.cutover({.duration = 5});
    builder.at(0).release = 3;
    builder.at(1).due = 20;
    builder.at(2).due = 20;
    builder.at(2).due_is_hard = false;
    builder.resource(1);
    builder.after(0, 1);
    EXPECT_THAT(constraints_of(builder.programme),
                ElementsAre(Constraint{Kind::kRelease, 0}, Constraint{Kind::kDeadline, 1},
                            Constraint{Kind::kHorizon, kNone}, Constraint{Kind::kResource, 0},
                            Constraint{Kind::kLag, 0}));
    builder.at(0).fixed_start = 4;  // was not held to its release, so nothing is gained without it
    EXPECT_THAT(constraints_of(builder.programme), testing::Contains(Constraint{Kind::kFixed, 0}));
    EXPECT_THAT(constraints_of(builder.programme),
                testing::Not(testing::Contains(Constraint{Kind::kRelease, 0})));
    builder.at(0).fixed_start = -1;
    EXPECT_THAT(constraints_of(builder.programme),
                testing::Not(testing::Contains(Constraint{Kind::kFixed, 0})));
}

TEST(ProgrammeConstraints, LagsAndPairsThatAreLeftKeepTheirOrder) {
    ProgrammeInWords builder(50);
    for (int i = 0; i < 3; ++i) builder.cutover({.duration = 5});
    for (const Minute lag : {1, 2, 3}) builder.after(0, 1, lag);
    builder.apart({.a = 0, .b = 1});
    builder.apart({.a = 0, .b = 2});
    const Programme left = without(
        builder.programme, std::vector<Constraint>{{Kind::kLag, 1}, {Kind::kLag, 0}, {Kind::kApart, 0}});
    ASSERT_EQ(left.lags.size(), 1U);
    EXPECT_EQ(left.lags[0].lag, 3);
    ASSERT_EQ(left.apart.size(), 1U);
    EXPECT_EQ(left.apart[0].b, 2);
}

TEST(ProgrammeConstraints, AWayThatTwoJobsShareIsFreedForTheFixedOneAlone) {
    ProgrammeInWords builder(50);
    builder.job(WayWords{.duration = 5, .calendar = builder.calendar({{20, 30, 30}})});
    builder.job(WayWords{.duration = 5});
    builder.at(1).ways = builder.at(0).ways;
    builder.at(0).fixed_start = 3;
    builder.at(0).fixed_way = 0;
    const Programme left = without(builder.programme, std::vector<Constraint>{{Kind::kFixed, 0}});
    EXPECT_THAT(check_programme_times(left, starts({7, 20})), IsEmpty());
    EXPECT_EQ(check_programme_times(left, starts({7, 7})).size(), 1U);
}

// Whatever keeps a programme keeps it without any of its constraints; and each kind forbids something.
TEST(ProgrammeConstraints, LiftingThemForbidsNothing) {
    std::set<Kind> freed;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const Programme programme =
            random_programme({.jobs_max = 4, .horizon = 12, .constraints_max = 9}, seed);
        const std::optional<OracleAnswer> best = best_by_trying(programme);
        Dice dice(seed);
        std::vector<Constraint> lifted;
        for (const Constraint& constraint : constraints_of(programme)) {
            if (dice.below(2) == 0 && constraint.kind != Kind::kFixed) lifted.push_back(constraint);
            const Programme left = without(programme, std::vector<Constraint>{constraint});
            EXPECT_THAT(check_programme(left), IsEmpty()) << "seed " << seed;
            if (constraint.kind == Kind::kHorizon) continue;  // the oracle tries every minute of it
            const std::optional<OracleAnswer> with = best_by_trying(left);
            if (with && (!best || with->score < best->score)) freed.insert(constraint.kind);
            if (constraint.kind == Kind::kFixed) continue;  // the exception
            EXPECT_FALSE(best && (!with || with->score > best->score)) << "seed " << seed;
        }
        if (best) {
            EXPECT_THAT(check_programme_times(without(programme, lifted), best->times), IsEmpty())
                << "seed " << seed;
        }
    }
    EXPECT_EQ(freed.size(), 10U);
}

}  // namespace
}  // namespace ararat::planning::scheduler
