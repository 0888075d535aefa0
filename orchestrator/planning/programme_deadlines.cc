// What is done by when: contracts of sites, services, applications. A date without a price is kept by every
// job that it is about; one with a price is a milestone of its own, so that a day too many costs once.
#include "planning/programme_draft.h"

namespace ararat::planning {
namespace {

using scheduler::JobIndex;
using scheduler::Minute;

class DeadlineBuilder {
public:
    explicit DeadlineBuilder(ProgrammeDraft& draft) : draft_(draft) {}

    void run() {
        for (const auto& [id, site] : draft_.plan.sites) add_contract(site);
        for (const auto& [id, service] : draft_.plan.services) {
            if (!service.deadline) continue;
            std::vector<JobIndex> jobs;
            for (std::size_t group = 0; group < groups().size(); ++group) {
                if (serves(groups()[group], id)) add_cutover(group, jobs);
            }
            hold("service " + id.str(), *service.deadline, jobs);
        }
        for (std::size_t group = 0; group < groups().size(); ++group) {
            for (const ApplicationId& id : groups()[group].applications) {
                const Application& application = draft_.plan.applications.at(id);
                if (!application.deadline) continue;
                std::vector<JobIndex> jobs;
                add_cutover(group, jobs);
                hold("application " + id.str(), *application.deadline, jobs);
            }
        }
    }

private:
    [[nodiscard]] const std::vector<MoveGroup>& groups() const { return draft_.problem.move_groups.groups; }

    void add_cutover(std::size_t group, std::vector<JobIndex>& jobs) const {
        const JobIndex job = draft_.problem.group_jobs[group].cutover;
        if (job != scheduler::kNone) jobs.push_back(job);
    }

    [[nodiscard]] bool serves(const MoveGroup& group, const ServiceId& service) const {
        for (const ApplicationId& id : group.applications) {
            if (draft_.plan.applications.at(id).service == service) return true;
        }
        return false;
    }

    void add_contract(const Site& site) {
        if (!site.contract_end) return;
        std::vector<JobIndex> jobs;
        for (std::size_t group = 0; group < groups().size(); ++group) {
            const JobIndex job = draft_.problem.group_jobs[group].last();
            if (job != scheduler::kNone && leaves(draft_.plan, groups()[group], site.id)) jobs.push_back(job);
        }
        const Minute due = draft_.due_minute(draft_.end_of({*site.contract_end, {}}, site.place));
        apply("site " + site.id.str() + " is empty", due,
              {"the contract of " + site.id.str() + " ends on " + *site.contract_end, site.place},
              site.overrun_pence_per_day, jobs);
    }

    void hold(const std::string& what, const Deadline& deadline, const std::vector<JobIndex>& jobs) {
        const Minute due = draft_.due_minute(draft_.end_of(deadline.by, deadline.place));
        const std::string by = deadline.by.day.empty() ? draft_.moment(due) : deadline.by.day;
        apply(what + " is moved", due, {what + " is to be cut over by " + by, deadline.place},
              deadline.pence_per_day, jobs);
    }

    void apply(const std::string& name, Minute due, const Origin& origin, const std::optional<Pence>& price,
               const std::vector<JobIndex>& jobs) {
        if (jobs.empty()) return;
        if (!price) {
            for (const JobIndex job : jobs) draft_.set_due(job, due, origin);
            return;
        }
        const JobIndex milestone = draft_.add_milestone(name, origin.place);
        for (const JobIndex job : jobs) {
            draft_.add_after(job, milestone, 0, {"what " + name + " waits for", origin.place});
        }
        draft_.set_due(milestone, due, origin);
        draft_.job(milestone).due_is_hard = false;
        draft_.job(milestone).price_per_day = *price;
    }

    ProgrammeDraft& draft_;
};

}  // namespace

void add_deadlines(ProgrammeDraft& draft) { DeadlineBuilder(draft).run(); }

}  // namespace ararat::planning
