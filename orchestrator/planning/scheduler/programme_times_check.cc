#include <algorithm>
#include <array>
#include <map>

#include "planning/scheduler/programme_check.h"

namespace ararat::planning::scheduler {
namespace {

using Kind = ProgrammeFaultKind;
using Time = std::int64_t;  // sums of minutes do not overflow it

struct Span {
    Time start = 0;
    Time end = 0;
};

bool overlap(Span a, Span b) { return a.start < b.end && b.start < a.end; }

// What one job adds to a load or a level at a moment.
struct Change {
    Time at = 0;
    std::int64_t amount = 0;
    std::int32_t movable = 0;  // jobs that are not fixed and take part from here on
};

class Check {
public:
    Check(const Programme& programme, const ProgrammeTimes& times) : programme_(programme), times_(times) {}

    std::vector<ProgrammeFault> run() {
        if (!check_shape()) return std::move(faults_);
        for (JobIndex job = 0; job < count(); ++job) check_job(job);
        check_groups();
        check_lags();
        check_apart();
        check_waves();
        check_resources();
        check_stocks();
        check_budgets();
        return std::move(faults_);
    }

private:
    [[nodiscard]] JobIndex count() const { return static_cast<JobIndex>(programme_.jobs.size()); }
    [[nodiscard]] const Job& job_at(JobIndex job) const {
        return programme_.jobs[static_cast<std::size_t>(job)];
    }
    [[nodiscard]] std::int32_t way_number(JobIndex job) const {
        return times_.way[static_cast<std::size_t>(job)];
    }
    [[nodiscard]] const Way& way_at(JobIndex job) const {
        return programme_.ways_of(job_at(job))[static_cast<std::size_t>(way_number(job))];
    }
    [[nodiscard]] Span run_of(JobIndex job) const {
        const Time start = times_.start[static_cast<std::size_t>(job)];
        return {start, start + way_at(job).duration};
    }
    [[nodiscard]] bool is_fixed(JobIndex job) const { return job_at(job).fixed_start != kNoMinute; }

    void add(Kind kind, std::vector<JobIndex> jobs, std::int32_t index, Time at, std::int64_t over,
             const std::string& text) {
        std::ranges::sort(jobs);
        std::string line = jobs.size() == 1 ? "job" : "jobs";
        for (const JobIndex job : jobs) line += " " + std::to_string(job);
        faults_.push_back({kind, std::move(jobs), index, static_cast<Minute>(at), over,
                           line + " at " + std::to_string(at) + ": " + text});
    }

    bool check_shape() {
        const std::size_t jobs = programme_.jobs.size();
        if (times_.start.size() != jobs || times_.way.size() != jobs) {
            faults_.push_back({Kind::kShape,
                               {},
                               kNone,
                               kNoMinute,
                               0,
                               std::to_string(times_.start.size()) + " starts and " +
                                   std::to_string(times_.way.size()) + " ways for " + std::to_string(jobs) +
                                   " jobs"});
            return false;
        }
        for (JobIndex job = 0; job < count(); ++job) {
            const std::int32_t way = way_number(job);
            if (way >= 0 && static_cast<std::uint32_t>(way) < job_at(job).ways.count) continue;
            add(Kind::kWay, {job}, way, times_.start[static_cast<std::size_t>(job)], 0, "it has no such way");
        }
        return faults_.empty();
    }

    void check_job(JobIndex index) {
        const Job& job = job_at(index);
        const Span run = run_of(index);
        if (job.fixed_way != kNone && way_number(index) != job.fixed_way)
            add(Kind::kFixedWay, {index}, way_number(index), run.start, 0, "it is fixed to another way");
        if (is_fixed(index)) {
            if (run.start == job.fixed_start) return;
            add(Kind::kFixedStart, {index}, kNone, run.start, run.start - job.fixed_start,
                "it is fixed to another start");
            return;
        }
        const Time release = std::max(0, job.release);
        if (run.start < release)
            add(Kind::kRelease, {index}, kNone, run.start, release - run.start,
                "it starts before its release");
        if (job.due_is_hard && job.due != kNoMinute && run.end > job.due)
            add(Kind::kDeadline, {index}, kNone, run.end, run.end - job.due, "it ends after its deadline");
        if (run.end > programme_.horizon)
            add(Kind::kHorizon, {index}, kNone, run.end, run.end - programme_.horizon,
                "it ends after the horizon");
        if (way_at(index).calendar != kNone) check_window(index, run);
    }

    // The window of the job's calendar that it lies in; null: none, or there is no calendar.
    [[nodiscard]] const OpenTime* window_around(JobIndex job) const {
        const std::int32_t calendar = way_at(job).calendar;
        if (calendar == kNone) return nullptr;
        const Span run = run_of(job);
        for (const OpenTime& window : programme_.calendars[static_cast<std::size_t>(calendar)].windows)
            if (window.start <= run.start && run.end <= window.end) return &window;
        return nullptr;
    }

    void check_window(JobIndex job, Span run) {
        const std::int32_t calendar = way_at(job).calendar;
        if (const OpenTime* window = window_around(job)) {
            if (run.start <= window->latest_start) return;
            add(Kind::kLatestStart, {job}, calendar, run.start, run.start - window->latest_start,
                "it begins after its window's latest start");
            return;
        }
        const auto& windows = programme_.calendars[static_cast<std::size_t>(calendar)].windows;
        Time over = windows.empty() ? 0 : windows.front().start - run.start;
        for (const OpenTime& window : windows)
            if (window.start <= run.start) over = run.end - window.end;
        add(Kind::kWindow, {job}, calendar, run.start, over, "it lies in no window of its calendar");
    }

    void check_groups() {
        std::map<GroupNumber, std::vector<JobIndex>> groups;
        for (JobIndex job = 0; job < count(); ++job)
            if (job_at(job).group != kNone) groups[job_at(job).group].push_back(job);
        for (const auto& [group, jobs] : groups) {
            const std::int32_t way = way_number(jobs.front());
            if (std::ranges::all_of(jobs, [&](JobIndex job) { return way_number(job) == way; })) continue;
            add(Kind::kWaysDiffer, jobs, group, run_of(jobs.front()).start, 0, "a group goes different ways");
        }
    }

    void check_lags() {
        for (std::size_t i = 0; i < programme_.lags.size(); ++i) {
            const Lag& lag = programme_.lags[i];
            if (is_fixed(lag.from) && is_fixed(lag.to)) continue;
            const Span from = run_of(lag.from);
            const Time earliest = (lag.from_end ? from.end : from.start) + lag.lag;
            const Time start = run_of(lag.to).start;
            if (start >= earliest) continue;
            add(Kind::kLag, {lag.from, lag.to}, static_cast<std::int32_t>(i), start, earliest - start,
                "the second starts before the first's lag is over");
        }
    }

    void check_apart() {
        for (std::size_t i = 0; i < programme_.apart.size(); ++i) {
            const Apart& apart = programme_.apart[i];
            if (is_fixed(apart.a) && is_fixed(apart.b)) continue;
            const auto index = static_cast<std::int32_t>(i);
            const Span a = run_of(apart.a);
            const Span b = run_of(apart.b);
            const Time at = std::max(a.start, b.start);
            if (apart.time && overlap(a, b))
                add(Kind::kApartTime, {apart.a, apart.b}, index, at, std::min(a.end, b.end) - at,
                    "they run at once");
            const OpenTime* window = window_around(apart.a);
            const OpenTime* other = window_around(apart.b);
            if (apart.same_window_too && window != nullptr && other != nullptr &&
                overlap({window->start, window->end}, {other->start, other->end}))
                add(Kind::kApartWindow, {apart.a, apart.b}, index, at, 0, "they run in one window");
            const std::int32_t site = way_at(apart.a).site;
            if (apart.sites && site != kNone && site == way_at(apart.b).site)
                add(Kind::kApartSite, {apart.a, apart.b}, index, at, 0, "they go to one site");
        }
    }

    // Windows of which each overlaps each other have a moment in common, and the other way about.
    void check_waves() {
        std::map<std::int32_t, std::vector<JobIndex>> waves;
        for (JobIndex job = 0; job < count(); ++job) {
            if (job_at(job).kind == JobKind::kCutover && job_at(job).wave != kNone)
                waves[job_at(job).wave].push_back(job);
        }
        for (const auto& [wave, jobs] : waves) {
            if (std::ranges::all_of(jobs, [&](JobIndex job) { return is_fixed(job); })) continue;
            Span common{std::numeric_limits<Time>::min(), std::numeric_limits<Time>::max()};
            for (const JobIndex job : jobs) {
                const OpenTime* window = window_around(job);
                if (window == nullptr) continue;
                common = {std::max<Time>(common.start, window->start),
                          std::min<Time>(common.end, window->end)};
            }
            if (common.start < common.end) continue;
            add(Kind::kWave, jobs, wave, common.start, 0, "a wave is not in one window");
        }
    }

    void check_resources() {
        std::vector<std::vector<Change>> changes(programme_.resources.size());
        for (JobIndex job = 0; job < count(); ++job) {
            const Span run = run_of(job);
            const std::int32_t movable = is_fixed(job) ? 0 : 1;
            if (run.start == run.end) continue;
            for (const Demand& demand : programme_.demands_of(way_at(job))) {
                if (demand.amount == 0) continue;
                auto& of_resource = changes[static_cast<std::size_t>(demand.resource)];
                of_resource.push_back({run.start, -demand.amount, movable});
                of_resource.push_back({run.end, demand.amount, -movable});
            }
        }
        for (std::size_t i = 0; i < changes.size(); ++i) {
            std::int64_t before = 0;
            for (const CapacityStep& step : programme_.resources[i].steps) {
                changes[i].push_back({step.from, step.capacity - before, 0});
                before = step.capacity;
            }
            check_level(Kind::kResource, i, std::move(changes[i]));
        }
    }

    void check_stocks() {
        std::vector<std::vector<Change>> changes(programme_.stocks.size());
        for (JobIndex job = 0; job < count(); ++job) {
            const std::int32_t movable = is_fixed(job) ? 0 : 1;
            for (const StockChange& change : programme_.stock_changes_of(way_at(job))) {
                auto& of_stock = changes[static_cast<std::size_t>(change.stock)];
                of_stock.push_back({run_of(job).start, change.at_start, change.at_start < 0 ? movable : 0});
                of_stock.push_back({run_of(job).end, change.at_end, change.at_end < 0 ? movable : 0});
            }
        }
        for (std::size_t i = 0; i < changes.size(); ++i) {
            const Stock& stock = programme_.stocks[i];
            changes[i].push_back({std::numeric_limits<Time>::min(), stock.level, 0});
            for (const Delivery& delivery : stock.deliveries)
                changes[i].push_back({delivery.at, delivery.amount, 0});
            check_level(Kind::kStock, i, std::move(changes[i]));
        }
    }

    // What is free of a resource or left of a stock; each stretch below nothing is one fault.
    void check_level(Kind kind, std::size_t index, std::vector<Change> changes) {
        std::ranges::stable_sort(changes, {}, &Change::at);
        std::int64_t level = 0;
        std::int64_t movable = 0;
        std::int64_t lowest = 0;
        Time since = 0;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            level += changes[i].amount;
            movable += changes[i].movable;
            if (i + 1 < changes.size() && changes[i + 1].at == changes[i].at) continue;
            const bool short_of = level < 0 && movable > 0;
            if (short_of && lowest == 0) since = changes[i].at;
            if (short_of) lowest = std::min(lowest, level);
            if (short_of && i + 1 < changes.size()) continue;
            if (lowest < 0) add_shortage(kind, index, {since, changes[i].at + (short_of ? 1 : 0)}, -lowest);
            lowest = 0;
        }
    }

    void add_shortage(Kind kind, std::size_t index, Span stretch, std::int64_t over) {
        std::vector<JobIndex> jobs;
        for (JobIndex job = 0; job < count(); ++job) {
            const bool takes = kind == Kind::kResource ? loads(job, index) && overlap(run_of(job), stretch)
                                                       : lowers(job, index, stretch.end - 1);
            if (takes) jobs.push_back(job);
        }
        add(kind, std::move(jobs), static_cast<std::int32_t>(index), stretch.start, over,
            std::to_string(over) +
                (kind == Kind::kResource ? " too many of resource " : " too few in stock ") +
                std::to_string(index));
    }

    [[nodiscard]] bool loads(JobIndex job, std::size_t resource) const {
        return std::ranges::any_of(programme_.demands_of(way_at(job)), [&](const Demand& demand) {
            return static_cast<std::size_t>(demand.resource) == resource && demand.amount > 0;
        });
    }
    // Whether it has taken of the stock by then and not given all back.
    [[nodiscard]] bool lowers(JobIndex job, std::size_t stock, Time by) const {
        const Span run = run_of(job);
        std::int64_t change = 0;
        for (const StockChange& part : programme_.stock_changes_of(way_at(job))) {
            if (static_cast<std::size_t>(part.stock) != stock) continue;
            change += (run.start <= by ? part.at_start : 0) + (run.end <= by ? part.at_end : 0);
        }
        return change < 0;
    }

    void check_budgets() {
        struct Charged {
            std::int64_t minutes = 0;
            bool movable = false;
            std::vector<JobIndex> jobs;
        };
        std::map<std::array<std::int32_t, 2>, Charged> charged;  // by service and month
        const auto& months = programme_.month_starts;
        for (JobIndex job = 0; job < count(); ++job) {
            for (const Outage& outage : programme_.outages_of(way_at(job))) {
                const Time start = run_of(job).start + outage.offset;
                for (std::size_t month = 0; month < months.size(); ++month) {
                    const Time month_end = month + 1 < months.size() ? months[month + 1] : programme_.horizon;
                    const Time minutes =
                        std::min(month_end, start + outage.length) - std::max<Time>(months[month], start);
                    if (minutes <= 0) continue;
                    Charged& here = charged[{outage.service, static_cast<std::int32_t>(month)}];
                    here.minutes += minutes;
                    here.movable = here.movable || !is_fixed(job);
                    if (here.jobs.empty() || here.jobs.back() != job) here.jobs.push_back(job);
                }
            }
        }
        for (const auto& [of, here] : charged) {
            const auto month = static_cast<std::size_t>(of[1]);
            const Minute left = programme_.budgets[static_cast<std::size_t>(of[0])].left[month];
            if (here.minutes <= left || !here.movable) continue;
            add(Kind::kBudget, here.jobs, of[0], months[month], here.minutes - left,
                std::to_string(here.minutes) + " minutes of outage, and " + std::to_string(left) +
                    " are left");
        }
    }

    const Programme& programme_;
    const ProgrammeTimes& times_;
    std::vector<ProgrammeFault> faults_;
};

}  // namespace

std::vector<ProgrammeFault> check_programme_times(const Programme& programme, const ProgrammeTimes& times) {
    std::vector<ProgrammeFault> faults = check_programme(programme);
    if (!faults.empty()) return faults;
    return Check(programme, times).run();
}

}  // namespace ararat::planning::scheduler
