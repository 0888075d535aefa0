#include "planning/scheduler/lag_network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "planning/scheduler/dice.h"

namespace ararat::planning::scheduler {
namespace {

TEST(LagNetwork, StartsAsEarlyAsTheLongestPathAllows) {
    const EarliestStarts found = earliest_starts(4, {{0, 1, 3}, {1, 2, 2}, {0, 2, 4}, {2, 1, -2}});
    EXPECT_TRUE(found.positive_cycle.empty());
    EXPECT_EQ(found.start, (std::vector<Time>{0, 3, 5, 0}));
}

TEST(LagNetwork, NamesTheArcsOfAPositiveCycleAndNoOthers) {
    const std::vector<StartArc> arcs{{0, 1, 9},  {1, 2, 4}, {3, 4, 7},  {2, 3, 1},
                                     {3, 1, -4}, {1, 3, 2}, {4, 0, -99}};
    const EarliestStarts found = earliest_starts(5, arcs);
    std::vector<std::int32_t> cycle = found.positive_cycle;
    std::ranges::sort(cycle);
    EXPECT_EQ(cycle, (std::vector<std::int32_t>{1, 3, 4}));
}

TEST(LagNetwork, AnArcToItselfMayBeTheCycle) {
    EXPECT_EQ(earliest_starts(2, {{0, 1, 1}, {1, 1, 1}}).positive_cycle, (std::vector<std::int32_t>{1}));
    EXPECT_TRUE(earliest_starts(2, {{0, 1, 1}, {1, 1, 0}}).positive_cycle.empty());
}

// Random networks, half of them with a positive cycle: a cycle that is told is one, and where none is told
// the starts keep every arc and none could be less, by the longest paths between all pairs.
TEST(LagNetwork, TellsTheTruthAboutRandomNetworks) {
    int with_cycle = 0;
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Dice dice(seed);
        const std::size_t count = 2 + dice.below(8);
        std::vector<StartArc> arcs;
        for (std::size_t k = 0; k < 2 * count; ++k) {
            arcs.push_back({static_cast<std::int32_t>(dice.below(static_cast<std::uint32_t>(count))),
                            static_cast<std::int32_t>(dice.below(static_cast<std::uint32_t>(count))),
                            static_cast<Time>(dice.below(16)) - 11});
        }
        const EarliestStarts found = earliest_starts(count, arcs);
        const PathLengths lengths(count, arcs);
        bool positive = false;
        for (std::size_t i = 0; i < count; ++i) positive = positive || lengths.between(i, i) > 0;
        ASSERT_EQ(positive, !found.positive_cycle.empty()) << "seed " << seed;
        if (positive) {
            ++with_cycle;
            Time sum = 0;
            const StartArc* before = &arcs[static_cast<std::size_t>(found.positive_cycle.back())];
            for (const std::int32_t index : found.positive_cycle) {
                const StartArc& arc = arcs[static_cast<std::size_t>(index)];
                EXPECT_EQ(before->to, arc.from) << "seed " << seed;
                sum += arc.lag;
                before = &arc;
            }
            EXPECT_GT(sum, 0) << "seed " << seed;
            continue;
        }
        for (std::size_t i = 0; i < count; ++i) {
            Time longest = 0;
            for (std::size_t from = 0; from < count; ++from)
                longest = std::max(longest, lengths.between(from, i));
            EXPECT_EQ(found.start[i], longest) << "seed " << seed;
        }
    }
    EXPECT_GT(with_cycle, 100);
    EXPECT_LT(with_cycle, 400);
}

TEST(LagNetwork, PathsGrowAsArcsAreAdded) {
    PathLengths lengths(3, {{0, 1, 2}, {2, 0, -5}});
    EXPECT_TRUE(lengths.add({1, 2, 3}));
    EXPECT_EQ(lengths.between(0, 2), 5);
    EXPECT_FALSE(lengths.add({1, 2, 4}));
}

}  // namespace
}  // namespace ararat::planning::scheduler
