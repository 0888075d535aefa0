// A programme while it is being made: where its parts are added, and the clock that turns instants into its
// minutes. Internal to the adapter.
// Thread promise: one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "planning/diagnostic.h"
#include "planning/programme_problem.h"

namespace ararat::planning {

// One way of one job, before it lies in the programme's arrays.
struct WaySpec {
    scheduler::Minute duration = 0;
    std::int32_t calendar = scheduler::kNone;
    std::int32_t site = scheduler::kNone;
    Pence cost = 0;
    std::map<std::int32_t, std::int32_t> demands;  // by resource
    std::vector<scheduler::StockChange> stock_changes;
    std::vector<scheduler::Outage> outages;
};

class ProgrammeDraft {
public:
    ProgrammeDraft(const Plan& plan, Instant as_of, const ProgrammeOptions& options);

    const Plan& plan;
    const ProgrammeOptions& options;
    const Instant as_of;
    DiagnosticList faults;
    ProgrammeProblem problem;
    std::map<std::string, std::int32_t> resource_of;  // by the plan's name, "link old to new", ...
    std::map<std::string, std::int32_t> stock_of;
    std::map<ServiceId, std::int32_t> budget_of;
    std::vector<std::set<std::string>> link_tasks;  // by group: tasks that bring its links about

    void fault(const SourcePlace& place, const std::string& text,
               DiagnosticCode code = DiagnosticCode::kConflict);
    // For what holds whatever else is moved.
    void no_schedule(const SourcePlace& place, const std::string& text);

    // ---- time ----
    // Never before the origin nor after the horizon.
    [[nodiscard]] scheduler::Minute minute_up(Instant instant) const;
    [[nodiscard]] scheduler::Minute minute_down(Instant instant) const;
    // Of what is due: it may lie before the origin, so that all its days are counted.
    [[nodiscard]] scheduler::Minute due_minute(Instant instant) const;
    [[nodiscard]] static scheduler::Minute minutes_up(Duration duration);
    // The beginning, or the end, of a day in the programme's zone; a moment is both. A day that is none is a
    // fault at `place`, and the origin.
    [[nodiscard]] Instant begin_of(const DayOrMoment& time, const SourcePlace& place);
    [[nodiscard]] Instant end_of(const DayOrMoment& time, const SourcePlace& place);
    // "Mon 2017-10-02 19:00 BST"
    [[nodiscard]] std::string moment(scheduler::Minute minute) const;

    // ---- parts ----
    // Windows that all of these calendars have, from a minute on; kNone where nothing restricts.
    [[nodiscard]] std::int32_t calendar_of(const std::set<std::string>& names, scheduler::Minute from = 0);
    [[nodiscard]] std::int32_t site_of(const SiteId& site);
    std::int32_t add_resource(const std::string& key, scheduler::Resource resource, Origin origin);
    // The most that there ever is of a resource.
    [[nodiscard]] std::int32_t most_of(std::int32_t resource) const;
    scheduler::JobIndex add_job(scheduler::Job job, const std::vector<WaySpec>& ways, JobOrigin origin);
    // Of no length, after everything that its lags name.
    scheduler::JobIndex add_milestone(const std::string& name, const SourcePlace& place);
    void add_lag(scheduler::Lag lag, Origin origin);
    // `to` begins at least so long after `from` has ended.
    void add_after(scheduler::JobIndex from, scheduler::JobIndex to, scheduler::Minute at_least,
                   Origin origin);
    // `to` begins at most so long after `from` has ended; a way of `from` that is longer than its shortest
    // counts as if it were that.
    void add_within(scheduler::JobIndex from, scheduler::JobIndex to, scheduler::Minute at_most,
                    Origin origin);
    void set_due(scheduler::JobIndex job, scheduler::Minute due, Origin origin);
    void set_release(scheduler::JobIndex job, scheduler::Minute release, Origin origin);
    [[nodiscard]] scheduler::Job& job(scheduler::JobIndex index) {
        return problem.programme.jobs[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] JobOrigin& origin(scheduler::JobIndex index) {
        return problem.jobs[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] const MoveGroup& group(std::size_t index) const {
        return problem.move_groups.groups[index];
    }

private:
    void expand_calendars();

    std::map<std::string, WindowList> windows_;  // by calendar
    std::map<std::pair<std::set<std::string>, scheduler::Minute>, std::int32_t> calendar_index_;
    std::map<SiteId, std::int32_t> site_index_;
};

// ---- parts of make_programme, each in a file of its own ----

// Resources, stocks and budgets.
void add_capacities(ProgrammeDraft& draft);
// Which of Plan::waves takes each group; a group that two of them take is a fault.
[[nodiscard]] std::vector<std::optional<std::size_t>> pins_of_groups(ProgrammeDraft& draft);
// What started already or starts at a given time, and what was published. Precondition: the groups' jobs and
// their order are there.
void fix_starts(ProgrammeDraft& draft);
// Jobs of move groups, and what follows from one of them alone.
void add_groups(ProgrammeDraft& draft);
// Tasks, milestones and cohorts. Precondition: the groups' jobs are there.
void add_tasks(ProgrammeDraft& draft);
// What jobs wait for, and what they keep apart from. Preconditions: all jobs but milestones are there.
void add_orders(ProgrammeDraft& draft);
// What is done by when. Preconditions: likewise.
void add_deadlines(ProgrammeDraft& draft);

// A host of the group is at the site.
[[nodiscard]] bool leaves(const Plan& plan, const MoveGroup& group, const SiteId& site);
// Adds up without repetition what a site, equipment or wave takes of `resource_of[key]`, at most all of it.
void add_moves_at_once(const ProgrammeDraft& draft, const std::string& key, std::int32_t hosts, WaySpec& way);

[[nodiscard]] std::string link_key(const SiteId& from, const SiteId& to);
[[nodiscard]] std::string equipment_key(const std::string& equipment);
[[nodiscard]] std::string site_key(const SiteId& site);
inline constexpr const char* kWaveHostsKey = "hosts of a wave";

}  // namespace ararat::planning
