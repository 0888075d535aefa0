// How many executions of a schedule the forecast does in a second of one core's time: programmes of a few to
// many move groups, each seeded over a link, cut over in weekend windows by a team with its service's monthly
// budget, watched, and decommissioned; some target memory comes late; one cutover in fifty is backed out.
// Their schedules come from the simplest dispatch there is, below: a forecast needs a schedule, not a good
// one.
//   forecast_bench [--executions N] [GROUPS...]
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/forecast.h"

namespace {

using namespace ararat::planning::scheduler;

constexpr Minute kDay = 1'440;
constexpr Minute kWeek = 7 * kDay;
constexpr Minute kMonth = 30 * kDay;
constexpr std::int32_t kLinks = 2;
constexpr std::int32_t kTeams = 3;

struct Bench {
    Programme programme;
    ProgrammeTimes times;
    ForecastInput input;
};

JobIndex add_job(Bench& bench, JobKind kind, GroupNumber group, Minute duration, std::int32_t resource,
                 std::int32_t amount) {
    Programme& p = bench.programme;
    Way way;
    way.duration = duration;
    way.demands = {static_cast<std::uint32_t>(p.demands.size()), 1};
    p.demands.push_back({resource, amount});
    Job job;
    job.kind = kind;
    job.group = group;
    job.ways = {static_cast<std::uint32_t>(p.ways.size()), 1};
    p.ways.push_back(way);
    p.jobs.push_back(job);
    bench.times.way.push_back(0);
    bench.input.spread_of.push_back(static_cast<std::int32_t>(kind));
    bench.input.back_out_chance.push_back(kind == JobKind::kCutover ? 0.02 : 0);
    return static_cast<JobIndex>(p.jobs.size()) - 1;
}

void add_group(Bench& bench, GroupNumber group, std::int32_t services, Dice& dice) {
    Programme& p = bench.programme;
    const auto link = static_cast<std::int32_t>(dice.below(kLinks));
    const auto team = static_cast<std::int32_t>(kLinks + dice.below(kTeams));
    const JobIndex seed =
        add_job(bench, JobKind::kSeed, group, static_cast<Minute>(kDay / 2 + dice.below(3 * kDay)), link,
                static_cast<std::int32_t>(50 + dice.below(200)));
    const JobIndex cutover =
        add_job(bench, JobKind::kCutover, group, static_cast<Minute>(60 + dice.below(180)), team, 1);
    const JobIndex care = add_job(bench, JobKind::kHypercare, group, kWeek, kLinks + kTeams, 1);
    const JobIndex empty = add_job(bench, JobKind::kDecommission, group, kDay, team, 1);
    p.lags.push_back({seed, cutover, 0, true, 0});
    p.lags.push_back({cutover, seed, -6 * kWeek, false, 0});
    p.lags.push_back({cutover, care, 0, true, 0});
    p.lags.push_back({care, empty, 0, true, 0});
    if (group > 4 && dice.below(3) == 0)  // what it needs moves first
        p.lags.push_back({static_cast<JobIndex>(4 * dice.below(static_cast<std::uint32_t>(group)) + 1),
                          cutover, 0, true, 0});
    Way& way = p.ways[p.jobs[static_cast<std::size_t>(cutover)].ways.first];
    way.calendar = static_cast<std::int32_t>(dice.below(3));
    way.outages = {static_cast<std::uint32_t>(p.outages.size()), 1};
    p.outages.push_back(
        {static_cast<std::int32_t>(dice.below(static_cast<std::uint32_t>(services))), 10, way.duration / 3});
    way.stock_changes = {static_cast<std::uint32_t>(p.stock_changes.size()), 1};
    p.stock_changes.push_back({0, -static_cast<std::int32_t>(16 + dice.below(100)), 0});
}

DurationSpread spread_of(SpreadShape shape, double low, double mode, double high) {
    DurationSpread spread;
    spread.shape = shape;
    spread.low = low;
    spread.mode = mode;
    spread.high = high;
    spread.median = mode;
    spread.p90 = high;
    return spread;
}

// Starts in the order of the groups, each job on the first minute (of a window) from which its resource has
// room, by what is busy on it.
void schedule(Bench& bench, const std::vector<std::int32_t>& capacity) {
    const Programme& p = bench.programme;
    struct Busy {
        Minute start, end;
        std::int32_t amount;
    };
    std::vector<std::vector<Busy>> busy(capacity.size());
    std::vector<Minute> left;
    for (const Budget& budget : p.budgets) left.insert(left.end(), budget.left.begin(), budget.left.end());
    bench.times.start.assign(p.jobs.size(), 0);
    for (std::size_t i = 0; i < p.jobs.size(); ++i) {
        const Way& way = p.ways[p.jobs[i].ways.first];
        const Demand need = p.demands_of(way)[0];
        auto& others = busy[static_cast<std::size_t>(need.resource)];
        Minute at = p.jobs[i].kind == JobKind::kSeed ? static_cast<Minute>(i / 4) * kDay / 2 : 0;
        for (const Lag& lag : p.lags)
            if (static_cast<std::size_t>(lag.to) == i && lag.lag >= 0)
                at = std::max(at, end_of(p, bench.times, lag.from));
        for (;; at += 15) {
            if (way.calendar != kNone) {
                const auto& windows = p.calendars[static_cast<std::size_t>(way.calendar)].windows;
                const auto open = std::ranges::find_if(windows, [&](const OpenTime& w) {
                    return std::max(at, w.start) + way.duration <= w.end;
                });
                at = std::max(at, open->start);
            }
            std::int32_t load = need.amount;
            for (const Busy& other : others)
                if (other.start < at + way.duration && at < other.end) load += other.amount;
            if (load > capacity[static_cast<std::size_t>(need.resource)]) continue;
            if (way.outages.count == 0) break;
            const Outage outage = p.outages_of(way)[0];
            const auto month = static_cast<std::size_t>(at / kMonth);
            Minute& budget = left[static_cast<std::size_t>(outage.service) * p.month_starts.size() + month];
            if (budget < outage.length) continue;
            budget -= outage.length;
            break;
        }
        bench.times.start[i] = at;
        others.push_back({at, at + way.duration, need.amount});
    }
}

Bench make_bench(std::int32_t groups) {
    Bench bench;
    Dice dice(static_cast<std::uint64_t>(groups));
    Programme& p = bench.programme;
    const Minute weeks = 60 + groups;
    const std::int32_t services = std::max(12, groups / 4);
    std::vector<std::int32_t> capacity;
    for (std::int32_t k = 0; k < kLinks; ++k) capacity.push_back(1'000);
    for (std::int32_t k = 0; k < kTeams; ++k) capacity.push_back(std::max(2, groups / 20));
    capacity.push_back(std::max(4, groups / 4));
    for (const std::int32_t amount : capacity) p.resources.push_back({{{0, amount}}});
    for (Minute k = 0; k < 3; ++k) {
        OpenTimes calendar;
        for (Minute week = 0; week < weeks; ++week) {
            const Minute start = week * kWeek + 5 * kDay + 60 * k;
            calendar.windows.push_back({start, start + 480, start + 420});
            if (k > 0) calendar.windows.push_back({start + kDay, start + kDay + 480, start + kDay + 420});
        }
        p.calendars.push_back(calendar);
    }
    p.horizon = weeks * kWeek;
    for (Minute at = 0; at < p.horizon; at += kMonth) p.month_starts.push_back(at);
    p.budgets.assign(static_cast<std::size_t>(services), {std::vector<Minute>(p.month_starts.size(), 130)});
    p.stocks.push_back({40 * groups, {{10 * kWeek, 50 * groups}, {14 * kWeek, 50 * groups}}});
    p.group_count = groups;
    for (GroupNumber group = 0; group < groups; ++group) add_group(bench, group, services, dice);
    schedule(bench, capacity);
    for (std::size_t i = 0; i < p.jobs.size(); ++i) {
        bench.input.wave_of.push_back(bench.times.start[i] / (4 * kWeek));
        if (i % 40 == 1) p.jobs[i].due = bench.times.start[i] + 2 * kWeek;
    }
    bench.input.spreads = {
        spread_of(SpreadShape::kLognormal, 0, 1, 1.5), spread_of(SpreadShape::kPert, 0.7, 1, 1.8),
        spread_of(SpreadShape::kFixed, 1, 1, 1), spread_of(SpreadShape::kTriangular, 0.8, 1, 2)};
    bench.input.slowdown_p90 = 1.15;
    LateArrival late;
    late.delay = 6 * kWeek;
    late.spread = spread_of(SpreadShape::kTriangular, 0, 0, 1);
    late.deliveries = {{0, 0}};
    bench.input.arrivals = {late};
    return bench;
}

// Of the processor: others may use the machine.
double seconds_since(std::clock_t start) {
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

bool run(std::int32_t groups, std::int32_t executions) {
    const Bench bench = make_bench(groups);
    ForecastOptions options;
    options.executions = executions;
    const std::clock_t start = std::clock();
    const auto model = prepare_forecast(bench.programme, bench.times, bench.input);
    if (!model.ok()) {
        fmt::print("{}\n", model.error().text());
        return false;
    }
    const double prepared = seconds_since(start);
    const ForecastSample sample = execute(**model, options.seed, 0, executions);
    const double executed = seconds_since(start);
    const Forecast found = summary_of(**model, {&sample, 1}, options);
    const double whole = seconds_since(start);
    const std::size_t jobs = bench.programme.jobs.size();
    fmt::print(
        "{:>6} groups {:>7} jobs  prepare {:.4f} s  execute {:.3f} s  sum up {:.3f} s  {:>9.0f} executions/s "
        " "
        "{:.0f} ns a job\n",
        groups, jobs, prepared, executed - prepared, whole - executed, executions / whole,
        (executed - prepared) * 1e9 / executions / static_cast<double>(jobs));
    const Minute planned = score_of(bench.programme, bench.times).finish;
    fmt::print("       planned day {}, P50 {}, P80 {}; never done {:.1f}%; {:.2f} cutovers backed out\n",
               planned / kDay, found.finish_at(50) / kDay, found.finish_at(80) / kDay, 100 * found.never_done,
               found.backed_out);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::int32_t> sizes;
    std::int32_t executions = 10'000;
    for (int i = 1; i < argc; ++i) {
        if (std::string(argv[i]) == "--executions" && i + 1 < argc) {
            executions = std::max(1, std::atoi(argv[++i]));
        } else {
            sizes.push_back(std::max(1, std::atoi(argv[i])));
        }
    }
    if (sizes.empty()) sizes = {40, 100, 250};
    for (const std::int32_t groups : sizes)
        if (!run(groups, executions)) return 1;
    return 0;
}
