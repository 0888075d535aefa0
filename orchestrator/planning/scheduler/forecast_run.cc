#include "planning/scheduler/forecast_run.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace ararat::planning::scheduler {
namespace {

constexpr Minute kFarAway = kNever / 2;  // whatever waits for what never happens
constexpr Minute kLongest = 1 << 28;

std::uint64_t turn_of(Minute turn, ForecastModel::Place place) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(turn) ^ 0x80000000U) << 32U) |
           static_cast<std::uint32_t>(place);
}
Minute minute_of(std::uint64_t turn) {
    return static_cast<Minute>(static_cast<std::uint32_t>(turn >> 32U) ^ 0x80000000U);
}

template <typename T>
std::span<const T> part(const std::vector<T>& all, Slice slice) {
    return {all.data() + slice.first, slice.count};
}
std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

Minute minutes(double exact) {
    return exact < 1 ? 1 : static_cast<Minute>(std::min<double>(exact + 0.5, kLongest));
}

}  // namespace

ForecastRun::ForecastRun(const ForecastModel& model, std::uint64_t seed)
    : model_(model),
      seed_(Dice(seed).next()),
      dice_(seed),
      drawn_(model.rows.size() + 1),
      moments_(2 * model.rows.size()),
      attempts_(2 * model.rows.size()),
      attempt_window_(model.rows.size()),
      floor_(model.rows.size()),
      cause_(model.rows.size()),
      parked_(model.rows.size()),
      held_(model.steps_of.size()),
      stocks_(model.stock_of.size()),
      late_steps_(model.steps_of.size()),
      delay_(model.arrivals.size()),
      job_seen_(model.rows.size()),
      part_seen_(at(model.part_count)) {
    for (const Slice steps : model.steps_of) steps_.push_back(part(model.steps, steps));
}

void ForecastRun::execute(std::int32_t number, std::size_t index, ForecastSample& sample) {
    sample_ = &sample;
    parts_ = sample.part_finish.data() + index * at(model_.part_count);
    reset(number);
    run();
    for (std::size_t k = 0; k < model_.maximum_lags.size(); ++k) {
        const ForecastModel::MaximumLag& lag = model_.maximum_lags[k];
        const Minute from = moments_[at(lag.from_moment)];
        if (moments_[2 * at(lag.to_place)] < from + lag.minutes) ++sample.broken[k];
    }
    trace();
    sample.finish[index] = finish_ >= kFarAway ? kNoMinute : finish_;
}

void ForecastRun::reset(std::int32_t number) {
    dice_ = Dice(seed_ + static_cast<std::uint64_t>(number));
    for (std::size_t i = 0; i + 1 < drawn_.size(); i += 2) {
        const std::uint64_t two = dice_.next();
        drawn_[i] = static_cast<std::uint32_t>(two >> 32U);
        drawn_[i + 1] = static_cast<std::uint32_t>(two);
    }
    slowdown_ = 1;
    if (model_.slowdown_deviation > 0 || model_.slowdown_mean != 0) {
        const double z = normal_quantiles().draw(static_cast<std::uint32_t>(dice_.next() >> 32U));
        slowdown_ = std::exp(model_.slowdown_mean + model_.slowdown_deviation * z);
    }
    std::ranges::fill(moments_, kNotYet);
    std::ranges::fill(attempts_, kNotYet);
    std::ranges::fill(floor_, kNotYet);
    std::ranges::fill(cause_, kNone);
    std::ranges::fill(parked_, std::uint8_t{0});
    parked_count_ = 0;
    for (HeldLevel& held : held_) held.clear();
    budget_left_ = model_.budget_left;
    draw_arrivals();
    next_ = 0;
    finish_ = 0;
    last_ = kNone;
}

void ForecastRun::draw_arrivals() {
    for (std::size_t k = 0; k < delay_.size(); ++k) {
        const ForecastModel::Arrival& arrival = model_.arrivals[k];
        const auto where = static_cast<std::uint32_t>(dice_.next() >> 32U);
        const double ratio = arrival.table == kNone ? 1 : model_.tables[at(arrival.table)].draw(where);
        delay_[k] = static_cast<Minute>(std::min<double>(arrival.delay * ratio + 0.5, kLongest));
    }
    for (const ForecastModel::Release& release : model_.releases) {
        Minute& floor = floor_[at(release.place)];
        floor = std::max(floor, release.release + delay_[at(release.arrival)]);
    }
    for (const std::int32_t resource : model_.late_resources) rebuild_capacity(resource);
    for (std::size_t k = 0; k < stocks_.size(); ++k) {
        stocks_[k].clear();
        for (const ForecastModel::Change& change : part(model_.changes, model_.stock_of[k])) {
            const Minute late = change.arrival == kNone ? 0 : delay_[at(change.arrival)];
            stocks_[k].give(change.at + late, change.amount, kNone);
        }
    }
}

void ForecastRun::rebuild_capacity(std::int32_t resource) {
    std::vector<CapacityStep>& steps = late_steps_[at(resource)];
    steps.clear();
    for (const ForecastModel::Change& change : part(model_.changes, model_.changes_of[at(resource)])) {
        const Minute late = change.arrival == kNone ? 0 : delay_[at(change.arrival)];
        steps.push_back({change.at + late, change.amount});
        for (std::size_t i = steps.size() - 1; i > 0 && steps[i].from < steps[i - 1].from; --i)
            std::swap(steps[i], steps[i - 1]);
    }
    for (std::size_t i = 1; i < steps.size(); ++i) steps[i].capacity += steps[i - 1].capacity;
    steps_[at(resource)] = steps;
}

void ForecastRun::run() {
    const auto count = static_cast<Place>(model_.rows.size());
    while (next_ < count || !waiting_.empty()) {
        if (!waiting_.empty() &&
            (next_ == count || waiting_.front() < turn_of(model_.rows[at(next_)].turn, next_))) {
            const std::uint64_t first = waiting_.front();
            std::ranges::pop_heap(waiting_, std::greater<>{});
            waiting_.pop_back();
            visit(static_cast<Place>(static_cast<std::uint32_t>(first)), minute_of(first));
        } else {
            const Place place = next_++;
            visit(place, model_.rows[at(place)].turn);
        }
    }
}

Minute ForecastRun::next_turn() const {
    Minute turn = kNever;
    if (next_ < static_cast<Place>(model_.rows.size())) turn = model_.rows[at(next_)].turn;
    if (!waiting_.empty()) turn = std::min(turn, minute_of(waiting_.front()));
    return turn;
}

void ForecastRun::visit(Place place, Minute turn) {
    const Row& row = model_.rows[at(place)];
    if (row.fixed_start != kNoMinute && attempts_[2 * at(place)] == kNotYet) {
        visit_fixed(place);
        return;
    }
    Minute ready = row.earliest;
    blamed_ = kNone;
    for (const ForecastModel::Predecessor& before : part(model_.predecessors, row.predecessors)) {
        const Minute moment = moments_[at(before.moment)];
        if (moment == kNotYet) {  // it slipped behind this one; whoever ends it wakes this one
            parked_[at(place)] = 1;
            ++parked_count_;
            return;
        }
        if (moment + before.lag > ready) {
            ready = moment + before.lag;
            blamed_ = before.moment / 2;
        }
    }
    if (floor_[at(place)] > ready) {
        ready = floor_[at(place)];
        blamed_ = cause_[at(place)];
    }
    if (ready < kFarAway && row.calendar != kNone) ready = in_calendar(row, ready);
    if (ready >= kFarAway) {
        never(place);
        return;
    }
    if (ready > turn && ready >= next_turn()) {
        postpone(place, ready, blamed_);
        return;
    }
    deferred_ = false;
    const Minute start = settled(row, place, ready);
    if (start >= kFarAway) {
        never(place);
    } else if (deferred_ && start > turn && start >= next_turn()) {
        postpone(place, start, blamed_);
    } else {
        begin(place, start, drawn_duration(row, attempts_[2 * at(place)] != kNotYet));
    }
}

void ForecastRun::visit_fixed(Place place) {
    const Row& row = model_.rows[at(place)];
    blamed_ = kNone;
    window_ = row.window;
    if (row.fixed_end == kNoMinute) {
        begin(place, row.fixed_start, drawn_remaining(row));
        return;
    }
    occupy(place, row.fixed_start, row.fixed_end);
    end(place, row.fixed_start, row.fixed_end);
}

void ForecastRun::postpone(Place place, Minute turn, Place cause) {
    floor_[at(place)] = turn;
    cause_[at(place)] = cause;
    waiting_.push_back(turn_of(turn, place));
    std::ranges::push_heap(waiting_, std::greater<>{});
}

void ForecastRun::occupy(Place place, Minute start, Minute over) {
    const Row& row = model_.rows[at(place)];
    for (const ForecastModel::Need& need : part(model_.needs, row.needs))
        held_[at(need.resource)].hold(start, over, need.amount, place);
    const bool again = attempts_[2 * at(place)] != kNotYet;
    attempts_[2 * at(place)] = start;
    attempts_[2 * at(place) + 1] = over;
    attempt_window_[at(place)] = row.calendar == kNone ? kNoWindow : window_;
    if (!row.special) return;
    charge(row, start, over);
    if (again) return;
    for (const StockChange& change : part(model_.stock_changes, row.changes)) {
        if (change.at_start < 0) stocks_[at(change.stock)].take(start, -change.at_start);
        if (change.at_start > 0) stocks_[at(change.stock)].give(start, change.at_start, place);
    }
}

// A window is over for a cutover that overruns it; any other job goes on in the next.
void ForecastRun::begin(Place place, Minute start, Minute duration) {
    const Row& row = model_.rows[at(place)];
    const Minute elapsed = attempts_[2 * at(place)] == kNotYet ? row.elapsed : 0;
    const OpenTime* window = row.calendar == kNone ? nullptr : &model_.windows[window_];
    if (window != nullptr && (start < window->start || start + elapsed > window->end)) window = nullptr;
    Minute over = start + duration;
    bool backed_out = false;
    if (window != nullptr && over > window->end) {
        backed_out = row.cutover;
        over = row.cutover ? window->end : carried_over(row, start, duration);
    } else if (row.back_out_below > 0) {
        backed_out = (dice_.next() >> 32U) < row.back_out_below;
    }
    occupy(place, start, over);
    if (!backed_out) {
        cause_[at(place)] = blamed_;
        end(place, start, over);
        return;
    }
    ++sample_->backed_out;
    const Minute rest = window == nullptr ? over : window->end;
    postpone(place, std::max(over + model_.repeat_after, rest), blamed_);
}

void ForecastRun::end(Place place, Minute start, Minute end) {
    const Row& row = model_.rows[at(place)];
    moments_[2 * at(place)] = start;
    moments_[2 * at(place) + 1] = end;
    if (end > row.due) ++sample_->missed[at(row.job)];
    if (row.wave != kNone) parts_[row.wave] = std::max(parts_[row.wave], end);
    if (row.group != kNone) parts_[row.group] = std::max(parts_[row.group], end);
    if (end > finish_) {
        finish_ = end;
        last_ = place;
    }
    if (row.changes.count > 0) {
        for (const StockChange& change : part(model_.stock_changes, row.changes)) {
            if (change.at_end < 0) stocks_[at(change.stock)].take(end, -change.at_end);
            if (change.at_end > 0) stocks_[at(change.stock)].give(end, change.at_end, place);
        }
    }
    if (parked_count_ > 0) wake_successors(row);
}

void ForecastRun::never(Place place) {
    cause_[at(place)] = blamed_;
    const Row& row = model_.rows[at(place)];
    moments_[2 * at(place)] = kNever;
    moments_[2 * at(place) + 1] = kNever;
    if (row.due != kNoMinute) ++sample_->missed[at(row.job)];
    if (row.wave != kNone) parts_[row.wave] = kNever;
    if (row.group != kNone) parts_[row.group] = kNever;
    if (finish_ < kNever) {
        finish_ = kNever;
        last_ = place;
    }
    if (parked_count_ > 0) wake_successors(row);
}

void ForecastRun::wake_successors(const Row& row) {
    for (const Place place : part(model_.successors, row.successors)) {
        if (parked_[at(place)] == 0) continue;
        const Row& woken = model_.rows[at(place)];
        const auto before = part(model_.predecessors, woken.predecessors);
        if (!std::ranges::all_of(before, [&](const auto& p) { return moments_[at(p.moment)] != kNotYet; }))
            continue;
        parked_[at(place)] = 0;
        --parked_count_;
        waiting_.push_back(turn_of(woken.turn, place));
        std::ranges::push_heap(waiting_, std::greater<>{});
    }
}

Minute ForecastRun::drawn_duration(const Row& row, bool again) {
    if (row.table == kNone) return row.planned;
    const std::uint32_t where = again ? static_cast<std::uint32_t>(dice_.next() >> 32U) : drawn_[at(row.job)];
    return minutes(row.scale * slowdown_ * model_.tables[at(row.table)].draw(where));
}

// Of one that has run for a while: it is none of those that would be over.
Minute ForecastRun::drawn_remaining(const Row& row) {
    if (row.table == kNone) return std::max(row.scale, row.elapsed);
    const QuantileTable& table = model_.tables[at(row.table)];
    const double scale = row.scale * slowdown_;
    const double over = row.elapsed > 0 ? table.share_up_to(row.elapsed / scale) : 0;
    const double where = over + (1 - over) * drawn_[at(row.job)] * 0x1.0p-32;
    return std::max(minutes(scale * table.quantile(where)), row.elapsed);
}

Minute ForecastRun::carried_over(const Row& row, Minute start, Minute duration) const {
    const Slice windows = model_.windows_of[at(row.calendar)];
    std::uint32_t window = window_;
    Minute left = duration - (model_.windows[window].end - start);
    while (++window < windows.first + windows.count) {
        const OpenTime& next = model_.windows[window];
        if (left <= next.end - next.start) return next.start + left;
        left -= next.end - next.start;
    }
    return kNever;
}

void ForecastRun::trace() {
    ++round_;
    for (Place place = last_; place != kNone && job_seen_[at(place)] != round_; place = cause_[at(place)]) {
        job_seen_[at(place)] = round_;
        const Row& row = model_.rows[at(place)];
        ++sample_->drives[at(row.job)];
        for (const std::int32_t of : {row.wave, row.group}) {
            if (of == kNone || part_seen_[at(of)] == round_) continue;
            part_seen_[at(of)] = round_;
            ++sample_->part_drives[at(of)];
        }
    }
}

}  // namespace ararat::planning::scheduler
