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

// What a unit asks for in each way of resources and outage, as shares of all that is asked for and, the
// scarcer the thing is, the dearer: share times how much of the whole is asked for on average.
void ProgrammeBuilder::weigh_ways() {
    const std::size_t resources = programme_.resources.size();
    std::vector<double> there;  // of each resource, and then of each service's minutes, over the whole time
    for (std::size_t r = 0; r < resources; ++r)
        there.push_back(1.0 + static_cast<double>(
                                  state_.resource(static_cast<std::int32_t>(r)).area(0, programme_.horizon)));
    for (const Budget& budget : programme_.budgets) {
        there.push_back(1.0);
        for (const Minute minutes : budget.left) there.back() += std::max(0, minutes);
    }
    std::vector<double> asked(there.size(), 0);
    const auto each = [&](const Way& way, const auto& use) {
        for (const Demand& demand : programme_.demands_of(way))
            use(at(demand.resource), static_cast<double>(demand.amount) * way.duration);
        for (const Outage& outage : programme_.outages_of(way))
            use(resources + at(outage.service), static_cast<double>(outage.length));
    };
    for (const Job& job : programme_.jobs) {
        for (const Way& way : programme_.ways_of(job))
            each(way, [&](std::size_t of, double amount) { asked[of] += amount / job.ways.count; });
    }
    first_weight_.assign(at(network_.units()) + 1, 0);
    for (std::int32_t unit = 0; unit < network_.units(); ++unit) {
        const auto members = network_.members(unit);
        const std::uint32_t ways = members.empty() ? 0 : programme_.jobs[at(members.front())].ways.count;
        first_weight_[at(unit) + 1] = first_weight_[at(unit)] + ways;
        for (std::uint32_t w = 0; w < ways; ++w) {
            double weight = 0;
            for (const JobIndex job : members) {
                const Way& way = programme_.ways_of(programme_.jobs[at(job)])[w];
                weight += 1e-6 * way.duration / std::max(1, programme_.horizon);
                each(way, [&](std::size_t of, double amount) {
                    weight += amount * asked[of] / (there[of] * there[of]);
                });
            }
            weights_.push_back(static_cast<float>(weight));
        }
    }
}

// What is left of each stock in the end when all that have no choice have taken from it, and what the others
// would take on average.
void ProgrammeBuilder::reserve_stocks() {
    stock_left_.clear();
    stock_wanted_.assign(programme_.stocks.size(), 0);
    for (std::size_t s = 0; s < programme_.stocks.size(); ++s)
        stock_left_.push_back(state_.stock(static_cast<std::int32_t>(s)).at(kNoMinute - 1));
    for (std::int32_t unit = 0; !stock_left_.empty() && unit < network_.units(); ++unit) {
        const std::int32_t only = only_way(unit);
        if (only != kNone)
            charge_stocks(unit, only, 1);
        else
            want_stocks(unit, 1);
    }
}

void ProgrammeBuilder::want_stocks(std::int32_t unit, double sign) {
    for (const JobIndex job : network_.members(unit)) {
        const Job& is = programme_.jobs[at(job)];
        for (const Way& way : programme_.ways_of(is)) {
            for (const StockChange& change : programme_.stock_changes_of(way))
                stock_wanted_[at(change.stock)] -= sign * (change.at_start + change.at_end) / is.ways.count;
        }
    }
}

std::int32_t ProgrammeBuilder::only_way(std::int32_t unit) const {
    const auto members = network_.members(unit);
    if (members.empty()) return kNone;
    const auto ways = static_cast<std::int32_t>(programme_.jobs[at(members.front())].ways.count);
    std::int32_t only = kNone;
    for (std::int32_t w = 0; w < ways; ++w) {
        if (!network_.allowed(unit, w)) continue;
        if (only != kNone) return kNone;
        only = w;
    }
    return only;
}

void ProgrammeBuilder::charge_stocks(std::int32_t unit, std::int32_t way, std::int32_t sign) {
    for (const JobIndex job : network_.members(unit)) {
        const Way& is = programme_.ways_of(programme_.jobs[at(job)])[at(way)];
        for (const StockChange& change : programme_.stock_changes_of(is))
            stock_left_[at(change.stock)] += sign * (change.at_start + change.at_end);
    }
}

// A share of what is left of the stocks that the way takes from, the dearer the more others want of it.
double ProgrammeBuilder::stock_share(std::int32_t unit, std::int32_t way) const {
    constexpr double kTooMuch = 1e6;
    constexpr double kScarce = 0.85;
    constexpr double kDear = 1e3;
    double share = 0;
    for (const JobIndex job : network_.members(unit)) {
        const Way& is = programme_.ways_of(programme_.jobs[at(job)])[at(way)];
        for (const StockChange& change : programme_.stock_changes_of(is)) {
            const std::int32_t taken = -(change.at_start + change.at_end);
            const auto left = static_cast<double>(stock_left_[at(change.stock)]);
            if (taken <= 0) continue;
            const double wanted = left <= 0 ? 1 : stock_wanted_[at(change.stock)] / left;
            share += taken > left ? kTooMuch : taken / left * (wanted > kScarce ? kDear * wanted : wanted);
        }
    }
    return share;
}

// A pinned wave's cutovers go when all of them may, so that the last to be ready sets the window.
bool ProgrammeBuilder::waits_at_gate(JobIndex job) {
    const Job& is = programme_.jobs[at(job)];
    if (is.kind != JobKind::kCutover || is.wave == kNone || gates_[at(is.wave)] != 0) return false;
    const auto cutovers = network_.cutovers(is.wave);
    const bool all = std::all_of(cutovers.begin(), cutovers.end(), [&](JobIndex other) {
        return waiting_[at(other)] == 0 || follows_in_wave(other) || state_.placed(other) ||
               turned_away_[at(other)] != 0;
    });
    if (!all) return true;
    gates_[at(is.wave)] = 1;
    for (const JobIndex other : cutovers) {
        if (!state_.placed(other) && other != job && waiting_[at(other)] == 0) push(other);
    }
    return false;
}

bool ProgrammeBuilder::follows_in_wave(JobIndex job) const {
    const auto into = network_.into(job);
    return std::any_of(into.begin(), into.end(), [&](const LagEnd& end) {
        const Job& other = programme_.jobs[at(end.other)];
        return end.forward && other.kind == JobKind::kCutover && other.wave == programme_.jobs[at(job)].wave;
    });
}

// A wave that waits for itself, through what lies between its cutovers, or for what found no place: the one
// whose next cutover comes first.
void ProgrammeBuilder::open_gate() {
    JobIndex first = kNone;
    for (std::int32_t wave = 0; wave < programme_.wave_count; ++wave) {
        if (gates_[at(wave)] != 0) continue;
        for (const JobIndex job : network_.cutovers(wave)) {
            if (state_.placed(job) || waiting_[at(job)] != 0 || turned_away_[at(job)] != 0) continue;
            if (first == kNone || order_->rank[at(job)] < order_->rank[at(first)]) first = job;
        }
    }
    if (first == kNone) return;
    const std::int32_t wave = programme_.jobs[at(first)].wave;
    gates_[at(wave)] = 1;
    for (const JobIndex job : network_.cutovers(wave)) {
        if (!state_.placed(job) && waiting_[at(job)] == 0) push(job);
    }
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

// The unit's, from now on; its stocks are spoken for.
void ProgrammeBuilder::take_way(std::int32_t unit, std::int32_t way) {
    if (unit_way_[at(unit)] != kNone) return;
    unit_way_[at(unit)] = way;
    if (stock_left_.empty() || only_way(unit) != kNone) return;
    charge_stocks(unit, way, 1);
    want_stocks(unit, -1);
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

// Neither where a partner's site is, nor where a partner that has not chosen would be left without any.
bool ProgrammeBuilder::sites_allow(std::int32_t unit, std::int32_t way, Refusal& refusal) const {
    for (const JobIndex job : network_.members(unit)) {
        const std::int32_t site = programme_.ways_of(programme_.jobs[at(job)])[at(way)].site;
        for (const ApartEnd& end : network_.apart(job)) {
            if (!programme_.apart[at(end.index)].sites || site == kNone || leaves_a_site(end.other, site))
                continue;
            refusal = {RefusalKind::kApart, kNoMinute, end.index, end.other};
            return false;
        }
    }
    return true;
}

bool ProgrammeBuilder::leaves_a_site(JobIndex other, std::int32_t site) const {
    const std::int32_t unit = network_.unit_of(other);
    const auto ways = programme_.ways_of(programme_.jobs[at(other)]);
    if (unit_way_[at(unit)] != kNone) return ways[at(unit_way_[at(unit)])].site != site;
    for (std::int32_t w = 0; w < static_cast<std::int32_t>(ways.size()); ++w) {
        const std::int32_t there = ways[at(w)].site;
        if (!network_.allowed(unit, w) || there == site) continue;
        const auto pairs = network_.apart(other);
        const bool taken = std::any_of(pairs.begin(), pairs.end(), [&](const ApartEnd& end) {
            const std::int32_t chosen = unit_way_[at(network_.unit_of(end.other))];
            if (!programme_.apart[at(end.index)].sites || chosen == kNone || there == kNone) return false;
            return programme_.ways_of(programme_.jobs[at(end.other)])[at(chosen)].site == there;
        });
        if (!taken) return true;
    }
    return false;
}

bool ProgrammeBuilder::choose_way(JobIndex job, Refusal& refusal) {
    const std::int32_t unit = network_.unit_of(job);
    if (unit_way_[at(unit)] != kNone) return true;
    std::int32_t best = kNone;
    const std::int32_t wanted = order_->way[at(unit)];
    if (wanted != kNone && network_.allowed(unit, wanted) && sites_allow(unit, wanted, refusal)) {
        best = wanted;
    } else {
        const auto ways = static_cast<std::int32_t>(programme_.jobs[at(job)].ways.count);
        double lightest = 0;
        for (std::int32_t way = 0; way < ways; ++way) {
            if (!network_.allowed(unit, way) || !sites_allow(unit, way, refusal)) continue;
            const double weight =
                static_cast<double>(weights_[first_weight_[at(unit)] + at(way)]) + stock_share(unit, way);
            if (best != kNone && weight >= lightest) continue;
            lightest = weight;
            best = way;
        }
    }
    if (best == kNone) return false;
    take_way(unit, best);
    return true;
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

// Precondition: what stands in the job's way is the other end of a maximum lag, or its wave.
bool ProgrammeBuilder::shift_for(JobIndex job, std::int32_t way, LagRange range, Refusal& refusal) {
    const Spot spot = state_.earliest_spot(job, way, range, false);
    if (spot.start == kNoMinute) {
        refusal = spot.refusal;
        return false;
    }
    const Minute duration = programme_.ways_of(programme_.jobs[at(job)])[at(way)].duration;
    const LagRange lags = state_.lag_range(job, way);
    const bool done = spot.start > lags.ceiling ? shift_lags(job, duration, spot.start)
                                                : shift_wave(job, way, range, refusal);
    if (done) push(job);
    return done;
}

bool ProgrammeBuilder::shift_lags(JobIndex job, Minute duration, Minute start) {
    for (const LagEnd& end : network_.out_of(job)) {
        if (!state_.placed(end.other)) continue;
        const Minute floor = start + end.lag + (end.from_end ? duration : 0);
        if (state_.start(end.other) < floor && !shift(end.other, floor)) return false;
    }
    return true;
}

// To the next window after the one in which the wave's other cutovers lie.
bool ProgrammeBuilder::shift_wave(JobIndex job, std::int32_t way, LagRange range, Refusal& refusal) {
    const std::int32_t wave = programme_.jobs[at(job)].wave;
    Minute after = wave_floor_[at(wave)];
    for (const JobIndex other : network_.cutovers(wave)) {
        if (state_.placed(other)) after = std::max(after, state_.start(other));
    }
    const Way& is = programme_.ways_of(programme_.jobs[at(job)])[at(way)];
    const auto window_start = [&](Minute start) {
        if (is.calendar == kNone) return start;
        const WindowIndex& windows = network_.windows(is.calendar);
        return windows.window(windows.at_or_after(start)).start;
    };
    for (;;) {
        const Spot spot = state_.earliest_spot(job, way, range, false);
        refusal = spot.refusal;
        if (spot.start == kNoMinute) return false;
        const Minute floor = window_start(spot.start);
        if (floor > after) {
            const auto cutovers = network_.cutovers(wave);
            const bool late = std::any_of(cutovers.begin(), cutovers.end(), [&](JobIndex other) {
                return network_.latest()[at(other)] < floor;
            });
            if (late) return false;
            wave_floor_[at(wave)] = floor;
            break;
        }
        range.floor = std::max(spot.start, after) + 1;
    }
    for (const JobIndex other : network_.cutovers(wave)) {
        if (state_.placed(other) && !shift(other, wave_floor_[at(wave)])) return false;
    }
    return true;
}

bool ProgrammeBuilder::shift(JobIndex job, Minute floor) {
    if (is_fixed(job) || floor > network_.latest()[at(job)] || --shifts_left_ < 0) return false;
    floor_[at(job)] = std::max(floor_[at(job)], floor);
    take_away(job);
    if (waiting_[at(job)] == 0) push(job);
    return true;
}

}  // namespace ararat::planning::scheduler
