// What the cutovers of a programme wait for, and what is kept apart.
#include <algorithm>
#include <deque>
#include <set>

#include "base/join.h"
#include "base/units.h"
#include "planning/programme_draft.h"
#include "planning/schedule_problem.h"

namespace ararat::planning {
namespace {

using scheduler::JobIndex;
using scheduler::Minute;

class OrderBuilder {
public:
    explicit OrderBuilder(ProgrammeDraft& draft) : draft_(draft) {
        const auto& groups = draft.problem.move_groups.groups;
        for (std::size_t i = 0; i < groups.size(); ++i) index_of_[groups[i].id] = i;
        needed_.resize(groups.size());
    }

    void run() {
        for (const auto& [id, application] : draft_.plan.applications) add_needs(application);
        for (const auto& [id, application] : draft_.plan.applications) {
            add_waits(application);
            add_pairs(application);
        }
        add_link_tasks();
        for (const WavePin& pin : draft_.plan.waves) add_wave(pin);
        if (draft_.plan.scheduling.non_production_first) add_environments();
    }

private:
    [[nodiscard]] std::size_t group_of(const ApplicationId& id) const {
        return index_of_.at(draft_.problem.move_groups.group_of.at(id));
    }
    [[nodiscard]] JobIndex cutover(std::size_t group) const {
        return draft_.problem.group_jobs[group].cutover;
    }

    void add_needs(const Application& application) {
        const std::size_t dependent = group_of(application.id);
        for (const ApplicationUse& use : application.dependencies) {
            if (!use.hard) continue;
            const std::size_t needed = group_of(use.application);
            const std::string name = application.id.str() + " needs " + use.application.str();
            if (needed == dependent) {
                refuse_lag(application, use);
                continue;
            }
            needed_[dependent].insert(needed);
            if (cutover(needed) == scheduler::kNone || cutover(dependent) == scheduler::kNone) continue;
            const Duration at_least = use.at_least.value_or(Duration{0});
            draft_.add_after(
                cutover(needed), cutover(dependent), ProgrammeDraft::minutes_up(at_least),
                {name + (use.at_least ? ", at least " + format_duration(at_least) + " before" : ""),
                 use.place});
            if (!use.at_most) continue;
            draft_.add_within(
                cutover(needed), cutover(dependent),
                static_cast<Minute>(std::chrono::floor<std::chrono::minutes>(*use.at_most).count()),
                {name + ", at most " + format_duration(*use.at_most) + " before", use.place});
        }
    }

    void refuse_lag(const Application& application, const ApplicationUse& use) {
        if (!use.at_least || *use.at_least <= Duration{0} || use.application == application.id) return;
        draft_.fault(use.place, application.id.str() + " is to be cut over at least " +
                                    format_duration(*use.at_least) + " after " + use.application.str() +
                                    ", and they move together: " +
                                    join(draft_.group(group_of(application.id)).reasons, "; "));
    }

    void add_waits(const Application& application) {
        const JobIndex job = cutover(group_of(application.id));
        for (const NamedPlace& task : application.waits_for) {
            wait_for(task.name, job, {application.id.str() + " waits for task " + task.name, task.place});
        }
    }

    void wait_for(const std::string& task, JobIndex job, Origin origin) {
        const auto before = draft_.problem.task_jobs.find(task);
        if (before == draft_.problem.task_jobs.end() || job == scheduler::kNone) return;  // done
        draft_.add_after(before->second, job, 0, std::move(origin));
    }

    void add_pairs(const Application& application) {
        for (const ApplicationUse& use : application.pairs_with) {
            const std::size_t one = group_of(application.id);
            const std::size_t other = group_of(use.application);
            if (one == other || cutover(one) == scheduler::kNone || cutover(other) == scheduler::kNone)
                continue;
            const auto pair = std::minmax(one, other);
            if (!paired_.insert(pair).second) continue;
            scheduler::Apart apart{
                cutover(pair.first),
                cutover(pair.second),
                true,
                false,
                chooses_site(application) || chooses_site(draft_.plan.applications.at(use.application)),
                static_cast<std::uint32_t>(draft_.problem.apart.size())};
            draft_.problem.programme.apart.push_back(apart);
            draft_.problem.apart.push_back(
                {application.id.str() + " pairs with " + use.application.str(), use.place});
        }
    }

    // A group waits for every link that any of its ways uses.
    void add_link_tasks() {
        for (std::size_t group = 0; group < draft_.link_tasks.size(); ++group) {
            const GroupJobs& jobs = draft_.problem.group_jobs[group];
            const std::vector<JobIndex> firsts = jobs.seeds.empty() ? std::vector{jobs.cutover} : jobs.seeds;
            for (const std::string& task : draft_.link_tasks[group]) {
                const auto link = std::ranges::find(draft_.plan.links, task, &Link::task);
                const Origin origin{"the link from " + link->from.str() + " to " + link->to.str() +
                                        " is there after task " + task,
                                    link->place};
                for (const JobIndex job : firsts) wait_for(task, job, origin);
            }
        }
    }

    [[nodiscard]] std::vector<JobIndex> cutovers_of(const WavePin& pin) const {
        std::set<JobIndex> jobs;
        for (const ApplicationId& id : pin.applications) {
            const JobIndex job = cutover(group_of(id));
            if (job != scheduler::kNone) jobs.insert(job);
        }
        return {jobs.begin(), jobs.end()};
    }

    void add_wave(const WavePin& pin) {
        const std::vector<JobIndex> jobs = cutovers_of(pin);
        for (const NamedPlace& task : pin.waits_for) {
            for (const JobIndex job : jobs) {
                wait_for(task.name, job,
                         {"wave " + pin.id.str() + " waits for task " + task.name, task.place});
            }
        }
        for (const WaveId& before : pin.after) {
            const auto other = std::ranges::find(draft_.plan.waves, before, &WavePin::id);
            if (other == draft_.plan.waves.end()) continue;
            const Origin origin{"wave " + pin.id.str() + " is after wave " + before.str(), pin.place};
            const JobIndex over = end_of_wave(*other);
            for (const JobIndex job : jobs) draft_.add_after(over, job, 0, origin);
        }
    }

    // One milestone, so that waves of many groups are not tied each to each.
    JobIndex end_of_wave(const WavePin& pin) {
        const auto known = wave_ends_.find(pin.id);
        if (known != wave_ends_.end()) return known->second;
        const std::string name = "wave " + pin.id.str() + " is over";
        const JobIndex end = draft_.add_milestone(name, pin.place);
        for (const JobIndex job : cutovers_of(pin)) draft_.add_after(job, end, 0, {name, pin.place});
        wave_ends_.emplace(pin.id, end);
        return end;
    }

    // ---- non-production first ----

    void add_environments() {
        std::map<ServiceId, std::pair<std::set<std::size_t>, std::set<std::size_t>>> by_service;
        for (const auto& [id, application] : draft_.plan.applications) {
            if (application.service.empty()) continue;
            auto& [others, production] = by_service[application.service];
            (application.environment == Environment::kProduction ? production : others).insert(group_of(id));
        }
        for (const auto& [service, groups] : by_service) {
            for (const std::size_t other : groups.first) {
                if (groups.second.contains(other) || cutover(other) == scheduler::kNone) continue;
                const std::set<std::size_t> before = all_needed_by(other);
                for (const std::size_t production : groups.second) {
                    if (cutover(production) == scheduler::kNone) continue;
                    if (before.contains(production)) {
                        draft_.problem.notes.push_back("move group " + draft_.group(other).id.str() +
                                                       " is not for production, and needs " +
                                                       draft_.group(production).id.str() +
                                                       ", which moves before it");
                        continue;
                    }
                    needed_[production].insert(other);
                    draft_.add_after(
                        cutover(other), cutover(production), 0,
                        {"what is not for production moves first (service " + service.str() + ")",
                         draft_.plan.scheduling.place});
                }
            }
        }
    }

    [[nodiscard]] std::set<std::size_t> all_needed_by(std::size_t group) const {
        std::set<std::size_t> found;
        std::deque<std::size_t> open{group};
        while (!open.empty()) {
            for (const std::size_t next : needed_[open.front()]) {
                if (found.insert(next).second) open.push_back(next);
            }
            open.pop_front();
        }
        return found;
    }

    ProgrammeDraft& draft_;
    std::map<MoveGroupId, std::size_t> index_of_;
    std::vector<std::set<std::size_t>> needed_;  // by group
    std::set<std::pair<std::size_t, std::size_t>> paired_;
    std::map<WaveId, JobIndex> wave_ends_;
};

}  // namespace

void add_orders(ProgrammeDraft& draft) { OrderBuilder(draft).run(); }

}  // namespace ararat::planning
