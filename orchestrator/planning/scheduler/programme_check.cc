#include "planning/scheduler/programme_check.h"

#include <algorithm>
#include <map>

namespace ararat::planning::scheduler {
namespace {

template <typename Container>
bool holds(const Container& container, std::int32_t index) {
    return index >= 0 && static_cast<std::size_t>(index) < container.size();
}

template <typename Container>
bool holds(const Container& container, Slice slice) {
    return slice.first <= container.size() && slice.count <= container.size() - slice.first;
}

bool numbers(std::int32_t count, std::int32_t index) { return index >= kNone && index < count; }

class WellFormed {
public:
    explicit WellFormed(const Programme& programme) : programme_(programme) {}

    std::vector<ProgrammeFault> run() {
        check_time();
        for (std::size_t i = 0; i < programme_.calendars.size(); ++i) check_calendar(i);
        for (std::size_t i = 0; i < programme_.resources.size(); ++i) check_resource(i);
        for (std::size_t i = 0; i < programme_.stocks.size(); ++i) check_stock(i);
        for (std::size_t i = 0; i < programme_.ways.size(); ++i) check_way(i);
        for (std::size_t i = 0; i < programme_.jobs.size(); ++i) check_job(static_cast<JobIndex>(i));
        check_lags();
        check_apart();
        if (faults_.empty()) check_groups();
        return std::move(faults_);
    }

private:
    void expect(bool right, const char* what, std::size_t number, const char* fault,
                std::vector<JobIndex> jobs = {}) {
        if (right) return;
        faults_.push_back({ProgrammeFaultKind::kProgramme, std::move(jobs), static_cast<std::int32_t>(number),
                           kNoMinute, 0, std::string(what) + " " + std::to_string(number) + " " + fault});
    }

    void check_time() {
        const auto& months = programme_.month_starts;
        expect(programme_.horizon >= 0, "horizon", 0, "lies before the origin");
        for (std::size_t i = 1; i < months.size(); ++i)
            expect(months[i - 1] < months[i], "month", i, "starts no later than the one before");
        if (!months.empty()) expect(months.front() <= 0, "month", 0, "starts after the origin");
        for (std::size_t i = 0; i < programme_.budgets.size(); ++i) {
            expect(programme_.budgets[i].left.size() == months.size(), "budget", i,
                   "has not one entry for each month");
        }
        expect(programme_.group_count >= 0 && programme_.wave_count >= 0, "count", 0,
               "of groups or waves is below nothing");
    }

    void check_calendar(std::size_t index) {
        const auto& windows = programme_.calendars[index].windows;
        for (std::size_t i = 0; i < windows.size(); ++i) {
            const OpenTime& window = windows[i];
            expect(window.start < window.end, "calendar", index, "has an empty window");
            expect(window.start <= window.latest_start && window.latest_start <= window.end, "calendar",
                   index, "has a window whose latest start lies outside it");
            if (i > 0) {
                expect(windows[i - 1].end < window.start, "calendar", index,
                       "has windows that touch or are out of order");
            }
        }
    }

    void check_resource(std::size_t index) {
        const auto& steps = programme_.resources[index].steps;
        if (!steps.empty()) expect(steps.front().from == 0, "resource", index, "does not begin at 0");
        for (std::size_t i = 0; i < steps.size(); ++i) {
            expect(steps[i].capacity >= 0, "resource", index, "has a capacity below nothing");
            if (i > 0) expect(steps[i - 1].from < steps[i].from, "resource", index, "has steps out of order");
        }
    }

    void check_stock(std::size_t index) {
        const Stock& stock = programme_.stocks[index];
        expect(stock.level >= 0, "stock", index, "begins below nothing");
        for (std::size_t i = 0; i < stock.deliveries.size(); ++i) {
            expect(stock.deliveries[i].amount >= 0, "stock", index, "has a delivery that takes away");
            if (i > 0) {
                expect(stock.deliveries[i - 1].at <= stock.deliveries[i].at, "stock", index,
                       "has deliveries out of order");
            }
        }
    }

    void check_way(std::size_t index) {
        const Way& way = programme_.ways[index];
        expect(way.duration >= 0, "way", index, "lasts less than no time");
        expect(way.calendar == kNone || holds(programme_.calendars, way.calendar), "way", index,
               "names no calendar");
        expect(way.site >= kNone, "way", index, "names no site");
        const bool slices = holds(programme_.demands, way.demands) &&
                            holds(programme_.stock_changes, way.stock_changes) &&
                            holds(programme_.outages, way.outages);
        expect(slices, "way", index, "has a slice out of range");
        if (!slices) return;
        for (const Demand& demand : programme_.demands_of(way)) {
            expect(holds(programme_.resources, demand.resource), "way", index, "names no resource");
            expect(demand.amount >= 0, "way", index, "demands less than nothing");
        }
        for (const StockChange& change : programme_.stock_changes_of(way))
            expect(holds(programme_.stocks, change.stock), "way", index, "names no stock");
        for (const Outage& outage : programme_.outages_of(way)) {
            expect(holds(programme_.budgets, outage.service), "way", index, "names no service");
            expect(outage.offset >= 0 && outage.length >= 0 &&
                       std::int64_t{outage.offset} + outage.length <= way.duration,
                   "way", index, "has an outage outside the job");
        }
    }

    void check_job(JobIndex index) {
        const Job& job = programme_.jobs[static_cast<std::size_t>(index)];
        const auto expect_of = [&](bool right, const char* fault) {
            expect(right, "job", static_cast<std::size_t>(index), fault, {index});
        };
        expect_of(job.ways.count > 0, "has no way");
        expect_of(holds(programme_.ways, job.ways), "has a slice out of range");
        expect_of(numbers(programme_.group_count, job.group), "names no group");
        expect_of(numbers(programme_.wave_count, job.wave), "names no wave");
        expect_of(job.price_per_day >= 0 && job.hosts >= 0, "has a price or hosts below nothing");
        if (!holds(programme_.ways, job.ways)) return;
        const auto ways = static_cast<std::int32_t>(job.ways.count);
        expect_of(numbers(ways, job.fixed_way), "is fixed to a way that it has not");
        if (job.fixed_start == kNoMinute || !numbers(ways, job.fixed_way)) return;
        expect_of(job.fixed_way != kNone || ways == 1, "has started in no known way");
        if (job.fixed_way == kNone && ways != 1) return;
        const Way& way = programme_.ways_of(job)[static_cast<std::size_t>(std::max(0, job.fixed_way))];
        expect_of(std::int64_t{job.fixed_start} + way.duration <= programme_.horizon,
                  "is fixed to end after the horizon");
    }

    void check_lags() {
        for (std::size_t i = 0; i < programme_.lags.size(); ++i) {
            const Lag& lag = programme_.lags[i];
            expect(holds(programme_.jobs, lag.from) && holds(programme_.jobs, lag.to), "lag", i,
                   "names no job");
            expect(lag.from != lag.to, "lag", i, "holds between a job and itself");
        }
    }

    void check_apart() {
        for (std::size_t i = 0; i < programme_.apart.size(); ++i) {
            const Apart& apart = programme_.apart[i];
            const bool known = holds(programme_.jobs, apart.a) && holds(programme_.jobs, apart.b);
            expect(known, "pair", i, "names no job");
            if (!known) continue;
            const GroupNumber group = programme_.jobs[static_cast<std::size_t>(apart.a)].group;
            const GroupNumber other = programme_.jobs[static_cast<std::size_t>(apart.b)].group;
            expect(apart.a != apart.b && (group == kNone || group != other), "pair", i, "is of one group");
        }
    }

    void check_groups() {
        std::map<GroupNumber, JobIndex> first;        // of each group
        std::map<GroupNumber, JobIndex> first_fixed;  // whose way is fixed
        for (std::size_t i = 0; i < programme_.jobs.size(); ++i) {
            const Job& job = programme_.jobs[i];
            if (job.group == kNone) continue;
            const auto index = static_cast<JobIndex>(i);
            const JobIndex known = first.try_emplace(job.group, index).first->second;
            expect(programme_.jobs[static_cast<std::size_t>(known)].ways.count == job.ways.count, "group",
                   static_cast<std::size_t>(job.group), "has jobs with different numbers of ways",
                   {known, index});
            if (job.fixed_way == kNone) continue;
            const JobIndex fixed = first_fixed.try_emplace(job.group, index).first->second;
            expect(programme_.jobs[static_cast<std::size_t>(fixed)].fixed_way == job.fixed_way, "group",
                   static_cast<std::size_t>(job.group), "is fixed to two ways", {fixed, index});
        }
    }

    const Programme& programme_;
    std::vector<ProgrammeFault> faults_;
};

}  // namespace

std::vector<ProgrammeFault> check_programme(const Programme& programme) {
    return WellFormed(programme).run();
}

}  // namespace ararat::planning::scheduler
