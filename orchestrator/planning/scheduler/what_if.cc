#include "planning/scheduler/what_if.h"

#include <algorithm>

#include "planning/scheduler/programme_edit.h"

namespace ararat::planning::scheduler {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// A programme with its schedule and forecast, where there are any.
struct Side {
    const Programme& programme;
    const SolvedProgramme* solved;
    std::optional<Forecast> forecast;
    std::optional<Error> not_forecast;
};

WhatIfSide side_of(const Side& side) {
    WhatIfSide told;
    if (side.solved == nullptr) return told;
    const Programme& programme = side.programme;
    told.score = score_of(programme, side.solved->times);
    told.lower_bound = side.solved->lower_bound;
    for (JobIndex job = 0; at(job) < programme.jobs.size(); ++job) {
        const Minute due = programme.jobs[at(job)].due;
        if (due != kNoMinute && end_of(programme, side.solved->times, job) > due) ++told.late_jobs;
    }
    if (side.forecast) told.finish = side.forecast->finish;
    told.not_forecast = side.not_forecast;
    return told;
}

std::optional<double> missed_of(const Side& side, JobIndex job) {
    if (!side.forecast) return std::nullopt;
    const auto found = std::ranges::find(side.forecast->dues, job, &ForecastOfDue::job);
    if (found == side.forecast->dues.end()) return std::nullopt;
    return found->missed;
}

std::vector<WhatIfDue> dues_of(const Side (&sides)[2]) {
    std::vector<WhatIfDue> rows;
    for (JobIndex job = 0; at(job) < sides[0].programme.jobs.size(); ++job) {
        WhatIfDue row;
        row.job = job;
        for (std::size_t k = 0; k < 2; ++k) {
            row.due[k] = sides[k].programme.jobs[at(job)].due;
            if (row.due[k] == kNoMinute) continue;
            if (sides[k].solved != nullptr)
                row.slack[k] = row.due[k] - end_of(sides[k].programme, sides[k].solved->times, job);
            row.missed[k] = missed_of(sides[k], job);
        }
        if (row.due[0] != kNoMinute || row.due[1] != kNoMinute) rows.push_back(row);
    }
    return rows;
}

std::vector<WhatIfBudget> budgets_of(const Side (&sides)[2]) {
    std::vector<Minute> used[2];
    const std::size_t months = sides[0].programme.month_starts.size();
    const std::size_t count = sides[0].programme.budgets.size() * months;
    for (std::size_t k = 0; k < 2; ++k) {
        if (sides[k].solved != nullptr) used[k] = outage_used(sides[k].programme, sides[k].solved->times);
        used[k].resize(count, 0);
    }
    std::vector<WhatIfBudget> rows;
    for (std::size_t i = 0; i < count; ++i) {
        if (used[0][i] == 0 && used[1][i] == 0) continue;
        WhatIfBudget row;
        row.service = static_cast<std::int32_t>(i / months);
        row.month = static_cast<std::int32_t>(i % months);
        for (std::size_t k = 0; k < 2; ++k) {
            row.left[k] = sides[k].programme.budgets[i / months].left[i % months];
            row.used[k] = used[k][i];
        }
        rows.push_back(row);
    }
    return rows;
}

void add_moves(WhatIf& result, const Side (&sides)[2]) {
    if (sides[0].solved == nullptr || sides[1].solved == nullptr) return;
    const ProgrammeTimes& before = sides[0].solved->times;
    const ProgrammeTimes& after = sides[1].solved->times;
    for (JobIndex job = 0; at(job) < sides[0].programme.jobs.size(); ++job) {
        if (before.start[at(job)] == after.start[at(job)] && before.way[at(job)] == after.way[at(job)])
            continue;
        result.moved.push_back(
            {job, {before.start[at(job)], after.start[at(job)]}, {before.way[at(job)], after.way[at(job)]}});
        const Job& moved = sides[0].programme.jobs[at(job)];
        if (moved.kind == JobKind::kCutover) result.moved_hosts += moved.hosts;
    }
}

void add_forecast(Side& side, const ForecastProgramme& forecast) {
    if (!forecast || side.solved == nullptr) return;
    Result<Forecast> made = forecast(side.programme, side.solved->times);
    if (made.ok()) {
        side.forecast = std::move(*made);
    } else {
        side.not_forecast = made.error();
    }
}

}  // namespace

WhatIf what_if(const Programme& programme, const SolvedProgramme& present,
               std::span<const ProgrammeChange> changes, const SolveProgramme& solve,
               const ForecastProgramme& forecast) {
    WhatIf result;
    ChangedProgramme changed = with_changes(programme, changes);
    result.faults = std::move(changed.faults);
    result.programme = std::move(changed.programme);
    Result<SolvedProgramme> solved = solve(result.programme);
    if (solved.ok()) result.solved = std::move(*solved);
    Side sides[2] = {{programme, &present, {}, {}},
                     {result.programme, result.solved ? &*result.solved : nullptr, {}, {}}};
    for (std::size_t k = 0; k < 2; ++k) {
        add_forecast(sides[k], forecast);
        result.side[k] = side_of(sides[k]);
    }
    if (!solved.ok()) result.side[1].unsolved = solved.error();
    result.dues = dues_of(sides);
    result.budgets = budgets_of(sides);
    add_moves(result, sides);
    return result;
}

}  // namespace ararat::planning::scheduler
