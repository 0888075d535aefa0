// What an attempt's outcome means for its task, by the task's class. A missing answer is "unknown", never
// "failed" and never "succeeded".
//
//   outcome    idempotent          probeable             one-shot
//   succeeded  succeeded           succeeded             succeeded
//   failed     another try, then the group is backed out (one-shot: at once)
//   unknown    another try now     probe, then decide    held
//   refused    held                held                  held
#include <algorithm>

#include "base/check.h"
#include "execution/decide.h"
#include "execution/queries.h"

namespace ararat::execution {
namespace {

class Judge {
public:
    Judge(Records& out, const Run& run, TaskIndex index, Instant now)
        : out_(out),
          run_(run),
          index_(index),
          now_(now),
          task_(task_at(run, index)),
          progress_(progress_at(run, index)) {
        const GroupState group = group_state(run, run.index.graph->group_of[index]);
        backing_out_ = group == GroupState::kBackingOut || run.held_in_back_out.contains(task_.group);
    }

    void forward(const AttemptFinished& result) {
        const std::string reason = words(result);
        switch (result.outcome) {
            case Outcome::kSucceeded: succeed(result.already ? "was so already" : result.detail); return;
            case Outcome::kFailed: fail_or_retry(out_, run_, index_, reason, now_); return;
            case Outcome::kUnknown: unknown(reason); return;
            case Outcome::kRefused:
                if (backing_out_) {
                    change(TaskState::kCancelled, reason);
                } else {
                    hold(out_, run_, index_, "the host refused it: " + reason);
                }
                return;
            case Outcome::kCancelled:
                fail_or_retry(out_, run_, index_, backing_out_ ? "stopped for the back-out" : reason, now_);
                return;
        }
        ARARAT_CHECK(false, "an Outcome outside its enum");
    }

    void probe(const AttemptFinished& result) {
        const std::string reason = words(result);
        switch (result.outcome) {
            case Outcome::kSucceeded:
                if (backing_out_ || !task_.verify) {
                    succeed("took effect: the probe found it");
                } else {
                    change(TaskState::kRetryWait, "took effect: the probe found it; to be verified", now_);
                }
                return;
            case Outcome::kFailed:
                fail_or_retry(out_, run_, index_, "did not take effect: " + reason, now_);
                return;
            case Outcome::kUnknown:
            case Outcome::kRefused:
            case Outcome::kCancelled:
                if (backing_out_) {
                    change(TaskState::kFailed, "outcome unknown: " + reason);
                } else {
                    hold(out_, run_, index_,
                         "nobody knows whether it took effect; the probe did not tell: " + reason +
                             "; look at " + task_.executor.str() + ", then retry" + or_back_out());
                }
                return;
        }
        ARARAT_CHECK(false, "an Outcome outside its enum");
    }

    void undo(const AttemptFinished& result) {
        switch (result.outcome) {
            case Outcome::kSucceeded: change(TaskState::kUndone, result.detail); return;
            case Outcome::kFailed:
            case Outcome::kCancelled: undo_again(words(result), true); return;
            case Outcome::kUnknown:
                undo_again(words(result), task_.action_class != ActionClass::kOneShot);
                return;
            case Outcome::kRefused: undo_again("the host refused it: " + words(result), false); return;
        }
        ARARAT_CHECK(false, "an Outcome outside its enum");
    }

private:
    static std::string words(const AttemptFinished& result) {
        if (!result.detail.empty()) return result.detail;
        switch (result.outcome) {
            case Outcome::kSucceeded: return "succeeded";
            case Outcome::kFailed: return "exit code " + std::to_string(result.exit_code);
            case Outcome::kUnknown: return "the host cannot tell what came of it";
            case Outcome::kRefused: return "no reason was given";
            case Outcome::kCancelled: return "it was cancelled on the host";
        }
        ARARAT_CHECK(false, "an Outcome outside its enum");
    }

    [[nodiscard]] std::string or_back_out() const {
        return execution::or_back_out(run_, run_.index.graph->group_of[index_], " or back out");
    }

    void change(TaskState state, const std::string& reason, Instant not_before = {}) {
        change_task(out_, run_, index_, state, {"", reason}, not_before);
    }

    void succeed(const std::string& reason) {
        change(TaskState::kSucceeded, reason);
        close_channels(out_, run_, index_);
    }

    void unknown(const std::string& reason) {
        if (task_.action_class == ActionClass::kOneShot) {
            hold(out_, run_, index_,
                 "nobody knows whether it took effect (" + reason +
                     "), and it must not be repeated on its own: look at " + task_.executor.str() +
                     ", then retry" + or_back_out());
            return;
        }
        if (backing_out_) {
            change(TaskState::kFailed, "outcome unknown: " + reason);
            return;
        }
        if (task_.action_class == ActionClass::kProbeable) {
            change(TaskState::kProbing, "outcome unknown: " + reason);
            return;
        }
        if (tries(progress_) < static_cast<std::uint32_t>(task_.retry.attempts_max) && !run_.cancelling) {
            change(TaskState::kRetryWait, "outcome unknown, done again: " + reason, now_);
            return;
        }
        fail_or_retry(out_, run_, index_, "outcome unknown: " + reason, now_);
    }

    void undo_again(const std::string& reason, bool may_repeat) {
        const std::uint32_t made = progress_.undos - progress_.undos_base;
        if (may_repeat && made < static_cast<std::uint32_t>(task_.retry.attempts_max)) {
            const Duration wait = std::min(task_.retry.backoff_first * (1U << std::min(made - 1, 16U)),
                                           task_.retry.backoff_max);
            change(TaskState::kUndoing, reason, now_ + wait);
            return;
        }
        change(TaskState::kUndoFailed, reason);
        const GroupIndex group = run_.index.graph->group_of[index_];
        if (group_state(run_, group) != GroupState::kBackingOut) return;
        change_group(out_, run_, group, GroupState::kHeld,
                     {"", "undo of " + task_.id.str() + " failed: " + reason + "; put the cause right on " +
                              task_.executor.str() + " and retry it"});
    }

    Records& out_;
    const Run& run_;
    TaskIndex index_;
    Instant now_;
    const Task& task_;
    const TaskProgress& progress_;
    bool backing_out_ = false;
};

}  // namespace

void judge(Records& out, const State&, const Run& run, TaskIndex task, const AttemptFinished& result,
           Instant now) {
    Judge judgement(out, run, task, now);
    switch (result.key.purpose) {
        case Purpose::kForward: judgement.forward(result); return;
        case Purpose::kProbe: judgement.probe(result); return;
        case Purpose::kUndo: judgement.undo(result); return;
    }
}

}  // namespace ararat::execution
