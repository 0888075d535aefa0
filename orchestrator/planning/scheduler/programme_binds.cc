#include "planning/scheduler/programme_binds.h"

#include <algorithm>
#include <set>

namespace ararat::planning::scheduler {
namespace {

constexpr Minute kMinutesOfADay = 1440;

std::int32_t unit_of(const std::vector<std::int32_t>& units, std::int32_t index) {
    return units.empty() ? 1 : units[static_cast<std::size_t>(index)];
}

// A window like `model`, before it: whole days earlier where the gap has room for that, so that nights stay
// nights, else in the middle of the gap. Windows never touch.
std::optional<OpenTime> window_in_gap(Minute gap_start, const OpenTime& model) {
    const Minute length = model.end - model.start;
    const Minute room = model.start - gap_start;
    if (room < length + 2) return std::nullopt;
    const Minute days = (length / kMinutesOfADay + 1) * kMinutesOfADay;  // the fewest that do not touch
    Minute start = model.start - days;
    if (start < gap_start + 1) start = gap_start + 1 + (room - length - 2) / 2;
    return OpenTime{start, start + length, start + (model.latest_start - model.start)};
}

std::optional<OpenTime> add_window(OpenTimes& calendar, Minute by) {
    auto& windows = calendar.windows;
    auto model = std::ranges::lower_bound(windows, by, {}, &OpenTime::start);
    if (model == windows.end() && model != windows.begin()) --model;
    while (model != windows.end()) {
        // Before the first the gap begins at the origin, which no window can touch.
        const Minute gap_start = model == windows.begin() ? -1 : std::prev(model)->end;
        if (const std::optional<OpenTime> window = window_in_gap(gap_start, *model)) {
            windows.insert(model, *window);
            return window;
        }
        if (model == windows.begin()) break;
        --model;
    }
    return std::nullopt;
}

// What may be relieved, and by which minute that should help.
struct Candidate {
    Constraint constraint;
    Minute by = kNoMinute;
    bool on_chain = false;
};

bool can_be_relieved(ConstraintKind kind) {
    switch (kind) {
        case ConstraintKind::kRelease:
        case ConstraintKind::kDeadline:
        case ConstraintKind::kCalendar:
        case ConstraintKind::kResource:
        case ConstraintKind::kStock:
        case ConstraintKind::kBudget: return true;
        case ConstraintKind::kHorizon:
        case ConstraintKind::kLag:
        case ConstraintKind::kApart:
        case ConstraintKind::kWave:
        case ConstraintKind::kFixed: break;
    }
    return false;
}

// Those on the chain, nearest to the end first; then what all jobs share; then deadlines, the tightest first.
std::vector<Candidate> candidates_of(const Programme& programme, const ProgrammeTimes& times,
                                     const std::vector<WhyStep>& chain) {
    std::vector<Candidate> found;
    std::set<Constraint> known;
    const auto add = [&](const Candidate& candidate) {
        if (can_be_relieved(candidate.constraint.kind) && known.insert(candidate.constraint).second)
            found.push_back(candidate);
    };
    for (const WhyStep& step : chain)
        for (const HeldBy& held : step.by) add({held.constraint, step.start, true});
    std::vector<Constraint> deadlines;
    for (const Constraint& constraint : constraints_of(programme)) {
        if (constraint.kind == ConstraintKind::kDeadline) deadlines.push_back(constraint);
        if (constraint.kind != ConstraintKind::kDeadline && constraint.kind != ConstraintKind::kRelease)
            add({constraint, kNoMinute, false});
    }
    const auto slack = [&](const Constraint& deadline) {
        return std::int64_t{programme.jobs[static_cast<std::size_t>(deadline.index)].due} -
               end_of(programme, times, deadline.index);
    };
    std::ranges::stable_sort(deadlines, {}, slack);
    for (const Constraint& deadline : deadlines) add({deadline, kNoMinute, false});
    return found;
}

// Whether the schedule is worth more, and by what.
void credit(Relief& relief, const ProgrammeScore& present, const ProgrammeScore& with) {
    relief.score = std::min(present, with);
    relief.finish_earlier = std::int64_t{present.finish} - relief.score.finish;
    relief.late_pence_less = present.late_pence - relief.score.late_pence;
}

}  // namespace

std::optional<Programme> relieved(const Programme& programme, const Constraint& constraint,
                                  const ReliefOptions& options, Minute by, Relief& relief) {
    Programme more = programme;
    const auto at = static_cast<std::size_t>(constraint.index);
    relief.constraint = constraint;
    switch (constraint.kind) {
        case ConstraintKind::kRelease: {
            Minute& release = more.jobs[at].release;
            relief.units = std::min(release, options.release_minutes);
            release -= static_cast<Minute>(relief.units);
            return more;
        }
        case ConstraintKind::kDeadline:
            relief.units = options.deadline_minutes;
            more.jobs[at].due += options.deadline_minutes;
            return more;
        case ConstraintKind::kCalendar: {
            const std::optional<OpenTime> window = add_window(more.calendars[at], by);
            if (!window) return std::nullopt;
            relief.units = 1;
            relief.window_start = window->start;
            return more;
        }
        case ConstraintKind::kResource:
            relief.units = unit_of(options.resource_units, constraint.index);
            if (more.resources[at].steps.empty()) more.resources[at].steps.push_back({0, 0});
            for (CapacityStep& step : more.resources[at].steps)
                step.capacity += static_cast<std::int32_t>(relief.units);
            return more;
        case ConstraintKind::kStock:
            relief.units = unit_of(options.stock_units, constraint.index);
            more.stocks[at].level += static_cast<std::int32_t>(relief.units);
            return more;
        case ConstraintKind::kBudget:
            relief.units = options.budget_minutes;
            for (Minute& left : more.budgets[at].left) left += options.budget_minutes;
            return more;
        case ConstraintKind::kHorizon:
        case ConstraintKind::kLag:
        case ConstraintKind::kApart:
        case ConstraintKind::kWave:
        case ConstraintKind::kFixed: break;
    }
    return std::nullopt;
}

Binding what_binds(const Programme& programme, const ProgrammeTimes& times, const SolveFunction& solve,
                   const ReliefOptions& options) {
    Binding binding;
    binding.times = times;
    binding.score = score_of(programme, times);
    const Explanation explanation(programme, times);
    if (const JobIndex last = explanation.last_job(); last != kNone) binding.chain = explanation.why(last);
    if (options.solves_max > 0) {
        ++binding.solves;
        const std::optional<ProgrammeTimes> again = solve(programme);
        if (again && score_of(programme, *again) < binding.score) {
            binding.times = *again;
            binding.score = score_of(programme, *again);
        }
    }
    for (const Candidate& candidate : candidates_of(programme, times, binding.chain)) {
        Relief relief;
        const std::optional<Programme> more =
            relieved(programme, candidate.constraint, options, candidate.by, relief);
        if (!more) continue;
        if (binding.solves >= options.solves_max) {
            binding.all_tried = false;
            break;
        }
        ++binding.solves;
        const std::optional<ProgrammeTimes> with = solve(*more);
        relief.on_chain = candidate.on_chain;
        credit(relief, binding.score, with ? score_of(*more, *with) : binding.score);
        binding.reliefs.push_back(relief);
    }
    std::ranges::stable_sort(binding.reliefs, [](const Relief& a, const Relief& b) {
        if (a.score.late_pence != b.score.late_pence) return a.score.late_pence < b.score.late_pence;
        if (a.score.finish != b.score.finish) return a.score.finish < b.score.finish;
        return a.on_chain && !b.on_chain;
    });
    return binding;
}

}  // namespace ararat::planning::scheduler
