#include "planning/scheduler/forecast.h"

#include <algorithm>
#include <cmath>

#include "planning/scheduler/forecast_model.h"
#include "planning/scheduler/forecast_run.h"

namespace ararat::planning::scheduler {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Of n values the one that ceil(n * percent / 100) of them do not exceed.
std::size_t place_of(double percent, std::size_t count) {
    const double place = std::ceil(static_cast<double>(count) * percent / 100 - 1e-9);
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::max(place, 1.0)), 1, count) - 1;
}

std::vector<Percentile> percentiles_of(std::vector<Minute>& values, const std::vector<double>& percents) {
    std::vector<Percentile> found;
    for (const double percent : percents) {
        const auto nth = values.begin() + static_cast<std::ptrdiff_t>(place_of(percent, values.size()));
        std::ranges::nth_element(values, nth);
        found.push_back({percent, *nth >= kNever / 2 ? kNoMinute : *nth});
    }
    return found;
}

std::vector<HistogramBin> histogram_of(const std::vector<Minute>& sorted, std::int32_t bins) {
    const auto done = static_cast<std::size_t>(std::ranges::lower_bound(sorted, kNoMinute) - sorted.begin());
    std::vector<HistogramBin> histogram;
    if (done == 0 || bins <= 0) return histogram;
    const Minute first = sorted.front();
    const Minute width = (sorted[done - 1] - first) / bins + 1;
    for (std::size_t i = 0; i < done; ++i) {
        const std::size_t bin = at((sorted[i] - first) / width);
        while (histogram.size() <= bin) {
            const Minute from = first + width * static_cast<Minute>(histogram.size());
            histogram.push_back({from, from + width, 0});
        }
        ++histogram[bin].executions;
    }
    return histogram;
}

// Sums what the samples counted.
class Summary {
public:
    Summary(const ForecastModel& model, std::span<const ForecastSample> samples,
            const ForecastOptions& options)
        : model_(model), samples_(samples), options_(options) {
        for (const ForecastSample& sample : samples) count_ += sample.finish.size();
    }

    Forecast run() {
        result_.executions = static_cast<std::int32_t>(count_);
        if (count_ == 0) return std::move(result_);
        add_finish();
        add_jobs();
        add_parts();
        add_lags_and_budgets();
        return std::move(result_);
    }

private:
    [[nodiscard]] double share(std::vector<std::int32_t> ForecastSample::*counts, std::size_t index) const {
        std::int64_t sum = 0;
        for (const ForecastSample& sample : samples_) sum += (sample.*counts)[index];
        return static_cast<double>(sum) / static_cast<double>(count_);
    }

    void add_finish() {
        std::int64_t backed_out = 0;
        for (const ForecastSample& sample : samples_) {
            result_.finishes.insert(result_.finishes.end(), sample.finish.begin(), sample.finish.end());
            backed_out += sample.backed_out;
        }
        std::ranges::sort(result_.finishes);
        result_.backed_out = static_cast<double>(backed_out) / static_cast<double>(count_);
        const auto never = std::ranges::count(result_.finishes, kNoMinute);
        result_.never_done = static_cast<double>(never) / static_cast<double>(count_);
        for (const double percent : options_.percents)
            result_.finish.push_back({percent, result_.finish_at(percent)});
        result_.histogram = histogram_of(result_.finishes, options_.histogram_bins);
    }
    void add_jobs() {
        result_.drives.resize(model_.rows.size());
        for (const ForecastModel::Row& row : model_.rows) {
            result_.drives[at(row.job)] = share(&ForecastSample::drives, at(row.job));
            if (row.due != kNoMinute)
                result_.dues.push_back({row.job, row.due, share(&ForecastSample::missed, at(row.job))});
        }
        std::ranges::sort(result_.dues, {}, &ForecastOfDue::job);
    }
    void add_parts() {
        std::vector<bool> has_jobs(at(model_.part_count), false);
        for (const ForecastModel::Row& row : model_.rows) {
            if (row.wave != kNone) has_jobs[at(row.wave)] = true;
            if (row.group != kNone) has_jobs[at(row.group)] = true;
        }
        // A few parts at a time: one by one, each line of memory would be fetched once for each of them.
        constexpr std::size_t kAtOnce = 16;
        std::vector<std::vector<Minute>> columns(kAtOnce);
        for (std::size_t first = 0; first < has_jobs.size(); first += kAtOnce) {
            const std::size_t parts = std::min(kAtOnce, has_jobs.size() - first);
            for (std::vector<Minute>& column : columns) column.clear();
            for (const ForecastSample& sample : samples_) {
                for (std::size_t i = 0; i < sample.finish.size(); ++i) {
                    const Minute* row = sample.part_finish.data() + i * has_jobs.size() + first;
                    for (std::size_t k = 0; k < parts; ++k) columns[k].push_back(row[k]);
                }
            }
            for (std::size_t k = 0; k < parts; ++k)
                if (has_jobs[first + k]) add_part(first + k, columns[k]);
        }
    }
    void add_part(std::size_t index, std::vector<Minute>& finishes) {
        const auto number = static_cast<std::int32_t>(index);
        const bool wave = number < model_.wave_count;
        (wave ? result_.waves : result_.groups)
            .push_back({wave ? number : number - model_.wave_count,
                        percentiles_of(finishes, options_.percents),
                        share(&ForecastSample::part_drives, index)});
    }
    void add_lags_and_budgets() {
        for (std::size_t k = 0; k < model_.maximum_lags.size(); ++k)
            result_.maximum_lags.push_back({model_.maximum_lags[k].lag, share(&ForecastSample::broken, k)});
        const std::size_t months = model_.month_starts.size();
        for (std::size_t i = 0; i < model_.budget_left.size(); ++i) {
            const double overdrawn = share(&ForecastSample::overdrawn, i);
            if (overdrawn == 0) continue;
            result_.budgets.push_back(
                {static_cast<std::int32_t>(i / months), static_cast<std::int32_t>(i % months), overdrawn});
        }
    }

    const ForecastModel& model_;
    std::span<const ForecastSample> samples_;
    const ForecastOptions& options_;
    std::size_t count_ = 0;
    Forecast result_;
};

}  // namespace

Minute Forecast::finish_at(double percent) const {
    ARARAT_CHECK(!finishes.empty(), "a percentile of no executions");
    return finishes[place_of(percent, finishes.size())];
}

double Forecast::done_by(Minute minute) const {
    if (finishes.empty()) return 0;
    const auto after = std::ranges::upper_bound(finishes, std::min(minute, kNoMinute - 1));
    return static_cast<double>(after - finishes.begin()) / static_cast<double>(finishes.size());
}

namespace {

ForecastSample empty_sample(const ForecastModel& model, std::int32_t first, std::int32_t count) {
    ForecastSample sample;
    const std::size_t executions = at(std::max(count, 0));
    sample.first = first;
    sample.finish.resize(executions);
    sample.part_finish.resize(executions * at(model.part_count));
    sample.missed.resize(model.rows.size());
    sample.drives.resize(model.rows.size());
    sample.part_drives.resize(at(model.part_count));
    sample.broken.resize(model.maximum_lags.size());
    sample.overdrawn.resize(model.budget_left.size());
    return sample;
}

}  // namespace

ForecastSample execute(const ForecastModel& model, std::uint64_t seed, std::int32_t first,
                       std::int32_t count) {
    ForecastSample sample = empty_sample(model, first, count);
    ForecastRun run(model, seed);
    for (std::size_t i = 0; i < sample.finish.size(); ++i)
        run.execute(first + static_cast<std::int32_t>(i), i, sample);
    return sample;
}

Execution execution_of(const ForecastModel& model, std::uint64_t seed, std::int32_t number) {
    ForecastSample sample = empty_sample(model, number, 1);
    ForecastRun run(model, seed);
    run.execute(number, 0, sample);
    Execution execution{std::vector<Minute>(model.rows.size()), std::vector<Minute>(model.rows.size())};
    for (std::size_t place = 0; place < model.rows.size(); ++place) {
        const std::size_t job = at(model.rows[place].job);
        const auto told = [](Minute minute) { return minute >= kNever / 2 ? kNoMinute : minute; };
        execution.start[job] = told(run.moments()[2 * place]);
        execution.end[job] = told(run.moments()[2 * place + 1]);
    }
    return execution;
}

Forecast summary_of(const ForecastModel& model, std::span<const ForecastSample> samples,
                    const ForecastOptions& options) {
    return Summary(model, samples, options).run();
}

Result<Forecast> forecast(const Programme& programme, const ProgrammeTimes& times, const ForecastInput& input,
                          const ForecastOptions& options) {
    ARARAT_ASSIGN_OR_RETURN(const auto model, prepare_forecast(programme, times, input));
    if (options.executions <= 0)
        return Error{ErrorCode::kInvalidArgument, "a forecast needs an execution at least"};
    if (!std::ranges::all_of(options.percents, [](double p) { return p > 0 && p <= 100; }))
        return Error{ErrorCode::kInvalidArgument, "a percentile lies outside (0, 100]"};
    const ForecastSample sample = execute(*model, options.seed, 0, options.executions);
    return summary_of(*model, std::span(&sample, 1), options);
}

void take_in_measured(ForecastInput& input, const Programme& programme, const ProgrammeTimes& times) {
    for (const StartedJob& done : input.progress.started) {
        if (done.end == kNoMinute || input.spread_of.empty()) continue;
        const std::size_t job = at(done.job);
        const std::int32_t spread = input.spread_of[job];
        const Minute planned = done.planned_duration == kNoMinute
                                   ? programme.ways_of(programme.jobs[job])[at(times.way[job])].duration
                                   : done.planned_duration;
        if (spread == kNone || planned <= 0) continue;
        input.spreads[at(spread)].measured.push_back(static_cast<double>(done.end - done.start) / planned);
    }
}

}  // namespace ararat::planning::scheduler
