#include <algorithm>

#include "planning/scheduler/programme_edit.h"
#include "planning/scheduler/what_if.h"

namespace ararat::planning::scheduler {
namespace {

bool is_one_of(std::int32_t index, std::size_t count) {
    return index >= 0 && static_cast<std::size_t>(index) < count;
}
std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// A step begins at that minute, with the capacity that holds there.
void split_at(std::vector<CapacityStep>& steps, Minute minute) {
    const auto after = std::ranges::upper_bound(steps, minute, {}, &CapacityStep::from);
    if (after == steps.begin()) {
        steps.insert(after, {minute, 0});
    } else if (std::prev(after)->from != minute) {
        const std::int32_t capacity = std::prev(after)->capacity;
        steps.insert(after, {minute, capacity});
    }
}

class ChangeMaker {
public:
    explicit ChangeMaker(const Programme& programme) : result_{programme, {}} {}

    ChangedProgramme run(std::span<const ProgrammeChange> changes) {
        for (number_ = 0; number_ < changes.size(); ++number_)
            std::visit([&](const auto& change) { make(change); }, changes[number_]);
        return std::move(result_);
    }

private:
    Programme& programme() { return result_.programme; }
    void refuse(ChangeProblem problem) { result_.faults.push_back({number_, problem, false, {}}); }
    void tell(ChangeProblem problem, std::vector<JobIndex> jobs) {
        result_.faults.push_back({number_, problem, true, std::move(jobs)});
    }

    void make(const CapacityMore& change) {
        if (!is_one_of(change.resource, programme().resources.size()))
            return refuse(ChangeProblem::kNoSuchResource);
        if (change.from >= change.until || change.from < 0) return refuse(ChangeProblem::kNoTime);
        std::vector<CapacityStep>& steps = programme().resources[at(change.resource)].steps;
        split_at(steps, change.from);
        if (change.until != kNoMinute) split_at(steps, change.until);
        bool below = false;
        for (CapacityStep& step : steps) {
            if (step.from < change.from || step.from >= change.until) continue;
            below = below || step.capacity + change.by < 0;
            step.capacity = std::max(0, step.capacity + change.by);
        }
        if (below) tell(ChangeProblem::kBelowNothing, {});
    }

    void make(const ResourceLost& change) {
        if (!is_one_of(change.resource, programme().resources.size()))
            return refuse(ChangeProblem::kNoSuchResource);
        if (change.from < 0) return refuse(ChangeProblem::kNoTime);
        std::vector<CapacityStep>& steps = programme().resources[at(change.resource)].steps;
        split_at(steps, change.from);
        std::erase_if(steps, [&](const CapacityStep& step) { return step.from > change.from; });
        steps.back().capacity = 0;
        const auto needs = [&](const Way& way) {
            return std::ranges::any_of(programme().demands_of(way), [&](const Demand& demand) {
                return demand.resource == change.resource && demand.amount > 0;
            });
        };
        std::vector<JobIndex> under_way;
        for (JobIndex job = 0; is_one_of(job, programme().jobs.size()); ++job) {
            const Job& one = programme().jobs[at(job)];
            if (one.fixed_start == kNoMinute || one.fixed_way == kNone) continue;
            const Way& way = programme().ways_of(one)[at(one.fixed_way)];
            if (one.fixed_start + way.duration > change.from && needs(way)) under_way.push_back(job);
        }
        if (!under_way.empty()) tell(ChangeProblem::kUnderWay, std::move(under_way));
        tell_of_no_other_way(needs);
    }

    void make(const SiteLost& change) {
        const auto leads_there = [&](const Way& way) { return way.site == change.site; };
        if (std::ranges::none_of(programme().ways, leads_there)) return refuse(ChangeProblem::kNoSuchSite);
        tell_of_no_other_way(leads_there);
        std::vector<JobIndex> under_way;
        std::int32_t closed = kNone;
        for (JobIndex job = 0; is_one_of(job, programme().jobs.size()); ++job) {
            const Job& one = programme().jobs[at(job)];
            if (std::ranges::none_of(programme().ways_of(one), leads_there)) continue;
            if (one.fixed_start != kNoMinute) {
                if (one.fixed_way != kNone && leads_there(programme().ways_of(one)[at(one.fixed_way)]))
                    under_way.push_back(job);
                continue;
            }
            if (closed == kNone) closed = closed_calendar(programme());
            for (Way& way : own_ways(programme(), job))
                if (leads_there(way)) way.calendar = closed;
        }
        if (!under_way.empty()) tell(ChangeProblem::kUnderWay, std::move(under_way));
    }

    // One choice of way holds for a whole group, so a group has another way where one leads all its jobs past
    // what is lost. Told are the jobs that stand in the way of it.
    template <typename Lost>
    void tell_of_no_other_way(const Lost& lost) {
        const Programme& all = programme();
        std::vector<std::vector<bool>> open(at(all.group_count));
        for (const Job& job : all.jobs) {
            if (job.group == kNone) continue;
            std::vector<bool>& ways = open[at(job.group)];
            ways.resize(job.ways.count, true);
            if (job.fixed_start != kNoMinute) continue;
            const std::span<const Way> mine = all.ways_of(job);
            for (std::size_t w = 0; w < mine.size(); ++w)
                if (lost(mine[w])) ways[w] = false;
        }
        std::vector<JobIndex> jobs;
        for (JobIndex job = 0; is_one_of(job, all.jobs.size()); ++job) {
            const Job& one = all.jobs[at(job)];
            if (one.fixed_start != kNoMinute || std::ranges::none_of(all.ways_of(one), lost)) continue;
            const bool none = one.group == kNone
                                  ? std::ranges::all_of(all.ways_of(one), lost)
                                  : std::ranges::none_of(open[at(one.group)], [](bool is) { return is; });
            if (none) jobs.push_back(job);
        }
        if (!jobs.empty()) tell(ChangeProblem::kNoOtherWay, std::move(jobs));
    }

    void make(const WindowAdded& change) {
        if (!is_one_of(change.calendar, programme().calendars.size()))
            return refuse(ChangeProblem::kNoSuchCalendar);
        const OpenTime& added = change.window;
        if (added.start >= added.end || added.latest_start < added.start || added.latest_start > added.end)
            return refuse(ChangeProblem::kNoTime);
        std::vector<OpenTime>& windows = programme().calendars[at(change.calendar)].windows;
        const auto after = std::ranges::lower_bound(windows, added.start, {}, &OpenTime::start);
        if ((after != windows.end() && after->start <= added.end) ||
            (after != windows.begin() && std::prev(after)->end >= added.start))
            return refuse(ChangeProblem::kWindowTouches);
        windows.insert(after, added);
    }

    void make(const ClosedBetween& change) {
        if (!is_one_of(change.calendar, programme().calendars.size()))
            return refuse(ChangeProblem::kNoSuchCalendar);
        if (change.from >= change.until) return refuse(ChangeProblem::kNoTime);
        std::vector<OpenTime> left;
        bool any = false;
        for (const OpenTime& window : programme().calendars[at(change.calendar)].windows) {
            if (window.end <= change.from || window.start >= change.until) {
                left.push_back(window);
                continue;
            }
            any = true;
            if (window.start < change.from)
                left.push_back({window.start, change.from, std::min(window.latest_start, change.from)});
            if (window.end > change.until && window.latest_start >= change.until)
                left.push_back({change.until, window.end, window.latest_start});
        }
        if (!any) return refuse(ChangeProblem::kNothingThere);
        programme().calendars[at(change.calendar)].windows = std::move(left);
    }

    void make(const DueMoved& change) {
        if (!is_one_of(change.job, programme().jobs.size())) return refuse(ChangeProblem::kNoSuchJob);
        programme().jobs[at(change.job)].due = change.due;
    }
    void make(const ReleaseMoved& change) {
        if (!is_one_of(change.job, programme().jobs.size())) return refuse(ChangeProblem::kNoSuchJob);
        Job& job = programme().jobs[at(change.job)];
        if (job.fixed_start != kNoMinute && job.fixed_start < change.release)
            tell(ChangeProblem::kUnderWay, {change.job});
        job.release = change.release;
    }

    void make(const HostsAtOnce& change) {
        if (change.hosts <= 0) return refuse(ChangeProblem::kBelowNothing);
        const auto resource = static_cast<std::int32_t>(programme().resources.size());
        programme().resources.push_back({{{0, change.hosts}}});
        std::vector<JobIndex> larger;
        for (JobIndex job = 0; is_one_of(job, programme().jobs.size()); ++job) {
            const Job& one = programme().jobs[at(job)];
            if (one.kind != JobKind::kCutover || one.hosts <= 0) continue;
            if (one.hosts > change.hosts) larger.push_back(job);
            for (Way& way : own_ways(programme(), job)) add_demand(programme(), way, {resource, one.hosts});
        }
        if (!larger.empty()) tell(ChangeProblem::kTooSmall, std::move(larger));
    }

    ChangedProgramme result_;
    std::size_t number_ = 0;
};

}  // namespace

const char* to_string(ChangeProblem problem) {
    switch (problem) {
        case ChangeProblem::kNoSuchResource: return "there is no such resource";
        case ChangeProblem::kNoSuchSite: return "no way leads to that site";
        case ChangeProblem::kNoSuchCalendar: return "there is no such calendar";
        case ChangeProblem::kNoSuchJob: return "there is no such job";
        case ChangeProblem::kNoTime: return "its times are not in order";
        case ChangeProblem::kWindowTouches: return "a window that is there already overlaps or touches it";
        case ChangeProblem::kNothingThere: return "no window is open then";
        case ChangeProblem::kBelowNothing: return "there would be less than nothing";
        case ChangeProblem::kNoOtherWay: return "these jobs have no way without it";
        case ChangeProblem::kUnderWay: return "these jobs are done or under way with it";
        case ChangeProblem::kTooSmall: return "these jobs alone are more";
    }
    return "";
}

ChangedProgramme with_changes(const Programme& programme, std::span<const ProgrammeChange> changes) {
    return ChangeMaker(programme).run(changes);
}

}  // namespace ararat::planning::scheduler
