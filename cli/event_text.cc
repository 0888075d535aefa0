#include "cli/event_text.h"

#include <fmt/format.h>

#include "base/units.h"
#include "cli/progress_bar.h"
#include "cli/words.h"

namespace ararat::cli {

namespace {

std::string by_and_why(const std::string& by, const std::string& why) {
    return (by.empty() ? "" : " by " + by) + (why.empty() ? "" : ": " + why);
}

std::string attempt_of(const v1::AttemptKey& key) {
    const char* what = key.purpose() == v1::PURPOSE_PROBE  ? "probe"
                       : key.purpose() == v1::PURPOSE_UNDO ? "undo"
                                                           : "attempt";
    return fmt::format("{}: {} {} {}", key.run(), key.task(), what, key.attempt());
}

const char* word_of(v1::Outcome outcome) {
    switch (outcome) {
        case v1::OUTCOME_SUCCEEDED: return "succeeded";
        case v1::OUTCOME_FAILED: return "failed";
        case v1::OUTCOME_UNKNOWN: return "ended nobody knows how";
        case v1::OUTCOME_REFUSED: return "was refused";
        case v1::OUTCOME_CANCELLED: return "was cancelled";
        default: return "ended";
    }
}

std::string text_of(const v1::RunStarted& run) {
    std::string groups;
    for (const auto& group : run.groups()) groups += (groups.empty() ? "" : ", ") + group;
    return fmt::format("run {} of {} started{}, moves {}{}", run.run(), run.wave(),
                       run.by().empty() ? " by itself" : " by " + run.by(), groups,
                       run.ignore_window() ? "; its change window is ignored" : "");
}

std::string text_of(const v1::RunStatusChanged& change) {
    return fmt::format("run {} is {}{}{}{}", change.run(), word(change.status()),
                       change.cancelling() ? ", to be cancelled," : "",
                       change.one_step() ? ", one step is let through" : "",
                       by_and_why(change.by(), change.reason()));
}

std::string text_of(const v1::AttemptFinished& finished) {
    std::string text = attempt_of(finished.key()) + " " + word_of(finished.outcome());
    if (finished.already()) text += " (was so already)";
    if (finished.duration_ms() > 0) text += " in " + duration_text(finished.duration_ms());
    if (finished.exit_code() != 0) text += fmt::format(", exit code {}", finished.exit_code());
    return text + by_and_why({}, finished.detail());
}

std::string text_of(const v1::LatestReturnReached& reached) {
    const std::string when =
        reached.task().empty() ? "has come" : "comes before " + reached.task() + " would end";
    const char* answer = reached.answer() == v1::WHEN_LATE_BACK_OUT ? "the plan backs it out"
                         : reached.answer() == v1::WHEN_LATE_GO_ON  ? "the plan lets it go on"
                                                                    : "a go or a back-out is waited for";
    return fmt::format("{}: the latest moment for a back-out of move group {} {} (it takes {}): {}",
                       reached.run(), reached.group(), when, duration_text(reached.back_out_ms()), answer);
}

std::string text_of(const v1::GoGiven& go) {
    std::string without;
    for (const std::string& group : go.without()) without += (without.empty() ? " without " : ", ") + group;
    return fmt::format("{}: move group {} goes on{}{}", go.run(), go.group(), without,
                       by_and_why(go.by(), go.reason()));
}

// Records of a kind that came later than this program.
std::string as_it_is(const v1::Record& record) {
    const auto* body = record.GetDescriptor()->FindOneofByName("body");
    const auto* field = record.GetReflection()->GetOneofFieldDescriptor(record, body);
    if (field == nullptr) return "a record of a kind that this program does not know";
    return field->name() + " " + record.GetReflection()->GetMessage(record, field).ShortDebugString();
}

}  // namespace

std::string event_text(const v1::Record& record) {
    switch (record.body_case()) {
        case v1::Record::kEpochStarted:
            return fmt::format("epoch {} begins (orchestrator {}){}", record.epoch_started().epoch(),
                               record.epoch_started().version(),
                               record.epoch_started().history_lost()
                                   ? ": restored from a backup, what was recorded since is given up"
                                   : "");
        case v1::Record::kPlanApplied:
            return fmt::format("plan {} applied by {}", record.plan_applied().hash().substr(0, 12),
                               record.plan_applied().by());
        case v1::Record::kGateDecided: {
            const auto& gate = record.gate_decided();
            return fmt::format("gate {} of {} {} for {}{}", gate.gate(), gate.wave(),
                               gate.granted() ? "approved" : "rejected", gate.role(),
                               by_and_why(gate.by(), gate.comment()));
        }
        case v1::Record::kRunStarted: return text_of(record.run_started());
        case v1::Record::kRunStatusChanged: return text_of(record.run_status_changed());
        case v1::Record::kGroupChanged: {
            const auto& group = record.group_changed();
            return fmt::format("{}: move group {} is {}{}", group.run(), group.group(), word(group.state()),
                               by_and_why(group.by(), group.reason()));
        }
        case v1::Record::kAttemptStarted:
            return attempt_of(record.attempt_started().key()) + " is for " + record.attempt_started().host();
        case v1::Record::kAttemptRunning: return attempt_of(record.attempt_running().key()) + " has started";
        case v1::Record::kAttemptFinished: return text_of(record.attempt_finished());
        case v1::Record::kTaskChanged: {
            const auto& task = record.task_changed();
            return fmt::format("{}: {} is {}{}", task.run(), task.task(), word(task.state()),
                               by_and_why(task.by(), task.reason()));
        }
        case v1::Record::kTicketIssued:
            return fmt::format("{}: data channel {} is opened (ticket {})", record.ticket_issued().run(),
                               record.ticket_issued().channel(), record.ticket_issued().generation());
        case v1::Record::kTicketRevoked:
            return fmt::format("{}: data channel {} is closed{}", record.ticket_revoked().run(),
                               record.ticket_revoked().channel(),
                               by_and_why({}, record.ticket_revoked().reason()));
        case v1::Record::kHostJournalSeen: {
            const auto& host = record.host_journal_seen();
            return fmt::format("host {} has journal {}{}", host.host(), host.journal_id(),
                               host.quarantined() ? ", not the one it had: quarantined" : "");
        }
        case v1::Record::kLatestReturnReached: return text_of(record.latest_return_reached());
        case v1::Record::kGoGiven: return text_of(record.go_given());
        case v1::Record::kClockJumped: {
            const Duration by(record.clock_jumped().by_ms());
            return fmt::format("the wall clock jumped {} by {}", by < Duration{0} ? "back" : "forward",
                               format_duration(std::chrono::abs(by)));
        }
        case v1::Record::kClockTrusted:
            return "the wall clock is trusted again" +
                   by_and_why(record.clock_trusted().by(), record.clock_trusted().reason());
        default: return as_it_is(record);
    }
}

}  // namespace ararat::cli
