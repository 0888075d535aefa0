// Tasks, milestones and cohorts of a programme.
#include <algorithm>

#include "base/units.h"
#include "planning/programme_draft.h"

namespace ararat::planning {
namespace {

using scheduler::JobIndex;
using scheduler::Minute;

constexpr int kBatchesMax = 10'000;

class TaskBuilder {
public:
    explicit TaskBuilder(ProgrammeDraft& draft) : draft_(draft) {}

    void run() {
        for (const ProgrammeTask& task : draft_.plan.tasks) {
            if (!task.done) add_task(task);
        }
        for (const auto& [id, cohort] : draft_.plan.cohorts) add_cohort(cohort);
    }

private:
    WaySpec spec_of(Duration duration, const std::map<std::string, int>& counts, const std::string& calendar,
                    const std::string& name, const SourcePlace& place) {
        WaySpec spec;
        spec.duration = ProgrammeDraft::minutes_up(duration);
        if (!calendar.empty()) spec.calendar = draft_.calendar_of({calendar});
        for (const auto& [resource, count] : counts) {
            const auto known = draft_.resource_of.find(resource);
            if (known == draft_.resource_of.end()) continue;
            spec.demands[known->second] = count;
            const std::int32_t most = draft_.most_of(known->second);
            if (count <= most) continue;
            draft_.no_schedule(place, name + " asks for " + std::to_string(count) + " of resource " +
                                          resource + ", and the plan has " + std::to_string(most));
        }
        return spec;
    }

    void add_task(const ProgrammeTask& task) {
        JobOrigin origin;
        origin.name = task.kind + " " + task.id;
        origin.place = task.place;
        origin.task = task.id;
        const std::string name = origin.name;
        const WaySpec spec =
            spec_of(task.duration.value_or(Duration{0}), task.resources, task.calendar, name, task.place);
        const JobIndex job = draft_.add_job({}, {spec}, std::move(origin));
        draft_.problem.task_jobs.emplace(task.id, job);
        set_begin(task.not_before, name, task.place, job);
        if (!task.due) return;
        // What nothing brings about comes when it is due.
        const bool comes_by_itself = task.needs.empty() && task.applications.empty() && task.sites.empty() &&
                                     !task.not_before && task.kind == "milestone";
        const Minute due = due_of(*task.due, task.place);
        if (comes_by_itself) {
            draft_.set_release(job, due, {name + " comes on " + *task.due, task.place});
        }
        // Late already: it is taken to come at once, and a price runs.
        if (comes_by_itself && due < draft_.problem.now && !task.pence_per_day) return;
        hold_to(job, due, *task.due, task.pence_per_day, name, task.place);
    }

    void add_cohort(const Cohort& cohort) {
        const std::string name = "cohort " + cohort.id;
        const int left = cohort.count - cohort.done;
        const int batches = (left + cohort.batch - 1) / cohort.batch;
        if (batches > kBatchesMax) {
            draft_.fault(cohort.place, name + " has " + format_count(static_cast<std::uint64_t>(batches)) +
                                           " batches (meant: at most " + format_count(kBatchesMax) + ")");
            return;
        }
        const WaySpec spec = spec_of(cohort.duration, cohort.resources, cohort.calendar, name, cohort.place);
        std::vector<JobIndex> jobs;
        for (int batch = 0; batch < batches; ++batch) {
            JobOrigin origin;
            origin.name = "batch " + std::to_string(batch + 1) + " of " + name;
            origin.place = cohort.place;
            origin.task = cohort.id;
            const JobIndex job = draft_.add_job({}, {spec}, std::move(origin));
            jobs.push_back(job);
            set_begin(cohort.not_before, name, cohort.place, job);
            if (batch >= cohort.at_once) {
                draft_.add_after(
                    jobs[static_cast<std::size_t>(batch - cohort.at_once)], job, 0,
                    {std::to_string(cohort.at_once) + " batches of " + name + " at once", cohort.place});
            }
            for (const TaskNeed& need : cohort.needs) need_task(need, job, name, batch < cohort.at_once);
        }
        if (!cohort.due || jobs.empty()) return;
        const Minute due = due_of(*cohort.due, cohort.place);
        if (!cohort.pence_per_day) {
            for (const JobIndex job : jobs) hold_to(job, due, *cohort.due, std::nullopt, name, cohort.place);
            return;
        }
        const JobIndex end = draft_.add_milestone(name + " is done", cohort.place);
        for (const JobIndex job : jobs) draft_.add_after(job, end, 0, {"all of " + name, cohort.place});
        hold_to(end, due, *cohort.due, cohort.pence_per_day, name, cohort.place);
    }

    // Later batches follow the first ones.
    void need_task(const TaskNeed& need, JobIndex job, const std::string& name, bool first) {
        if (first) needs_.push_back({need, job, name});
    }

    void set_begin(const std::optional<DayOrMoment>& begin, const std::string& name, const SourcePlace& place,
                   JobIndex job) {
        if (!begin) return;
        const Minute minute = draft_.minute_up(draft_.begin_of(*begin, place));
        draft_.set_release(job, minute, {name + " does not begin before " + draft_.moment(minute), place});
    }

    Minute due_of(const std::string& day, const SourcePlace& place) {
        return draft_.due_minute(draft_.end_of({day, {}}, place));
    }

    void hold_to(JobIndex job, Minute due, const std::string& day, const std::optional<Pence>& price,
                 const std::string& name, const SourcePlace& place) {
        draft_.set_due(job, due, {name + " is due on " + day, place});
        if (!price) return;
        draft_.job(job).due_is_hard = false;
        draft_.job(job).price_per_day = *price;
    }

public:
    struct Need {
        TaskNeed need;
        JobIndex job;
        std::string name;
    };
    [[nodiscard]] const std::vector<Need>& needs() const { return needs_; }

private:
    ProgrammeDraft& draft_;
    std::vector<Need> needs_;  // of cohorts
};

void add_need(ProgrammeDraft& draft, const TaskNeed& need, JobIndex job, const std::string& name) {
    const auto before = draft.problem.task_jobs.find(need.task);
    if (before == draft.problem.task_jobs.end()) return;  // done
    const std::string what = name + " begins ";
    draft.add_after(before->second, job, ProgrammeDraft::minutes_up(need.at_least.value_or(Duration{0})),
                    {what + (need.at_least ? "at least " + format_duration(*need.at_least) + " " : "") +
                         "after task " + need.task,
                     need.place});
    if (!need.at_most) return;
    draft.add_within(
        before->second, job,
        static_cast<Minute>(std::chrono::floor<std::chrono::minutes>(*need.at_most).count()),
        {what + "at most " + format_duration(*need.at_most) + " after task " + need.task, need.place});
}

void wait_for_moves(ProgrammeDraft& draft, const ProgrammeTask& task, JobIndex job) {
    if (task.sites.empty() && task.applications.empty()) return;
    const auto& groups = draft.problem.move_groups.groups;
    for (std::size_t group = 0; group < groups.size(); ++group) {
        const GroupJobs& jobs = draft.problem.group_jobs[group];
        if (jobs.cutover == scheduler::kNone) continue;
        for (const NamedPlace& site : task.sites) {
            if (!leaves(draft.plan, groups[group], SiteId{site.name})) continue;
            draft.add_after(jobs.last(), job, 0,
                            {"move group " + groups[group].id.str() + " leaves site " + site.name +
                                 " before " + task.kind + " " + task.id,
                             site.place});
        }
        for (const NamedPlace& application : task.applications) {
            const bool member =
                draft.problem.move_groups.group_of.at(ApplicationId{application.name}) == groups[group].id;
            if (!member) continue;
            draft.add_after(
                jobs.cutover, job, 0,
                {application.name + " is cut over before " + task.kind + " " + task.id, application.place});
        }
    }
}

}  // namespace

bool leaves(const Plan& plan, const MoveGroup& group, const SiteId& site) {
    for (const ApplicationId& id : group.applications) {
        for (const Component& component : plan.applications.at(id).components) {
            for (const HostId& name : component.hosts) {
                const auto host = plan.hosts.find(name);
                if (host != plan.hosts.end() && host->second.site == site) return true;
            }
        }
    }
    return false;
}

void add_tasks(ProgrammeDraft& draft) {
    TaskBuilder builder(draft);
    builder.run();
    for (const auto& [need, job, name] : builder.needs()) add_need(draft, need, job, name);
    for (const ProgrammeTask& task : draft.plan.tasks) {
        const auto job = draft.problem.task_jobs.find(task.id);
        if (job == draft.problem.task_jobs.end()) continue;
        for (const TaskNeed& need : task.needs) {
            add_need(draft, need, job->second, task.kind + " " + task.id);
        }
        wait_for_moves(draft, task, job->second);
    }
}

}  // namespace ararat::planning
