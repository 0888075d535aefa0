// The waves of a solved programme: cutovers of one change window are one wave, pinned ones stay together, and
// what is more than a wave may hold is another wave of the same window.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/check.h"
#include "base/units.h"
#include "planning/dependency_graph.h"
#include "planning/programme_schedule.h"
#include "planning/programme_words.h"
#include "planning/schedule_problem.h"

namespace ararat::planning {
namespace {

using scheduler::JobIndex;
using scheduler::Minute;

struct Cutover {
    std::size_t group = 0;
    JobIndex job = 0;
    Minute start = 0;
    Minute end = 0;
    ChangeWindow window;
    std::int32_t pin = scheduler::kNone;
};

struct Draft {
    Wave wave;
    std::vector<Cutover> cutovers;
    int hosts = 0;
};

class WaveWriter {
public:
    WaveWriter(const Plan& plan, const ProgrammeProblem& problem, const scheduler::SolveResult& solution)
        : plan_(plan), problem_(problem), times_(solution.times), solution_(solution) {}

    Schedule run() {
        schedule_.groups = problem_.move_groups.groups;
        schedule_.pair_turns = problem_.pair_turns;
        schedule_.notes = problem_.notes;
        for (std::size_t group = 0; group < problem_.group_jobs.size(); ++group) take(group);
        std::ranges::sort(drafts_, {}, [this](const Draft& draft) { return key_of(draft); });
        name_waves();
        for (Draft& draft : drafts_) write(draft);
        for (Draft& draft : drafts_) order(draft);
        for (Draft& draft : drafts_) schedule_.waves.push_back(std::move(draft.wave));
        std::ranges::sort(schedule_.placements, {}, &Placement::group);
        write_critical_path();
        write_bound();
        return std::move(schedule_);
    }

private:
    [[nodiscard]] const scheduler::Job& job(JobIndex index) const {
        return problem_.programme.jobs[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] const scheduler::Way& way(JobIndex index) const {
        const auto chosen = times_.way[static_cast<std::size_t>(index)];
        return problem_.programme.ways_of(job(index))[static_cast<std::size_t>(chosen)];
    }

    // The window that its calendar has there. What no calendar restricts is grouped by day, and its window is
    // any time: what approvals bind to does not depend on when the plan was made.
    [[nodiscard]] ChangeWindow window_of(JobIndex index, Instant start) const {
        const std::int32_t calendar = way(index).calendar;
        if (calendar != scheduler::kNone) {
            const auto& windows = problem_.calendars[static_cast<std::size_t>(calendar)].windows.windows;
            for (const ChangeWindow& window : windows) {
                if (window.start <= start && start < window.end) return window;
            }
        }
        return {kAnyTimeStart, kAnyTimeEnd, kAnyTimeEnd};
    }

    void take(std::size_t group) {
        Cutover cutover;
        cutover.group = group;
        cutover.job = problem_.group_jobs[group].cutover;
        cutover.start = times_.start[static_cast<std::size_t>(cutover.job)];
        cutover.end = scheduler::end_of(problem_.programme, times_, cutover.job);
        cutover.window = window_of(cutover.job, instant_of(problem_, cutover.start));
        cutover.pin = job(cutover.job).wave;
        Draft& draft = draft_for(cutover);
        draft.hosts += job(cutover.job).hosts;
        draft.cutovers.push_back(cutover);
    }

    Draft& draft_for(const Cutover& cutover) {
        constexpr Minute kDay = 1440;
        const int hosts = job(cutover.job).hosts;
        for (Draft& draft : drafts_) {
            const Cutover& first = draft.cutovers.front();
            if (cutover.pin != first.pin) continue;
            if (cutover.pin != scheduler::kNone) return draft;
            if (first.window != cutover.window) continue;
            const bool any_time = cutover.window.end == kAnyTimeEnd;
            if (any_time && first.start / kDay != cutover.start / kDay) continue;
            const bool fits = !problem_.wave_hosts_max || draft.hosts + hosts <= *problem_.wave_hosts_max;
            if (fits) return draft;
        }
        return drafts_.emplace_back();
    }

    [[nodiscard]] std::tuple<Minute, Minute, std::string> key_of(const Draft& draft) const {
        Minute start = scheduler::kNoMinute;
        Minute end = 0;
        for (const Cutover& cutover : draft.cutovers) {
            start = std::min(start, cutover.start);
            end = std::max(end, cutover.end);
        }
        return {start, end, problem_.move_groups.groups[draft.cutovers.front().group].id.str()};
    }

    void name_waves() {
        std::set<WaveId> taken;
        for (const WavePin& pin : plan_.waves) taken.insert(pin.id);
        int number = 0;
        for (Draft& draft : drafts_) {
            const std::int32_t pin = draft.cutovers.front().pin;
            if (pin != scheduler::kNone) {
                draft.wave.id = problem_.waves[static_cast<std::size_t>(pin)];
                continue;
            }
            do {
                draft.wave.id = WaveId{"wave-" + std::to_string(++number)};
            } while (taken.contains(draft.wave.id));
        }
    }

    void write(Draft& draft) {
        Wave& wave = draft.wave;
        const ChangeWindow& first = draft.cutovers.front().window;
        wave.window_start = first.start;
        wave.window_end = first.end;
        wave.latest_start = first.latest_start;
        for (const WavePin& pin : plan_.waves) {
            if (pin.id == wave.id) wave.start_auto = pin.start_auto;
        }
        for (const Cutover& cutover : draft.cutovers) {
            // Of a pinned wave whose groups keep different calendars: what is open to all of them.
            wave.window_start = std::max(wave.window_start, cutover.window.start);
            wave.window_end = std::min(wave.window_end, cutover.window.end);
            wave.latest_start = std::min(wave.latest_start, cutover.window.latest_start);
            write_group(cutover, wave);
        }
        std::ranges::sort(wave.groups);
        std::ranges::sort(wave.reasons);
    }

    void write_group(const Cutover& cutover, Wave& wave) {
        MoveGroup& group = schedule_.groups[cutover.group];
        group.wave = wave.id;
        wave.groups.push_back(group.id);
        Placement placement{
            group.id, wave.id, instant_of(problem_, cutover.start), instant_of(problem_, cutover.end),
            {},       {}};
        const std::string& chosen =
            problem_
                .group_ways[cutover.group]
                           [static_cast<std::size_t>(times_.way[static_cast<std::size_t>(cutover.job)])]
                .name;
        if (!chosen.empty()) placement.reasons.push_back("moved by way " + chosen);
        for (const JobIndex seed : problem_.group_jobs[cutover.group].seeds) {
            placement.reasons.push_back(
                problem_.jobs[static_cast<std::size_t>(seed)].name + ", planned from " +
                moment_of(plan_, problem_, times_.start[static_cast<std::size_t>(seed)]) + " to " +
                moment_of(plan_, problem_, scheduler::end_of(problem_.programme, times_, seed)));
        }
        placement.reasons.push_back(refusal_text(cutover.job));
        for (const std::string& reason : placement.reasons)
            wave.reasons.push_back("move group " + group.id.str() + ": " + reason);
        schedule_.placements.push_back(std::move(placement));
    }

    // The last thing that refused it an earlier start, as the solver noted it.
    [[nodiscard]] std::string refusal_text(JobIndex index) const {
        using scheduler::Constraint;
        using scheduler::ConstraintKind;
        using scheduler::RefusalKind;
        const scheduler::Refusal& refusal = solution_.refusals[static_cast<std::size_t>(index)];
        const auto held = [&](ConstraintKind kind, std::int32_t at) {
            std::string text = "not earlier because of " + words_of(problem_, Constraint{kind, at});
            if (refusal.blocker != scheduler::kNone)
                text += ", with " + problem_.jobs[static_cast<std::size_t>(refusal.blocker)].name;
            return text;
        };
        switch (refusal.kind) {
            case RefusalKind::kNothing: return "as early as there is";
            case RefusalKind::kRelease: return held(ConstraintKind::kRelease, index);
            case RefusalKind::kLag: return held(ConstraintKind::kLag, refusal.index);
            case RefusalKind::kWindow: return held(ConstraintKind::kCalendar, refusal.index);
            case RefusalKind::kResource: return held(ConstraintKind::kResource, refusal.index);
            case RefusalKind::kStock: return held(ConstraintKind::kStock, refusal.index);
            case RefusalKind::kApart: return held(ConstraintKind::kApart, refusal.index);
            case RefusalKind::kBudget: return held(ConstraintKind::kBudget, refusal.index);
            case RefusalKind::kWave: return held(ConstraintKind::kWave, refusal.index);
        }
        ARARAT_CHECK(false, "a RefusalKind outside its enum");
    }

    // A wave waits for those whose groups its own follow by the plan, and for those that it may run beside
    // and whose people and links it needs.
    void order(Draft& draft) {
        for (const Draft& other : drafts_) {
            if (&other == &draft || std::get<1>(key_of(other)) > std::get<0>(key_of(draft))) continue;
            const bool beside = other.wave.window_end > draft.wave.window_start;
            if (follows(draft, other) || (beside && shares_resources(draft, other)))
                draft.wave.after.push_back(other.wave.id);
        }
    }

    [[nodiscard]] bool follows(const Draft& draft, const Draft& before) const {
        const auto has = [](const Draft& in, JobIndex job) {
            return std::ranges::any_of(in.cutovers, [&](const Cutover& each) { return each.job == job; });
        };
        const auto& programme = problem_.programme;
        const auto lagged = [&](const scheduler::Lag& lag) {
            return lag.lag >= 0 && has(draft, lag.to) && has(before, lag.from);
        };
        const auto apart = [&](const scheduler::Apart& pair) {
            return (has(draft, pair.a) && has(before, pair.b)) || (has(draft, pair.b) && has(before, pair.a));
        };
        return std::ranges::any_of(programme.lags, lagged) || std::ranges::any_of(programme.apart, apart);
    }

    [[nodiscard]] std::set<std::int32_t> resources_of(const Draft& draft) const {
        std::set<std::int32_t> resources;
        for (const Cutover& cutover : draft.cutovers) {
            for (const auto& demand : problem_.programme.demands_of(way(cutover.job)))
                resources.insert(demand.resource);
        }
        return resources;
    }

    [[nodiscard]] bool shares_resources(const Draft& a, const Draft& b) const {
        const auto mine = resources_of(a);
        const auto theirs = resources_of(b);
        return std::ranges::any_of(mine, [&](std::int32_t each) { return theirs.contains(each); });
    }

    void write_critical_path() {
        const ScheduleOptions options;
        const DependencyGraph graph = group_graph(plan_, problem_.move_groups, options.assumed_cutover);
        const auto path = graph.critical_path();
        if (!path) return;
        schedule_.critical_duration = path->length;
        for (const std::string& group : path->nodes) {
            const auto found =
                std::ranges::find(problem_.move_groups.groups, MoveGroupId{group}, &MoveGroup::id);
            schedule_.critical_path.push_back(
                {found->id, group_duration(plan_, *found, options.assumed_cutover)});
        }
    }

    void write_bound() {
        const Minute finish = solution_.score.finish;
        const Minute bound = solution_.bound.finish;
        std::string note = "all is over by " + moment_of(plan_, problem_, finish);
        if (bound >= finish) {
            note += "; no schedule is over earlier";
        } else {
            note += "; no schedule is over before " + moment_of(plan_, problem_, bound);
        }
        schedule_.notes.push_back(std::move(note));
    }

    const Plan& plan_;
    const ProgrammeProblem& problem_;
    const scheduler::ProgrammeTimes& times_;
    const scheduler::SolveResult& solution_;
    std::vector<Draft> drafts_;
    Schedule schedule_;
};

}  // namespace

Schedule waves_of(const Plan& plan, const ProgrammeProblem& problem, const scheduler::SolveResult& solution) {
    return WaveWriter(plan, problem, solution).run();
}

}  // namespace ararat::planning
