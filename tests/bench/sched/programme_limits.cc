#include <algorithm>
#include <map>

#include "bench/sched/programme_draft.h"

namespace ararat::bench {

using namespace planning::scheduler;

namespace {

constexpr Minute kStep = 28 * kDay;   // teams and links change every four weeks
constexpr Minute kMonth = 30 * kDay;  // the generator's year has twelve months of thirty days

constexpr Minute kBudgetOfAMonth = 43;  // 99.9% of thirty days

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

struct Event {
    std::int32_t of = 0;  // resource or stock
    Minute time = 0;
    std::int32_t change = 0;
    friend auto operator<=>(const Event&, const Event&) = default;  // at one time, what is given back first
};

}  // namespace

LimitWriter::LimitWriter(const GeneratorParameters& parameters, Draft& draft)
    : parameters_(parameters), draft_(draft), dice_(parameters.seed ^ 0x9e3779b97f4a7c15U) {}

const Way& LimitWriter::hidden_way(JobIndex job) const {
    const Programme& programme = draft_.programme;
    return programme.ways_of(programme.jobs[at(job)])[at(draft_.hidden.way[at(job)])];
}

Minute LimitWriter::start_of(JobIndex job) const { return draft_.hidden.start[at(job)]; }

Minute LimitWriter::end_of(JobIndex job) const {
    return planning::scheduler::end_of(draft_.programme, draft_.hidden, job);
}

std::int32_t LimitWriter::scaled(std::int64_t amount, std::int32_t percent) const {
    return static_cast<std::int32_t>((amount * percent + 99) / 100);
}

Minute LimitWriter::between(Minute from, Minute to) {
    return from + static_cast<Minute>(dice_.below(static_cast<std::uint32_t>(to - from + 1)));
}

void LimitWriter::limit_resources() {
    Programme& programme = draft_.programme;
    std::vector<Event> events;
    std::vector<std::int32_t> largest(programme.resources.size(), 1);
    for (JobIndex job = 0; job < static_cast<JobIndex>(programme.jobs.size()); ++job) {
        for (const Demand& demand : programme.demands_of(hidden_way(job))) {
            events.push_back({demand.resource, start_of(job), demand.amount});
            events.push_back({demand.resource, end_of(job), -demand.amount});
            largest[at(demand.resource)] = std::max(largest[at(demand.resource)], demand.amount);
        }
    }
    std::sort(events.begin(), events.end());
    std::size_t next = 0;
    for (std::int32_t r = 0; r < static_cast<std::int32_t>(programme.resources.size()); ++r) {
        auto& steps = programme.resources[at(r)].steps;
        const bool stepped = r < parameters_.teams + std::max(1, parameters_.teams / 2);
        std::int64_t level = 0;
        std::int64_t peak = 0;
        Minute from = 0;
        const auto close = [&](Minute until) {
            const std::int32_t capacity = std::max(largest[at(r)], scaled(peak, parameters_.tightness));
            if (steps.empty() || steps.back().capacity != capacity) steps.push_back({from, capacity});
            from = until;
            peak = level;
        };
        for (; next < events.size() && events[next].of == r; ++next) {
            while (stepped && events[next].time >= from + kStep) close(from + kStep);
            level += events[next].change;
            peak = std::max(peak, level);
        }
        close(programme.horizon);
    }
}

void LimitWriter::limit_stocks() {
    Programme& programme = draft_.programme;
    if (programme.stocks.empty()) return;
    std::vector<Event> events;
    for (JobIndex job = 0; job < static_cast<JobIndex>(programme.jobs.size()); ++job) {
        for (const StockChange& change : programme.stock_changes_of(hidden_way(job))) {
            if (change.at_start != 0) events.push_back({change.stock, start_of(job), change.at_start});
            if (change.at_end != 0) events.push_back({change.stock, end_of(job), change.at_end});
        }
    }
    // What is given at a minute can be taken at it.
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return std::tuple(a.of, a.time, -a.change) < std::tuple(b.of, b.time, -b.change);
    });
    std::size_t next = 0;
    for (std::int32_t s = 0; s < static_cast<std::int32_t>(programme.stocks.size()); ++s) {
        Stock& stock = programme.stocks[at(s)];
        std::int64_t level = 0;
        std::int64_t least = 0;
        std::int64_t delivered = 0;
        Minute from = 0;
        const auto deliver = [&] {
            const auto amount = scaled(-least, parameters_.tightness) - delivered;
            if (amount <= 0) return;
            delivered += amount;
            if (from == 0)
                stock.level = static_cast<std::int32_t>(amount);
            else
                stock.deliveries.push_back({from, static_cast<std::int32_t>(amount)});
        };
        for (; next < events.size() && events[next].of == s; ++next) {
            while (events[next].time >= from + 2 * kStep) {
                deliver();
                from += 2 * kStep;
            }
            level += events[next].change;
            least = std::min(least, level);
        }
        deliver();
    }
}

void LimitWriter::limit_budgets() {
    Programme& programme = draft_.programme;
    for (Minute month = 0; month < programme.horizon; month += kMonth)
        programme.month_starts.push_back(month);
    for (Budget& budget : programme.budgets) {
        for (std::size_t m = 0; m < programme.month_starts.size(); ++m)
            budget.left.push_back(kBudgetOfAMonth - (chance(50) ? between(0, kBudgetOfAMonth) : 0));
    }
    std::map<std::pair<std::int32_t, Minute>, Minute> used;
    for (JobIndex job = 0; job < static_cast<JobIndex>(programme.jobs.size()); ++job) {
        for (const Outage& outage : programme.outages_of(hidden_way(job))) {
            Minute time = start_of(job) + outage.offset;
            const Minute end = time + outage.length;
            while (time < end) {
                const Minute until = std::min(end, (time / kMonth + 1) * kMonth);
                used[{outage.service, time / kMonth}] += until - time;
                time = until;
            }
        }
    }
    for (const auto& [key, minutes] : used) {
        Minute& left = programme.budgets[at(key.first)].left[at(key.second)];
        left = std::max(left, scaled(minutes, parameters_.tightness));
    }
}

// Pairs that the hidden schedule does keep apart; half of them near each other, where it matters.
void LimitWriter::add_apart() {
    Programme& programme = draft_.programme;
    const auto count = static_cast<std::int32_t>(draft_.groups.size());
    for (std::int32_t a = 0; a < count; ++a) {
        if (!chance(parameters_.apart_percent)) continue;
        const std::int32_t b =
            between(0, 1) == 0 ? between(0, count - 1) : std::min(count - 1, a + between(1, 5));
        if (a == b) continue;
        const JobIndex one = draft_.groups[at(a)].cutover;
        const JobIndex two = draft_.groups[at(b)].cutover;
        if (start_of(one) < end_of(two) && start_of(two) < end_of(one)) continue;
        Apart apart{one, two, true, false, false, 0};
        apart.sites = hidden_way(one).site != hidden_way(two).site && chance(50);
        apart.same_window_too = std::abs(start_of(one) - start_of(two)) > kDay && chance(50);
        programme.apart.push_back(apart);
    }
}

void LimitWriter::pin_waves() {
    Programme& programme = draft_.programme;
    if (parameters_.calendars == 0 || parameters_.waves_percent == 0) return;
    std::map<std::pair<std::int32_t, std::int32_t>, std::vector<std::int32_t>> together;
    for (std::size_t g = 0; g < draft_.groups.size(); ++g)
        together[{draft_.groups[g].calendar, draft_.groups[g].window}].push_back(
            static_cast<std::int32_t>(g));
    for (const auto& [window, groups] : together) {
        if (groups.size() < 2 || !chance(parameters_.waves_percent)) continue;
        for (std::size_t i = 0; i < std::min<std::size_t>(groups.size(), 6); ++i)
            programme.jobs[at(draft_.groups[at(groups[i])].cutover)].wave = programme.wave_count;
        ++programme.wave_count;
    }
}

void LimitWriter::date_jobs() {
    Programme& programme = draft_.programme;
    for (const DraftGroup& group : draft_.groups) {
        Job& job = programme.jobs[at(group.cutover)];
        const Minute end = end_of(group.cutover);
        if (chance(parameters_.hard_due_percent)) {
            job.due = end + between(0, 20) * kDay;
        } else if (chance(parameters_.soft_due_percent)) {
            job.due = std::max(0, end - between(-10, 10) * kDay);
            job.due_is_hard = false;
            job.price_per_day = between(1'000, 100'000);
        }
        if (chance(parameters_.published_percent))
            job.published_start = start_of(group.cutover) + (chance(50) ? 0 : between(-1, 1) * kDay);
        if (chance(20)) {
            Job& seed = programme.jobs[at(group.seed)];
            seed.release = std::max(0, start_of(group.seed) - between(0, 20) * kDay);
        }
    }
}

// The programme is under way: what has begun by now is fixed, and nothing else begins before.
void LimitWriter::fix_begun() {
    Programme& programme = draft_.programme;
    if (parameters_.fixed_percent == 0) return;
    std::vector<Minute> starts = draft_.hidden.start;
    const std::size_t share = starts.size() * at(parameters_.fixed_percent) / 100;
    std::nth_element(starts.begin(), starts.begin() + static_cast<std::ptrdiff_t>(share), starts.end());
    const Minute now = starts[share];
    for (std::size_t job = 0; job < programme.jobs.size(); ++job) {
        if (draft_.hidden.start[job] < now) {
            programme.jobs[job].fixed_start = draft_.hidden.start[job];
            programme.jobs[job].fixed_way = draft_.hidden.way[job];
        } else {
            programme.jobs[job].release = std::max(programme.jobs[job].release, now);
        }
    }
}

void LimitWriter::write() {
    Programme& programme = draft_.programme;
    Minute finish = 0;
    for (JobIndex job = 0; job < static_cast<JobIndex>(programme.jobs.size()); ++job)
        finish = std::max(finish, end_of(job));
    programme.horizon = finish + finish / 8 + 20 * kDay;
    limit_resources();
    limit_stocks();
    limit_budgets();
    add_apart();
    pin_waves();
    date_jobs();
    fix_begun();
}

GeneratedProgramme generate(const GeneratorParameters& parameters, const HostGroups& groups) {
    Draft draft = DraftWriter(parameters, groups).write();
    LimitWriter(parameters, draft).write();
    return {std::move(draft.programme), std::move(draft.hidden)};
}

GeneratedProgramme generate(const GeneratorParameters& parameters) {
    Dice dice(parameters.seed + 1);
    HostGroups groups;
    groups.count = parameters.groups;
    for (std::int32_t g = 0; g < parameters.groups; ++g) {
        groups.size.push_back(1 + static_cast<std::int32_t>(dice.below(5)));
        if (g == 0 || static_cast<std::int32_t>(dice.below(100)) >= parameters.orders_percent) continue;
        const std::uint32_t reach = static_cast<std::uint32_t>(std::min(g, 15));
        groups.orders.push_back({g - 1 - static_cast<std::int32_t>(dice.below(reach)), g});
    }
    std::sort(groups.orders.begin(), groups.orders.end());
    return generate(parameters, groups);
}

}  // namespace ararat::bench
