// What resources, stocks and budgets refuse: all that needs the others' amounts over time.
#include <algorithm>
#include <limits>

#include "planning/scheduler/programme_refused.h"

namespace ararat::planning::scheduler {
namespace {

constexpr std::int64_t kFar = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kPlenty = std::numeric_limits<std::int64_t>::max() / 4;

// The least of any stretch of values in constant time, from the least of every stretch of 2^n.
class StretchMinima {
public:
    explicit StretchMinima(std::vector<std::int64_t> values) : of_(1, std::move(values)) {
        for (std::size_t width = 1; 2 * width <= of_.front().size(); width *= 2) {
            const std::vector<std::int64_t>& half = of_.back();
            std::vector<std::int64_t> whole;
            for (std::size_t i = 0; i + width < half.size(); ++i)
                whole.push_back(std::min(half[i], half[i + width]));
            of_.push_back(std::move(whole));
        }
    }
    // Of first ... last, both included.
    [[nodiscard]] std::int64_t least(std::size_t first, std::size_t last) const {
        std::size_t power = 0;
        while ((std::size_t{2} << power) <= last - first + 1) ++power;
        return std::min(of_[power][first], of_[power][last + 1 - (std::size_t{1} << power)]);
    }

private:
    std::vector<std::vector<std::int64_t>> of_;
};

// The level that holds at a minute, by its number; the first level holds from ever.
template <typename Levels>
std::size_t number_at(const Levels& levels, std::int64_t at) {
    const auto after = std::ranges::upper_bound(levels, at, {}, [](const auto& level) { return level.at; });
    return static_cast<std::size_t>(after - levels.begin()) - 1;
}

// Changes in any order to levels in order of time, one for each minute in which anything changes.
template <typename Levels>
Levels summed(Levels changes) {
    std::ranges::stable_sort(changes, {}, [](const auto& change) { return change.at; });
    Levels levels;
    for (const auto& change : changes) {
        const std::int64_t amount = levels.empty() ? 0 : levels.back().amount;
        const std::int64_t movable = levels.empty() ? 0 : levels.back().movable;
        if (levels.empty() || levels.back().at != change.at) levels.push_back(change);
        levels.back().amount = amount + change.amount;
        levels.back().movable = movable + change.movable;
    }
    return levels;
}

}  // namespace

std::int64_t StartRefusals::demand_of(JobIndex job, std::int32_t resource) const {
    std::int64_t sum = 0;
    for (const Demand& demand : programme_.demands_of(way_of(job)))
        if (demand.resource == resource) sum += demand.amount;
    return sum;
}

StockChange StartRefusals::stock_change_of(JobIndex job, std::int32_t stock) const {
    StockChange sum{stock, 0, 0};
    for (const StockChange& change : programme_.stock_changes_of(way_of(job))) {
        if (change.stock != stock) continue;
        sum.at_start += change.at_start;
        sum.at_end += change.at_end;
    }
    return sum;
}

std::vector<StartRefusals::Level> StartRefusals::free_of(std::int32_t resource, JobIndex except) const {
    std::vector<Level> changes = {{-kFar, 0, 0}};
    std::int64_t before = 0;
    for (const CapacityStep& step : programme_.resources[static_cast<std::size_t>(resource)].steps) {
        changes.push_back({step.from, step.capacity - before, 0});
        before = step.capacity;
    }
    for (const JobIndex job : jobs_of_resource_.of(resource)) {
        const Run run = run_of(job);
        if (job == except || run.start == run.end) continue;
        const std::int64_t demand = demand_of(job, resource);
        changes.push_back({run.start, -demand, 0});
        changes.push_back({run.end, demand, 0});
    }
    return summed(std::move(changes));
}

std::vector<StartRefusals::Level> StartRefusals::left_of(std::int32_t stock, JobIndex except) const {
    const Stock& of = programme_.stocks[static_cast<std::size_t>(stock)];
    std::vector<Level> changes = {{-kFar, of.level, 0}};
    for (const Delivery& delivery : of.deliveries) changes.push_back({delivery.at, delivery.amount, 0});
    for (const JobIndex job : jobs_of_stock_.of(stock)) {
        if (job == except) continue;
        const StockChange change = stock_change_of(job, stock);
        const std::int64_t movable = is_fixed(job) ? 0 : 1;
        changes.push_back({run_of(job).start, change.at_start, change.at_start < 0 ? movable : 0});
        changes.push_back({run_of(job).end, change.at_end, change.at_end < 0 ? movable : 0});
    }
    return summed(std::move(changes));
}

void StartRefusals::add_resource(Out& out, JobIndex job, std::int32_t resource) const {
    const std::int64_t demand = demand_of(job, resource);
    const std::int64_t duration = way_of(job).duration;
    if (demand == 0 || duration == 0) return;
    const std::vector<Level> free = free_of(resource, job);
    for (std::size_t i = 0; i < free.size(); ++i) {
        if (free[i].amount >= demand) continue;
        add(out, {ConstraintKind::kResource, resource}, free[i].at - duration + 1,
            i + 1 < free.size() ? free[i + 1].at : kFar);
    }
}

// A start changes the level before it (not at all), while the job runs and from its end on. Whether it is
// refused can change only where one of these three stretches takes in or leaves a level.
void StartRefusals::add_stock(Out& out, JobIndex job, std::int32_t stock) const {
    const StockChange change = stock_change_of(job, stock);
    const std::int64_t duration = way_of(job).duration;
    const std::int64_t after_end = std::int64_t{change.at_start} + change.at_end;
    const std::vector<Level> left = left_of(stock, job);
    std::vector<std::int64_t> all;
    std::vector<std::int64_t> judged;  // where fixed jobs alone have taken, nobody is to blame
    std::vector<std::int64_t> bounds = {0, std::int64_t{programme_.horizon} + 1};
    for (const Level& level : left) {
        all.push_back(level.amount);
        judged.push_back(level.movable > 0 ? level.amount : kPlenty);
        for (const std::int64_t bound :
             {level.at, level.at + 1, level.at - duration, level.at - duration + 1})
            if (bound > 0 && bound <= programme_.horizon) bounds.push_back(bound);
    }
    std::ranges::sort(bounds);
    const StretchMinima before(judged);
    const StretchMinima running(change.at_start < 0 ? all : judged);
    const StretchMinima ended(change.at_start < 0 || change.at_end < 0 ? all : judged);
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
        const std::int64_t start = bounds[i];
        if (start == bounds[i + 1]) continue;
        bool refused = before.least(0, number_at(left, start - 1)) < 0;
        if (duration > 0) {
            refused |= running.least(number_at(left, start), number_at(left, start + duration - 1)) <
                       -change.at_start;
        }
        refused |= ended.least(number_at(left, start + duration), left.size() - 1) < -after_end;
        if (refused) add(out, {ConstraintKind::kStock, stock}, start, bounds[i + 1]);
    }
}

StartRefusals::Run StartRefusals::month_at(std::size_t month) const {
    const auto& starts = programme_.month_starts;
    return {starts[month], month + 1 < starts.size() ? starts[month + 1] : programme_.horizon};
}

std::int64_t StartRefusals::outage_in(JobIndex job, std::int32_t service, std::size_t month,
                                      std::int64_t start) const {
    const Run time = month_at(month);
    std::int64_t sum = 0;
    for (const Outage& outage : programme_.outages_of(way_of(job))) {
        if (outage.service != service) continue;
        const std::int64_t from = start + outage.offset;
        sum +=
            std::max<std::int64_t>(0, std::min(time.end, from + outage.length) - std::max(time.start, from));
    }
    return sum;
}

std::int64_t StartRefusals::outage_room(JobIndex job, std::int32_t service, std::size_t month) const {
    std::int64_t room = programme_.budgets[static_cast<std::size_t>(service)].left[month];
    for (const JobIndex other : jobs_of_service_.of(service))
        if (other != job) room -= outage_in(other, service, month, run_of(other).start);
    return std::max<std::int64_t>(room, 0);
}

// Between the starts at which one of its outages reaches or leaves the month, what falls into it grows or
// shrinks evenly.
void StartRefusals::add_budget(Out& out, JobIndex job, std::int32_t service) const {
    for (std::size_t month = 0; month < programme_.month_starts.size(); ++month) {
        const Run time = month_at(month);
        const std::int64_t room = outage_room(job, service, month);
        std::vector<std::int64_t> bounds = {0, std::int64_t{programme_.horizon} + 1};
        for (const Outage& outage : programme_.outages_of(way_of(job))) {
            if (outage.service != service) continue;
            for (const std::int64_t edge : {time.start, time.end}) {
                bounds.push_back(edge - outage.offset);
                bounds.push_back(edge - outage.offset - outage.length);
            }
        }
        std::ranges::sort(bounds);
        const auto over = [&](std::int64_t start) { return outage_in(job, service, month, start) > room; };
        for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
            std::int64_t from = bounds[i];
            std::int64_t to = bounds[i + 1];
            if (from == to || from < 0 || to > std::int64_t{programme_.horizon} + 1) continue;
            const bool first = over(from);
            if (!first && !over(to - 1)) continue;
            std::int64_t low = from;
            std::int64_t high = to - 1;
            if (first != over(high)) {
                while (low + 1 < high) {
                    const std::int64_t middle = (low + high) / 2;
                    (over(middle) == first ? low : high) = middle;
                }
                (first ? to : from) = high;
            }
            add(out, {ConstraintKind::kBudget, service}, from, to);
        }
    }
}

}  // namespace ararat::planning::scheduler
