#include "base/sha256.h"
#include "execution/engine_core.h"

namespace ararat::execution {
namespace {

// Each field with its length before it, so that no two states render alike.
class Rendering {
public:
    Rendering& text(const std::string& value) {
        bytes_ += std::to_string(value.size());
        bytes_ += ':';
        bytes_ += value;
        return *this;
    }
    Rendering& number(std::int64_t value) { return text(std::to_string(value)); }
    Rendering& time(Instant value) { return number(to_unix_ms(value)); }
    template <typename Id>
    Rendering& id(const Id& value) {
        return text(value.str());
    }
    [[nodiscard]] std::string hash() const { return sha256_hex(bytes_); }

private:
    std::string bytes_;
};

void render(Rendering& out, const TaskProgress& task) {
    out.number(static_cast<int>(task.state)).number(task.attempts).number(task.probes).number(task.undos);
    out.text(task.reason).number(static_cast<std::int64_t>(task.outputs.size()));
    for (const auto& [name, value] : task.outputs) out.text(name).text(value);
    out.number(static_cast<std::int64_t>(task.outputs_not_kept.size()));
    for (const auto& [name, why] : task.outputs_not_kept) out.text(name).text(why);
    out.number(task.already)
        .number(task.performed)
        .number(task.performed_before)
        .number(task.done)
        .number(task.effect_confirmed);
    out.number(task.in_flight ? static_cast<int>(*task.in_flight) : -1);
    out.number(task.attempts_base).number(task.undos_base).time(task.not_before).time(task.started_at);
    out.time(task.finished_at).number(static_cast<std::int64_t>(task.finished_sequence));
}

void render(Rendering& out, const Run& run) {
    out.id(run.id).id(run.wave).id(run.plan->hash).number(static_cast<int>(run.status)).text(run.started_by);
    out.text(run.reason)
        .number(run.ignore_window)
        .number(run.cancelling)
        .number(run.one_step)
        .time(run.started_at)
        .time(run.ended_at);
    out.number(static_cast<std::int64_t>(run.groups.size()));
    for (const auto& [group, state] : run.groups) out.id(group).number(static_cast<int>(state));
    out.number(static_cast<std::int64_t>(run.group_reasons.size()));
    for (const auto& [group, reason] : run.group_reasons) out.id(group).text(reason);
    out.number(static_cast<std::int64_t>(run.held_in_back_out.size()));
    for (const MoveGroupId& group : run.held_in_back_out) out.id(group);
    out.number(static_cast<std::int64_t>(run.late_returns.size()));
    for (const auto& [group, late] : run.late_returns) {
        out.id(group).time(late.latest).number(late.back_out.count()).time(late.window_end).id(late.task);
        out.number(static_cast<int>(late.answer)).number(late.go).text(late.by).text(late.reason);
    }
    out.number(static_cast<std::int64_t>(run.doubtful.size()));
    for (const MoveGroupId& group : run.doubtful) out.id(group);
    out.number(static_cast<std::int64_t>(run.held_for_clock.size()));
    for (const MoveGroupId& group : run.held_for_clock) out.id(group);
    for (const auto* of_groups : {&run.lacking, &run.ends_without}) {
        out.number(static_cast<std::int64_t>(of_groups->size()));
        for (const auto& [group, others] : *of_groups) {
            out.id(group).number(static_cast<std::int64_t>(others.size()));
            for (const MoveGroupId& other : others) out.id(other);
        }
    }
    out.number(static_cast<std::int64_t>(run.tasks.size()));
    for (const auto& [id, task] : run.tasks) {
        out.id(id);
        render(out, task);
    }
    out.number(static_cast<std::int64_t>(run.tickets.size()));
    for (const auto& [channel, ticket] : run.tickets) {
        out.id(channel).number(ticket.generation).number(ticket.active);
    }
}

void render_people(Rendering& out, const State& state) {
    out.number(static_cast<std::int64_t>(state.decisions.size()));
    for (const auto& [of, by_role] : state.decisions) {
        out.id(of.first).id(of.second).number(static_cast<std::int64_t>(by_role.size()));
        for (const auto& [role, decisions] : by_role) {
            out.id(role).number(static_cast<std::int64_t>(decisions.size()));
            for (const GateDecision& decision : decisions) {
                out.number(decision.granted).text(decision.by).text(decision.comment);
                out.id(decision.subtree).time(decision.at);
            }
        }
    }
    out.number(static_cast<std::int64_t>(state.subtree_authors.size()));
    for (const auto& [subtree, authors] : state.subtree_authors) {
        out.id(subtree).number(static_cast<std::int64_t>(authors.size()));
        for (const std::string& author : authors) out.text(author);
    }
}

}  // namespace

std::string fingerprint(const State& state) {
    Rendering out;
    out.number(static_cast<std::int64_t>(state.sequence))
        .number(static_cast<std::int64_t>(state.epoch))
        .time(state.epoch_at)
        .number(state.count_floor)
        .number(static_cast<std::int64_t>(state.loss_epoch))
        .time(state.loss_at);
    out.text(state.boot_id).time(state.booted_at).number(state.clock_jump.has_value());
    if (state.clock_jump) out.number(state.clock_jump->by.count()).time(state.clock_jump->at);
    out.id(state.project).text(state.plan ? state.plan->hash.str() : "");
    out.number(static_cast<std::int64_t>(state.runs.size()));
    for (const auto& [id, run] : state.runs) render(out, run);
    out.number(static_cast<std::int64_t>(state.moved.size()));
    for (const MoveGroupId& group : state.moved) out.id(group);
    render_people(out, state);
    out.number(static_cast<std::int64_t>(state.times.size()));
    for (const auto& [task, times] : state.times) {
        out.id(task).number(times.forward ? times.forward->count() : -1);
        out.number(times.undo ? times.undo->count() : -1);
    }
    for (const auto& [host, known] : state.hosts) {
        // A host without a journal id is there only for its derived count.
        if (!known.journal_id.empty()) out.id(host).text(known.journal_id).number(known.quarantined);
    }
    return out.hash();
}

}  // namespace ararat::execution
