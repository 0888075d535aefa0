#include "planning/programme_draft.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/check.h"
#include "base/join.h"

namespace ararat::planning {
namespace {

using scheduler::Minute;
using Minutes = std::chrono::duration<std::int64_t, std::ratio<60>>;

// Whatever is done or under way lies before as_of.
Instant origin_of(const Plan& plan, Instant as_of, const ProgrammeOptions& options) {
    Instant first = as_of;
    for (const FixedMove& move : options.fixed) first = std::min(first, move.start);
    for (const WavePin& pin : plan.waves) {
        if (pin.frozen && pin.at) first = std::min(first, *pin.at);
    }
    return std::chrono::floor<Minutes>(first);
}

}  // namespace

ProgrammeDraft::ProgrammeDraft(const Plan& written, Instant now, const ProgrammeOptions& given)
    : plan(written), options(given), as_of(now) {
    problem.origin = origin_of(written, now, given);
    constexpr std::int64_t kMinutesPerDay = 24 * 60;
    const auto past = std::chrono::ceil<Minutes>(now - problem.origin).count();
    const std::int64_t horizon = past + given.horizon_days * kMinutesPerDay;
    ARARAT_CHECK(horizon < std::numeric_limits<Minute>::max() / 4,
                 "a programme of more than a thousand years");
    problem.programme.horizon = static_cast<Minute>(horizon);
    problem.now = minute_up(now);
    expand_calendars();
}

void ProgrammeDraft::fault(const SourcePlace& place, const std::string& text, DiagnosticCode code) {
    faults.add(place, code, text);
}

void ProgrammeDraft::no_schedule(const SourcePlace& place, const std::string& text) {
    fault(place, "proved: " + text, DiagnosticCode::kNoSchedule);
}

Minute ProgrammeDraft::minute_up(Instant instant) const {
    const auto minutes = std::chrono::ceil<Minutes>(instant - problem.origin).count();
    return static_cast<Minute>(std::clamp<std::int64_t>(minutes, 0, problem.programme.horizon));
}

Minute ProgrammeDraft::minute_down(Instant instant) const {
    const auto minutes = std::chrono::floor<Minutes>(instant - problem.origin).count();
    return static_cast<Minute>(std::clamp<std::int64_t>(minutes, 0, problem.programme.horizon));
}

Minute ProgrammeDraft::due_minute(Instant instant) const {
    const std::int64_t horizon = problem.programme.horizon;
    const auto minutes = std::chrono::floor<Minutes>(instant - problem.origin).count();
    return static_cast<Minute>(std::clamp(minutes, -horizon, horizon));
}

Minute ProgrammeDraft::minutes_up(Duration duration) {
    constexpr std::int64_t kMost = std::numeric_limits<Minute>::max() / 4;
    return static_cast<Minute>(
        std::clamp<std::int64_t>(std::chrono::ceil<Minutes>(duration).count(), 0, kMost));
}

Instant ProgrammeDraft::begin_of(const DayOrMoment& time, const SourcePlace& place) {
    if (time.day.empty()) return time.moment;
    const auto begin = begin_of_local_day(plan.timezone, time.day);
    if (begin.ok()) return *begin;
    fault(place, begin.error().message, DiagnosticCode::kWrongType);
    return problem.origin;
}

Instant ProgrammeDraft::end_of(const DayOrMoment& time, const SourcePlace& place) {
    if (time.day.empty()) return time.moment;
    const auto end = end_of_local_day(plan.timezone, time.day);
    if (end.ok()) return *end;
    fault(place, end.error().message, DiagnosticCode::kWrongType);
    return problem.origin;
}

std::string ProgrammeDraft::moment(Minute minute) const {
    return local_text(instant_of(problem, minute), plan.timezone);
}

void ProgrammeDraft::expand_calendars() {
    constexpr int kMinutesPerDay = 24 * 60;
    const int days = problem.programme.horizon / kMinutesPerDay + 1;
    for (const auto& [id, calendar] : plan.calendars) {
        auto windows = expand(calendar, plan.timezone, problem.origin, days, faults);
        if (windows) windows_.emplace(id, std::move(*windows));
    }
}

std::int32_t ProgrammeDraft::calendar_of(const std::set<std::string>& names, Minute from) {
    if (names.empty() && from <= problem.now) return scheduler::kNone;
    const auto [known, is_new] =
        calendar_index_.try_emplace({names, from}, static_cast<std::int32_t>(problem.calendars.size()));
    if (!is_new) return known->second;
    CalendarOrigin origin;
    origin.calendars.assign(names.begin(), names.end());
    const std::string beginning = from > problem.now ? "from " + moment(from) + " on" : "";
    origin.text = names.empty() ? beginning
                                : (names.size() == 1 ? "calendar " : "calendars ") + join(names, " and ") +
                                      (beginning.empty() ? "" : " " + beginning);
    scheduler::OpenTimes open;
    if (names.empty()) {
        open.windows.push_back({from, problem.programme.horizon, problem.programme.horizon});
    } else {
        origin.place = plan.calendars.at(*names.begin()).place;
        bool first = true;
        for (const std::string& name : names) {
            const auto windows = windows_.find(name);
            if (windows == windows_.end()) continue;  // its fault is already listed
            origin.windows = first ? windows->second : intersect(origin.windows, windows->second);
            first = false;
        }
        for (const ChangeWindow& window : origin.windows.windows) {
            const Minute start = std::max(minute_up(window.start), from);
            const Minute end = minute_down(window.end);
            const Minute latest = std::min(minute_down(window.latest_start), end);
            if (start < end && start <= latest) open.windows.push_back({start, end, latest});
        }
    }
    problem.programme.calendars.push_back(std::move(open));
    problem.calendars.push_back(std::move(origin));
    return known->second;
}

std::int32_t ProgrammeDraft::site_of(const SiteId& site) {
    const auto [known, is_new] =
        site_index_.try_emplace(site, static_cast<std::int32_t>(problem.sites.size()));
    if (is_new) problem.sites.push_back(site);
    return known->second;
}

std::int32_t ProgrammeDraft::add_resource(const std::string& key, scheduler::Resource resource,
                                          Origin origin) {
    const auto index = static_cast<std::int32_t>(problem.resources.size());
    problem.programme.resources.push_back(std::move(resource));
    problem.resources.push_back(std::move(origin));
    resource_of.emplace(key, index);
    return index;
}

std::int32_t ProgrammeDraft::most_of(std::int32_t resource) const {
    std::int32_t most = 0;
    for (const scheduler::CapacityStep& step :
         problem.programme.resources[static_cast<std::size_t>(resource)].steps) {
        most = std::max(most, step.capacity);
    }
    return most;
}

scheduler::JobIndex ProgrammeDraft::add_job(scheduler::Job job, const std::vector<WaySpec>& ways,
                                            JobOrigin origin) {
    scheduler::Programme& programme = problem.programme;
    const auto index = static_cast<scheduler::JobIndex>(programme.jobs.size());
    const auto place_in = [](auto& all, const auto& some) {
        const scheduler::Slice slice{static_cast<std::uint32_t>(all.size()),
                                     static_cast<std::uint32_t>(some.size())};
        all.insert(all.end(), some.begin(), some.end());
        return slice;
    };
    job.ways = {static_cast<std::uint32_t>(programme.ways.size()), static_cast<std::uint32_t>(ways.size())};
    for (const WaySpec& spec : ways) {
        scheduler::Way way;
        way.duration = spec.duration;
        // What was started is where it is, whatever its calendar says by now.
        way.calendar = job.fixed_start == scheduler::kNoMinute ? spec.calendar : scheduler::kNone;
        way.site = spec.site;
        way.cost = spec.cost;
        std::vector<scheduler::Demand> demands;
        for (const auto& [resource, amount] : spec.demands) {
            if (amount > 0) demands.push_back({resource, amount});
        }
        way.demands = place_in(programme.demands, demands);
        way.stock_changes = place_in(programme.stock_changes, spec.stock_changes);
        way.outages = place_in(programme.outages, spec.outages);
        programme.ways.push_back(way);
    }
    job.kind = origin.kind;
    job.tag = static_cast<std::uint32_t>(index);
    job.release = std::max(job.release, job.fixed_start == scheduler::kNoMinute ? problem.now : 0);
    programme.jobs.push_back(job);
    problem.jobs.push_back(std::move(origin));
    return index;
}

scheduler::JobIndex ProgrammeDraft::add_milestone(const std::string& name, const SourcePlace& place) {
    JobOrigin origin;
    origin.name = name;
    origin.place = place;
    return add_job({}, {WaySpec{}}, std::move(origin));
}

void ProgrammeDraft::add_lag(scheduler::Lag lag, Origin origin) {
    lag.tag = static_cast<std::uint32_t>(problem.lags.size());
    problem.programme.lags.push_back(lag);
    problem.lags.push_back(std::move(origin));
}

void ProgrammeDraft::add_after(scheduler::JobIndex from, scheduler::JobIndex to, Minute at_least,
                               Origin origin) {
    add_lag({from, to, at_least, true, 0}, std::move(origin));
}

void ProgrammeDraft::add_within(scheduler::JobIndex from, scheduler::JobIndex to, Minute at_most,
                                Origin origin) {
    // A way of no length is one in which `from` is left out.
    Minute shortest = scheduler::kNoMinute;
    for (const scheduler::Way& way : problem.programme.ways_of(job(from))) {
        if (way.duration > 0) shortest = std::min(shortest, way.duration);
    }
    if (shortest == scheduler::kNoMinute) shortest = 0;
    add_lag({to, from, -(at_most + shortest), false, 0}, std::move(origin));
}

void ProgrammeDraft::set_due(scheduler::JobIndex index, Minute due, Origin why) {
    if (due >= job(index).due) return;
    job(index).due = due;
    job(index).due_is_hard = true;
    origin(index).due = std::move(why);
}

void ProgrammeDraft::set_release(scheduler::JobIndex index, Minute release, Origin why) {
    if (job(index).fixed_start != scheduler::kNoMinute || release <= job(index).release) return;
    job(index).release = release;
    origin(index).release = std::move(why);
}

void add_moves_at_once(const ProgrammeDraft& draft, const std::string& key, std::int32_t hosts,
                       WaySpec& way) {
    const auto resource = draft.resource_of.find(key);
    if (resource == draft.resource_of.end()) return;
    std::int32_t& amount = way.demands[resource->second];
    amount = std::min(amount + hosts, draft.most_of(resource->second));
}

std::string link_key(const SiteId& from, const SiteId& to) {
    return "link " + from.str() + " to " + to.str();
}
std::string equipment_key(const std::string& equipment) { return "equipment " + equipment; }
std::string site_key(const SiteId& site) { return "site " + site.str(); }

}  // namespace ararat::planning
