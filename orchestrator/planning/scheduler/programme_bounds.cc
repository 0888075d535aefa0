#include "planning/scheduler/programme_bounds.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <set>

namespace ararat::planning::scheduler {
namespace {

constexpr std::int64_t kFar = std::numeric_limits<std::int32_t>::max();

class Propagation {
public:
    explicit Propagation(const Programme& programme) : programme_(programme), ways_(open_ways(programme)) {
        const std::size_t count = programme.jobs.size();
        lags_from_.resize(count);
        lags_to_.resize(count);
        for (std::size_t i = 0; i < programme.lags.size(); ++i) {
            const Lag& lag = programme.lags[i];
            if (is_fixed(lag.from) && is_fixed(lag.to)) continue;
            lags_from_[index(lag.from)].push_back(static_cast<std::int32_t>(i));
            lags_to_[index(lag.to)].push_back(static_cast<std::int32_t>(i));
        }
        for (const auto& ways : ways_) {
            Minute shortest = ways.front()->duration;
            for (const Way* way : ways) shortest = std::min(shortest, way->duration);
            shortest_.push_back(shortest);
        }
    }

    ProgrammeBounds run() {
        find_lag_cycle();
        if (!result_.lag_cycle.empty()) return std::move(result_);
        result_.jobs.resize(programme_.jobs.size());
        cause_.assign(programme_.jobs.size(), kNone);
        if (!forward()) {
            explain();
            return std::move(result_);
        }
        backward();
        return std::move(result_);
    }

private:
    static std::size_t index(std::int32_t number) { return static_cast<std::size_t>(number); }
    [[nodiscard]] const Job& job_at(JobIndex job) const { return programme_.jobs[index(job)]; }
    [[nodiscard]] bool is_fixed(JobIndex job) const { return job_at(job).fixed_start != kNoMinute; }
    [[nodiscard]] std::int64_t length(const Lag& lag) const {
        return std::int64_t{lag.lag} + (lag.from_end ? shortest_[index(lag.from)] : 0);
    }

    // Longest paths from everywhere at once (Bellman and Ford). Labels that go on growing have a circle
    // behind them, which then stands among the lags that raised them last.
    void find_lag_cycle() {
        const std::size_t count = programme_.jobs.size();
        std::vector<std::int64_t> label(count, 0);
        std::vector<std::int32_t> by(count, kNone);
        for (bool grown = true; grown && result_.lag_cycle.empty();) {
            grown = false;
            for (std::size_t i = 0; i < programme_.lags.size(); ++i) {
                const Lag& lag = programme_.lags[i];
                if (is_fixed(lag.from) && is_fixed(lag.to)) continue;
                const std::int64_t reached = label[index(lag.from)] + length(lag);
                if (reached <= label[index(lag.to)]) continue;
                label[index(lag.to)] = reached;
                by[index(lag.to)] = static_cast<std::int32_t>(i);
                grown = true;
            }
            if (grown) look_for_cycle(by);
        }
    }

    void look_for_cycle(const std::vector<std::int32_t>& by) {
        std::vector<JobIndex> seen_from(by.size(), kNone);  // the job from which each was first reached
        for (JobIndex start = 0; start < static_cast<JobIndex>(by.size()); ++start) {
            JobIndex job = start;
            while (by[index(job)] != kNone && seen_from[index(job)] == kNone) {
                seen_from[index(job)] = start;
                job = programme_.lags[index(by[index(job)])].from;
            }
            if (by[index(job)] == kNone || seen_from[index(job)] != start) continue;
            const JobIndex first = job;
            do {
                result_.lag_cycle.push_back(by[index(job)]);
                job = programme_.lags[index(by[index(job)])].from;
            } while (job != first);
            std::ranges::reverse(result_.lag_cycle);
            return;
        }
    }

    // The first start from `from` on, the last before `end`; past kFar or below 0: there is none.
    [[nodiscard]] std::int64_t next_start(const Way& way, std::int64_t from) const {
        if (way.calendar == kNone) return from;
        const auto& windows = programme_.calendars[index(way.calendar)].windows;
        auto window = std::ranges::lower_bound(windows, from, {}, &OpenTime::latest_start);
        for (; window != windows.end(); ++window) {
            const std::int64_t start = std::max<std::int64_t>(from, window->start);
            if (start <= window->latest_start && start + way.duration <= window->end) return start;
        }
        return 2 * kFar;
    }
    [[nodiscard]] std::int64_t last_start(const Way& way, std::int64_t last) const {
        if (way.calendar == kNone) return last;
        const auto& windows = programme_.calendars[index(way.calendar)].windows;
        auto window = std::ranges::upper_bound(windows, last, {}, &OpenTime::start);
        while (window != windows.begin()) {
            --window;
            const std::int64_t start =
                std::min<std::int64_t>(last, std::min(window->latest_start, window->end - way.duration));
            if (start >= window->start) return start;
        }
        return -2 * kFar;
    }

    // From its least start to its earliest times; false: it has none in time.
    bool settle_earliest(JobIndex job, std::int64_t least) {
        JobBounds& bounds = result_.jobs[index(job)];
        if (is_fixed(job)) {
            bounds.earliest_start = job_at(job).fixed_start;
            bounds.earliest_end = bounds.earliest_start + shortest_[index(job)];
            return least <= bounds.earliest_start;
        }
        bounds.earliest_start = bounds.earliest_end = 2 * kFar;
        for (const Way* way : ways_[index(job)]) {
            const std::int64_t start = next_start(*way, least);
            bounds.earliest_start = std::min(bounds.earliest_start, start);
            bounds.earliest_end = std::min(bounds.earliest_end, start + way->duration);
        }
        return bounds.earliest_end <= last_end(job);
    }

    [[nodiscard]] std::int64_t last_end(JobIndex job) const {
        const bool hard = job_at(job).due_is_hard && job_at(job).due != kNoMinute;
        return hard ? std::min(job_at(job).due, programme_.horizon) : programme_.horizon;
    }

    bool forward() {
        std::deque<JobIndex> queue;
        std::vector<bool> queued(programme_.jobs.size(), true);
        for (JobIndex job = 0; job < static_cast<JobIndex>(programme_.jobs.size()); ++job) {
            const std::int64_t least = std::max(0, job_at(job).release);
            if (!settle_earliest(job, is_fixed(job) ? job_at(job).fixed_start : least)) return fail(job);
            queue.push_back(job);
        }
        while (!queue.empty()) {
            const JobIndex from = queue.front();
            queue.pop_front();
            queued[index(from)] = false;
            for (const std::int32_t number : lags_from_[index(from)]) {
                const Lag& lag = programme_.lags[index(number)];
                const JobBounds& bounds = result_.jobs[index(from)];
                const std::int64_t least =
                    (lag.from_end ? bounds.earliest_end : bounds.earliest_start) + lag.lag;
                if (least <= result_.jobs[index(lag.to)].earliest_start) continue;
                cause_[index(lag.to)] = number;
                if (!settle_earliest(lag.to, least)) return fail(lag.to);
                if (queued[index(lag.to)]) continue;
                queued[index(lag.to)] = true;
                queue.push_back(lag.to);
            }
        }
        return true;
    }

    bool fail(JobIndex job) {
        result_.impossible = job;
        return false;
    }

    // Back along the lags that raised the earliest starts last. Where maximum lags make that a circle, or
    // where a job's shortest way is not the one that was raised, this is not all; whoever needs it whole must
    // try.
    void explain() {
        std::set<Constraint> because;
        JobIndex job = result_.impossible;
        if (is_fixed(job)) {
            because.insert({ConstraintKind::kFixed, job});
        } else {
            const bool hard = job_at(job).due_is_hard && job_at(job).due != kNoMinute;
            if (hard && job_at(job).due < programme_.horizon)
                because.insert({ConstraintKind::kDeadline, job});
            else
                because.insert({ConstraintKind::kHorizon, kNone});
        }
        while (job != kNone && std::ranges::find(result_.chain, job) == result_.chain.end()) {
            result_.chain.push_back(job);
            if (is_fixed(job) && job != result_.impossible) because.insert({ConstraintKind::kFixed, job});
            if (!is_fixed(job) && job_at(job).release > 0) because.insert({ConstraintKind::kRelease, job});
            if (job_at(job).fixed_way != kNone) because.insert({ConstraintKind::kFixed, job});
            for (const Way* way : ways_[index(job)])
                if (way->calendar != kNone && !is_fixed(job))
                    because.insert({ConstraintKind::kCalendar, way->calendar});
            const std::int32_t lag = cause_[index(job)];
            if (lag != kNone) because.insert({ConstraintKind::kLag, lag});
            job = lag == kNone ? kNone : programme_.lags[index(lag)].from;
        }
        result_.because.assign(because.begin(), because.end());
    }

    // False: no way starts by `last` and ends by `end`.
    bool settle_latest(JobIndex job, std::int64_t last) {
        JobBounds& bounds = result_.jobs[index(job)];
        if (is_fixed(job)) {
            bounds.latest_start = job_at(job).fixed_start;
            bounds.latest_end = bounds.latest_start;
            for (const Way* way : ways_[index(job)])
                bounds.latest_end = std::max(bounds.latest_end, bounds.latest_start + way->duration);
            return last >= bounds.latest_start;
        }
        bounds.latest_start = bounds.latest_end = -2 * kFar;
        const std::int64_t end = std::min(last_end(job), end_by_lags_[index(job)]);
        for (const Way* way : ways_[index(job)]) {
            const std::int64_t start = last_start(*way, std::min(last, end - way->duration));
            if (start < 0) continue;
            bounds.latest_start = std::max(bounds.latest_start, start);
            bounds.latest_end = std::max(bounds.latest_end, start + way->duration);
        }
        return bounds.latest_start >= result_.jobs[index(job)].earliest_start;
    }

    void backward() {
        end_by_lags_.assign(programme_.jobs.size(), 2 * kFar);
        start_by_lags_.assign(programme_.jobs.size(), 2 * kFar);
        std::deque<JobIndex> queue;
        std::vector<bool> queued(programme_.jobs.size(), true);
        for (JobIndex job = static_cast<JobIndex>(programme_.jobs.size()) - 1; job >= 0; --job) {
            if (!settle_latest(job, 2 * kFar)) {
                fail(job);
                return;
            }
            queue.push_back(job);
        }
        while (!queue.empty()) {
            const JobIndex to = queue.front();
            queue.pop_front();
            queued[index(to)] = false;
            for (const std::int32_t number : lags_to_[index(to)]) {
                const Lag& lag = programme_.lags[index(number)];
                std::int64_t& bound = (lag.from_end ? end_by_lags_ : start_by_lags_)[index(lag.from)];
                const std::int64_t most = result_.jobs[index(to)].latest_start - lag.lag;
                if (most >= bound) continue;
                bound = most;
                if (!settle_latest(lag.from, start_by_lags_[index(lag.from)])) {
                    fail(lag.from);
                    return;
                }
                if (queued[index(lag.from)]) continue;
                queued[index(lag.from)] = true;
                queue.push_back(lag.from);
            }
        }
    }

    const Programme& programme_;
    std::vector<std::vector<const Way*>> ways_;
    std::vector<std::vector<std::int32_t>> lags_from_;
    std::vector<std::vector<std::int32_t>> lags_to_;
    std::vector<Minute> shortest_;
    std::vector<std::int32_t> cause_;  // the lag that raised a job's earliest start last
    std::vector<std::int64_t> end_by_lags_;
    std::vector<std::int64_t> start_by_lags_;
    ProgrammeBounds result_;
};

}  // namespace

std::vector<std::vector<const Way*>> open_ways(const Programme& programme) {
    std::map<GroupNumber, std::int32_t> fixed;
    for (const Job& job : programme.jobs)
        if (job.group != kNone && job.fixed_way != kNone) fixed[job.group] = job.fixed_way;
    std::vector<std::vector<const Way*>> open;
    for (const Job& job : programme.jobs) {
        std::int32_t only = job.fixed_way;
        if (const auto found = fixed.find(job.group); only == kNone && found != fixed.end())
            only = found->second;
        std::vector<const Way*>& ways = open.emplace_back();
        const auto all = programme.ways_of(job);
        for (std::size_t i = 0; i < all.size(); ++i)
            if (only == kNone || i == static_cast<std::size_t>(only)) ways.push_back(&all[i]);
    }
    return open;
}

ProgrammeBounds bounds_of(const Programme& programme) { return Propagation(programme).run(); }

}  // namespace ararat::planning::scheduler
