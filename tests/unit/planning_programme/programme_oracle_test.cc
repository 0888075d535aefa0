// The oracle leaves early what cannot become a schedule. Here it is held against a search that leaves nothing
// early and asks the verifier about every combination: two readings of the model, written apart.
#include "support/programme_oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "planning/scheduler/programme_check.h"
#include "support/programme_in_words.h"
#include "support/programme_random.h"

namespace ararat::planning::scheduler {
namespace {

std::optional<ProgrammeScore> best_of_all(const Programme& programme) {
    const std::size_t jobs = programme.jobs.size();
    Minute first = 0;
    for (const Job& job : programme.jobs)
        if (job.fixed_start != kNoMinute) first = std::min(first, job.fixed_start);
    ProgrammeTimes times{std::vector<Minute>(jobs, first), std::vector<std::int32_t>(jobs, 0)};
    std::optional<ProgrammeScore> best;
    for (;;) {
        if (check_programme_times(programme, times).empty()) {
            const ProgrammeScore score = score_of(programme, times);
            if (!best || score < *best) best = score;
        }
        std::size_t at = 0;
        while (at < jobs) {
            if (++times.start[at] <= programme.horizon) break;
            times.start[at] = first;
            if (++times.way[at] < static_cast<std::int32_t>(programme.jobs[at].ways.count)) break;
            times.way[at] = 0;
            ++at;
        }
        if (at == jobs) return best;
    }
}

TEST(ProgrammeOracle, FindsTheBestAsTryingEveryCombinationDoes) {
    int with = 0;
    constexpr int kProgrammes = 200;
    for (std::uint64_t seed = 1; seed <= kProgrammes; ++seed) {
        const Programme programme =
            random_programme({.jobs_max = 3, .horizon = 10, .constraints_max = 7}, seed);
        ASSERT_THAT(check_programme(programme), testing::IsEmpty()) << "seed " << seed;
        const std::optional<OracleAnswer> answer = best_by_trying(programme);
        const std::optional<ProgrammeScore> best = best_of_all(programme);
        ASSERT_EQ(answer.has_value(), best.has_value()) << "seed " << seed;
        if (!best) continue;
        ++with;
        EXPECT_EQ(answer->score, *best) << "seed " << seed;
        EXPECT_EQ(answer->score, score_of(programme, answer->times));
    }
    EXPECT_GT(with, kProgrammes / 4);
    EXPECT_LT(with, kProgrammes * 9 / 10);
}

TEST(ProgrammeOracle, PutsTwoJobsOnOneTeamOneAfterTheOther) {
    ProgrammeInWords builder(20);
    const std::int32_t team = builder.resource(1);
    for (int i = 0; i < 3; ++i) builder.job(WayWords{.duration = 4, .demands = {{team, 1}}});
    const std::optional<OracleAnswer> answer = best_by_trying(builder.programme);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->score.finish, 12);
    builder.programme.horizon = 11;
    EXPECT_FALSE(best_by_trying(builder.programme));
}

}  // namespace
}  // namespace ararat::planning::scheduler
