#include "cli/approval_subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_world.h"

namespace ararat::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const WaveId kWave{"wave-1"};

TEST(ApprovalSubject, IsTheWaveWhoseContentsGiveTheSubtree) {
    const CompiledPlan plan = server::small_plan(true);
    const auto wave = verified_wave(plan, kWave, plan.waves[0].subtree);
    ASSERT_TRUE(wave.ok()) << wave.error().text();
    EXPECT_EQ(wave->id, kWave);
    EXPECT_EQ(verified_wave(plan, WaveId("wave-2"), plan.waves[0].subtree).error().code,
              ErrorCode::kNotFound);
}

// Whoever holds the orchestrator shows a harmless plan and asks for a signature over another, or the other
// way round: the subtree that the message carries is not believed.
TEST(ApprovalSubject, IsRefusedWhereWhatIsShownIsNotWhatWouldBeSigned) {
    const CompiledPlan shown = server::small_plan(true);
    CompiledPlan other = shown;
    other.tasks.back().perform.edit().argv = {"/sbin/poweroff"};
    seal(other);
    EXPECT_EQ(verified_wave(shown, kWave, other.waves[0].subtree).error().code, ErrorCode::kAborted);
    other.waves[0].subtree = shown.waves[0].subtree;
    const auto forged = verified_wave(other, kWave, shown.waves[0].subtree);
    ASSERT_FALSE(forged.ok());
    EXPECT_THAT(forged.error().text(), HasSubstr("nothing was signed"));
}

TEST(ApprovalSubject, IsDescribedByWhatItLetsHappen) {
    CompiledPlan plan = server::small_plan(true);
    plan.tasks.back().guard = Guard::kPowerOff;
    plan.tasks.back().point_of_no_return = true;
    seal(plan);
    EXPECT_THAT(describe_wave(plan, plan.waves[0]),
                ElementsAre("applications: shop", "3 steps on 1 hosts: pri",
                            "guarded steps: shop/web/check (power off on pri)",
                            "no return after: shop/web/check", "subtree: " + plan.waves[0].subtree.str()));
}

}  // namespace
}  // namespace ararat::cli
