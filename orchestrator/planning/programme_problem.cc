#include "planning/programme_problem.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "base/join.h"
#include "base/units.h"
#include "planning/programme_draft.h"
#include "planning/schedule_problem.h"

namespace ararat::planning {
namespace {

void check_groups(ProgrammeDraft& draft) {
    for (const Cycle& cycle : draft.problem.move_groups.cycles) {
        if (cycle.nodes.size() > 1) continue;
        draft.fault(cycle.edges.front().place, "application " + cycle.nodes.front() + " needs itself");
    }
    check_pairs(draft.plan, draft.problem.move_groups, draft.problem.pair_turns, draft.faults);
}

void note_assumptions(ProgrammeDraft& draft) {
    std::vector<std::string> lengths;
    std::vector<std::string> outages;
    for (const auto& [id, application] : draft.plan.applications) {
        if (!application.ways.empty()) continue;
        if (!application.expected_duration) lengths.push_back(id.str());
        const bool counts = draft.budget_of.contains(application.service);
        if (counts && !application.expected_outage) outages.push_back(id.str());
    }
    if (!lengths.empty()) {
        draft.problem.notes.push_back("the plan does not say how long these take to cut over, " +
                                      format_duration(draft.options.assumed_cutover) +
                                      " each is assumed: " + join(lengths, ", "));
    }
    if (!outages.empty()) {
        draft.problem.notes.push_back(
            "the plan does not say how long the service is down for these, their whole cutover is charged: " +
            join(outages, ", "));
    }
}

// What neither is a move nor waits for one comes when it comes: it says nothing of how good a schedule is.
void leave_out_of_finish(ProgrammeDraft& draft) {
    scheduler::Programme& programme = draft.problem.programme;
    std::vector<std::vector<scheduler::JobIndex>> followers(programme.jobs.size());
    for (const scheduler::Lag& lag : programme.lags) {
        if (lag.lag >= 0) followers[static_cast<std::size_t>(lag.from)].push_back(lag.to);
    }
    std::vector<scheduler::JobIndex> open;
    for (std::size_t job = 0; job < programme.jobs.size(); ++job) {
        programme.jobs[job].counts = programme.jobs[job].group != scheduler::kNone;
        if (programme.jobs[job].counts) open.push_back(static_cast<scheduler::JobIndex>(job));
    }
    while (!open.empty()) {
        const scheduler::JobIndex job = open.back();
        open.pop_back();
        for (const scheduler::JobIndex next : followers[static_cast<std::size_t>(job)]) {
            bool& counts = programme.jobs[static_cast<std::size_t>(next)].counts;
            if (!counts) open.push_back(next);
            counts = true;
        }
    }
}

}  // namespace

Result<ProgrammeProblem> make_programme(const Plan& plan, Instant as_of, const ProgrammeOptions& options) {
    ProgrammeDraft draft(plan, as_of, options);
    draft.problem.move_groups = make_move_groups(plan);
    draft.problem.wave_hosts_max = plan.scheduling.wave_hosts_max;
    draft.problem.detail_waves = plan.scheduling.detail_waves;
    check_groups(draft);
    if (!draft.faults.empty()) return error_of(draft.faults);
    add_capacities(draft);
    add_groups(draft);
    add_tasks(draft);
    add_orders(draft);
    add_deadlines(draft);
    fix_starts(draft);
    if (!draft.faults.empty()) return error_of(draft.faults);
    leave_out_of_finish(draft);
    note_assumptions(draft);
    return std::move(draft.problem);
}

Instant instant_of(const ProgrammeProblem& problem, scheduler::Minute minute) {
    return problem.origin + std::chrono::minutes{minute};
}

std::vector<TimedJob> timeline_of(const ProgrammeProblem& problem, const scheduler::ProgrammeTimes& times) {
    const std::size_t count = problem.jobs.size();
    ARARAT_CHECK(times.start.size() == count && times.way.size() == count, "times of another programme");
    std::vector<TimedJob> timeline;
    timeline.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto job = static_cast<scheduler::JobIndex>(i);
        const JobOrigin& origin = problem.jobs[i];
        TimedJob timed{job, &origin, "", instant_of(problem, times.start[i]),
                       instant_of(problem, scheduler::end_of(problem.programme, times, job))};
        if (origin.group)
            timed.way = problem.group_ways[*origin.group][static_cast<std::size_t>(times.way[i])].name;
        timeline.push_back(std::move(timed));
    }
    std::ranges::sort(timeline, [](const TimedJob& a, const TimedJob& b) {
        return std::tie(a.start, a.end, a.job) < std::tie(b.start, b.end, b.job);
    });
    return timeline;
}

}  // namespace ararat::planning
