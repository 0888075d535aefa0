// One execution of a schedule after another, on a model that is laid out for it; nothing is allocated once
// the first few have been. The policy is told in forecast.h. Thread promise: one thread at a time for each
// object.
#pragma once

#include <span>
#include <vector>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/forecast_levels.h"
#include "planning/scheduler/forecast_model.h"

namespace ararat::planning::scheduler {

class ForecastRun {
public:
    using Place = ForecastModel::Place;

    // The model must outlive it.
    ForecastRun(const ForecastModel& model, std::uint64_t seed);

    // Execution of that number: what it does depends on the seed and the number alone. Counts into the
    // sample, whose `finish` and `part_finish` have room for it at `index`.
    void execute(std::int32_t number, std::size_t index, ForecastSample& sample);
    // Of the last execution: start and end by place; kNever: it never was.
    [[nodiscard]] std::span<const Minute> moments() const { return moments_; }

private:
    using Row = ForecastModel::Row;
    static constexpr Minute kNotYet = std::numeric_limits<Minute>::min();
    static constexpr std::uint32_t kNoWindow = std::numeric_limits<std::uint32_t>::max();

    void reset(std::int32_t number);
    void draw_arrivals();
    void rebuild_capacity(std::int32_t resource);

    void run();
    [[nodiscard]] Minute next_turn() const;
    void visit(Place place, Minute turn);
    void visit_fixed(Place place);
    void postpone(Place place, Minute turn, Place cause);
    // The earliest start from `start` on; kNever: none.
    [[nodiscard]] Minute settled(const Row& row, Place place, Minute start);
    [[nodiscard]] Minute in_calendar(const Row& row, Minute start);
    [[nodiscard]] Minute with_need(ForecastModel::Need need, Place place, Minute start, Minute planned);
    [[nodiscard]] Minute with_stocks(const Row& row, Place place, Minute start);
    [[nodiscard]] std::size_t month_of(Minute minute) const;
    [[nodiscard]] Minute with_budgets(const Row& row, Minute start);
    [[nodiscard]] Minute apart_from_others(const Row& row, Minute start);

    void occupy(Place place, Minute start, Minute over);
    void begin(Place place, Minute start, Minute duration);
    void end(Place place, Minute start, Minute end);
    void never(Place place);
    void wake_successors(const Row& row);
    [[nodiscard]] Minute drawn_duration(const Row& row, bool again);
    [[nodiscard]] Minute drawn_remaining(const Row& row);
    [[nodiscard]] Minute carried_over(const Row& row, Minute start, Minute duration) const;
    void charge(const Row& row, Minute start, Minute end);
    void trace();

    const ForecastModel& model_;
    std::uint64_t seed_;
    Dice dice_;
    double slowdown_ = 1;

    std::vector<std::uint32_t> drawn_;  // by job
    std::vector<Minute> moments_;       // start and end by place
    std::vector<Minute> attempts_;      // the last attempt's start and end by place
    std::vector<std::uint32_t> attempt_window_;
    std::vector<Minute> floor_;  // not before, by place: what was found or set in this execution
    std::vector<Place> cause_;
    std::vector<std::uint8_t> parked_;
    std::vector<std::uint64_t> waiting_;  // heap of turn and place
    Place next_ = 0;
    std::int32_t parked_count_ = 0;

    std::vector<HeldLevel> held_;  // by resource
    std::vector<StockLevel> stocks_;
    std::vector<std::vector<CapacityStep>> late_steps_;  // by resource, of late ones
    std::vector<std::span<const CapacityStep>> steps_;
    std::vector<Minute> delay_;  // by arrival
    std::vector<Minute> budget_left_;

    // Of the job that is being settled.
    std::uint32_t window_ = 0;
    Place blamed_ = kNone;
    bool deferred_ = false;  // to a later window, month or step of capacity: others may come before

    ForecastSample* sample_ = nullptr;
    Minute* parts_ = nullptr;
    Minute finish_ = 0;
    Place last_ = kNone;
    std::vector<std::int32_t> job_seen_;
    std::vector<std::int32_t> part_seen_;
    std::int32_t round_ = 0;
};

}  // namespace ararat::planning::scheduler
