#include "planning/scheduler/programme_proof.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "planning/scheduler/programme_bounds.h"

namespace ararat::planning::scheduler {
namespace {

// Interval ends that are tried for each resource; of more, every so manieth.
constexpr std::size_t kStartsMax = 400;

// What a resource has over time beside what is fixed, or has inside some windows, with its sums.
class Capacity {
public:
    explicit Capacity(const std::map<std::int64_t, std::int64_t>& changes) {
        std::int64_t level = 0;
        for (const auto& [at, change] : changes) {
            level += change;
            add(at, std::max<std::int64_t>(level, 0));
        }
    }
    // Only inside the windows.
    Capacity(const Capacity& whole, const OpenTimes& calendar) {
        for (const OpenTime& window : calendar.windows) {
            add(window.start, whole.at(window.start));
            for (const Step& step : whole.steps_)
                if (step.from > window.start && step.from < window.end) add(step.from, step.level);
            add(window.end, 0);
        }
    }

    // Amount times minutes from the beginning to then.
    [[nodiscard]] std::int64_t sum_to(std::int64_t at) const {
        const Step* step = step_at(at);
        return step == nullptr ? 0 : step->sum_before + step->level * (at - step->from);
    }
    [[nodiscard]] std::int64_t most_in(std::int64_t from, std::int64_t to) const {
        std::int64_t most = at(from);
        for (const Step& step : steps_)
            if (step.from > from && step.from < to) most = std::max(most, step.level);
        return most;
    }

private:
    struct Step {
        std::int64_t from = 0;
        std::int64_t level = 0;
        std::int64_t sum_before = 0;
    };
    void add(std::int64_t from, std::int64_t level) {
        const std::int64_t before =
            steps_.empty() ? 0 : steps_.back().sum_before + steps_.back().level * (from - steps_.back().from);
        steps_.push_back({from, level, before});
    }
    [[nodiscard]] const Step* step_at(std::int64_t at) const {
        const auto after = std::ranges::upper_bound(steps_, at, {}, &Step::from);
        return after == steps_.begin() ? nullptr : &*std::prev(after);
    }
    [[nodiscard]] std::int64_t at(std::int64_t at) const {
        const Step* step = step_at(at);
        return step == nullptr ? 0 : step->level;
    }

    std::vector<Step> steps_;
};

// A job that must ask something of the resource.
struct Load {
    JobIndex job = kNone;
    std::int64_t earliest = 0;
    std::int64_t latest = 0;
    std::int64_t energy = 0;
    std::int64_t demand = 0;        // the least of its ways
    std::int32_t calendar = kNone;  // where all its ways have the same one
};

class Overload {
public:
    Overload(const Programme& programme, const ProgrammeBounds& bounds)
        : programme_(programme), bounds_(bounds), ways_(open_ways(programme)) {}

    InfeasibilityProof run() {
        loads_.resize(programme_.resources.size());
        fixed_.resize(programme_.resources.size());
        for (JobIndex job = 0; job < static_cast<JobIndex>(programme_.jobs.size()); ++job) collect(job);
        for (std::size_t resource = 0; resource < loads_.size(); ++resource) {
            if (examine(static_cast<std::int32_t>(resource))) break;
        }
        return std::move(proof_);
    }

private:
    void collect(JobIndex index) {
        const auto at = static_cast<std::size_t>(index);
        const bool fixed = programme_.jobs[at].fixed_start != kNoMinute;
        std::map<std::int32_t, std::pair<std::size_t, Load>> loads;  // with how many ways ask
        for (const Way* way : ways_[at]) {
            std::map<std::int32_t, std::int64_t> demands;
            for (const Demand& demand : programme_.demands_of(*way))
                demands[demand.resource] += demand.amount;
            for (const auto& [resource, amount] : demands) {
                if (amount == 0 || way->duration == 0) continue;
                auto& [asking, load] = loads[resource];
                const std::int64_t energy = amount * way->duration;
                load.energy = asking == 0 ? energy : std::min(load.energy, energy);
                load.demand = asking == 0 ? amount : std::min(load.demand, amount);
                ++asking;
            }
        }
        const JobBounds& bounds = bounds_.jobs[at];
        for (auto& [resource, entry] : loads) {
            auto& [asking, load] = entry;
            if (asking < ways_[at].size()) continue;
            const auto of = static_cast<std::size_t>(resource);
            if (fixed) {
                fixed_[of][bounds.earliest_start] -= load.demand;
                fixed_[of][bounds.earliest_end] += load.demand;
                fixed_jobs_[of].push_back(index);
                continue;
            }
            load.job = index;
            load.earliest = bounds.earliest_start;
            load.latest = bounds.latest_end;
            load.calendar = ways_[at].front()->calendar;
            for (const Way* way : ways_[at])
                if (way->calendar != load.calendar) load.calendar = kNone;
            loads_[of].push_back(load);
        }
    }

    bool examine(std::int32_t resource) {
        const auto at = static_cast<std::size_t>(resource);
        std::map<std::int64_t, std::int64_t> changes = fixed_[at];
        std::int64_t before = 0;
        for (const CapacityStep& step : programme_.resources[at].steps) {
            changes[step.from] += step.capacity - before;
            before = step.capacity;
        }
        const Capacity whole(changes);
        for (const Load& load : loads_[at])
            if (too_high(resource, whole, load)) return true;
        if (too_much(resource, whole, loads_[at])) return true;
        std::map<std::int32_t, std::vector<Load>> by_calendar;
        for (const Load& load : loads_[at])
            if (load.calendar != kNone) by_calendar[load.calendar].push_back(load);
        return std::ranges::any_of(by_calendar, [&](const auto& entry) {
            const OpenTimes& calendar = programme_.calendars[static_cast<std::size_t>(entry.first)];
            return too_much(resource, Capacity(whole, calendar), entry.second);
        });
    }

    bool too_high(std::int32_t resource, const Capacity& capacity, const Load& load) {
        const std::int64_t most = capacity.most_in(load.earliest, load.latest);
        if (load.demand <= most) return false;
        tell(resource, {load}, load.earliest, load.latest);
        proof_.demanded = load.demand;
        proof_.available = most;
        return true;
    }

    // For each beginning, the jobs that begin no earlier are added up in order of their latest end.
    bool too_much(std::int32_t resource, const Capacity& capacity, std::vector<Load> loads) {
        std::ranges::stable_sort(loads, {}, &Load::latest);
        std::set<std::int64_t> distinct;
        for (const Load& load : loads) distinct.insert(load.earliest);
        const std::vector<std::int64_t> starts(distinct.begin(), distinct.end());
        const std::size_t stride = 1 + starts.size() / kStartsMax;
        for (std::size_t i = 0; i < starts.size(); i += stride) {
            std::int64_t energy = 0;
            for (std::size_t j = 0; j < loads.size(); ++j) {
                if (loads[j].earliest < starts[i]) continue;
                energy += loads[j].energy;
                const std::int64_t available = capacity.sum_to(loads[j].latest) - capacity.sum_to(starts[i]);
                if (energy <= available) continue;
                std::vector<Load> inside;
                for (std::size_t k = 0; k <= j; ++k)
                    if (loads[k].earliest >= starts[i]) inside.push_back(loads[k]);
                tell(resource, inside, starts[i], loads[j].latest);
                proof_.demanded = energy;
                proof_.available = available;
                return true;
            }
        }
        return false;
    }

    void tell(std::int32_t resource, const std::vector<Load>& inside, std::int64_t from, std::int64_t to) {
        proof_.kind = ProofKind::kOverload;
        proof_.resource = resource;
        proof_.from = static_cast<Minute>(from);
        proof_.to = static_cast<Minute>(to);
        for (const Load& load : inside) proof_.jobs.push_back(load.job);
        std::ranges::sort(proof_.jobs);
        add_constraints(resource);
    }

    // The jobs' own limits, and the resource; lags may have narrowed their time too, and those that are not
    // among these the caller finds when he tries.
    void add_constraints(std::int32_t resource) {
        std::set<Constraint> constraints = {{ConstraintKind::kResource, resource},
                                            {ConstraintKind::kHorizon, kNone}};
        for (const JobIndex index : proof_.jobs) {
            const Job& job = programme_.jobs[static_cast<std::size_t>(index)];
            if (job.release > 0) constraints.insert({ConstraintKind::kRelease, index});
            if (job.due_is_hard && job.due != kNoMinute)
                constraints.insert({ConstraintKind::kDeadline, index});
            for (const Way* way : ways_[static_cast<std::size_t>(index)])
                if (way->calendar != kNone) constraints.insert({ConstraintKind::kCalendar, way->calendar});
        }
        for (const JobIndex fixed : fixed_jobs_[static_cast<std::size_t>(resource)])
            constraints.insert({ConstraintKind::kFixed, fixed});
        proof_.constraints.assign(constraints.begin(), constraints.end());
    }

    const Programme& programme_;
    const ProgrammeBounds& bounds_;
    std::vector<std::vector<const Way*>> ways_;
    std::vector<std::vector<Load>> loads_;  // by resource
    std::vector<std::map<std::int64_t, std::int64_t>>
        fixed_;  // by resource: what fixed jobs change, and when
    std::map<std::size_t, std::vector<JobIndex>> fixed_jobs_;  // by resource
    InfeasibilityProof proof_;
};

}  // namespace

InfeasibilityProof prove_infeasible(const Programme& programme) {
    ProgrammeBounds bounds = bounds_of(programme);
    InfeasibilityProof proof;
    if (!bounds.lag_cycle.empty()) {
        proof.kind = ProofKind::kLagCycle;
        for (const std::int32_t lag : bounds.lag_cycle) {
            proof.constraints.push_back({ConstraintKind::kLag, lag});
            proof.jobs.push_back(programme.lags[static_cast<std::size_t>(lag)].from);
        }
        return proof;
    }
    if (bounds.impossible != kNone) {
        proof.kind = ProofKind::kTimes;
        proof.job = bounds.impossible;
        proof.jobs = std::move(bounds.chain);
        proof.constraints = std::move(bounds.because);
        return proof;
    }
    return Overload(programme, bounds).run();
}

}  // namespace ararat::planning::scheduler
