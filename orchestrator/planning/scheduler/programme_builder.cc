#include "planning/scheduler/programme_builder.h"

#include <algorithm>
#include <utility>

namespace ararat::planning::scheduler {
namespace {

constexpr std::int64_t kShiftsOfAJob = 12;
constexpr std::int64_t kShiftsAtLeast = 500;
constexpr std::int64_t kEjectionsAtLeast = 40;
constexpr std::int32_t kJobsOfAnEjection = 1000;

bool gives(const StockChange& change) { return change.at_start > 0 || change.at_end > 0; }

}  // namespace

ProgrammeBuilder::ProgrammeBuilder(const Programme& programme, const ProgrammeNetwork& network)
    : programme_(programme), network_(network), state_(programme, network) {
    takers_.resize(programme.stocks.size());
    deferred_.resize(programme.stocks.size());
    given_.assign(programme.stocks.size(), 0);
    for (JobIndex job = 0; !programme.stocks.empty() && job < network.jobs(); ++job) {
        for (const Way& way : programme.ways_of(programme.jobs[at(job)])) {
            for (const StockChange& change : programme.stock_changes_of(way)) {
                auto& takers = takers_[at(change.stock)];
                const bool takes = change.at_start < 0 || change.at_end < 0;
                if (gives(change)) given_[at(change.stock)] = 1;
                if (takes && (takers.empty() || takers.back() != job)) takers.push_back(job);
            }
        }
    }
    weigh_ways();
}

void ProgrammeBuilder::push(JobIndex job) {
    if (waits_at_gate(job)) return;
    ready_.push(static_cast<std::uint64_t>(order_->rank[at(job)]) << 32U | static_cast<std::uint32_t>(job));
}

void ProgrammeBuilder::begin(const BuildOrder& order) {
    order_ = &order;
    ready_ = {};
    unplaced_.clear();
    moved_.clear();
    for (auto& jobs : deferred_) jobs.clear();
    floor_.assign(programme_.jobs.size(), 0);
    wave_floor_.assign(at(programme_.wave_count), 0);
    turned_away_.assign(programme_.jobs.size(), 0);
    refused_.clear();
    ejected_.assign(programme_.jobs.size(), 0);
    ejections_left_ = kEjectionsAtLeast + network_.jobs() / kJobsOfAnEjection;
    gates_.assign(at(programme_.wave_count), 0);
    shifts_left_ = kShiftsOfAJob * network_.jobs() + kShiftsAtLeast;
    placed_since_flush_ = false;
}

// Nothing is placed.
void ProgrammeBuilder::empty() {
    state_.clear();
    reserve_stocks();
    unit_way_.assign(at(network_.units()), kNone);
    unit_placed_.assign(at(network_.units()), 0);
    waiting_.assign(programme_.jobs.size(), 0);
    for (JobIndex job = 0; job < network_.jobs(); ++job) {
        for (const LagEnd& end : network_.into(job)) waiting_[at(job)] += end.forward ? 1 : 0;
    }
}

void ProgrammeBuilder::load(const ProgrammeTimes& times) {
    empty();
    moved_.clear();
    for (JobIndex job = 0; job < network_.jobs(); ++job) {
        take_way(network_.unit_of(job), times.way[at(job)]);
        record(job, times.way[at(job)], times.start[at(job)]);
    }
}

bool ProgrammeBuilder::build(const BuildOrder& order) {
    begin(order);
    empty();
    wave_floor_ = network_.wave_floors();
    for (JobIndex job = 0; job < network_.jobs(); ++job) {
        const Job& is = programme_.jobs[at(job)];
        if (is.fixed_start == kNoMinute) continue;
        take_way(network_.unit_of(job), is.fixed_way);
        put(job, is.fixed_way, is.fixed_start);
    }
    for (JobIndex job = 0; job < network_.jobs(); ++job) {
        if (waiting_[at(job)] == 0 && !is_fixed(job)) push(job);
    }
    run();
    return unplaced_.empty() && state_.stocks_hold();
}

void ProgrammeBuilder::lift(JobIndex job) {
    state_.remove(job);
    const std::int32_t unit = network_.unit_of(job);
    if (--unit_placed_[at(unit)] == 0) {
        if (!stock_left_.empty() && only_way(unit) == kNone) {
            charge_stocks(unit, unit_way_[at(unit)], -1);
            want_stocks(unit, 1);
        }
        unit_way_[at(unit)] = kNone;
    }
    for (const LagEnd& end : network_.out_of(job)) waiting_[at(end.other)] += end.forward ? 1 : 0;
}

void ProgrammeBuilder::take_away(JobIndex job) {
    lift(job);
    moved_.push_back(job);
}

void ProgrammeBuilder::put_back(const ProgrammeTimes& times) {
    std::sort(moved_.begin(), moved_.end());
    moved_.erase(std::unique(moved_.begin(), moved_.end()), moved_.end());
    for (const JobIndex job : moved_) {
        if (state_.placed(job)) lift(job);
    }
    for (const JobIndex job : moved_) {
        take_way(network_.unit_of(job), times.way[at(job)]);
        record(job, times.way[at(job)], times.start[at(job)]);
    }
    moved_.clear();
}

// Who gives later than before may leave others short in between: of those that have taken by then, the last
// go first, until there is enough.
void ProgrammeBuilder::remove_takers(std::int32_t stock) {
    for (;;) {
        const Minute short_at = state_.stock(stock).first_below(0);
        if (short_at == kNoMinute) return;
        JobIndex last = kNone;
        for (const JobIndex job : takers_[at(stock)]) {
            if (!state_.placed(job) || is_fixed(job) || state_.start(job) > short_at) continue;
            if (last == kNone || state_.start(job) > state_.start(last)) last = job;
        }
        if (last == kNone) return;
        take_away(last);
        if (waiting_[at(last)] == 0) push(last);
    }
}

bool ProgrammeBuilder::extend(const BuildOrder& order) {
    std::vector<JobIndex> taken = std::move(moved_);
    begin(order);
    moved_ = std::move(taken);
    wave_floor_ = network_.wave_floors();
    for (const JobIndex job : moved_) {
        if (!state_.placed(job) && waiting_[at(job)] == 0) push(job);
    }
    run();
    if (!unplaced_.empty() || !state_.stocks_hold()) return false;
    return std::all_of(moved_.begin(), moved_.end(), [&](JobIndex job) { return state_.placed(job); });
}

void ProgrammeBuilder::run() {
    for (;;) {
        while (!ready_.empty()) {
            const auto job = static_cast<JobIndex>(ready_.top() & 0xffffffffU);
            ready_.pop();
            if (!state_.placed(job) && waiting_[at(job)] == 0 && turned_away_[at(job)] == 0) attempt(job);
        }
        const bool progress = placed_since_flush_;
        placed_since_flush_ = false;
        if (progress) flush_deferred();
        if (ready_.empty()) open_gate();
        if (ready_.empty() && !progress) refuse_deferred();
        if (ready_.empty()) make_room_for_one();
        if (ready_.empty() && refused_.empty() && !placed_since_flush_) break;
    }
}

// Nobody gives any more.
void ProgrammeBuilder::refuse_deferred() {
    for (auto& jobs : deferred_) {
        const auto stock = static_cast<std::int32_t>(&jobs - deferred_.data());
        for (const JobIndex job : jobs) {
            if (state_.placed(job) || turned_away_[at(job)] != 0) continue;
            turned_away_[at(job)] = 1;
            refused_.push_back({job, {RefusalKind::kStock, kNoMinute, stock, kNone}});
        }
        jobs.clear();
    }
}

void ProgrammeBuilder::make_room_for_one() {
    if (refused_.empty()) return;
    const Unplaced refused = refused_.back();
    refused_.pop_back();
    if (state_.placed(refused.job)) return;
    making_room_ = true;
    if (!make_room(refused.job)) unplaced_.push_back(refused);
    making_room_ = false;
}

void ProgrammeBuilder::flush_deferred() {
    for (auto& jobs : deferred_) {
        for (const JobIndex job : jobs) push(job);
        jobs.clear();
    }
}

// Whoever comes first among those that wait for what has been given.
void ProgrammeBuilder::retry_deferred(std::int32_t stock) {
    auto& jobs = deferred_[at(stock)];
    if (jobs.empty()) return;
    const auto first = std::min_element(jobs.begin(), jobs.end(), [&](JobIndex a, JobIndex b) {
        return std::pair(order_->rank[at(a)], a) < std::pair(order_->rank[at(b)], b);
    });
    const JobIndex job = *first;
    jobs.erase(first);
    push(job);
}

LagRange ProgrammeBuilder::range_of(JobIndex job, std::int32_t way) const {
    LagRange range = state_.lag_range(job, way);
    const Job& is = programme_.jobs[at(job)];
    Minute floor = std::max(network_.earliest()[at(job)], floor_[at(job)]);
    if (is.kind == JobKind::kCutover && is.wave != kNone) floor = std::max(floor, wave_floor_[at(is.wave)]);
    range.floor = std::max(range.floor, floor);
    return range;
}

void ProgrammeBuilder::record(JobIndex job, std::int32_t way, Minute start) {
    state_.place(job, way, start);
    ++unit_placed_[at(network_.unit_of(job))];
    for (const LagEnd& end : network_.out_of(job)) waiting_[at(end.other)] -= end.forward ? 1 : 0;
}

void ProgrammeBuilder::put(JobIndex job, std::int32_t way, Minute start) {
    record(job, way, start);
    placed_since_flush_ = true;
    for (const LagEnd& end : network_.out_of(job)) {
        const bool next = end.forward && waiting_[at(end.other)] == 0;
        if (next && !state_.placed(end.other) && !is_fixed(end.other)) push(end.other);
    }
    for (const StockChange& change : programme_.stock_changes_of(state_.way_of(job))) {
        if (!gives(change)) continue;
        if (state_.stock(change.stock).least() < 0 && --shifts_left_ >= 0) remove_takers(change.stock);
        if (!state_.placed(job)) return;
        retry_deferred(change.stock);
    }
}

void ProgrammeBuilder::attempt(JobIndex job) {
    Refusal refusal;
    if (!choose_way(job, refusal)) return turn_away(job, refusal);
    const std::int32_t way = unit_way_[at(network_.unit_of(job))];
    const Job& is = programme_.jobs[at(job)];
    const Minute duration = programme_.ways_of(is)[at(way)].duration;
    const LagRange lags = range_of(job, way);
    LagRange range = lags;
    Minute latest = network_.latest()[at(job)];
    if (is.due_is_hard && is.due != kNoMinute) latest = std::min(latest, is.due - duration);
    range.ceiling = std::min(range.ceiling, latest);
    const Spot spot = state_.earliest_spot(job, way, range);
    if (spot.start != kNoMinute) return put(job, way, spot.start);
    refusal = spot.refusal;
    range.ceiling = latest;
    if (lags.ceiling < latest || spot.refusal.kind == RefusalKind::kWave ||
        (is.kind == JobKind::kCutover && is.wave != kNone)) {
        if (shift_for(job, way, range, refusal)) return;
    }
    turn_away(job, refusal);
}

// What somebody may yet give is waited for; for anything else room is made at once, while those that come
// later have not taken more.
void ProgrammeBuilder::turn_away(JobIndex job, const Refusal& refusal) {
    if (refusal.kind == RefusalKind::kStock && given_[at(refusal.index)] != 0) {
        deferred_[at(refusal.index)].push_back(job);
        return;
    }
    turned_away_[at(job)] = 1;
    if (!making_room_) {
        making_room_ = true;
        const bool made = make_room(job);
        making_room_ = false;
        if (made) return;
    }
    refused_.push_back({job, refusal});
}

}  // namespace ararat::planning::scheduler
