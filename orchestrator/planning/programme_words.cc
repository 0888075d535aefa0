#include "planning/programme_words.h"

#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "planning/calendar.h"
#include "planning/diagnostic.h"

namespace ararat::planning {
namespace {

using scheduler::Constraint;
using scheduler::ConstraintKind;
using scheduler::HeldBy;
using scheduler::HoldKind;
using scheduler::JobIndex;
using scheduler::Minute;
using scheduler::WhyStep;

constexpr std::size_t kNamedMax = 3;

// Where the plan says so, and what it says; without a place it is what follows from the rest.
Origin origin_of(const ProgrammeProblem& problem, const Constraint& constraint) {
    const auto at = static_cast<std::size_t>(constraint.index);
    switch (constraint.kind) {
        case ConstraintKind::kRelease:
            return problem.jobs[at].release.value_or(
                Origin{problem.jobs[at].name + " has a time before which it does not begin",
                       problem.jobs[at].place});
        case ConstraintKind::kDeadline:
            return problem.jobs[at].due.value_or(
                Origin{"the deadline of " + problem.jobs[at].name, problem.jobs[at].place});
        case ConstraintKind::kHorizon: return {"the planning horizon's end", {}};
        case ConstraintKind::kCalendar: return {problem.calendars[at].text, problem.calendars[at].place};
        case ConstraintKind::kResource: return problem.resources[at];
        case ConstraintKind::kStock: return problem.stocks[at];
        case ConstraintKind::kBudget: return problem.budgets[at];
        case ConstraintKind::kLag: return problem.lags[at];
        case ConstraintKind::kApart: return problem.apart[at];
        case ConstraintKind::kWave: return {"pinned wave " + problem.waves[at].str(), {}};
        case ConstraintKind::kFixed:
            return {"the start of " + problem.jobs[at].name + " is fixed", problem.jobs[at].place};
    }
    ARARAT_CHECK(false, "a ConstraintKind outside its enum");
}

std::string with_place(const Origin& origin) {
    return origin.place.line == 0 ? origin.text : origin.text + " (" + to_string(origin.place) + ")";
}

std::string names_of(const ProgrammeProblem& problem, const std::vector<JobIndex>& jobs) {
    std::string text;
    for (std::size_t i = 0; i < std::min(jobs.size(), kNamedMax); ++i)
        text += (i == 0 ? "" : ", ") + problem.jobs[static_cast<std::size_t>(jobs[i])].name;
    if (jobs.size() > kNamedMax) text += " and " + std::to_string(jobs.size() - kNamedMax) + " more";
    return text;
}

std::string held_text(const Plan& plan, const ProgrammeProblem& problem, const HeldBy& held) {
    std::string text = with_place(origin_of(problem, held.constraint));
    if (!held.blockers.empty()) text += ", with " + names_of(problem, held.blockers);
    return text + "; without it from " + moment_of(plan, problem, held.would_start);
}

std::string step_line(const Plan& plan, const ProgrammeProblem& problem, const WhyStep& step) {
    std::string line = problem.jobs[static_cast<std::size_t>(step.job)].name + " begins " +
                       moment_of(plan, problem, step.start);
    switch (step.kind) {
        case HoldKind::kOrigin: return line + ": as early as there is";
        case HoldKind::kFixed: return line + ": it is done, under way or pinned to that time";
        case HoldKind::kNothing:
            return line + ": nothing holds it; it could begin " + moment_of(plan, problem, step.free_from);
        case HoldKind::kAlone: line += ", not earlier because of "; break;
        case HoldKind::kTogether: line += ", not earlier because of all of these: "; break;
    }
    const std::size_t shown = step.kind == HoldKind::kAlone ? 1 : step.by.size();
    for (std::size_t i = 0; i < std::min(shown, step.by.size()); ++i)
        line += (i == 0 ? "" : "; and ") + held_text(plan, problem, step.by[i]);
    return line;
}

std::string refusal_line(const Plan& plan, const ProgrammeProblem& problem,
                         const scheduler::StartRefusal& refusal) {
    std::string line = with_place(origin_of(problem, refusal.constraint));
    if (!refusal.blockers.empty()) line += ", with " + names_of(problem, refusal.blockers);
    line += refusal.until == scheduler::kNoMinute
                ? " refuses every later start too"
                : " refuses until " + moment_of(plan, problem, refusal.until);
    if (refusal.over > 0) line += " (over by " + std::to_string(refusal.over) + ")";
    return line;
}

// Without the maximum lags that tie a cutover to its own hypercare; lags keep their numbers.
scheduler::Programme without_own_hypercare(const scheduler::Programme& programme) {
    scheduler::Programme loose = programme;
    for (scheduler::Lag& lag : loose.lags) {
        const auto& from = programme.jobs[static_cast<std::size_t>(lag.from)];
        const auto& to = programme.jobs[static_cast<std::size_t>(lag.to)];
        const bool own = from.kind == scheduler::JobKind::kHypercare && from.group == to.group;
        if (own && lag.lag < 0) lag.lag = -2 * programme.horizon;
    }
    return loose;
}

}  // namespace

std::string words_of(const ProgrammeProblem& problem, const Constraint& constraint) {
    return with_place(origin_of(problem, constraint));
}

std::string moment_of(const Plan& plan, const ProgrammeProblem& problem, Minute minute) {
    return local_text(instant_of(problem, minute), plan.timezone);
}

std::vector<std::size_t> groups_of(const Plan& plan, const Schedule& schedule, const std::string& name) {
    const auto has_host = [&](const ApplicationId& id) {
        const auto& components = plan.applications.at(id).components;
        return std::ranges::any_of(components, [&](const Component& component) {
            return std::ranges::any_of(component.hosts,
                                       [&](const HostId& host) { return host.str() == name; }) ||
                   std::ranges::any_of(component.targets,
                                       [&](const TargetHost& target) { return target.host.str() == name; });
        });
    };
    std::vector<std::size_t> groups;
    for (std::size_t i = 0; i < schedule.groups.size(); ++i) {
        const MoveGroup& group = schedule.groups[i];
        const bool named = group.id.str() == name || group.wave.str() == name;
        const bool holds = std::ranges::any_of(
            group.applications, [&](const ApplicationId& id) { return id.str() == name || has_host(id); });
        if (named || holds) groups.push_back(i);
    }
    return groups;
}

std::vector<std::string> why_lines(const Plan& plan, const ProgrammeProblem& problem,
                                   const scheduler::ProgrammeTimes& times, JobIndex job) {
    // What stays with a move goes where the move goes. Where that is what holds it, all of the programme is
    // asked.
    const scheduler::Programme loose = without_own_hypercare(problem.programme);
    std::vector<WhyStep> steps = scheduler::Explanation(loose, times).why(job);
    if (!steps.empty() && steps.front().kind == HoldKind::kNothing)
        steps = scheduler::Explanation(problem.programme, times).why(job);
    std::vector<std::string> lines;
    for (const WhyStep& step : steps) lines.push_back(step_line(plan, problem, step));
    return lines;
}

std::vector<std::string> why_not_lines(const Plan& plan, const ProgrammeProblem& problem,
                                       const scheduler::ProgrammeTimes& times, JobIndex job, Minute minute) {
    const scheduler::Explanation explanation(problem.programme, times);
    const auto answer = explanation.why_not(job, minute);
    std::vector<std::string> lines;
    for (const auto& refusal : answer.refusals) lines.push_back(refusal_line(plan, problem, refusal));
    const std::string& name = problem.jobs[static_cast<std::size_t>(job)].name;
    if (lines.empty()) {
        lines.push_back(name + " may begin " + moment_of(plan, problem, minute) + ": nothing refuses it");
    } else if (answer.next == scheduler::kNoMinute) {
        lines.push_back("with all others where they are " + name + " may begin at no later time");
    } else {
        lines.push_back("with all others where they are " + name + " may begin from " +
                        moment_of(plan, problem, answer.next));
    }
    return lines;
}

Error conflict_error(const Plan& plan, const ProgrammeProblem& problem, const scheduler::Conflict& conflict) {
    const bool proved = conflict.standing == scheduler::ConflictStanding::kProved;
    const std::string count = std::to_string(conflict.constraints.size());
    const std::string how = proved ? "proved: " : "not found: ";
    const std::string what =
        conflict.constraints.size() == 1
            ? "this alone leaves no schedule"
            : std::string(conflict.minimal ? "these " : "among these ") + count +
                  (conflict.minimal ? " cannot hold together, and without any one of them there is a schedule"
                                    : " something cannot hold together");
    DiagnosticList faults;
    const auto code = proved ? DiagnosticCode::kNoSchedule : DiagnosticCode::kNotPlaced;
    if (conflict.constraints.empty()) {
        faults.add({}, code, how + "what is fixed leaves no schedule");
        return error_of(faults);
    }
    static_cast<void>(plan);
    for (const Constraint& constraint : conflict.constraints) {
        const Origin origin = origin_of(problem, constraint);
        faults.add(origin.place, code, how + origin.text + ": " + what);
    }
    return error_of(faults);
}

}  // namespace ararat::planning
