#include "planning/runbook_parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "planning/nearest_name.h"
#include "planning/plan_builder.h"
#include "planning/tree_read.h"

namespace ararat::planning {
namespace {

constexpr std::size_t kStepsMax = 1000;

constexpr std::array kPhases = {Phase::kPrepare, Phase::kPrecopy,   Phase::kStart,
                                Phase::kQuiesce, Phase::kFinalSync, Phase::kVerify,
                                Phase::kSwitch,  Phase::kSoak,      Phase::kDecommission};

Phase to_phase(const std::string& text) {
    const auto* const found = std::find_if(kPhases.begin(), kPhases.end(),
                                           [&text](Phase phase) { return to_string(phase) == text; });
    return found == kPhases.end() ? Phase::kPrepare : *found;
}

void add_params(const TreeNode& node, Runbook& runbook) {
    for (const TreeEntry& entry : entries_at(node, "params")) {
        if (entry.value.kind != TreeNode::Kind::kScalar) continue;
        runbook.default_places[entry.key] = entry.place();
        if (entry.value.text == "required" && !entry.value.quoted) {
            runbook.required.insert(entry.key);
        } else {
            runbook.defaults[entry.key] = entry.value.text;
        }
    }
}

void add_channels(const TreeNode& node, Runbook& runbook, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(node, "channels")) {
        RunbookChannel channel;
        channel.name = entry.key;
        channel.kind = text_at(entry.value, "kind") == "socket" ? ChannelKind::kSocket : ChannelKind::kTree;
        channel.path = text_at(entry.value, "path");
        channel.expose = text_at(entry.value, "expose");
        channel.expose_owner = text_at(entry.value, "expose_owner");
        channel.bytes_per_second_max = rate_at(entry.value, "bandwidth");
        channel.place = entry.place();
        const bool exposes = entry.value.find("expose") != nullptr;
        if (exposes != (channel.kind == ChannelKind::kSocket)) {
            faults.add(entry.place(), DiagnosticCode::kConflict,
                       exposes ? "channel '" + entry.key + "' is a tree, which is not exposed"
                               : "channel '" + entry.key + "' is a socket and wants 'expose'");
        }
        if (!channel.expose_owner.empty() && channel.kind == ChannelKind::kTree) {
            faults.add(
                entry.place(), DiagnosticCode::kConflict,
                "channel '" + entry.key + "' is a tree and has no socket that 'expose_owner' could own");
        }
        runbook.channels.push_back(std::move(channel));
    }
}

// Exactly one of action, gate, manual and soak says what a step is.
void read_kind(const TreeNode& node, RunbookStep& step, DiagnosticList& faults) {
    constexpr std::array<std::pair<std::string_view, TaskKind>, 4> kKinds = {
        std::pair{std::string_view("action"), TaskKind::kStep},
        std::pair{std::string_view("gate"), TaskKind::kGate},
        std::pair{std::string_view("manual"), TaskKind::kManual},
        std::pair{std::string_view("soak"), TaskKind::kSoak}};
    int given = 0;
    for (const auto& [key, kind] : kKinds) {
        if (node.find(key) == nullptr) continue;
        ++given;
        step.kind = kind;
    }
    if (given != 1) {
        faults.add(step.place, DiagnosticCode::kConflict,
                   "step '" + step.id + "' wants exactly one of action, gate, manual and soak");
        faults.parts().mark(step.place, kStepKind);
    }
    step.action = text_at(node, "action");
    step.gate = GateId(text_at(node, "gate"));
    step.text = text_at(node, "manual");
    step.soak = text_at(node, "soak");
    step.on = text_at(node, "on");
    if (step.kind == TaskKind::kStep) {
        if (given == 1 && step.on.empty()) {
            faults.add(
                step.place, DiagnosticCode::kMissingKey,
                "step '" + step.id + "' does not say where it runs (meant: on: source, target or a host)");
            faults.parts().mark(step.place, "on");
        }
        return;
    }
    for (const std::string_view key :
         {"on", "with", "retry", "timeout", "expected", "undo_expected", "opens", "closes"}) {
        const TreeEntry* entry = node.find_entry(key);
        // People take their time too.
        const bool is_for_people = step.kind == TaskKind::kManual && key == "expected";
        if (entry == nullptr || given != 1 || is_for_people) continue;
        faults.add(entry->place(), DiagnosticCode::kConflict,
                   "'" + std::string(key) + "' has no meaning in a step without an action");
    }
}

RunbookStep read_step(const TreeNode& node, DiagnosticList& faults) {
    RunbookStep step;
    step.place = node.place();
    step.id = text_at(node, "id");
    step.phase = to_phase(text_at(node, "phase"));
    read_kind(node, step, faults);
    step.once = boolean_at(node, "once") || step.kind != TaskKind::kStep;
    step.with = text_map_at(node, "with");
    step.with_places = places_at(node, "with");
    if (node.find("after") != nullptr) step.after = texts_at(node, "after");
    step.opens = texts_at(node, "opens");
    step.closes = texts_at(node, "closes");
    step.point_of_no_return = boolean_at(node, "point_of_no_return");
    if (const TreeNode* retry = node.find("retry")) step.retry = read_retry(*retry);
    step.timeout = text_at(node, "timeout");
    step.expected = text_at(node, "expected");
    step.undo_expected = text_at(node, "undo_expected");
    step.verify_waived = text_at(node, "verify_waived");
    return step;
}

void check_step_ids(const Runbook& runbook, DiagnosticList& faults) {
    std::map<std::string, SourcePlace> seen;
    for (const RunbookStep& step : runbook.steps) {
        const auto [first, is_new] = seen.emplace(step.id, step.place);
        if (is_new || step.id.empty()) continue;
        faults.add(step.place, DiagnosticCode::kRepeatedName,
                   "step '" + step.id + "' is defined twice (first at " + to_string(first->second) + ")");
    }
}

// A channel is opened by one step and closed by the same or a later one.
void check_channel(const Runbook& runbook, const RunbookChannel& channel, DiagnosticList& faults) {
    const RunbookStep* opened = nullptr;
    const RunbookStep* closed = nullptr;
    for (const RunbookStep& step : runbook.steps) {
        const bool opens = std::count(step.opens.begin(), step.opens.end(), channel.name) > 0;
        const bool closes = std::count(step.closes.begin(), step.closes.end(), channel.name) > 0;
        if (opens && opened != nullptr) {
            faults.add(
                step.place, DiagnosticCode::kChannelUse,
                "channel '" + channel.name + "' is opened again (first at " + to_string(opened->place) + ")");
        }
        if (opens && opened == nullptr) opened = &step;
        if (closes && opened == nullptr) {
            faults.add(step.place, DiagnosticCode::kChannelUse,
                       "channel '" + channel.name + "' is closed before it is opened");
        }
        if (closes) closed = &step;
    }
    if (opened == nullptr) {
        faults.add(channel.place, DiagnosticCode::kChannelUse,
                   "channel '" + channel.name + "' is never opened");
    } else if (closed == nullptr) {
        faults.add(channel.place, DiagnosticCode::kChannelUse,
                   "channel '" + channel.name + "' is opened by step '" + opened->id + "' and never closed");
    }
}

void check_channels(const Runbook& runbook, DiagnosticList& faults) {
    std::vector<std::string> known;
    for (const RunbookChannel& channel : runbook.channels) {
        known.push_back(channel.name);
        const std::size_t before = faults.count();
        check_channel(runbook, channel, faults);
        if (faults.count() != before) faults.parts().mark(channel.place, kChannelUse);
    }
    for (const RunbookStep& step : runbook.steps) {
        for (const auto& names : {step.opens, step.closes}) {
            for (const std::string& name : names) {
                if (std::count(known.begin(), known.end(), name) > 0) continue;
                faults.add(
                    step.place, DiagnosticCode::kUnknownName,
                    "step '" + step.id + "': unknown channel '" + name + "'" + did_you_mean(name, known));
            }
        }
    }
}

}  // namespace

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::kPrepare: return "prepare";
        case Phase::kPrecopy: return "precopy";
        case Phase::kStart: return "start";
        case Phase::kQuiesce: return "quiesce";
        case Phase::kFinalSync: return "final-sync";
        case Phase::kVerify: return "verify";
        case Phase::kSwitch: return "switch";
        case Phase::kSoak: return "soak";
        case Phase::kDecommission: return "decommission";
    }
    ARARAT_CHECK(false, "a Phase outside its enum");
}

std::optional<RetryPolicy> read_retry(const TreeNode& node) {
    if (node.kind != TreeNode::Kind::kMap) return std::nullopt;
    RetryPolicy retry;
    retry.attempts_max = integer_at(node, "attempts", retry.attempts_max);
    retry.backoff_first = duration_at(node, "backoff").value_or(retry.backoff_first);
    retry.backoff_max = duration_at(node, "backoff_max").value_or(retry.backoff_max);
    return retry;
}

Runbook read_runbook(const std::string& id, const TreeNode& node, const SourcePlace& place,
                     DiagnosticList& faults) {
    Runbook runbook;
    runbook.id = id;
    runbook.place = place;
    if (node.kind != TreeNode::Kind::kMap) return runbook;
    add_params(node, runbook);
    add_channels(node, runbook, faults);
    for (const TreeNode& item : items_at(node, "steps")) {
        if (item.kind == TreeNode::Kind::kMap) runbook.steps.push_back(read_step(item, faults));
    }
    if (runbook.steps.size() > kStepsMax) {
        faults.add(place, DiagnosticCode::kTooLarge,
                   "runbook '" + id + "' has " + std::to_string(runbook.steps.size()) +
                       " steps, the limit is " + std::to_string(kStepsMax));
        faults.parts().mark(place, "steps");
        return runbook;
    }
    check_step_ids(runbook, faults);
    check_channels(runbook, faults);
    return runbook;
}

}  // namespace ararat::planning
