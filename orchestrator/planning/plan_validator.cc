#include "planning/plan_validator.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/join.h"
#include "model/ssh_jumps.h"
#include "planning/compliance.h"
#include "planning/component_context.h"
#include "planning/nearest_name.h"
#include "planning/plan_builder.h"
#include "planning/runbook_validator.h"
#include "planning/scheduling_validator.h"
#include "planning/template_text.h"

namespace ararat::planning {
namespace {

void check_links(const Plan& plan, DiagnosticList& faults) {
    std::map<std::pair<SiteId, SiteId>, SourcePlace> seen;
    for (const Link& link : plan.links) {
        if (faults.parts().at(link.place, "from") || faults.parts().at(link.place, "to")) continue;
        if (link.from == link.to) {
            faults.add(link.place, DiagnosticCode::kConflict,
                       "a link from site '" + link.from.str() + "' to itself");
        }
        const auto [first, is_new] = seen.emplace(std::pair{link.from, link.to}, link.place);
        if (is_new) continue;
        faults.add(link.place, DiagnosticCode::kRepeatedName,
                   "the link from '" + link.from.str() + "' to '" + link.to.str() +
                       "' is defined twice (first at " + to_string(first->second) + ")");
    }
}

void check_proxies(const Plan& plan, DiagnosticList& faults) {
    const auto via_is_known = [&faults](const Host& host) { return !faults.parts().at(host.place, "via"); };
    for (const auto& [id, host] : plan.hosts) {
        if (host.proxy.empty() || !via_is_known(host)) continue;
        const auto proxy = plan.hosts.find(host.proxy);
        if (host.via != HostVia::kSsh) {
            faults.add(host.place, DiagnosticCode::kHostUse,
                       "host '" + id.str() + "' has a proxy, which only hosts driven over SSH need");
        } else if (proxy != plan.hosts.end() && proxy->second.via != HostVia::kAgent &&
                   via_is_known(proxy->second)) {
            faults.add(host.place, DiagnosticCode::kHostUse,
                       "proxy '" + host.proxy.str() + "' of host '" + id.str() + "' has no agent");
        }
    }
}

// Whether the way to a host ends, and soon enough. One host of a circle tells of it: the first by name.
void check_jumps_of(const Host& host, const Plan& plan, DiagnosticList& faults) {
    std::vector<HostId> way{host.id};
    for (HostId next = host.ssh_jump; !next.empty();) {
        const auto jump = plan.hosts.find(next);
        if (jump == plan.hosts.end()) return;  // reported where it is named
        way.push_back(next);
        if (next == host.id) {
            if (*std::ranges::min_element(way) != host.id) return;
            std::vector<std::string> names;
            for (const HostId& id : way) names.push_back("'" + id.str() + "'");
            faults.add(host.ssh_jump_place, DiagnosticCode::kCycle,
                       way.size() == 2 ? "host " + names.front() + " is its own jump host"
                                       : "jump hosts in a circle: " + join(names, " through "));
            return;
        }
        if (std::count(way.begin(), way.end(), next) > 1) return;  // leads into a circle that tells of itself
        next = jump->second.ssh_jump;
    }
    if (way.size() <= kSshJumpsMax + 1) return;
    faults.add(host.ssh_jump_place, DiagnosticCode::kHostUse,
               "host '" + host.id.str() + "' is behind " + std::to_string(way.size() - 1) +
                   " jump hosts (meant: at most " + std::to_string(kSshJumpsMax) + ")");
}

void check_jumps(const Plan& plan, DiagnosticList& faults) {
    for (const auto& [id, host] : plan.hosts) check_jumps_of(host, plan, faults);
}

void check_waves(const Plan& plan, DiagnosticList& faults) {
    std::map<WaveId, SourcePlace> names;
    std::map<ApplicationId, SourcePlace> pinned;
    std::vector<std::string> known;
    bool all_named = faults.parts().knows("waves");
    for (const WavePin& pin : plan.waves) {
        known.push_back(pin.id.str());
        all_named = all_named && !faults.parts().at(pin.place, "name");
    }
    for (const WavePin& pin : plan.waves) {
        const bool named = !faults.parts().at(pin.place, "name");
        if (const auto [first, is_new] = names.emplace(pin.id, pin.place); !is_new && named) {
            faults.add(
                pin.place, DiagnosticCode::kRepeatedName,
                "wave '" + pin.id.str() + "' is defined twice (first at " + to_string(first->second) + ")");
        }
        for (const ApplicationId& application : pin.applications) {
            const auto [first, is_new] = pinned.emplace(application, pin.place);
            if (is_new) continue;
            faults.add(pin.place, DiagnosticCode::kConflict,
                       "application '" + application.str() + "' is pinned twice (first at " +
                           to_string(first->second) + ")");
        }
        for (const WaveId& after : pin.after) {
            if (std::count(known.begin(), known.end(), after.str()) > 0 && after != pin.id) continue;
            if (after != pin.id && !all_named) continue;
            faults.add(pin.place, DiagnosticCode::kUnknownName,
                       after == pin.id
                           ? "wave '" + pin.id.str() + "' is after itself"
                           : "unknown wave '" + after.str() + "'" + did_you_mean(after.str(), known));
        }
    }
}

void check_together(const Plan& plan, DiagnosticList& faults) {
    for (const TogetherRule& rule : plan.together) {
        const std::set<ApplicationId> different(rule.applications.begin(), rule.applications.end());
        if (different.size() >= 2 || faults.parts().at(rule.place, "applications")) continue;
        faults.add(rule.place, DiagnosticCode::kConflict, "a rule of 'together' wants two applications");
    }
}

// One component of one application.
class ComponentCheck {
public:
    ComponentCheck(const Plan& plan, const Application& application, const Component& component,
                   DiagnosticList& faults)
        : plan_(plan), application_(application), component_(component), faults_(faults) {}

    void check() {
        check_hosts();
        marked("needs", [this] { check_needs(); });
        const auto runbook = plan_.runbooks.find(component_.runbook);
        if (runbook == plan_.runbooks.end()) return;
        marked("params", [&] { check_params(runbook->second); });
        check_runbooks_of_ways();
        marked("waits", [&] { check_waits(runbook->second); });
    }

private:
    // What the check finds makes the key's value unusable.
    template <typename Check>
    void marked(std::string_view key, const Check& check) {
        const std::size_t before = faults_.count();
        check();
        if (faults_.count() != before) faults_.parts().mark(component_.place, key);
    }

    void add(DiagnosticCode code, const std::string& message) { add(component_.place, code, message); }
    void add(const SourcePlace& place, DiagnosticCode code, const std::string& message) {
        faults_.add(place, code,
                    "component '" + application_.id.str() + "/" + component_.name + "': " + message);
    }

    [[nodiscard]] bool faulty(const SourcePlace& part, std::string_view key) const {
        return faults_.parts().at(part, key);
    }

    void check_hosts() {
        const bool sources_known = !faulty(component_.place, "hosts");
        const bool targets_known = !faulty(component_.place, "to");
        if (component_.hosts.empty() && sources_known) add(DiagnosticCode::kHostUse, "has no source host");
        if (component_.hosts.size() != component_.targets.size() && sources_known && targets_known) {
            add(DiagnosticCode::kHostUse, "source hosts: " + std::to_string(component_.hosts.size()) +
                                              ", target hosts: " + std::to_string(component_.targets.size()) +
                                              " (meant: as many of each)");
        }
        std::set<HostId> seen;
        const auto take = [&](const HostId& id) {
            if (seen.insert(id).second) return;
            add(DiagnosticCode::kHostUse, "host '" + id.str() + "' stands in it twice");
            faults_.parts().mark(component_.place, "hosts");  // its tasks are named after their hosts
        };
        for (const HostId& id : component_.hosts) {
            take(id);
            check_site(id, SiteRole::kSource, "source");
        }
        if (only_retires(application_, component_)) return;  // they are its own hosts
        for (const TargetHost& target : component_.targets) {
            take(target.host);
            check_site(target.host, SiteRole::kTarget, "target");
            const auto host = plan_.hosts.find(target.host);
            if (host == plan_.hosts.end() || host->second.site == target.site) continue;
            if (!targets_known || faulty(host->second.place, "site")) continue;
            add(DiagnosticCode::kHostUse, "target host '" + target.host.str() + "' is at site '" +
                                              host->second.site.str() + "', not '" + target.site.str() +
                                              "' (" + to_string(host->second.place) + ")");
        }
    }

    void check_site(const HostId& id, SiteRole role, const std::string& word) {
        const auto host = plan_.hosts.find(id);
        if (host == plan_.hosts.end()) return;
        const auto site = plan_.sites.find(host->second.site);
        if (site == plan_.sites.end() || site->second.role == role) return;
        if (faulty(site->second.place, "role")) return;
        add(DiagnosticCode::kHostUse, word + " host '" + id.str() + "' is at site '" + site->first.str() +
                                          "', which is no " + word + " site (" +
                                          to_string(site->second.place) + ")");
    }

    void check_needs() {
        std::vector<std::string> known;
        for (const Component& other : application_.components) {
            if (other.name != component_.name) known.push_back(other.name);
        }
        for (const std::string& name : component_.needs) {
            if (std::count(known.begin(), known.end(), name) > 0) continue;
            add(DiagnosticCode::kUnknownName, name == component_.name ? std::string("needs itself")
                                                                      : "needs unknown component '" + name +
                                                                            "'" + did_you_mean(name, known));
        }
    }

    void check_params(const Runbook& runbook) {
        if (faulty(runbook.place, "params")) return;
        std::vector<std::string> known(runbook.required.begin(), runbook.required.end());
        for (const auto& [name, text] : runbook.defaults) known.push_back(name);
        for (const Way& way : ways_of(application_, component_)) {
            const auto other = plan_.runbooks.find(way.runbook);
            if (other == plan_.runbooks.end()) continue;
            known.insert(known.end(), other->second.required.begin(), other->second.required.end());
            for (const auto& [name, text] : other->second.defaults) known.push_back(name);
        }
        for (const auto& [name, text] : component_.params) {
            const SourcePlace& place = component_.param_places.at(name);
            if (std::count(known.begin(), known.end(), name) == 0) {
                add(place, DiagnosticCode::kBadParameter,
                    "runbook '" + runbook.id + "' has no parameter '" + name + "'" +
                        did_you_mean(name, known));
            }
            const auto parts = split_template(text);
            if (!parts.ok()) {
                add(place, DiagnosticCode::kBadReference,
                    "parameter '" + name + "': " + parts.error().message);
            }
        }
        for (const std::string& name : runbook.required) {
            if (component_.params.count(name) > 0 || faulty(component_.place, "params")) continue;
            add(DiagnosticCode::kBadParameter, "runbook '" + runbook.id + "' wants parameter '" + name + "'");
        }
    }

    // A way's runbook takes the component's parameters, too.
    void check_runbooks_of_ways() {
        if (faulty(component_.place, "params") || faulty(component_.place, "ways")) return;
        for (const Way& way : ways_of(application_, component_)) {
            const auto runbook = plan_.runbooks.find(way.runbook);
            if (runbook == plan_.runbooks.end() || faulty(runbook->second.place, "params")) continue;
            for (const std::string& name : runbook->second.required) {
                if (component_.params.count(name) > 0) continue;
                add(way.place, DiagnosticCode::kBadParameter,
                    "runbook '" + way.runbook + "' of way '" + way.name + "' wants parameter '" + name + "'");
            }
        }
    }

    void check_waits(const Runbook& runbook) {
        for (const auto& [step, refs] : component_.waits) {
            check_step(runbook, step, refs.empty() ? component_.place : refs.front().place);
            for (const StepRef& ref : refs) check_step_ref(ref);
        }
        for (const RunbookStep& step : runbook.steps) {
            for (const std::string& name : step.after.value_or(std::vector<std::string>())) {
                const auto ref = read_step_ref(name, step.place);
                if (ref && !ref->component.empty()) check_step_ref(*ref);
            }
        }
    }

    void check_step(const Runbook& runbook, const std::string& id, const SourcePlace& place) {
        if (has_unnamed_step(runbook, faults_.parts())) return;
        std::vector<std::string> known;
        for (const RunbookStep& step : runbook.steps) known.push_back(step.id);
        if (std::count(known.begin(), known.end(), id) > 0) return;
        add(place, DiagnosticCode::kUnknownName,
            "runbook '" + runbook.id + "' has no step '" + id + "'" + did_you_mean(id, known));
    }

    void check_step_ref(const StepRef& ref) {
        const Component* other = find_component(plan_, application_, ref);
        const bool unknown_application =
            !ref.application.empty() && plan_.applications.count(ref.application) == 0;
        if (unknown_application && !faults_.parts().knows("applications")) return;
        if (other == nullptr) {
            const std::string application = ref.application.empty() ? "" : ref.application.str() + "/";
            add(ref.place, DiagnosticCode::kUnknownName,
                "waits for unknown component '" + application + ref.component + "'");
            return;
        }
        const auto runbook = plan_.runbooks.find(other->runbook);
        if (runbook != plan_.runbooks.end()) check_step(runbook->second, ref.step, ref.place);
    }

    const Plan& plan_;
    const Application& application_;
    const Component& component_;
    DiagnosticList& faults_;
};

void check_applications(const Plan& plan, DiagnosticList& faults) {
    for (const auto& [id, application] : plan.applications) {
        if (application.components.empty() && !faults.parts().at(application.place, "components")) {
            faults.add(application.place, DiagnosticCode::kConflict,
                       "application '" + id.str() + "' has no components");
        }
        for (const ApplicationUse& use : application.dependencies) {
            if (use.application != id) continue;
            faults.add(use.place, DiagnosticCode::kConflict,
                       "application '" + id.str() + "' depends on itself");
        }
        for (const Component& component : application.components) {
            ComponentCheck(plan, application, component, faults).check();
        }
    }
}

}  // namespace

void check_plan(const Plan& plan, DiagnosticList& faults) {
    check_links(plan, faults);
    check_proxies(plan, faults);
    check_jumps(plan, faults);
    check_waves(plan, faults);
    check_together(plan, faults);
    for (const auto& [id, runbook] : plan.runbooks) check_runbook(plan, runbook, faults);
    check_applications(plan, faults);
    check_scheduling(plan, faults);
}

}  // namespace ararat::planning
