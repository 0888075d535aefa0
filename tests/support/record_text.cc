#include "tests/support/record_text.h"

#include "base/check.h"
#include "tests/support/plan_text.h"

namespace ararat::testing {
namespace {

using namespace execution;

std::string key_text(const AttemptKey& key) {
    return key.run.str() + " " + key.task.str() + " " + to_string(key.purpose) + "#" +
           std::to_string(key.attempt);
}

std::string tail(const std::string& by, const std::string& reason) {
    return (by.empty() ? "" : " by " + by) + (reason.empty() ? "" : " \"" + reason + "\"");
}

std::string outcome_text(Outcome outcome) {
    switch (outcome) {
        case Outcome::kSucceeded: return "succeeded";
        case Outcome::kFailed: return "failed";
        case Outcome::kUnknown: return "unknown";
        case Outcome::kRefused: return "refused";
        case Outcome::kCancelled: return "cancelled";
    }
    ARARAT_CHECK(false, "an Outcome outside its enum");
}

struct RecordText {
    std::string operator()(const EpochStarted& b) const {
        return "epoch " + std::to_string(b.epoch) + (b.history_lost ? ", history lost" : "");
    }
    std::string operator()(const PlanApplied& b) const { return "plan" + tail(b.by, ""); }
    std::string operator()(const GateDecided& b) const {
        return "gate " + b.wave.str() + " " + b.gate.str() + " " + b.role.str() +
               (b.granted ? " granted" : " rejected") + tail(b.by, b.comment);
    }
    std::string operator()(const RunStarted& b) const {
        std::string text = "run " + b.run.str() + " started" + tail(b.by, b.reason) + ":";
        for (const MoveGroupId& group : b.groups) text += " " + group.str();
        return text;
    }
    std::string operator()(const RunStatusChanged& b) const {
        return "run " + b.run.str() + " " + std::string(to_string(b.status)) +
               (b.cancelling ? " cancelling" : "") + (b.one_step ? " one-step" : "") + tail(b.by, b.reason);
    }
    std::string operator()(const GroupChanged& b) const {
        return "group " + b.group.str() + " " + std::string(to_string(b.state)) + tail(b.by, b.reason);
    }
    std::string operator()(const AttemptStarted& b) const {
        return "attempt " + key_text(b.key) + " on " + b.host.str();
    }
    std::string operator()(const AttemptRunning& b) const { return "running " + key_text(b.key); }
    std::string operator()(const AttemptFinished& b) const {
        return "finished " + key_text(b.key) + " " + outcome_text(b.outcome) + (b.already ? " already" : "");
    }
    std::string operator()(const TaskChanged& b) const {
        std::string text = "task " + b.task.str() + " " + std::string(to_string(b.state));
        if (b.not_before != Instant{})
            text += " until +" + std::to_string((b.not_before - kTestStart).count()) + "ms";
        return text + tail(b.by, b.reason);
    }
    std::string operator()(const TicketIssued& b) const {
        return "ticket " + b.channel.str() + " #" + std::to_string(b.generation);
    }
    std::string operator()(const TicketRevoked& b) const {
        return "ticket " + b.channel.str() + " #" + std::to_string(b.generation) + " revoked" +
               tail("", b.reason);
    }
    std::string operator()(const HostJournalSeen& b) const {
        return "host " + b.host.str() + " journal " + b.journal_id + (b.quarantined ? " quarantined" : "");
    }
    std::string operator()(const EnrolTokenMade& b) const {
        return "token for " + b.kind + " " + b.name + tail(b.by, "");
    }
    std::string operator()(const Enrolled& b) const { return "enrolled " + b.identity; }
    std::string operator()(const EnrolmentRefused& b) const {
        return "enrolment of " + b.host + " refused" + tail("", b.reason);
    }
    std::string operator()(const HostKeyPinned& b) const {
        return "host " + b.host.str() + " pinned to " + b.fingerprint + tail(b.by, "");
    }
    std::string operator()(const LatestReturnReached& b) const {
        std::string text = "group " + b.group.str() + " latest return at +" +
                           std::to_string((b.latest - kTestStart).count()) + "ms, takes " +
                           std::to_string(b.back_out.count()) + "ms";
        if (!b.task.empty()) text += ", before " + b.task.str();
        switch (b.answer) {
            case WhenLate::kHold: return text + ": hold";
            case WhenLate::kBackOut: return text + ": back-out";
            case WhenLate::kGoOn: return text + ": go-on";
        }
        ARARAT_CHECK(false, "a WhenLate outside its enum");
    }
    std::string operator()(const ClockJumped& b) const {
        return "clock jumped by " + std::to_string(b.by.count()) + "ms";
    }
    std::string operator()(const ClockTrusted& b) const { return "clock trusted" + tail(b.by, b.reason); }
    std::string operator()(const GoGiven& b) const {
        std::string without;
        for (const MoveGroupId& each : b.without)
            without += (without.empty() ? " without " : ", ") + each.str();
        return "group " + b.group.str() + " go" + without + tail(b.by, b.reason);
    }
};

struct EffectText {
    std::string operator()(const Command& e) const {
        std::string text = "command " + e.host.str() + " " + key_text(e.key) + " [";
        for (const Stage& stage : e.stages) text += (text.back() == '[' ? "" : " ") + stage.name;
        return text + "]";
    }
    std::string operator()(const CancelCommand& e) const {
        return "cancel " + e.host.str() + " " + key_text(e.key);
    }
    std::string operator()(const AcknowledgeResult& e) const {
        return "acknowledge " + e.host.str() + " " + key_text(e.key);
    }
    std::string operator()(const OpenTicket& e) const {
        return "open " + e.channel.id.str() + " #" + std::to_string(e.generation);
    }
    std::string operator()(const CloseTicket& e) const {
        return "close " + e.channel.id.str() + " #" + std::to_string(e.generation);
    }
};

}  // namespace

std::string text_of(const RecordBody& body) { return std::visit(RecordText{}, body); }
std::string text_of(const Effect& effect) { return std::visit(EffectText{}, effect); }

}  // namespace ararat::testing
