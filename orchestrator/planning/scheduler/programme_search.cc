#include "planning/scheduler/programme_search.h"

#include <algorithm>

namespace ararat::planning::scheduler {
namespace {

constexpr std::int32_t kUnitsOfAPopulation = 2000;
constexpr std::size_t kPopulation = 24;
constexpr std::int64_t kFirstTurn = 32;
constexpr std::size_t kPartMost = 400;

}  // namespace

ProgrammeSearch::ProgrammeSearch(const Programme& programme, const ProgrammeNetwork& network,
                                 ProgrammeBuilder& builder, const SolveOptions& options,
                                 std::int64_t schedules)
    : programme_(programme),
      network_(network),
      builder_(builder),
      options_(options),
      dice_(options.seed),
      jobs_each_(std::max<std::int64_t>(1, network.jobs())),
      placed_(schedules * jobs_each_) {
    best_.times = builder.state().times();
    best_.score = score_of(programme, best_.times);
    order_.rank.assign(programme.jobs.size(), 0);
    order_.way.assign(at(network.units()), kNone);
    in_part_.assign(at(network.units()), 0);
    users_.resize(programme.resources.size());
    for (JobIndex job = 0; job < network.jobs(); ++job) {
        if (programme.jobs[at(job)].fixed_start != kNoMinute) continue;
        free_.push_back(job);
        const Way& way = builder.state().way_of(job);
        for (const Demand& demand : programme.demands_of(way)) users_[at(demand.resource)].push_back(job);
    }
}

// Asked at whole schedules alone, so that a stopped search can be run again to the same place.
bool ProgrammeSearch::over(std::int64_t until) {
    if (stopped_ || schedules() >= until) return true;
    if (!options_.should_stop || schedules() == asked_) return false;
    asked_ = schedules();
    stopped_ = options_.should_stop();
    return stopped_;
}

// By turns, each pair of turns twice as long as the one before: their lengths know nothing of schedules_max,
// so that a search with fewer schedules is the beginning of one with more.
void ProgrammeSearch::run() {
    if (free_.empty()) return;
    const bool population = network_.units() <= kUnitsOfAPopulation;
    for (std::int64_t turn = kFirstTurn; !over(options_.schedules_max); turn *= 2) {
        if (population) breed(std::min(options_.schedules_max, schedules() + turn));
        builder_.load(best_.times);
        rebuild_parts(std::min(options_.schedules_max, schedules() + turn));
    }
    builder_.load(best_.times);
}

// ---- population ----

Minute ProgrammeSearch::key_of(const ProgrammeTimes& times, JobIndex job) const {
    return std::max(0, end_of(programme_, times, job));
}

bool ProgrammeSearch::decode() {
    const bool whole = builder_.build(order_);
    placed_ += jobs_each_;
    return whole;
}

void ProgrammeSearch::mutate_ways(std::uint32_t percent) {
    for (std::int32_t unit = 0; unit < network_.units(); ++unit) {
        if (network_.members(unit).empty() || dice_.below(100) >= percent) continue;
        const std::uint32_t ways = programme_.jobs[at(network_.members(unit).front())].ways.count;
        order_.way[at(unit)] = static_cast<std::int32_t>(dice_.below(ways));
    }
}

// The best one's order, each job later by up to the spread.
void ProgrammeSearch::sample(Minute spread) {
    for (const JobIndex job : free_) {
        order_.rank[at(job)] =
            key_of(best_.times, job) + static_cast<Minute>(below(static_cast<std::size_t>(spread) + 1));
        order_.way[at(network_.unit_of(job))] = best_.times.way[at(job)];
    }
    mutate_ways(10);
}

void ProgrammeSearch::cross(const Member& mother, const Member& father) {
    const auto length = static_cast<std::uint32_t>(std::max(2, father.score.finish));
    const std::uint32_t width = length / 4 + dice_.below(length / 2 + 1);
    const auto from = static_cast<Minute>(dice_.below(length - std::min(width, length - 1)));
    const Minute to = from + static_cast<Minute>(width);
    const Minute span = std::max(mother.score.finish, father.score.finish) + 1;
    for (const JobIndex job : free_) {
        const Minute of_father = key_of(father.times, job);
        const Minute of_mother = key_of(mother.times, job);
        const bool within = of_father > from && of_father <= to;
        order_.rank[at(job)] = within              ? span + of_father
                               : of_mother <= from ? of_mother
                                                   : 2 * span + of_mother;
        order_.way[at(network_.unit_of(job))] =
            within ? father.times.way[at(job)] : mother.times.way[at(job)];
    }
    for (std::uint32_t k = dice_.below(4); k > 0; --k)
        std::swap(order_.rank[at(free_[below(free_.size())])], order_.rank[at(free_[below(free_.size())])]);
    mutate_ways(1);
}

const ProgrammeSearch::Member& ProgrammeSearch::chosen() {
    const Member& one = members_[below(members_.size())];
    const Member& two = members_[below(members_.size())];
    return one.score <= two.score ? one : two;
}

void ProgrammeSearch::replace(const Member& child) {
    if (child.score < best_.score) best_ = child;
    Member* worst = &members_.front();
    for (Member& member : members_) {
        if (member.score == child.score && member.times.start == child.times.start) return;
        if (member.score > worst->score) worst = &member;
    }
    if (child.score < worst->score) *worst = child;
}

void ProgrammeSearch::breed(std::int64_t until) {
    if (members_.empty()) members_.push_back(best_);
    replace(best_);
    for (std::size_t tried = 0; members_.size() < kPopulation && tried < kPopulation && !over(until);
         ++tried) {
        sample(best_.score.finish / 6 + 1);
        if (!decode()) continue;
        members_.push_back({builder_.state().times(), score_of(programme_, builder_.state().times())});
        if (members_.back().score < best_.score) best_ = members_.back();
    }
    while (!over(until)) {
        cross(chosen(), chosen());
        if (!decode()) continue;
        replace({builder_.state().times(), score_of(programme_, builder_.state().times())});
    }
}

// ---- large neighbourhoods ----

void ProgrammeSearch::add_unit_of(JobIndex job) {
    const std::int32_t unit = network_.unit_of(job);
    if (in_part_[at(unit)] != 0) return;
    in_part_[at(unit)] = 1;
    for (const JobIndex member : network_.members(unit)) {
        if (programme_.jobs[at(member)].fixed_start == kNoMinute) part_.push_back(member);
    }
}

void ProgrammeSearch::choose_by_time() {
    const Minute middle = best_.times.start[at(free_[below(free_.size())])];
    const Minute reach = best_.score.finish / 40 +
                         static_cast<Minute>(below(static_cast<std::size_t>(best_.score.finish / 10) + 1));
    const std::size_t first = below(free_.size());
    for (std::size_t i = 0; i < free_.size() && part_.size() < part_max_; ++i) {
        const JobIndex job = free_[(first + i) % free_.size()];
        if (std::abs(best_.times.start[at(job)] - middle) <= reach) add_unit_of(job);
    }
}

void ProgrammeSearch::choose_by_resource() {
    const JobIndex job = free_[below(free_.size())];
    const auto demands = programme_.demands_of(builder_.state().way_of(job));
    if (demands.empty()) return choose_by_time();
    const auto& users = users_[at(demands[below(demands.size())].resource)];
    add_unit_of(job);
    const std::size_t first = below(std::max<std::size_t>(1, users.size()));
    for (std::size_t i = 0; i < users.size() && part_.size() < part_max_ / 2; ++i) {
        if (dice_.below(3) != 0) add_unit_of(users[(first + i) % users.size()]);
    }
}

// What ends last or late, and some of what lies shortly before it.
void ProgrammeSearch::choose_last() {
    std::vector<JobIndex> last = free_;
    const auto badness = [&](JobIndex job) {
        const Job& is = programme_.jobs[at(job)];
        const Minute end = end_of(programme_, best_.times, job);
        const bool late = is.due != kNoMinute && end > is.due && is.price_per_day > 0;
        return std::pair(late && best_.score.late_pence > 0, end);
    };
    const std::size_t few = std::min<std::size_t>(last.size(), 1 + below(5));
    std::partial_sort(
        last.begin(), last.begin() + static_cast<std::ptrdiff_t>(few), last.end(),
        [&](JobIndex a, JobIndex b) { return std::pair(badness(b), b) < std::pair(badness(a), a); });
    for (std::size_t i = 0; i < few; ++i) {
        add_unit_of(last[i]);
        for (const LagEnd& end : network_.into(last[i])) add_unit_of(end.other);
    }
    const Minute middle = best_.times.start[at(last[below(few)])];
    const std::size_t first = below(free_.size());
    for (std::size_t i = 0; i < free_.size() && part_.size() < part_max_ / 2; ++i) {
        const JobIndex job = free_[(first + i) % free_.size()];
        const Minute before = middle - best_.times.start[at(job)];
        if (before >= 0 && before <= best_.score.finish / 8 && dice_.below(2) == 0) add_unit_of(job);
    }
}

// Whether it came to a schedule no worse; if not, all stands as before.
bool ProgrammeSearch::try_part() {
    const Minute spread = 1 + best_.score.finish / static_cast<Minute>(4 + below(60));
    for (const JobIndex job : part_) {
        const std::int32_t unit = network_.unit_of(job);
        order_.rank[at(job)] = std::max(0, best_.times.start[at(job)]) +
                               static_cast<Minute>(below(static_cast<std::size_t>(spread)));
        order_.way[at(unit)] = best_.times.way[at(job)];
    }
    for (const JobIndex job : part_) {
        if (dice_.below(8) == 0)
            order_.way[at(network_.unit_of(job))] =
                static_cast<std::int32_t>(below(programme_.jobs[at(job)].ways.count));
    }
    for (const JobIndex job : part_) builder_.take_away(job);
    const bool whole = builder_.extend(order_);
    placed_ += static_cast<std::int64_t>(builder_.moved().size());
    if (whole) {
        const ProgrammeScore score = score_of(programme_, builder_.state().times());
        if (score <= best_.score) {
            for (const JobIndex job : builder_.moved()) {
                best_.times.start[at(job)] = builder_.state().start(job);
                best_.times.way[at(job)] = builder_.state().way(job);
                order_.rank[at(job)] = std::max(0, best_.times.start[at(job)]);
            }
            best_.score = score;
            builder_.keep();
            return true;
        }
    }
    builder_.put_back(best_.times);
    for (const JobIndex job : part_) order_.rank[at(job)] = std::max(0, best_.times.start[at(job)]);
    return false;
}

void ProgrammeSearch::rebuild_parts(std::int64_t until) {
    for (const JobIndex job : free_) order_.rank[at(job)] = std::max(0, best_.times.start[at(job)]);
    while (!over(until)) {
        part_.clear();
        std::fill(in_part_.begin(), in_part_.end(), 0);
        part_max_ = 4 + below(std::min(kPartMost, free_.size() / 2 + 1));
        switch (dice_.below(3)) {
            case 0: choose_by_time(); break;
            case 1: choose_by_resource(); break;
            default: choose_last(); break;
        }
        try_part();
        placed_ += 1;  // even what moves nothing comes to an end
    }
}

}  // namespace ararat::planning::scheduler
