#include "bench/sched/programme_draft.h"

#include <algorithm>
#include <cmath>

namespace ararat::bench {

using namespace planning::scheduler;

namespace {

constexpr Minute kFirstNight = 4 * kDay + 20 * 60;  // time enough before it for the longest seeding
constexpr std::int32_t kSites = 3;
constexpr std::int32_t kGroupsOfAStore = 12;
constexpr std::int32_t kGroupsOfAService = 6;
constexpr Minute kSpareNights = 30;  // after the hidden schedule's last

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

}  // namespace

DraftWriter::DraftWriter(const GeneratorParameters& parameters, const HostGroups& groups)
    : parameters_(parameters), sizes_(groups), dice_(parameters.seed) {
    nights_ = parameters.nights;
    if (nights_ == 0) {
        nights_ = std::clamp(static_cast<std::int32_t>(2 * std::sqrt(groups.count)), 3, 400);
    }
    links_ = parameters.teams == 0 ? 0 : std::max(1, parameters.teams / 2);
    stores_ = parameters.teams == 0 ? 0 : groups.count / kGroupsOfAStore + 1;
    services_ = groups.count / kGroupsOfAService + 1;
    ready_.assign(at(groups.count), 0);
    order_at_.assign(at(groups.count) + 1, 0);
    for (const HostGroups::Order& order : groups.orders) ++order_at_[at(order.from) + 1];
    for (std::size_t i = 1; i < order_at_.size(); ++i) order_at_[i] += order_at_[i - 1];
}

// Nights of each owner, some left out, and a fortnight's freeze in the middle of a long programme.
void DraftWriter::write_calendars() {
    Programme& programme = draft_.programme;
    for (std::int32_t c = 0; c < parameters_.calendars; ++c) {
        OpenTimes times;
        const Minute from = between(0, 4) * 60;
        const Minute length = between(4, 8) * 60;
        for (Minute night = 0; night < nights_ + kSpareNights + 14; ++night) {
            if (night > 3 && night % 7 == c % 7) continue;
            if (nights_ > 60 && night >= nights_ / 2 && night < nights_ / 2 + 14) continue;
            const Minute start = kFirstNight + night * kDay + from;
            times.windows.push_back({start, start + length, start + length - between(0, 60)});
        }
        programme.calendars.push_back(std::move(times));
    }
    OpenTimes days;  // for what is emptied by daylight
    for (Minute day = 0; day < nights_ + kSpareNights + 60; ++day) {
        if (day % 7 < 5) days.windows.push_back({day * kDay + 480, day * kDay + 1080, day * kDay + 1020});
    }
    programme.calendars.push_back(std::move(days));
}

void DraftWriter::add_changes(Way& way, const JobShape& shape, std::int32_t group) {
    Programme& programme = draft_.programme;
    way.stock_changes.first = static_cast<std::uint32_t>(programme.stock_changes.size());
    const bool stocked = group % 100 < parameters_.stocks_percent;
    const std::int32_t hosts = draft_.groups[at(group)].hosts;
    if (stocked && shape.kind == JobKind::kCutover) programme.stock_changes.push_back({way.site, -hosts, 0});
    // Swing kit: taken when seeding begins, given back when the cutover is over.
    if (stocked && group % 3 == 0 && shape.kind == JobKind::kSeed)
        programme.stock_changes.push_back({kSites, -hosts, 0});
    if (stocked && group % 3 == 0 && shape.kind == JobKind::kCutover)
        programme.stock_changes.push_back({kSites, 0, hosts});
    way.stock_changes.count =
        static_cast<std::uint32_t>(programme.stock_changes.size()) - way.stock_changes.first;
    way.outages.first = static_cast<std::uint32_t>(programme.outages.size());
    if (shape.kind == JobKind::kCutover && group % 100 < parameters_.budgets_percent) {
        const Minute offset = std::min(way.duration, between(0, 15));
        programme.outages.push_back(
            {group / kGroupsOfAService, offset, std::min(way.duration - offset, between(3, 20))});
        way.outages.count = 1;
    }
}

void DraftWriter::add_ways(Job& job, const JobShape& shape, std::int32_t group) {
    Programme& programme = draft_.programme;
    const DraftGroup& owner = draft_.groups[at(group)];
    job.ways = {static_cast<std::uint32_t>(programme.ways.size()), static_cast<std::uint32_t>(owner.ways)};
    for (std::int32_t w = 0; w < owner.ways; ++w) {
        const bool hidden = w == owner.way;
        Way way;
        way.duration = hidden ? shape.duration : std::max(1, shape.duration * between(70, 150) / 100);
        way.calendar = shape.calendar;
        way.site = (group + w) % kSites;
        way.cost = static_cast<std::int64_t>(between(100, 100'000));
        way.demands.first = static_cast<std::uint32_t>(programme.demands.size());
        if (parameters_.teams > 0) {
            for (const Demand& demand : shape.demands) {
                if (demand.amount == 0) continue;
                const std::int32_t other = std::max(1, demand.amount * between(50, 150) / 100);
                programme.demands.push_back({demand.resource, hidden ? demand.amount : other});
                ++way.demands.count;
            }
        }
        add_changes(way, shape, group);
        programme.ways.push_back(way);
    }
}

JobIndex DraftWriter::add_job(std::int32_t group, const JobShape& shape, Minute start) {
    Job job;
    job.kind = shape.kind;
    job.group = group;
    add_ways(job, shape, group);
    job.hosts = shape.kind == JobKind::kCutover ? draft_.groups[at(group)].hosts : 0;
    job.urgency = between(1, 9);
    draft_.programme.jobs.push_back(job);
    draft_.hidden.start.push_back(start);
    draft_.hidden.way.push_back(draft_.groups[at(group)].way);
    return static_cast<JobIndex>(draft_.programme.jobs.size()) - 1;
}

void DraftWriter::add_lag(JobIndex from, JobIndex to, Minute lag, bool from_end) {
    draft_.programme.lags.push_back({from, to, lag, from_end, 0});
}

// Groups spread over the nights in the order of their numbers, each when what it waits for is over.
Minute DraftWriter::cutover_start(std::int32_t group, Minute duration) {
    DraftGroup& owner = draft_.groups[at(group)];
    const auto aim = static_cast<Minute>(std::int64_t{group} * nights_ / std::max(1, sizes_.count));
    const Minute wanted = std::max(ready_[at(group)], kFirstNight + std::max(0, aim - between(0, 2)) * kDay);
    if (owner.calendar == kNone) return wanted + between(0, 300);
    const auto& windows = draft_.programme.calendars[at(owner.calendar)].windows;
    auto window = std::lower_bound(windows.begin(), windows.end(), wanted,
                                   [](const OpenTime& open, Minute time) { return open.end < time; });
    for (; window != windows.end(); ++window) {
        const Minute first = std::max(window->start, ready_[at(group)]);
        const Minute last = std::min(window->latest_start, window->end - duration);
        if (first > last) continue;
        owner.window = static_cast<std::int32_t>(window - windows.begin());
        return between(first, last);
    }
    // A chain of orders longer than there are nights: more nights for this owner.
    auto& more = draft_.programme.calendars[at(owner.calendar)].windows;
    const Minute start = std::max(more.back().start + kDay, ready_[at(group)] + 1);
    more.push_back({start, start + 360, start + 360});
    owner.window = static_cast<std::int32_t>(more.size()) - 1;
    return start;
}

void DraftWriter::write_group(std::int32_t group) {
    DraftGroup& owner = draft_.groups[at(group)];
    owner.hosts = sizes_.size[at(group)];
    owner.calendar =
        parameters_.calendars == 0 ? kNone : static_cast<std::int32_t>(below(parameters_.calendars));
    owner.ways = between(1, parameters_.ways_max);
    owner.way = static_cast<std::int32_t>(below(owner.ways));
    const Minute seeding = between(60, 2400);
    const Minute cutover = between(15, 120);
    const Minute start = cutover_start(group, 2 * cutover);
    const Minute seed_start = start - seeding - between(0, kDay);
    const auto team = static_cast<std::int32_t>(parameters_.teams == 0 ? 0 : below(parameters_.teams));
    const std::int32_t teams = parameters_.teams;
    const auto link = static_cast<std::int32_t>(links_ == 0 ? 0 : below(links_));
    const std::int32_t store = teams + links_ + group / kGroupsOfAStore;
    const std::int32_t target = teams + links_ + stores_ + (group * 7) % std::max(1, stores_);

    owner.seed = add_job(group,
                         {JobKind::kSeed,
                          seeding,
                          kNone,
                          {Demand{teams + link, between(20, 200)}, Demand{store, 1}, Demand{target, 1}}},
                         seed_start);
    owner.cutover = add_job(group,
                            {JobKind::kCutover,
                             cutover,
                             owner.calendar,
                             {Demand{team, between(1, 3)}, Demand{store, 1}, Demand{target, 1}}},
                            start);
    add_lag(owner.seed, owner.cutover, 0, true);
    if (chance(parameters_.maximum_lags_percent)) {
        const Minute stale = start - seed_start + between(1, 9) * kDay / 2;
        add_lag(owner.cutover, owner.seed, -stale, false);
    }
    if (chance(parameters_.hypercare_percent)) {
        const Minute length = between(120, 2 * kDay);
        owner.hypercare =
            add_job(group, {JobKind::kHypercare, length, kNone, {Demand{team, 1}, {}, {}}}, start + cutover);
        add_lag(owner.cutover, owner.hypercare, 0, true);
        if (chance(parameters_.maximum_lags_percent))
            add_lag(owner.hypercare, owner.cutover, -(cutover * 2 + between(0, 600)), false);
    }
    if (chance(parameters_.decommission_percent)) {
        const auto& days = draft_.programme.calendars.back().windows;
        const Minute after = start + cutover + kDay;
        const auto day =
            std::find_if(days.begin(), days.end(), [&](const OpenTime& d) { return d.start >= after; });
        if (day == days.end()) return;
        owner.decommission = add_job(group,
                                     {JobKind::kDecommission,
                                      between(30, 240),
                                      static_cast<std::int32_t>(draft_.programme.calendars.size()) - 1,
                                      {Demand{store, 1}, Demand{team, 1}, {}}},
                                     day->start + between(0, 120));
        add_lag(owner.cutover, owner.decommission, kDay, true);
    }
}

Draft DraftWriter::write() {
    Programme& programme = draft_.programme;
    draft_.groups.resize(at(sizes_.count));
    programme.group_count = sizes_.count;
    write_calendars();
    programme.resources.resize(parameters_.teams == 0 ? 0 : at(parameters_.teams + links_ + 2 * stores_));
    if (parameters_.stocks_percent > 0) programme.stocks.resize(kSites + 1);
    if (parameters_.budgets_percent > 0) programme.budgets.resize(at(services_));
    for (std::int32_t group = 0; group < sizes_.count; ++group) {
        write_group(group);
        const JobIndex cutover = draft_.groups[at(group)].cutover;
        const Minute end = end_of(programme, draft_.hidden, cutover);
        for (std::int32_t i = order_at_[at(group)]; i < order_at_[at(group) + 1]; ++i) {
            Minute& ready = ready_[at(sizes_.orders[at(i)].to)];
            ready = std::max(ready, end);
        }
    }
    for (const HostGroups::Order& order : sizes_.orders)
        add_lag(draft_.groups[at(order.from)].cutover, draft_.groups[at(order.to)].cutover, 0, true);
    return std::move(draft_);
}

}  // namespace ararat::bench
