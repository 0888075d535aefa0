#include "planning/scheduler/programme_construct.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace ararat::planning::scheduler {
namespace {

constexpr std::int32_t kPassesOfATry = 10;
constexpr Minute kShareOfHorizon = 16;

}  // namespace

ProgrammeConstruction::ProgrammeConstruction(const Programme& programme, const ProgrammeNetwork& network,
                                             ProgrammeBuilder& builder, std::uint64_t seed)
    : programme_(programme), network_(network), builder_(builder), dice_(seed) {
    order_.rank.resize(programme.jobs.size());
    order_.way.assign(at(network.units()), kNone);
    place_.resize(programme.jobs.size());
    for (std::size_t i = 0; i < network.order().size(); ++i)
        place_[at(network.order()[i])] = static_cast<std::int32_t>(i);
    lifted_.assign(at(network.units()), 0);
    failures_.assign(at(network.units()), 0);
    shift_.assign(at(network.units()), 0);
    find_wishes();
}

void ProgrammeConstruction::find_wishes() {
    wish_ = network_.latest();
    for (JobIndex job = 0; job < network_.jobs(); ++job) {
        const Job& is = programme_.jobs[at(job)];
        if (is.due != kNoMinute) wish_[at(job)] = std::min(wish_[at(job)], is.due - network_.shortest(job));
    }
    pull_wishes();
    own_wish_ = wish_;
    for (std::int32_t wave = 0; wave < programme_.wave_count; ++wave) {
        Minute first = kNoMinute;
        for (const JobIndex job : network_.cutovers(wave)) first = std::min(first, wish_[at(job)]);
        for (const JobIndex job : network_.cutovers(wave)) wish_[at(job)] = first;
    }
    if (programme_.wave_count > 0) pull_wishes();
}

// What others wait for is wished earlier than they are.
void ProgrammeConstruction::pull_wishes() {
    for (auto job = network_.order().rbegin(); job != network_.order().rend(); ++job) {
        Minute& wish = wish_[at(*job)];
        for (const LagEnd& end : network_.out_of(*job)) {
            if (!end.forward) continue;
            wish =
                std::min(wish, wish_[at(end.other)] - end.lag - (end.from_end ? network_.shortest(*job) : 0));
        }
    }
}

// A unit's jobs go one after the other, so that what must not lie far apart is placed together.
void ProgrammeConstruction::rank() {
    struct Key {
        std::int32_t lifted;
        Minute wish;
        Minute own_wish;  // in a wave, what leads to others goes first
        std::int32_t urgency;
        std::int32_t unit;
    };
    std::vector<Key> keys;
    keys.reserve(at(network_.units()));
    for (std::int32_t unit = 0; unit < network_.units(); ++unit) {
        Key key{-lifted_[at(unit)], kNoMinute, kNoMinute, std::numeric_limits<std::int32_t>::max(), unit};
        for (const JobIndex job : network_.members(unit)) {
            key.wish = std::min(key.wish, wish_[at(job)]);
            key.own_wish = std::min(key.own_wish, own_wish_[at(job)]);
            key.urgency = std::min(key.urgency, programme_.jobs[at(job)].urgency);
        }
        if (!network_.members(unit).empty()) key.wish += shift_[at(unit)];
        keys.push_back(key);
    }
    std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
        return std::tie(a.lifted, a.wish, a.own_wish, a.urgency, a.unit) <
               std::tie(b.lifted, b.wish, b.own_wish, b.urgency, b.unit);
    });
    std::int32_t next = 0;
    std::vector<JobIndex> members;
    for (const Key& key : keys) {
        const auto of = network_.members(key.unit);
        members.assign(of.begin(), of.end());
        std::sort(members.begin(), members.end(),
                  [&](JobIndex a, JobIndex b) { return place_[at(a)] < place_[at(b)]; });
        for (const JobIndex job : members) order_.rank[at(job)] = next++;
    }
}

void ProgrammeConstruction::lift_all_before(JobIndex job, std::int32_t level) {
    std::vector<JobIndex> open{job};
    std::vector<char> seen(programme_.jobs.size(), 0);
    while (!open.empty()) {
        const JobIndex next = open.back();
        open.pop_back();
        if (seen[at(next)] != 0) continue;
        seen[at(next)] = 1;
        std::int32_t& lifted = lifted_[at(network_.unit_of(next))];
        lifted = std::max(lifted, level);
        for (const JobIndex member : network_.members(network_.unit_of(next))) {
            for (const LagEnd& end : network_.into(member)) {
                if (end.forward && seen[at(end.other)] == 0) open.push_back(end.other);
            }
        }
    }
}

void ProgrammeConstruction::change_way(std::int32_t unit) {
    const auto ways =
        static_cast<std::int32_t>(programme_.jobs[at(network_.members(unit).front())].ways.count);
    std::int32_t& way = order_.way[at(unit)];
    if (way == kNone) way = builder_.state().way(network_.members(unit).front());
    way = std::max(way, 0);
    for (std::int32_t k = 1; k < ways; ++k) {
        const std::int32_t next = (way + k) % ways;
        if (!network_.allowed(unit, next)) continue;
        way = next;
        return;
    }
}

void ProgrammeConstruction::lift(const Unplaced& unplaced) {
    const std::int32_t unit = network_.unit_of(unplaced.job);
    const std::int32_t level = ++failures_[at(unit)] + lifted_[at(unit)] + 1;
    const Job& job = programme_.jobs[at(unplaced.job)];
    if (job.kind == JobKind::kCutover && job.wave != kNone) {
        for (const JobIndex other : network_.cutovers(job.wave)) lift_all_before(other, level - 1);
    }
    lift_all_before(unplaced.job, level);
    if (failures_[at(unit)] % 2 == 0) change_way(unit);
}

// Lifting has come to nothing: another order, further from the wishes each time.
void ProgrammeConstruction::try_afresh() {
    std::fill(lifted_.begin(), lifted_.end(), 0);
    std::fill(failures_.begin(), failures_.end(), 0);
    std::fill(order_.way.begin(), order_.way.end(), kNone);
    const auto spread =
        static_cast<std::uint32_t>(programme_.horizon / kShareOfHorizon * (passes_ / kPassesOfATry));
    for (Minute& shift : shift_) shift = static_cast<Minute>(dice_.below(spread + 1));
}

bool ProgrammeConstruction::run(std::int32_t passes_max) {
    for (passes_ = 1;; ++passes_) {
        rank();
        if (builder_.build(order_)) return true;
        if (passes_ >= passes_max) return false;
        for (const Unplaced& unplaced : builder_.unplaced()) lift(unplaced);
        if (passes_ % kPassesOfATry == 0) try_afresh();
    }
}

bool move_earlier(const Programme& programme, const ProgrammeNetwork& network, ProgrammeState& state) {
    std::vector<JobIndex> jobs(programme.jobs.size());
    std::iota(jobs.begin(), jobs.end(), 0);
    std::sort(jobs.begin(), jobs.end(), [&](JobIndex a, JobIndex b) {
        return std::pair(state.start(a), a) < std::pair(state.start(b), b);
    });
    bool moved = false;
    for (const JobIndex job : jobs) {
        const auto at = static_cast<std::size_t>(job);
        if (programme.jobs[at].fixed_start != kNoMinute) continue;
        const Minute before = state.start(job);
        const std::int32_t way = state.way(job);
        state.remove(job);
        LagRange range = state.lag_range(job, way);
        range.floor = std::max(range.floor, network.earliest()[at]);
        range.ceiling = before;
        const Spot spot = state.earliest_spot(job, way, range);
        state.place(job, way, std::min(before, spot.start));
        moved |= spot.start < before;
    }
    return moved;
}

}  // namespace ararat::planning::scheduler
