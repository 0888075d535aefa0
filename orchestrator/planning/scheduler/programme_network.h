// A programme made ready for passes: lags in rows by job, an order in which what comes first stands first,
// the earliest and latest starts that lags and calendars allow by themselves, and who shares a choice, a pair
// or a wave. Units: minutes. Source: label-correcting longest paths (Bellman 1958; Bartusch, Moehring and
// Radermacher 1988). Thread promise: immutable once made.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_solver.h"
#include "planning/scheduler/programme_windows.h"

namespace ararat::planning::scheduler {

// One end of a lag, seen from the job at the other.
struct LagEnd {
    JobIndex other = 0;
    Minute lag = 0;
    std::int32_t index = 0;  // in Programme::lags
    bool from_end = true;
    bool forward = true;  // it orders passes; the others, maximum lags, only restrict
};
struct ApartEnd {
    JobIndex other = 0;
    std::int32_t index = 0;  // in Programme::apart
};

template <typename T>
struct Rows {
    std::vector<std::uint32_t> first;  // count + 1
    std::vector<T> items;

    [[nodiscard]] std::span<const T> of(std::int32_t row) const {
        const auto at = static_cast<std::size_t>(row);
        return std::span(items).subspan(first[at], first[at + 1] - first[at]);
    }
};

// Rows from pairs (row, item), in the order of the pairs.
template <typename T, typename Each>
Rows<T> rows_of(std::int32_t rows, const Each& each) {
    Rows<T> result;
    result.first.assign(static_cast<std::size_t>(rows) + 1, 0);
    each([&](std::int32_t row, const T&) { ++result.first[static_cast<std::size_t>(row) + 1]; });
    for (std::size_t i = 1; i < result.first.size(); ++i) result.first[i] += result.first[i - 1];
    result.items.resize(result.first.back());
    std::vector<std::uint32_t> next(result.first.begin(), result.first.end() - 1);
    each(
        [&](std::int32_t row, const T& item) { result.items[next[static_cast<std::size_t>(row)]++] = item; });
    return result;
}

class ProgrammeNetwork {
public:
    explicit ProgrammeNetwork(const Programme& programme);  // the programme must outlive it

    [[nodiscard]] std::int32_t jobs() const { return static_cast<std::int32_t>(programme_.jobs.size()); }
    [[nodiscard]] std::span<const LagEnd> into(JobIndex job) const { return into_.of(job); }
    [[nodiscard]] std::span<const LagEnd> out_of(JobIndex job) const { return out_of_.of(job); }
    [[nodiscard]] std::span<const ApartEnd> apart(JobIndex job) const { return apart_.of(job); }
    [[nodiscard]] const std::vector<JobIndex>& order() const { return order_; }
    // Jobs that choose their way together: a group's, or one without a group.
    [[nodiscard]] std::int32_t units() const { return static_cast<std::int32_t>(members_.first.size()) - 1; }
    [[nodiscard]] std::int32_t unit_of(JobIndex job) const { return unit_of_[static_cast<std::size_t>(job)]; }
    [[nodiscard]] std::span<const JobIndex> members(std::int32_t unit) const { return members_.of(unit); }
    [[nodiscard]] std::span<const JobIndex> cutovers(std::int32_t wave) const { return cutovers_.of(wave); }
    [[nodiscard]] const WindowIndex& windows(std::int32_t calendar) const {
        return windows_[static_cast<std::size_t>(calendar)];
    }
    [[nodiscard]] Minute longest(JobIndex job) const { return longest_[static_cast<std::size_t>(job)]; }
    [[nodiscard]] Minute shortest(JobIndex job) const { return shortest_[static_cast<std::size_t>(job)]; }
    // Ways that nothing rules out beforehand, as a mask of the first 64.
    [[nodiscard]] bool allowed(std::int32_t unit, std::int32_t way) const {
        return way >= 64 || ((allowed_[static_cast<std::size_t>(unit)] >> way) & 1U) != 0;
    }

    // No job starts earlier, whatever the order. Meaningless when flaw() tells of a positive cycle.
    [[nodiscard]] const std::vector<Minute>& earliest() const { return earliest_; }
    // No job starts later, by horizon and hard deadlines.
    [[nodiscard]] const std::vector<Minute>& latest() const { return latest_; }
    // By pinned wave: no window in which all its cutovers can be begins earlier.
    [[nodiscard]] const std::vector<Minute>& wave_floors() const { return wave_floors_; }
    // What proves that there is no schedule; kNone: nothing found.
    [[nodiscard]] const Infeasibility& flaw() const { return flaw_; }
    // Lags that lead to a job's earliest start, the first first.
    [[nodiscard]] std::vector<std::int32_t> lags_to(JobIndex job) const;

private:
    void index_units();
    void index_lags();
    void index_apart_and_waves();
    void rule_out_ways();
    void rule_out_circles();
    [[nodiscard]] bool goes_round(std::int32_t unit, std::uint32_t way, std::span<const std::int32_t> lags,
                                  std::vector<Minute>& start) const;
    void rule_out_sites();
    [[nodiscard]] std::int32_t only_site(JobIndex job) const;
    void measure_ways();
    [[nodiscard]] Obstacle impossible(JobIndex job, const Way& way, std::int32_t& index) const;
    void sort_jobs();
    [[nodiscard]] Minute effective(const LagEnd& end, JobIndex from) const;
    bool relax(bool with_calendars);
    [[nodiscard]] Minute opened(JobIndex job, Minute start) const;
    [[nodiscard]] Minute opened_before(JobIndex job, Minute start) const;
    [[nodiscard]] bool find_cycle();
    void find_earliest();
    void find_latest();
    void pull_latest();
    bool lower_by_waves();
    [[nodiscard]] Minute last_window_end(JobIndex job) const;
    void tell_late(JobIndex job);
    void find_wave_floors();

    const Programme& programme_;
    std::vector<WindowIndex> windows_;
    Rows<LagEnd> into_;
    Rows<LagEnd> out_of_;
    Rows<ApartEnd> apart_;
    Rows<JobIndex> members_;
    Rows<JobIndex> cutovers_;
    std::vector<std::int32_t> unit_of_;
    std::vector<std::uint64_t> allowed_;
    std::vector<JobIndex> order_;
    std::vector<Minute> shortest_;
    std::vector<Minute> longest_;
    std::vector<Minute> earliest_;
    std::vector<Minute> latest_;
    std::vector<std::int32_t> raised_by_;  // the lag behind earliest_
    std::vector<Minute> wave_floors_;
    Infeasibility flaw_;
};

}  // namespace ararat::planning::scheduler
