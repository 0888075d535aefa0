// Waves that the plan pins: which groups they take, and when they start.
#include <algorithm>

#include "base/join.h"
#include "planning/programme_draft.h"

namespace ararat::planning {
namespace {

using scheduler::JobIndex;
using scheduler::Minute;

void fix(ProgrammeDraft& draft, JobIndex index, Minute start, std::int32_t way, const Origin& origin) {
    scheduler::Job& job = draft.job(index);
    job.fixed_start = start;
    job.fixed_way = way;
    job.release = std::min(job.release, start);
    draft.origin(index).release = origin;
    scheduler::Programme& programme = draft.problem.programme;
    for (std::uint32_t i = 0; i < job.ways.count; ++i) {
        // It is where it is, whatever a calendar says.
        programme.ways[job.ways.first + i].calendar = scheduler::kNone;
    }
}

// When each of the wave's cutovers begins after the wave: what it needs of the wave is over by then.
std::map<JobIndex, Minute> offsets_in(const ProgrammeDraft& draft, const std::vector<JobIndex>& cutovers) {
    std::map<JobIndex, Minute> offsets;
    for (const JobIndex job : cutovers) offsets[job] = 0;
    const scheduler::Programme& programme = draft.problem.programme;
    std::vector<const scheduler::Lag*> inside;
    for (const scheduler::Lag& lag : programme.lags) {
        if (lag.from_end && offsets.contains(lag.from) && offsets.contains(lag.to)) inside.push_back(&lag);
    }
    // Needs between groups have no circles, so that this many rounds are enough.
    for (std::size_t round = 0; round < cutovers.size(); ++round) {
        bool changed = false;
        for (const scheduler::Lag* lag : inside) {
            const scheduler::Job& from = programme.jobs[static_cast<std::size_t>(lag->from)];
            const Minute end = offsets[lag->from] + programme.ways_of(from).front().duration + lag->lag;
            changed = changed || offsets[lag->to] < end;
            offsets[lag->to] = std::max(offsets[lag->to], end);
        }
        if (!changed) break;
    }
    return offsets;
}

void fix_wave(ProgrammeDraft& draft, const WavePin& pin, const std::vector<JobIndex>& cutovers) {
    const Origin origin{"wave " + pin.id.str() + (pin.frozen ? " is frozen" : " is published") +
                            " to start at " + local_text(*pin.at, draft.plan.timezone),
                        pin.place};
    for (const auto& [job, offset] : offsets_in(draft, cutovers)) {
        const Minute start = draft.minute_up(*pin.at) + offset;
        draft.job(job).published_start = start;
        if (pin.frozen) fix(draft, job, start, 0, origin);
    }
}

void fix_move(ProgrammeDraft& draft, const FixedMove& move) {
    const auto& groups = draft.problem.move_groups.groups;
    const auto at = std::ranges::find(groups, move.group, &MoveGroup::id);
    if (at == groups.end()) return;  // the plan has it no more
    const auto index = static_cast<std::size_t>(at - groups.begin());
    const auto& ways = draft.problem.group_ways[index];
    const auto way = std::ranges::find(ways, move.way, &GroupWay::name);
    const auto way_index = way == ways.end() ? 0 : static_cast<std::int32_t>(way - ways.begin());
    const Minute start = draft.minute_up(move.start);
    const auto& jobs = draft.problem.jobs;
    for (std::size_t job = 0; job < jobs.size(); ++job) {
        if (jobs[job].group != index || jobs[job].kind != move.kind) continue;
        fix(draft, static_cast<JobIndex>(job), start, way_index,
            {"it was started at " + draft.moment(start), jobs[job].place});
    }
}

}  // namespace

std::vector<std::optional<std::size_t>> pins_of_groups(ProgrammeDraft& draft) {
    const auto& groups = draft.problem.move_groups.groups;
    std::map<MoveGroupId, std::size_t> index_of;
    for (std::size_t i = 0; i < groups.size(); ++i) index_of[groups[i].id] = i;
    std::vector<std::optional<std::size_t>> pins(groups.size());
    std::vector<ApplicationId> first(groups.size());
    for (std::size_t pin = 0; pin < draft.plan.waves.size(); ++pin) {
        const WavePin& wave = draft.plan.waves[pin];
        draft.problem.waves.push_back(wave.id);
        if (wave.applications.empty()) {
            draft.fault(wave.place, "wave " + wave.id.str() + " has no applications");
        }
        for (const ApplicationId& id : wave.applications) {
            const std::size_t group = index_of.at(draft.problem.move_groups.group_of.at(id));
            if (!pins[group]) {
                pins[group] = pin;
                first[group] = id;
            } else if (*pins[group] != pin) {
                const WavePin& other = draft.plan.waves[*pins[group]];
                draft.fault(wave.place,
                            "wave " + wave.id.str() + " takes " + id.str() + " and wave " + other.id.str() +
                                " (" + to_string(other.place) + ") takes " + first[group].str() +
                                ", which must move together: " + join(groups[group].reasons, "; "));
            }
        }
    }
    draft.problem.programme.wave_count = static_cast<std::int32_t>(draft.plan.waves.size());
    return pins;
}

void fix_starts(ProgrammeDraft& draft) {
    std::map<std::int32_t, std::vector<JobIndex>> cutovers;
    for (const GroupJobs& jobs : draft.problem.group_jobs) {
        if (jobs.cutover == scheduler::kNone) continue;
        const std::int32_t wave = draft.job(jobs.cutover).wave;
        if (wave != scheduler::kNone) cutovers[wave].push_back(jobs.cutover);
    }
    for (const auto& [wave, jobs] : cutovers) {
        const WavePin& pin = draft.plan.waves[static_cast<std::size_t>(wave)];
        if (pin.at) fix_wave(draft, pin, jobs);
    }
    for (const FixedMove& move : draft.options.fixed) fix_move(draft, move);
}

}  // namespace ararat::planning
