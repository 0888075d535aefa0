#include "planning/scheduler/forecast_model.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <queue>
#include <string>
#include <tuple>

#include "planning/scheduler/forecast_checks.h"

namespace ararat::planning::scheduler {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

template <typename T>
Slice begun(const std::vector<T>& all) {
    return {static_cast<std::uint32_t>(all.size()), 0};
}
template <typename T>
void finish(Slice& slice, const std::vector<T>& all) {
    slice.count = static_cast<std::uint32_t>(all.size()) - slice.first;
}

class ForecastBuilder {
public:
    ForecastBuilder(const Programme& programme, const ProgrammeTimes& times, const ForecastInput& input)
        : programme_(programme),
          times_(times),
          input_(input),
          start_(times.start),
          end_(programme.jobs.size(), kNoMinute),
          planned_(programme.jobs.size(), 0),
          elapsed_(programme.jobs.size(), 0),
          fixed_(programme.jobs.size(), false),
          place_(programme.jobs.size(), kNone) {}

    Result<std::shared_ptr<const ForecastModel>> run() {
        ARARAT_RETURN_IF_ERROR(check_forecast(programme_, times_, input_));
        ARARAT_RETURN_IF_ERROR(add_tables());
        take_progress();
        order_jobs();
        add_rows();
        add_lags();
        add_apart();
        add_calendars();
        ARARAT_RETURN_IF_ERROR(add_arrivals());
        add_levels();
        add_budgets();
        add_slowdown();
        return std::shared_ptr<const ForecastModel>(std::make_shared<ForecastModel>(std::move(model_)));
    }

private:
    [[nodiscard]] const Way& way_of(std::size_t job) const {
        return programme_.ways_of(programme_.jobs[job])[at(times_.way[job])];
    }
    [[nodiscard]] Minute planned_lag(const Lag& lag) const {
        return lag.lag + (lag.from_end ? way_of(at(lag.from)).duration : 0);
    }
    [[nodiscard]] std::int32_t table_of(std::size_t job) const {
        const std::int32_t spread = input_.spread_of.empty() ? kNone : input_.spread_of[job];
        return spread == kNone || way_of(job).duration == 0 ? kNone : table_of_spread_[at(spread)];
    }

    // One table a spread; none for what is fixed.
    Result<void> add_tables() {
        for (const DurationSpread& spread : input_.spreads) {
            ARARAT_ASSIGN_OR_RETURN(const std::int32_t table, add_table(spread));
            table_of_spread_.push_back(table);
        }
        return {};
    }
    Result<std::int32_t> add_table(const DurationSpread& spread) {
        ARARAT_ASSIGN_OR_RETURN(const QuantileTable table, quantiles_of(spread));
        if (spread.shape == SpreadShape::kFixed && spread.measured.empty()) return kNone;
        model_.tables.push_back(table);
        return static_cast<std::int32_t>(model_.tables.size()) - 1;
    }

    void take_progress() {
        for (std::size_t i = 0; i < programme_.jobs.size(); ++i) {
            planned_[i] = way_of(i).duration;
            if (programme_.jobs[i].fixed_start == kNoMinute) continue;
            fixed_[i] = true;
            start_[i] = programme_.jobs[i].fixed_start;
        }
        for (const StartedJob& started : input_.progress.started) {
            const std::size_t i = at(started.job);
            fixed_[i] = true;
            start_[i] = started.start;
            end_[i] = started.end;
            if (started.planned_duration != kNoMinute) planned_[i] = started.planned_duration;
            if (started.end == kNoMinute) elapsed_[i] = std::max(0, input_.progress.now - started.start);
        }
    }

    [[nodiscard]] Minute turn_of(std::size_t job) const {
        return fixed_[job] ? start_[job] : std::max(start_[job], input_.progress.now);
    }

    // By planned start; at one minute predecessors come first. A circle of jobs that start at once is cut at
    // its first job.
    void order_jobs() {
        const std::size_t count = programme_.jobs.size();
        std::vector<std::int32_t> open(count, 0);
        std::vector<std::vector<JobIndex>> after(count);
        for (const Lag& lag : programme_.lags) {
            if (start_[at(lag.from)] != start_[at(lag.to)] || lag.from == lag.to) continue;
            if (planned_lag(lag) < 0) continue;
            after[at(lag.from)].push_back(lag.to);
            ++open[at(lag.to)];
        }
        std::vector<JobIndex> order(count);
        std::iota(order.begin(), order.end(), 0);
        std::ranges::sort(order, {},
                          [&](JobIndex job) { return std::tuple(turn_of(at(job)), start_[at(job)], job); });
        std::vector<bool> done(count, false);
        std::vector<JobIndex> ready;
        const auto put = [&](JobIndex first) {
            ready.assign(1, first);
            while (!ready.empty()) {
                const JobIndex job = ready.back();
                ready.pop_back();
                if (done[at(job)]) continue;
                done[at(job)] = true;
                place_[at(job)] = static_cast<std::int32_t>(order_.size());
                order_.push_back(job);
                for (const JobIndex next : after[at(job)])
                    if (--open[at(next)] == 0) ready.push_back(next);
            }
        };
        for (std::size_t from = 0; from < count;) {
            std::size_t to = from;
            const auto key = [&](std::size_t i) {
                return std::pair(turn_of(at(order[i])), start_[at(order[i])]);
            };
            while (to < count && key(to) == key(from)) ++to;
            for (std::size_t i = from; i < to; ++i)
                if (open[at(order[i])] == 0) put(order[i]);
            for (std::size_t i = from; i < to; ++i) put(order[i]);
            from = to;
        }
    }

    void add_rows() {
        for (const JobIndex job : order_) {
            const std::size_t i = at(job);
            const Way& way = way_of(i);
            ForecastModel::Row row;
            row.job = job;
            row.turn = turn_of(i);
            row.planned = way.duration;
            row.scale = planned_[i];
            row.table = table_of(i);
            row.calendar = way.calendar;
            row.due = programme_.jobs[i].due;
            row.cutover = programme_.jobs[i].kind == JobKind::kCutover;
            if (fixed_[i]) {
                row.fixed_start = start_[i];
                row.fixed_end = end_[i];
                row.elapsed = elapsed_[i];
            }
            const bool held = input_.held.empty() || input_.held[i];
            row.earliest = std::max(held ? start_[i] : programme_.jobs[i].release, input_.progress.now);
            if (!input_.wave_of.empty() && input_.wave_of[i] != kNone) {
                row.wave = input_.wave_of[i];
                model_.wave_count = std::max(model_.wave_count, row.wave + 1);
            }
            const double chance = input_.back_out_chance.empty() ? 0 : input_.back_out_chance[i];
            row.back_out_below = static_cast<std::uint64_t>(chance * 0x1.0p32);
            row.needs = begun(model_.needs);
            for (const Demand& demand : programme_.demands_of(way))
                if (demand.amount > 0 && way.duration > 0)
                    model_.needs.push_back({demand.resource, demand.amount});
            finish(row.needs, model_.needs);
            row.changes = begun(model_.stock_changes);
            for (const StockChange& change : programme_.stock_changes_of(way))
                model_.stock_changes.push_back(change);
            finish(row.changes, model_.stock_changes);
            row.outages = begun(model_.outages);
            for (const Outage& outage : programme_.outages_of(way))
                if (outage.length > 0) model_.outages.push_back(outage);
            finish(row.outages, model_.outages);
            row.special = row.changes.count + row.outages.count > 0;
            model_.rows.push_back(row);
        }
        add_groups();
    }
    void add_groups() {
        model_.part_count = model_.wave_count + (input_.groups ? programme_.group_count : 0);
        if (!input_.groups) return;
        for (ForecastModel::Row& row : model_.rows) {
            const GroupNumber group = programme_.jobs[at(row.job)].group;
            if (group != kNone) row.group = model_.wave_count + group;
        }
    }

    // Towards later places a lag holds the later job up; backwards it is a maximum, which only keeps the
    // earlier job from starting so early that the plan itself would break it.
    void add_lags() {
        std::vector<std::vector<std::int32_t>> before(order_.size());
        std::vector<std::vector<std::int32_t>> after(order_.size());
        for (std::size_t k = 0; k < programme_.lags.size(); ++k) {
            const Lag& lag = programme_.lags[k];
            const std::int32_t from = place_[at(lag.from)];
            const std::int32_t to = place_[at(lag.to)];
            if (from < to) {
                before[at(to)].push_back(static_cast<std::int32_t>(k));
                after[at(from)].push_back(to);
                continue;
            }
            const std::int32_t moment = 2 * from + (lag.from_end ? 1 : 0);
            model_.maximum_lags.push_back({static_cast<std::int32_t>(k), moment, to, lag.lag});
            Minute& earliest = model_.rows[at(to)].earliest;
            earliest =
                std::max(earliest, std::min(start_[at(lag.from)] + planned_lag(lag), start_[at(lag.to)]));
        }
        for (std::size_t place = 0; place < order_.size(); ++place) {
            ForecastModel::Row& row = model_.rows[place];
            row.predecessors = begun(model_.predecessors);
            for (const std::int32_t k : before[place]) {
                const Lag& lag = programme_.lags[at(k)];
                model_.predecessors.push_back({2 * place_[at(lag.from)] + (lag.from_end ? 1 : 0), lag.lag});
            }
            finish(row.predecessors, model_.predecessors);
            row.successors = begun(model_.successors);
            for (const std::int32_t to : after[place]) model_.successors.push_back(to);
            finish(row.successors, model_.successors);
        }
    }

    void add_apart() {
        std::vector<std::vector<ForecastModel::Other>> others(order_.size());
        for (const Apart& apart : programme_.apart) {
            if (!apart.time && !apart.same_window_too) continue;
            const std::int32_t a = place_[at(apart.a)];
            const std::int32_t b = place_[at(apart.b)];
            others[at(a)].push_back({b, apart.time, apart.same_window_too});
            others[at(b)].push_back({a, apart.time, apart.same_window_too});
        }
        for (std::size_t place = 0; place < others.size(); ++place) {
            ForecastModel::Row& row = model_.rows[place];
            row.others = begun(model_.others);
            model_.others.insert(model_.others.end(), others[place].begin(), others[place].end());
            finish(row.others, model_.others);
            if (row.others.count > 0) row.special = true;
        }
    }

    void add_calendars() {
        for (const OpenTimes& calendar : programme_.calendars) {
            Slice slice = begun(model_.windows);
            model_.windows.insert(model_.windows.end(), calendar.windows.begin(), calendar.windows.end());
            finish(slice, model_.windows);
            model_.windows_of.push_back(slice);
        }
        for (ForecastModel::Row& row : model_.rows) {
            if (row.calendar == kNone) continue;
            const Slice slice = model_.windows_of[at(row.calendar)];
            row.window = slice.first;
            if (slice.count == 0) {  // it has none, so it never starts; if it has, nothing limits it
                if (row.fixed_start != kNoMinute) row.calendar = kNone;
                continue;
            }
            while (row.window + 1 < slice.first + slice.count &&
                   model_.windows[row.window + 1].start <= start_[at(row.job)])
                ++row.window;
        }
    }

    Result<void> add_arrivals() {
        for (std::size_t k = 0; k < input_.arrivals.size(); ++k) {
            const LateArrival& arrival = input_.arrivals[k];
            ARARAT_ASSIGN_OR_RETURN(const std::int32_t table, add_table(arrival.spread));
            model_.arrivals.push_back({arrival.delay, table});
            for (const JobIndex job : arrival.jobs) {
                if (fixed_[at(job)]) continue;
                model_.releases.push_back(
                    {place_[at(job)], static_cast<std::int32_t>(k), programme_.jobs[at(job)].release});
            }
        }
        return {};
    }

    [[nodiscard]] std::int32_t arrival_of_step(std::int32_t resource, std::size_t step) const {
        for (std::size_t k = 0; k < input_.arrivals.size(); ++k)
            for (const LateArrival::Step& late : input_.arrivals[k].steps)
                if (late.resource == resource && at(late.step) == step) return static_cast<std::int32_t>(k);
        return kNone;
    }
    [[nodiscard]] std::int32_t arrival_of_delivery(std::int32_t stock, std::size_t delivery) const {
        for (std::size_t k = 0; k < input_.arrivals.size(); ++k)
            for (const LateArrival::Delivered& late : input_.arrivals[k].deliveries)
                if (late.stock == stock && at(late.delivery) == delivery) return static_cast<std::int32_t>(k);
        return kNone;
    }

    void add_levels() {
        for (std::size_t r = 0; r < programme_.resources.size(); ++r) {
            const auto resource = static_cast<std::int32_t>(r);
            Slice steps = begun(model_.steps);
            Slice changes = begun(model_.changes);
            bool late = false;
            std::int32_t before = 0;
            for (std::size_t k = 0; k < programme_.resources[r].steps.size(); ++k) {
                const CapacityStep& step = programme_.resources[r].steps[k];
                model_.steps.push_back(step);
                const std::int32_t arrival = arrival_of_step(resource, k);
                late = late || arrival != kNone;
                model_.changes.push_back({step.from, step.capacity - before, arrival});
                before = step.capacity;
            }
            if (!late) model_.changes.resize(changes.first);
            if (late) model_.late_resources.push_back(resource);
            finish(steps, model_.steps);
            finish(changes, model_.changes);
            model_.steps_of.push_back(steps);
            model_.changes_of.push_back(changes);
        }
        for (std::size_t s = 0; s < programme_.stocks.size(); ++s) {
            const Stock& stock = programme_.stocks[s];
            Slice changes = begun(model_.changes);
            model_.changes.push_back({std::numeric_limits<Minute>::min(), stock.level, kNone});
            for (std::size_t k = 0; k < stock.deliveries.size(); ++k) {
                const Delivery& delivery = stock.deliveries[k];
                const std::int32_t arrival = arrival_of_delivery(static_cast<std::int32_t>(s), k);
                model_.changes.push_back({delivery.at, delivery.amount, arrival});
            }
            finish(changes, model_.changes);
            model_.stock_of.push_back(changes);
        }
    }

    void add_budgets() {
        model_.month_starts = programme_.month_starts;
        model_.horizon = programme_.horizon;
        for (const Budget& budget : programme_.budgets)
            model_.budget_left.insert(model_.budget_left.end(), budget.left.begin(), budget.left.end());
        model_.repeat_after = input_.repeat_after;
    }

    // A normal prior of the factor's logarithm, and each done job a measurement of it with the variance of
    // its own spread: the posterior is normal.
    void add_slowdown() {
        if (input_.slowdown_p90 == 1) return;
        const double deviation = std::log(input_.slowdown_p90) / normal_quantiles().quantile(0.9);
        constexpr double kLeastVariance = 1e-4;  // nobody plans to a hundredth
        double precision = 1 / (deviation * deviation);
        double weighted = 0;
        for (const StartedJob& done : input_.progress.started) {
            const std::int32_t table = table_of(at(done.job));
            if (done.end == kNoMinute || done.end <= done.start || table == kNone ||
                planned_[at(done.job)] <= 0)
                continue;
            const auto [mean, spread] = logarithm_of(model_.tables[at(table)]);
            const double variance = std::max(spread, kLeastVariance);
            const double seen = std::log(static_cast<double>(done.end - done.start) / planned_[at(done.job)]);
            precision += 1 / variance;
            weighted += (seen - mean) / variance;
        }
        model_.slowdown_mean = weighted / precision;
        model_.slowdown_deviation = std::sqrt(1 / precision);
    }

    const Programme& programme_;
    const ProgrammeTimes& times_;
    const ForecastInput& input_;
    ForecastModel model_;
    std::vector<std::int32_t> table_of_spread_;
    std::vector<Minute> start_;    // planned, or actual
    std::vector<Minute> end_;      // of what is done
    std::vector<Minute> planned_;  // duration
    std::vector<Minute> elapsed_;
    std::vector<bool> fixed_;
    std::vector<std::int32_t> place_;
    std::vector<JobIndex> order_;
};

}  // namespace

Result<std::shared_ptr<const ForecastModel>> prepare_forecast(const Programme& programme,
                                                              const ProgrammeTimes& times,
                                                              const ForecastInput& input) {
    return ForecastBuilder(programme, times, input).run();
}

}  // namespace ararat::planning::scheduler
