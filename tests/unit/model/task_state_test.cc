#include "model/task_state.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace ararat {
namespace {

constexpr std::array kStates = {TaskState::kWaiting,   TaskState::kOpen,      TaskState::kDispatched,
                                TaskState::kRunning,   TaskState::kProbing,   TaskState::kRetryWait,
                                TaskState::kSucceeded, TaskState::kSkipped,   TaskState::kFailed,
                                TaskState::kHeld,      TaskState::kCancelled, TaskState::kUndoing,
                                TaskState::kUndone,    TaskState::kUndoFailed};

TEST(TaskState, EveryStateHasANameOfItsOwn) {
    std::set<std::string> names;
    for (const TaskState state : kStates) names.insert(std::string(to_string(state)));
    EXPECT_EQ(names.size(), kStates.size());
}

TEST(TaskState, NothingRunsWithoutADurableIntent) {
    for (const TaskState from : kStates) {
        if (from != TaskState::kDispatched) {
            EXPECT_FALSE(may_follow(from, TaskState::kRunning)) << to_string(from);
        }
    }
    EXPECT_FALSE(may_follow(TaskState::kWaiting, TaskState::kSucceeded));
}

TEST(TaskState, WhatSucceededIsNeverDoneAgain) {
    for (const TaskState to : kStates) {
        const bool undo = to == TaskState::kUndoing || to == TaskState::kUndone;
        EXPECT_EQ(may_follow(TaskState::kSucceeded, to), undo) << to_string(to);
    }
}

TEST(TaskState, OnlyAProbeOrAPersonLeavesTheUnknown) {
    EXPECT_TRUE(may_follow(TaskState::kRunning, TaskState::kProbing));
    EXPECT_TRUE(may_follow(TaskState::kProbing, TaskState::kSucceeded));
    EXPECT_TRUE(may_follow(TaskState::kProbing, TaskState::kRetryWait));
    EXPECT_TRUE(may_follow(TaskState::kProbing, TaskState::kHeld));
    EXPECT_FALSE(may_follow(TaskState::kHeld, TaskState::kDispatched));
    EXPECT_FALSE(may_follow(TaskState::kHeld, TaskState::kSucceeded));
    EXPECT_TRUE(may_follow(TaskState::kHeld, TaskState::kWaiting));
}

TEST(TaskState, FinalStatesAreLeftByAPersonOrABackOutOnly) {
    const std::set<TaskState> by_person_or_back_out = {
        TaskState::kWaiting, TaskState::kSkipped, TaskState::kUndoing,  TaskState::kUndone,
        TaskState::kHeld,    TaskState::kFailed,  TaskState::kCancelled};
    for (const TaskState from : kStates) {
        if (!is_final(from)) continue;
        for (const TaskState to : kStates) {
            if (may_follow(from, to)) {
                EXPECT_TRUE(by_person_or_back_out.count(to) > 0)
                    << to_string(from) << " to " << to_string(to);
            }
        }
    }
}

TEST(RunStatus, HeldAndPausedRunsGoOn) {
    EXPECT_FALSE(is_final(RunStatus::kHeld));
    EXPECT_FALSE(is_final(RunStatus::kPaused));
    EXPECT_TRUE(is_final(RunStatus::kSucceeded));
    EXPECT_TRUE(is_final(RunStatus::kBackedOut));
}

}  // namespace
}  // namespace ararat
