#include "planning/scheduling_validator.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/join.h"
#include "base/units.h"
#include "planning/compliance.h"

namespace ararat::planning {
namespace {

std::string quoted(const std::string& name) { return "'" + name + "'"; }

void check_lag(const std::optional<Duration>& at_least, const std::optional<Duration>& at_most,
               const SourcePlace& place, const std::string& what, const std::string& needed,
               DiagnosticList& faults) {
    if (!at_most || at_least.value_or(Duration{0}) <= *at_most) return;
    faults.add(place, DiagnosticCode::kConflict,
               what + " is to begin at least " + format_duration(*at_least) + " and at most " +
                   format_duration(*at_most) + " after " + quoted(needed));
}

void check_ways(const Plan& plan, const std::vector<Way>& ways, DiagnosticList& faults) {
    for (const Way& way : ways) {
        const std::string name = "way " + quoted(way.name);
        if (way.upgrades && way.retires) {
            faults.add(way.place, DiagnosticCode::kConflict,
                       name + " both upgrades and retires its hosts (meant: two ways)");
        }
        if (way.site.empty() || faults.parts().at(way.place, "site")) continue;
        if (way.retires) {
            faults.add(way.place, DiagnosticCode::kConflict,
                       name + " retires its hosts, and has a site at which nothing lands");
        }
        const auto site = plan.sites.find(way.site);
        if (site == plan.sites.end() || site->second.role == SiteRole::kTarget) continue;
        if (faults.parts().at(site->second.place, "role")) continue;
        faults.add(way.place, DiagnosticCode::kHostUse,
                   name + " lands at site " + quoted(way.site.str()) + ", which is no target site (" +
                       to_string(site->second.place) + ")");
    }
}

void check_compliance(const Plan& plan, const Application& application, const Component& component,
                      DiagnosticList& faults) {
    if (faults.parts().at(component.place, "ways") || faults.parts().at(application.place, "ways")) return;
    const std::vector<Way>& ways = ways_of(application, component);
    for (const HostId& id : component.hosts) {
        const auto host = plan.hosts.find(id);
        if (host == plan.hosts.end() || faults.parts().at(host->second.place, "compliance")) continue;
        const auto why = unsupported(plan, host->second);
        if (!why) continue;
        if (std::ranges::any_of(ways, [&](const Way& way) { return mends(way, why->remedy); })) continue;
        const bool upgrade = why->remedy == Remedy::kUpgrade;
        faults.add(component.place, DiagnosticCode::kNotCompliant,
                   "component " + quoted(application.id.str() + "/" + component.name) + ": host " +
                       quoted(id.str()) + " (" + why->reason + "; " + to_string(host->second.place) +
                       ") would land on a target site as it is (meant: a way that " +
                       (upgrade ? "upgrades or retires it)" : "retires it)"));
    }
}

void check_stock_use(const Plan& plan, const Application& application, const std::map<std::string, int>& use,
                     const std::string& key, DiagnosticList& faults) {
    for (const auto& [name, amount] : use) {
        const auto stock = plan.stocks.find(name);
        if (stock == plan.stocks.end() || stock->second.counts == StockCounts::kNothing) continue;
        faults.add(application.place, DiagnosticCode::kConflict,
                   "application " + quoted(application.id.str()) + " " + key + " of stock " + quoted(name) +
                       ", which counts hosts by itself (" + to_string(stock->second.place) + ")");
    }
}

void check_applications(const Plan& plan, DiagnosticList& faults) {
    for (const auto& [id, application] : plan.applications) {
        for (const ApplicationUse& use : application.dependencies) {
            check_lag(use.at_least, use.at_most, use.place, "application " + quoted(id.str()),
                      use.application.str(), faults);
        }
        check_ways(plan, application.ways, faults);
        for (const Component& component : application.components) {
            check_ways(plan, component.ways, faults);
            check_compliance(plan, application, component, faults);
        }
        check_stock_use(plan, application, application.takes, "takes", faults);
        check_stock_use(plan, application, application.frees, "frees", faults);
    }
}

void check_waves(const Plan& plan, DiagnosticList& faults) {
    for (const WavePin& pin : plan.waves) {
        if (!pin.frozen || pin.at || faults.parts().at(pin.place, "at")) continue;
        faults.add(pin.place, DiagnosticCode::kConflict,
                   "wave " + quoted(pin.id.str()) +
                       " is frozen, and nothing says when it starts (meant: at: "
                       "...)");
    }
}

void check_resources(const Plan& plan, DiagnosticList& faults) {
    for (const auto& [name, changes] : plan.resource_changes) {
        const CapacityChange* before = nullptr;
        for (const CapacityChange& change : changes) {
            if (faults.parts().at(change.place, "from")) break;
            const bool later = before == nullptr ||
                               (change.from && (!before->from || change.from->moment > before->from->moment));
            if (!later) {
                faults.add(change.place, DiagnosticCode::kConflict,
                           "resource " + quoted(name) +
                               " changes at a time that is not after the one before (" +
                               to_string(before->place) + ")");
            }
            before = &change;
        }
    }
}

void check_stocks(const Plan& plan, DiagnosticList& faults) {
    for (const auto& [name, stock] : plan.stocks) {
        if (faults.parts().at(stock.place, "site") || faults.parts().at(stock.place, "counts")) continue;
        const bool counts = stock.counts != StockCounts::kNothing;
        if (counts == !stock.site.empty()) continue;
        faults.add(stock.place, DiagnosticCode::kConflict,
                   "stock " + quoted(name) + " wants both of 'counts' and 'site', or neither");
    }
}

void check_task_needs(const std::vector<TaskNeed>& needs, const std::string& what, DiagnosticList& faults) {
    for (const TaskNeed& need : needs) {
        check_lag(need.at_least, need.at_most, need.place, what, need.task, faults);
    }
}

// Depth-first, each task once; a circle is told by the need that closes it.
class TaskCircles {
public:
    TaskCircles(const Plan& plan, DiagnosticList& faults) : faults_(faults) {
        for (const ProgrammeTask& task : plan.tasks) tasks_.emplace(task.id, &task);
    }

    void check() {
        for (const auto& [id, task] : tasks_) visit(*task);
    }

private:
    enum class Mark { kOpen, kDone };
    struct Open {
        const ProgrammeTask* task = nullptr;
        std::size_t next = 0;  // of its needs
    };

    void visit(const ProgrammeTask& root) {
        if (!marks_.emplace(root.id, Mark::kOpen).second) return;
        std::vector<Open> way{{&root, 0}};
        while (!way.empty()) {
            Open& top = way.back();
            if (top.next == top.task->needs.size()) {
                marks_[top.task->id] = Mark::kDone;
                way.pop_back();
                continue;
            }
            const TaskNeed& need = top.task->needs[top.next++];
            const auto task = tasks_.find(need.task);
            if (task == tasks_.end()) continue;
            const auto [mark, is_new] = marks_.emplace(need.task, Mark::kOpen);
            if (is_new) {
                way.push_back({task->second, 0});
            } else if (mark->second == Mark::kOpen) {
                tell(way, need);
            }
        }
    }

    void tell(const std::vector<Open>& way, const TaskNeed& closing) {
        std::vector<std::string> edges;
        const auto first =
            std::ranges::find_if(way, [&closing](const Open& open) { return open.task->id == closing.task; });
        for (auto open = first; open != way.end(); ++open) {
            const TaskNeed& need = open->task->needs[open->next - 1];
            edges.push_back(open->task->id + " needs " + need.task + " (" + to_string(need.place) + ")");
        }
        faults_.add(closing.place, DiagnosticCode::kCycle,
                    "tasks that wait for each other: " + join(edges, ", "));
    }

    std::map<std::string, const ProgrammeTask*> tasks_;
    std::map<std::string, Mark> marks_;
    DiagnosticList& faults_;
};

void check_tasks(const Plan& plan, DiagnosticList& faults) {
    for (const ProgrammeTask& task : plan.tasks) {
        const std::string name = "task " + quoted(task.id);
        check_task_needs(task.needs, name, faults);
        if (task.kind == "milestone" && task.duration.value_or(Duration{0}) > Duration{0}) {
            faults.add(task.place, DiagnosticCode::kConflict,
                       "milestone " + quoted(task.id) + " has a duration (meant: kind: task)");
        }
    }
    TaskCircles(plan, faults).check();
    for (const auto& [id, cohort] : plan.cohorts) {
        check_task_needs(cohort.needs, "cohort " + quoted(id), faults);
        const bool known =
            !faults.parts().at(cohort.place, "count") && !faults.parts().at(cohort.place, "done");
        if (known && cohort.done > cohort.count) {
            faults.add(cohort.place, DiagnosticCode::kConflict,
                       "of cohort " + quoted(id) + " more are done than there are");
        }
    }
}

}  // namespace

void check_scheduling(const Plan& plan, DiagnosticList& faults) {
    check_applications(plan, faults);
    check_waves(plan, faults);
    check_resources(plan, faults);
    check_stocks(plan, faults);
    check_tasks(plan, faults);
}

}  // namespace ararat::planning
