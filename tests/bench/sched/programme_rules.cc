#include "bench/sched/programme_rules.h"

#include <algorithm>
#include <map>

namespace ararat::bench {

using namespace planning::scheduler;

namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

class Rules {
public:
    Rules(const Programme& programme, const ProgrammeTimes& times) : programme_(programme), times_(times) {}

    std::vector<std::string> broken() {
        for (JobIndex job = 0; job < static_cast<JobIndex>(programme_.jobs.size()); ++job) check_job(job);
        check_lags();
        check_apart();
        check_waves();
        check_resources();
        check_stocks();
        check_budgets();
        return std::move(broken_);
    }

private:
    [[nodiscard]] const Job& job_of(JobIndex job) const { return programme_.jobs[at(job)]; }
    [[nodiscard]] const Way& way_of(JobIndex job) const {
        return programme_.ways_of(job_of(job))[at(times_.way[at(job)])];
    }
    [[nodiscard]] Minute start(JobIndex job) const { return times_.start[at(job)]; }
    [[nodiscard]] Minute end(JobIndex job) const { return start(job) + way_of(job).duration; }
    [[nodiscard]] bool fixed(JobIndex job) const { return job_of(job).fixed_start != kNoMinute; }
    void tell(const std::string& what, std::int64_t index) {
        broken_.push_back(what + " " + std::to_string(index));
    }

    const OpenTime* window_of(JobIndex job) const {
        if (way_of(job).calendar == kNone) return nullptr;
        for (const OpenTime& window : programme_.calendars[at(way_of(job).calendar)].windows) {
            if (start(job) >= window.start && start(job) <= window.latest_start && end(job) <= window.end)
                return &window;
        }
        return nullptr;
    }

    void check_job(JobIndex job) {
        const Job& is = job_of(job);
        if (fixed(job)) {
            if (start(job) != is.fixed_start || times_.way[at(job)] != is.fixed_way) tell("fixed job", job);
            return;
        }
        if (start(job) < std::max(0, is.release)) tell("release of job", job);
        if (end(job) > programme_.horizon) tell("horizon of job", job);
        if (is.due_is_hard && is.due != kNoMinute && end(job) > is.due) tell("deadline of job", job);
        if (way_of(job).calendar != kNone && window_of(job) == nullptr) tell("window of job", job);
        for (JobIndex other = 0; is.group != kNone && other < job; ++other) {
            if (job_of(other).group == is.group && !fixed(other) &&
                times_.way[at(other)] != times_.way[at(job)])
                tell("way of job", job);
            if (other + 50 < job) other = job - 50;  // a group's jobs stand together
        }
    }

    void check_lags() {
        for (std::size_t i = 0; i < programme_.lags.size(); ++i) {
            const Lag& lag = programme_.lags[i];
            if (fixed(lag.from) && fixed(lag.to)) continue;
            if (start(lag.to) < (lag.from_end ? end(lag.from) : start(lag.from)) + lag.lag)
                tell("lag", static_cast<std::int64_t>(i));
        }
    }

    void check_apart() {
        for (std::size_t i = 0; i < programme_.apart.size(); ++i) {
            const Apart& pair = programme_.apart[i];
            if (fixed(pair.a) && fixed(pair.b)) continue;
            const auto number = static_cast<std::int64_t>(i);
            if (pair.time && std::max(start(pair.a), start(pair.b)) < std::min(end(pair.a), end(pair.b)))
                tell("apart in time", number);
            if (pair.sites && way_of(pair.a).site != kNone && way_of(pair.a).site == way_of(pair.b).site)
                tell("apart in site", number);
            const OpenTime* a = window_of(pair.a);
            const OpenTime* b = window_of(pair.b);
            if (pair.same_window_too && a != nullptr && b != nullptr && a->start < b->end &&
                b->start < a->end)
                tell("apart in window", number);
        }
    }

    void check_waves() {
        std::map<std::int32_t, std::pair<Minute, Minute>> windows;
        for (JobIndex job = 0; job < static_cast<JobIndex>(programme_.jobs.size()); ++job) {
            const OpenTime* window = window_of(job);
            if (job_of(job).wave == kNone || job_of(job).kind != JobKind::kCutover || window == nullptr)
                continue;
            const auto [seen, first] = windows.try_emplace(job_of(job).wave, window->start, window->end);
            if (!first && (start(job) < seen->second.first || end(job) > seen->second.second))
                tell("wave", job_of(job).wave);
        }
    }

    // By resource or stock: what changes when. Whoever gives at a minute gives before others take.
    using Changes = std::map<std::int32_t, std::map<Minute, std::int64_t>>;

    void check_resources() {
        Changes changes;
        for (JobIndex job = 0; job < static_cast<JobIndex>(programme_.jobs.size()); ++job) {
            for (const Demand& demand : programme_.demands_of(way_of(job))) {
                changes[demand.resource][std::max(0, start(job))] -= demand.amount;
                changes[demand.resource][std::max(0, end(job))] += demand.amount;
            }
        }
        for (auto& [resource, by_time] : changes) {
            std::int64_t level = 0;
            for (const CapacityStep& step : programme_.resources[at(resource)].steps) {
                by_time[step.from] += step.capacity - level;
                level = step.capacity;
            }
            check_level("resource", resource, by_time, 0);
        }
    }

    void check_stocks() {
        Changes changes;
        for (JobIndex job = 0; job < static_cast<JobIndex>(programme_.jobs.size()); ++job) {
            for (const StockChange& change : programme_.stock_changes_of(way_of(job))) {
                changes[change.stock][std::max(0, start(job))] += change.at_start;
                changes[change.stock][std::max(0, end(job))] += change.at_end;
            }
        }
        for (auto& [stock, by_time] : changes) {
            for (const Delivery& delivery : programme_.stocks[at(stock)].deliveries)
                by_time[delivery.at] += delivery.amount;
            check_level("stock", stock, by_time, programme_.stocks[at(stock)].level);
        }
    }

    void check_level(const char* what, std::int32_t index, const std::map<Minute, std::int64_t>& changes,
                     std::int64_t level) {
        for (const auto& [time, change] : changes) {
            level += change;
            if (level < 0) return tell(what, index);
        }
    }

    void check_budgets() {
        if (programme_.month_starts.empty()) return;
        std::map<std::pair<std::int32_t, std::size_t>, Minute> used;
        for (JobIndex job = 0; job < static_cast<JobIndex>(programme_.jobs.size()); ++job) {
            for (const Outage& outage : programme_.outages_of(way_of(job))) {
                for (Minute m = start(job) + outage.offset; m < start(job) + outage.offset + outage.length;
                     ++m) {
                    const auto after =
                        std::upper_bound(programme_.month_starts.begin(), programme_.month_starts.end(), m);
                    ++used[{outage.service,
                            static_cast<std::size_t>(after - programme_.month_starts.begin()) - 1}];
                }
            }
        }
        for (const auto& [key, minutes] : used) {
            if (minutes > programme_.budgets[at(key.first)].left[key.second]) tell("budget", key.first);
        }
    }

    const Programme& programme_;
    const ProgrammeTimes& times_;
    std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> broken_rules(const Programme& programme, const ProgrammeTimes& times) {
    return Rules(programme, times).broken();
}

}  // namespace ararat::bench
