#include "planning/scheduler/lag_cumulative.h"

#include <algorithm>
#include <utility>

namespace ararat::planning::scheduler {

LagCumulative::LagCumulative(const Project& project, const std::vector<std::int32_t>& mode)
    : resources_of_(project.activities.size()) {
    for (std::size_t r = 0; r < project.capacity.size(); ++r) {
        Resource resource;
        resource.capacity = project.capacity[r];
        std::int64_t demand = 0;
        for (std::size_t i = 0; i < project.activities.size(); ++i) {
            const Mode& chosen = project.activities[i].modes[static_cast<std::size_t>(mode[i])];
            if (chosen.duration == 0 || chosen.demand[r] == 0) continue;
            demand += chosen.demand[r];
            resource.tasks.push_back({static_cast<std::int32_t>(i), chosen.duration, chosen.demand[r]});
        }
        if (demand <= resource.capacity) continue;
        for (const Task& task : resource.tasks) {
            resources_of_[static_cast<std::size_t>(task.variable)].push_back(
                static_cast<std::int32_t>(resources_.size()));
        }
        // The largest first, so that reasons are short.
        std::ranges::stable_sort(resource.tasks,
                                 [](const Task& a, const Task& b) { return a.demand > b.demand; });
        resources_.push_back(std::move(resource));
    }
}

void LagCumulative::on_change(std::int32_t variable) {
    if (static_cast<std::size_t>(variable) >= resources_of_.size()) return;
    for (const std::int32_t resource : resources_of_[static_cast<std::size_t>(variable)]) {
        resources_[static_cast<std::size_t>(resource)].changed = true;
    }
}

// Back to the engine as soon as one resource has moved something: differences are cheaper.
bool LagCumulative::propagate(LagEngine& engine) {
    for (Resource& resource : resources_) {
        if (!resource.changed) continue;
        resource.changed = false;
        const std::size_t changes = engine.changes();
        if (!propagate(engine, resource)) {
            resource.changed = true;
            return false;
        }
        if (engine.changes() != changes) return true;
    }
    return true;
}

void LagCumulative::build_profile(const LagEngine& engine, const Resource& resource) {
    events_.clear();
    steps_.clear();
    load_max_ = 0;
    for (const Task& task : resource.tasks) {
        const Time begin = engine.most(task.variable);
        const Time end = engine.least(task.variable) + task.duration;
        if (begin >= end) continue;
        events_.push_back({begin, task.demand});
        events_.push_back({end, -task.demand});
    }
    std::ranges::sort(events_, [](const Event& a, const Event& b) { return a.at < b.at; });
    std::int32_t load = 0;
    for (std::size_t i = 0; i < events_.size(); ++i) {
        load += events_[i].load;
        if (i + 1 == events_.size() || events_[i + 1].at == events_[i].at || load == 0) continue;
        steps_.push_back({events_[i].at, events_[i + 1].at, load});
        load_max_ = std::max(load_max_, load);
    }
}

void LagCumulative::explain(const LagEngine& engine, const Resource& resource, const Task* task, Time moment,
                            std::int32_t room) {
    std::int32_t load = 0;
    const std::size_t first = reason_.size();
    covering_.clear();
    for (const Task& other : resource.tasks) {
        if (&other == task || engine.most(other.variable) > moment ||
            engine.least(other.variable) + other.duration <= moment) {
            continue;
        }
        load += other.demand;
        covering_.emplace_back(other.demand, reason_.size());
        reason_.push_back({2 * other.variable, moment - other.duration + 1});
        reason_.push_back({2 * other.variable + 1, -moment});
        if (load > room) break;
    }
    // What the reason can do without, now that the last one is in it.
    std::size_t kept = first;
    for (const auto& [demand, position] : covering_) {
        if (load - demand > room) {
            load -= demand;
            continue;
        }
        reason_[kept] = reason_[position];
        reason_[kept + 1] = reason_[position + 1];
        kept += 2;
    }
    reason_.resize(kept);
}

bool LagCumulative::push_later(LagEngine& engine, const Resource& resource, const Task& task) {
    const Time latest = engine.most(task.variable);
    for (const Step& step : steps_) {
        Time least = engine.least(task.variable);
        if (step.begin >= least + task.duration || least == latest) return true;
        if (step.end <= least || step.load + task.demand <= resource.capacity) continue;
        // Where it must run itself, the load has it already.
        if (step.begin >= latest && step.end <= least + task.duration) continue;
        while (least < step.end && step.begin < least + task.duration) {
            const Time moment = std::min(step.end, least + task.duration) - 1;
            reason_.clear();
            reason_.push_back({2 * task.variable, moment + 1 - task.duration});
            explain(engine, resource, &task, moment, resource.capacity - task.demand);
            if (!engine.raise({2 * task.variable, moment + 1}, reason_)) return false;
            least = moment + 1;
        }
    }
    return true;
}

bool LagCumulative::push_earlier(LagEngine& engine, const Resource& resource, const Task& task) {
    const Time earliest = engine.least(task.variable);
    for (std::size_t i = steps_.size(); i > 0; --i) {
        const Step& step = steps_[i - 1];
        Time most = engine.most(task.variable);
        if (step.end <= most || most == earliest) return true;
        if (step.begin >= most + task.duration || step.load + task.demand <= resource.capacity) continue;
        if (step.begin >= most && step.end <= earliest + task.duration) continue;
        while (most + task.duration > step.begin && step.end > most) {
            const Time moment = std::max(step.begin, most);
            reason_.clear();
            reason_.push_back({2 * task.variable + 1, -moment});
            explain(engine, resource, &task, moment, resource.capacity - task.demand);
            if (!engine.raise({2 * task.variable + 1, task.duration - moment}, reason_)) return false;
            most = moment - task.duration;
        }
    }
    return true;
}

bool LagCumulative::propagate(LagEngine& engine, const Resource& resource) {
    build_profile(engine, resource);
    if (load_max_ > resource.capacity) {
        for (const Step& step : steps_) {
            if (step.load <= resource.capacity) continue;
            reason_.clear();
            explain(engine, resource, nullptr, step.begin + (step.end - step.begin) / 2, resource.capacity);
            return engine.fail(reason_);
        }
    }
    // The profile may fall behind the bounds that are raised here: it holds less than it could, nothing
    // false.
    for (const Task& task : resource.tasks) {
        if (load_max_ + task.demand <= resource.capacity) break;
        if (!push_later(engine, resource, task) || !push_earlier(engine, resource, task)) return false;
    }
    return true;
}

}  // namespace ararat::planning::scheduler
