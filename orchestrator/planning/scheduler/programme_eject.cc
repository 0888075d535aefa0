// Room for a job that found no place: those that hold what it lacks at one of a few starts are taken away and
// look for another place themselves, each a few times at most.
// Source: ejection chains (Glover 1996); iterative flattening of conflicts by retraction (Cesta, Oddi and
// Smith 2000).
#include <algorithm>

#include "planning/scheduler/programme_builder.h"

namespace ararat::planning::scheduler {
namespace {

constexpr std::int32_t kStartsTried = 12;
constexpr std::int32_t kEjectionsOfAJob = 5;
constexpr std::size_t kTakersMost = 256;

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Who could go, and how dear that is.
struct Holder {
    JobIndex job = 0;
    std::int32_t of = 0;  // resource or service
    std::int32_t amount = 0;
    Minute from = 0;
    Minute to = 0;
    std::int64_t price = 0;
};

class RoomMaker {
public:
    RoomMaker(const Programme& programme, const ProgrammeNetwork& network, const ProgrammeState& state,
              const std::vector<std::int32_t>& ejected, const UserIndex& users, JobIndex job, const Way& way)
        : programme_(programme),
          network_(network),
          state_(state),
          ejected_(ejected),
          users_(users),
          job_(job),
          way_(way) {}

    // Those to take away; empty: there is no way.
    std::vector<JobIndex> victims(Minute floor, Minute ceiling) {
        std::vector<JobIndex> best;
        std::int64_t best_price = -1;
        gather();
        gather_takers();
        const Minute step = std::max(1, (ceiling - floor) / kStartsTried);
        Minute last = -1;
        for (std::int64_t from = floor; from <= ceiling; from += step) {
            Minute start = static_cast<Minute>(from);
            if (way_.calendar != kNone)
                start = network_.windows(way_.calendar).next_start(start, way_.duration);
            if (start > ceiling) break;
            if (start == last) continue;
            last = start;
            chosen_.clear();
            price_ = 0;
            if (!free_resources(start) || !free_pairs(start) || !free_budget(start) || !free_stocks(start))
                continue;
            if (chosen_.empty() || (best_price >= 0 && price_ >= best_price)) continue;
            best = chosen_;
            best_price = price_;
        }
        return best;
    }

private:
    [[nodiscard]] bool may_go(JobIndex job) const {
        return job != job_ && state_.placed(job) && programme_.jobs[at(job)].fixed_start == kNoMinute &&
               ejected_[at(job)] < kEjectionsOfAJob && network_.unit_of(job) != network_.unit_of(job_);
    }

    // What has little room itself, or was sent away before, had better stay.
    [[nodiscard]] std::int64_t price_of(JobIndex job) const {
        const std::int64_t sent = ejected_[at(job)];
        const Minute slack = network_.latest()[at(job)] - state_.start(job);
        return 1 + 8 * sent * sent + (slack < 2 * way_.duration + 1440 ? 20 : 0);
    }

    void gather() {
        for (const Demand& demand : programme_.demands_of(way_)) {
            for (const JobIndex job : users_.of_resource.of(demand.resource)) {
                if (!may_go(job)) continue;
                for (const Demand& held : programme_.demands_of(state_.way_of(job))) {
                    if (held.resource != demand.resource || held.amount <= 0) continue;
                    holders_.push_back(
                        {job, held.resource, held.amount, state_.start(job), state_.end(job), price_of(job)});
                }
            }
        }
        for (const Outage& outage : programme_.outages_of(way_)) {
            for (const JobIndex job : users_.of_service.of(outage.service)) {
                if (!may_go(job)) continue;
                for (const Outage& held : programme_.outages_of(state_.way_of(job))) {
                    const Minute from = state_.start(job) + held.offset;
                    if (held.service != outage.service) continue;
                    spenders_.push_back(
                        {job, held.service, held.length, from, from + held.length, price_of(job)});
                }
            }
        }
    }

    [[nodiscard]] bool is_chosen(JobIndex job) const {
        return std::find(chosen_.begin(), chosen_.end(), job) != chosen_.end();
    }
    void choose(const Holder& holder) {
        chosen_.push_back(holder.job);
        price_ += holder.price;
    }

    bool free_resources(Minute start) {
        near_.clear();
        for (const Holder& holder : holders_) {
            if (holder.from < start + way_.duration && start < holder.to) near_.push_back(holder);
        }
        for (const Demand& demand : programme_.demands_of(way_)) {
            const Skyline& level = state_.resource(demand.resource);
            for (Minute time = start; time < start + way_.duration; time = level.step_end(time)) {
                std::int32_t lacking = demand.amount - level.at(time);
                for (const Holder& holder : near_) {
                    if (lacking > 0 && holds(holder, demand.resource, time) && is_chosen(holder.job))
                        lacking -= holder.amount;
                }
                while (lacking > 0) {
                    const Holder* cheapest = nullptr;
                    for (const Holder& holder : near_) {
                        if (!holds(holder, demand.resource, time) || is_chosen(holder.job)) continue;
                        if (cheapest == nullptr || holder.price < cheapest->price) cheapest = &holder;
                    }
                    if (cheapest == nullptr) return false;
                    lacking -= cheapest->amount;
                    choose(*cheapest);
                }
            }
        }
        return true;
    }
    static bool holds(const Holder& holder, std::int32_t of, Minute time) {
        return holder.of == of && holder.from <= time && time < holder.to;
    }

    bool free_pairs(Minute start) {
        for (const ApartEnd& end : network_.apart(job_)) {
            if (!state_.placed(end.other) || is_chosen(end.other)) continue;
            const bool near = programme_.apart[at(end.index)].same_window_too &&
                              std::abs(state_.start(end.other) - start) < 1440;
            const bool at_once =
                state_.start(end.other) < start + way_.duration && start < state_.end(end.other);
            if (!near && !at_once) continue;
            if (!may_go(end.other)) return false;
            choose({end.other, 0, 0, 0, 0, price_of(end.other)});
        }
        return true;
    }

    // Whoever has spent of the service within a month of the outage, until there is as much as it needs.
    bool free_budget(Minute start) {
        for (const Outage& outage : programme_.outages_of(way_)) {
            Minute lacking = state_.outage_lacking(outage, start);
            while (lacking > 0) {
                const Holder* cheapest = nullptr;
                for (const Holder& holder : spenders_) {
                    if (holder.of != outage.service || is_chosen(holder.job)) continue;
                    if (state_.month_of(holder.from) != state_.month_of(start + outage.offset)) continue;
                    if (cheapest == nullptr || holder.price < cheapest->price) cheapest = &holder;
                }
                if (cheapest == nullptr) return false;
                lacking -= cheapest->amount;
                choose(*cheapest);
            }
        }
        return true;
    }

    // Those that took before the start, and of these those that could take last, until the stock would do.
    bool free_stocks(Minute start) {
        for (const StockChange& change : programme_.stock_changes_of(way_)) {
            const std::int32_t taken = std::max(-change.at_start, -(change.at_start + change.at_end));
            if (taken <= 0) continue;
            std::int64_t lacking = std::int64_t{taken} - state_.stock(change.stock).least_from(start);
            for (const bool later : {false, true}) {
                for (const Holder& taker : takers_) {
                    if (lacking <= 0) break;
                    if (taker.of != change.stock || (taker.from > start) != later || is_chosen(taker.job))
                        continue;
                    lacking -= taker.amount;
                    choose(taker);
                }
            }
            if (lacking > 0) return false;
        }
        return true;
    }

    // Only those that can take later than the job can.
    void gather_takers() {
        for (const StockChange& change : programme_.stock_changes_of(way_)) {
            for (const JobIndex job : users_.of_stock.of(change.stock)) {
                if (!may_go(job) || network_.latest()[at(job)] <= network_.latest()[at(job_)]) continue;
                for (const StockChange& other : programme_.stock_changes_of(state_.way_of(job))) {
                    const std::int32_t taken = -(other.at_start + other.at_end);
                    if (other.stock != change.stock || taken <= 0) continue;
                    takers_.push_back({job, change.stock, taken, state_.start(job), 0, price_of(job)});
                }
            }
        }
        const std::size_t some = std::min(takers_.size(), kTakersMost);
        std::partial_sort(takers_.begin(), takers_.begin() + static_cast<std::ptrdiff_t>(some), takers_.end(),
                          [&](const Holder& a, const Holder& b) {
                              return std::pair(-network_.latest()[at(a.job)], a.job) <
                                     std::pair(-network_.latest()[at(b.job)], b.job);
                          });
        takers_.resize(some);
    }

    const Programme& programme_;
    const ProgrammeNetwork& network_;
    const ProgrammeState& state_;
    const std::vector<std::int32_t>& ejected_;
    const UserIndex& users_;
    JobIndex job_;
    const Way& way_;
    std::vector<Holder> holders_;
    std::vector<Holder> near_;  // those of holders_ that hold while the job would run
    std::vector<Holder> spenders_;
    std::vector<Holder> takers_;
    std::vector<JobIndex> chosen_;
    std::int64_t price_ = 0;
};

}  // namespace

// Made when it is first wanted, which in most programmes is never.
void ProgrammeBuilder::index_users() {
    if (!users_.of_resource.first.empty()) return;
    const auto each = [&](const auto& items_of, const auto& number_of, const auto& add) {
        for (JobIndex job = 0; job < network_.jobs(); ++job) {
            const auto ways = programme_.ways_of(programme_.jobs[at(job)]);
            for (std::size_t w = 0; w < ways.size(); ++w) {
                for (const auto& item : items_of(ways[w])) {
                    const auto earlier = ways.first(w);
                    const bool known = std::any_of(earlier.begin(), earlier.end(), [&](const Way& way) {
                        const auto items = items_of(way);
                        return std::any_of(items.begin(), items.end(), [&](const auto& other) {
                            return number_of(other) == number_of(item);
                        });
                    });
                    if (!known) add(number_of(item), job);
                }
            }
        }
    };
    users_.of_resource =
        rows_of<JobIndex>(static_cast<std::int32_t>(programme_.resources.size()), [&](const auto& add) {
            each([&](const Way& way) { return programme_.demands_of(way); },
                 [](const Demand& demand) { return demand.resource; }, add);
        });
    users_.of_service =
        rows_of<JobIndex>(static_cast<std::int32_t>(programme_.budgets.size()), [&](const auto& add) {
            each([&](const Way& way) { return programme_.outages_of(way); },
                 [](const Outage& outage) { return outage.service; }, add);
        });
    users_.of_stock =
        rows_of<JobIndex>(static_cast<std::int32_t>(programme_.stocks.size()), [&](const auto& add) {
            each([&](const Way& way) { return programme_.stock_changes_of(way); },
                 [](const StockChange& change) { return change.stock; }, add);
        });
}

// Whether somebody went, so that the job may try again.
bool ProgrammeBuilder::make_room(JobIndex job) {
    if (--ejections_left_ < 0) return false;
    Refusal refusal;
    if (!choose_way(job, refusal)) return false;
    index_users();
    const std::int32_t way = unit_way_[at(network_.unit_of(job))];
    const Job& is = programme_.jobs[at(job)];
    const Way& chosen = programme_.ways_of(is)[at(way)];
    const LagRange range = range_of(job, way);
    Minute latest = network_.latest()[at(job)];
    if (is.due_is_hard && is.due != kNoMinute) latest = std::min(latest, is.due - chosen.duration);
    RoomMaker maker(programme_, network_, state_, ejected_, users_, job, chosen);
    const std::vector<JobIndex> victims = maker.victims(range.floor, latest);
    for (const JobIndex victim : victims) {
        if (!state_.placed(victim)) continue;
        ++ejected_[at(victim)];
        take_away(victim);
    }
    if (victims.empty()) return false;
    turned_away_[at(job)] = 0;
    attempt(job);
    for (const JobIndex victim : victims) {
        if (!state_.placed(victim) && waiting_[at(victim)] == 0) push(victim);
    }
    return true;
}

}  // namespace ararat::planning::scheduler
