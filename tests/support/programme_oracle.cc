#include "support/programme_oracle.h"

#include <algorithm>
#include <map>

#include "planning/scheduler/programme_check.h"

namespace ararat::planning::scheduler {
namespace {

class Trial {
public:
    explicit Trial(const Programme& programme) : programme_(programme) {
        const std::size_t jobs = programme.jobs.size();
        times_ = {std::vector<Minute>(jobs, kNoMinute), std::vector<std::int32_t>(jobs, 0)};
        for (std::size_t job = 0; job < jobs; ++job)
            if (programme.jobs[job].fixed_start != kNoMinute) order_.push_back(job);
        for (std::size_t job = 0; job < jobs; ++job)
            if (programme.jobs[job].fixed_start == kNoMinute) order_.push_back(job);
        const auto minutes = static_cast<std::size_t>(programme.horizon) + 1;
        load_.assign(programme.resources.size(), std::vector<std::int64_t>(minutes, 0));
        down_.assign(programme.budgets.size(), std::vector<std::int64_t>(programme.month_starts.size(), 0));
    }

    std::optional<OracleAnswer> run() {
        place(0);
        return std::move(best_);
    }

private:
    void place(std::size_t depth) {
        if (depth == order_.size()) {
            const ProgrammeScore score = score_of(programme_, times_);
            if (best_ && best_->score <= score) return;
            if (check_programme_times(programme_, times_).empty()) best_ = {times_, score};
            return;
        }
        const std::size_t job = order_[depth];
        const auto ways = static_cast<std::int32_t>(programme_.jobs[job].ways.count);
        for (std::int32_t way = 0; way < ways; ++way) {
            if (!way_may_be(depth, way)) continue;
            times_.way[job] = way;
            const Minute fixed = programme_.jobs[job].fixed_start;
            const Minute last = fixed == kNoMinute ? programme_.horizon - way_of(job).duration : fixed;
            for (Minute start = fixed == kNoMinute ? 0 : fixed; start <= last; ++start) {
                times_.start[job] = start;
                if (fits(depth)) {
                    count(job, 1);
                    if (!worse_already(depth)) place(depth + 1);
                    count(job, -1);
                }
            }
            times_.start[job] = kNoMinute;
        }
    }

    [[nodiscard]] const Way& way_of(std::size_t job) const {
        return programme_.ways_of(programme_.jobs[job])[static_cast<std::size_t>(times_.way[job])];
    }

    [[nodiscard]] bool way_may_be(std::size_t depth, std::int32_t way) const {
        const Job& job = programme_.jobs[order_[depth]];
        if (job.fixed_way != kNone && job.fixed_way != way) return false;
        if (job.group == kNone) return true;
        return std::ranges::all_of(
            order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(depth), [&](std::size_t placed) {
                return programme_.jobs[placed].group != job.group || times_.way[placed] == way;
            });
    }

    // Of the jobs placed so far; stocks, waves and pairs' windows are left to the verifier.
    [[nodiscard]] bool fits(std::size_t depth) const {
        const std::size_t index = order_[depth];
        const Job& job = programme_.jobs[index];
        if (job.fixed_start != kNoMinute) return true;
        const Minute start = times_.start[index];
        const Minute end = start + way_of(index).duration;
        if (start < job.release) return false;
        if (job.due_is_hard && job.due != kNoMinute && end > job.due) return false;
        return in_window(index, start, end) && has_room(index, start, end) && keeps_lags(index);
    }

    [[nodiscard]] bool in_window(std::size_t job, Minute start, Minute end) const {
        const std::int32_t calendar = way_of(job).calendar;
        if (calendar == kNone) return true;
        return std::ranges::any_of(
            programme_.calendars[static_cast<std::size_t>(calendar)].windows, [&](const OpenTime& open) {
                return open.start <= start && start <= open.latest_start && end <= open.end;
            });
    }

    [[nodiscard]] std::int64_t capacity(std::size_t resource, Minute at) const {
        std::int64_t capacity = 0;
        for (const CapacityStep& step : programme_.resources[resource].steps)
            if (step.from <= at) capacity = step.capacity;
        return capacity;
    }

    [[nodiscard]] bool has_room(std::size_t job, Minute start, Minute end) const {
        std::map<std::size_t, std::int64_t> wanted;
        for (const Demand& demand : programme_.demands_of(way_of(job)))
            wanted[static_cast<std::size_t>(demand.resource)] += demand.amount;
        for (const auto& [resource, amount] : wanted) {
            for (Minute at = start; at < end && amount > 0; ++at) {
                if (load_[resource][static_cast<std::size_t>(at)] + amount > capacity(resource, at))
                    return false;
            }
        }
        std::map<std::pair<std::size_t, std::size_t>, std::int64_t> down;
        for (const Outage& outage : programme_.outages_of(way_of(job))) {
            for (Minute at = start + outage.offset; at < start + outage.offset + outage.length; ++at)
                ++down[{static_cast<std::size_t>(outage.service), month_of(at)}];
        }
        return std::ranges::all_of(down, [&](const auto& entry) {
            const auto& [service, month] = entry.first;
            return down_[service][month] + entry.second <= programme_.budgets[service].left[month];
        });
    }

    [[nodiscard]] std::size_t month_of(Minute at) const {
        const auto after = std::ranges::upper_bound(programme_.month_starts, at);
        return static_cast<std::size_t>(after - programme_.month_starts.begin()) - 1;
    }

    [[nodiscard]] bool keeps_lags(std::size_t job) const {
        for (const Lag& lag : programme_.lags) {
            const auto from = static_cast<std::size_t>(lag.from);
            const auto to = static_cast<std::size_t>(lag.to);
            if ((from != job && to != job) || times_.start[from] == kNoMinute ||
                times_.start[to] == kNoMinute)
                continue;
            const Minute base = times_.start[from] + (lag.from_end ? way_of(from).duration : 0);
            if (times_.start[to] < base + lag.lag) return false;
        }
        return std::ranges::all_of(programme_.apart, [&](const Apart& pair) {
            const auto a = static_cast<std::size_t>(pair.a);
            const auto b = static_cast<std::size_t>(pair.b);
            if ((a != job && b != job) || times_.start[a] == kNoMinute || times_.start[b] == kNoMinute)
                return true;
            if (pair.sites && way_of(a).site == way_of(b).site && way_of(a).site != kNone) return false;
            return !pair.time || times_.start[a] + way_of(a).duration <= times_.start[b] ||
                   times_.start[b] + way_of(b).duration <= times_.start[a];
        });
    }

    // Adds the job to the loads and outages, or takes it away again.
    void count(std::size_t job, std::int64_t sign) {
        const Minute start = times_.start[job];
        for (const Demand& demand : programme_.demands_of(way_of(job))) {
            for (Minute at = std::max(0, start); at < start + way_of(job).duration; ++at) {
                load_[static_cast<std::size_t>(demand.resource)][static_cast<std::size_t>(at)] +=
                    sign * demand.amount;
            }
        }
        for (const Outage& outage : programme_.outages_of(way_of(job))) {
            const Minute from = start + outage.offset;
            for (Minute at = std::max(from, programme_.month_starts.front()); at < from + outage.length; ++at)
                down_[static_cast<std::size_t>(outage.service)][month_of(at)] += sign;
        }
    }

    // No part of a score falls when a job is added.
    [[nodiscard]] bool worse_already(std::size_t depth) const {
        if (!best_) return false;
        Programme placed = {};
        placed.ways = programme_.ways;
        ProgrammeTimes times;
        for (std::size_t i = 0; i <= depth; ++i) {
            placed.jobs.push_back(programme_.jobs[order_[i]]);
            times.start.push_back(times_.start[order_[i]]);
            times.way.push_back(times_.way[order_[i]]);
        }
        return score_of(placed, times) >= best_->score;
    }

    const Programme& programme_;
    ProgrammeTimes times_;
    std::vector<std::size_t> order_;               // fixed jobs first: they ask for no leave
    std::vector<std::vector<std::int64_t>> load_;  // by resource and minute
    std::vector<std::vector<std::int64_t>> down_;  // by service and month
    std::optional<OracleAnswer> best_;
};

}  // namespace

std::optional<OracleAnswer> best_by_trying(const Programme& programme) { return Trial(programme).run(); }

}  // namespace ararat::planning::scheduler
