#include "planning/programme_ways.h"

#include <algorithm>

#include "base/join.h"
#include "planning/compliance.h"
#include "planning/schedule_problem.h"

namespace ararat::planning {
namespace {

// Something with ways of its own, of which one is chosen.
struct Chooser {
    const Application* application = nullptr;
    const Component* component = nullptr;  // null: the application
    std::vector<const Way*> ways;          // that its hosts allow
};

using Choice = std::vector<const Way*>;  // by chooser

bool allows(const Plan& plan, const Component& component, const Way& way) {
    return std::ranges::all_of(component.hosts, [&](const HostId& id) {
        const auto host = plan.hosts.find(id);
        const auto why = host == plan.hosts.end() ? std::nullopt : unsupported(plan, host->second);
        return !why || mends(way, why->remedy);
    });
}

class GroupWays {
public:
    GroupWays(ProgrammeDraft& draft, std::size_t group)
        : draft_(draft), plan_(draft.plan), group_(draft.group(group)) {}

    std::vector<PlannedWay> run() {
        if (!find_choosers()) return {};
        std::vector<PlannedWay> ways;
        std::optional<DiagnosticList> first_faults;
        Choice choice;
        for (const Chooser& chooser : choosers_) choice.push_back(chooser.ways.front());
        do {
            DiagnosticList faults;
            PlannedWay way = planned(choice, faults);
            if (faults.empty()) {
                ways.push_back(std::move(way));
                continue;
            }
            if (!way.choice.name.empty()) {
                draft_.problem.notes.push_back("move group " + group_.id.str() + " cannot be moved by " +
                                               way.choice.name + ": " + faults.sorted().front().message);
            }
            if (!first_faults) first_faults = std::move(faults);
        } while (next(choice));
        if (ways.empty()) {
            for (const Diagnostic& fault : first_faults->sorted()) {
                draft_.faults.add(fault.place, fault.code, fault.message);
            }
        }
        return ways;
    }

private:
    bool find_choosers() {
        std::size_t count = 1;
        for (const ApplicationId& id : group_.applications) {
            const Application& application = plan_.applications.at(id);
            if (!application.ways.empty() && !add_chooser(application, nullptr)) return false;
            for (const Component& component : application.components) {
                const bool own = !component.ways.empty();
                if (own && !add_chooser(application, &component)) return false;
                if (own || !application.ways.empty() || allows(plan_, component, Way{})) continue;
                return refuse(component.place, id.str() + "/" + component.name);
            }
        }
        for (const Chooser& chooser : choosers_) {
            count *= chooser.ways.size();
            if (count <= draft_.options.ways_max) continue;
            draft_.fault(
                chooser.component == nullptr ? chooser.application->place : chooser.component->place,
                "move group " + group_.id.str() + " can be moved in more than " +
                    std::to_string(draft_.options.ways_max) +
                    " ways, which are too many to compare (meant: fewer ways for what moves together)");
            return false;
        }
        return true;
    }

    bool add_chooser(const Application& application, const Component* component) {
        Chooser chooser{&application, component, {}};
        for (const Way& way : component == nullptr ? application.ways : component->ways) {
            const auto fits = [&](const Component& one) { return allows(plan_, one, way); };
            const bool good = component != nullptr
                                  ? fits(*component)
                                  : std::ranges::all_of(application.components, [&](const Component& one) {
                                        return !one.ways.empty() || fits(one);
                                    });
            if (good) chooser.ways.push_back(&way);
        }
        const std::string name = application.id.str() + (component == nullptr ? "" : "/" + component->name);
        if (chooser.ways.empty()) {
            return refuse(component == nullptr ? application.place : component->place, name);
        }
        choosers_.push_back(std::move(chooser));
        return true;
    }

    bool refuse(const SourcePlace& place, const std::string& name) {
        draft_.fault(place, name + " has unsupported hosts, and no way that upgrades or retires them all",
                     DiagnosticCode::kNotCompliant);
        return false;
    }

    // The last chooser changes fastest; false after the last combination.
    [[nodiscard]] bool next(Choice& choice) const {
        for (std::size_t i = choice.size(); i-- > 0;) {
            const auto at = std::ranges::find(choosers_[i].ways, choice[i]) + 1;
            if (at != choosers_[i].ways.end()) {
                choice[i] = *at;
                return true;
            }
            choice[i] = choosers_[i].ways.front();
        }
        return false;
    }

    // What was chosen for it; null where it has nothing to choose.
    [[nodiscard]] const Way* chosen(const Choice& choice, const Application& application,
                                    const Component* component) const {
        for (std::size_t i = 0; i < choosers_.size(); ++i) {
            const Chooser& chooser = choosers_[i];
            if (chooser.application == &application && chooser.component == component) return choice[i];
        }
        return nullptr;
    }

    PlannedWay planned(const Choice& choice, DiagnosticList& faults) const {
        PlannedWay way;
        std::vector<std::string> names;
        for (std::size_t i = 0; i < choosers_.size(); ++i) {
            const Component* component = choosers_[i].component;
            names.push_back(choice[i]->name);
            way.choice.choices.push_back(
                {choosers_[i].application->id, component == nullptr ? "" : component->name, choice[i]->name});
            if (i == 0) way.choice.place = choice[i]->place;
            way.cost += choice[i]->cost;
        }
        way.choice.name = join(names, " + ");
        way.not_before = draft_.as_of;
        std::map<ApplicationId, Duration> durations;
        std::map<ApplicationId, Duration> outages;
        way.lands = false;
        for (const ApplicationId& id : group_.applications) {
            const Application& application = plan_.applications.at(id);
            durations[id] = length_of(choice, application);
            outages[id] = outage_of(choice, application, durations[id]);
            add_hosts(choice, application, way, faults);
            add_resources(choice, application, way);
        }
        const GroupTiming timing = timing_of_group(durations);
        way.cutover = timing.length;
        for (const auto& [id, length] : outages) {
            const ServiceId& service = plan_.applications.at(id).service;
            if (!draft_.budget_of.contains(service) || length <= Duration{0}) continue;
            way.outages.push_back({service, timing.offsets.at(id), length});
        }
        return way;
    }

    [[nodiscard]] GroupTiming timing_of_group(const std::map<ApplicationId, Duration>& durations) const {
        if (durations.size() > 1) return timing_of(plan_, group_, durations);
        const auto& [id, length] = *durations.begin();
        return {{{id, Duration{0}}}, length};
    }

    // The application's own way first, then those of its components.
    template <typename Visit>
    void for_each_way(const Choice& choice, const Application& application, const Visit& visit) const {
        if (const Way* way = chosen(choice, application, nullptr)) visit(*way);
        for (const Component& component : application.components) {
            if (const Way* way = chosen(choice, application, &component)) visit(*way);
        }
    }

    // Its parts are cut over side by side: the longest counts.
    [[nodiscard]] Duration length_of(const Choice& choice, const Application& application) const {
        std::optional<Duration> longest;
        Duration outage = application.expected_outage.value_or(Duration{0});
        for_each_way(choice, application, [&](const Way& way) {
            if (way.duration) longest = std::max(longest.value_or(Duration{0}), *way.duration);
            if (way.outage) outage = *way.outage;
        });
        const Way* own = chosen(choice, application, nullptr);
        if (application.expected_duration && (own == nullptr || !own->duration)) {
            longest = std::max(longest.value_or(Duration{0}), *application.expected_duration);
        }
        constexpr Duration kShortest = std::chrono::seconds(1);
        return std::max(kShortest, longest.value_or(std::max(draft_.options.assumed_cutover, outage)));
    }

    // What nobody says is taken to be down for as long as it is cut over; what is retired is not missed.
    [[nodiscard]] Duration outage_of(const Choice& choice, const Application& application,
                                     Duration length) const {
        std::optional<Duration> longest;
        bool retired = !application.components.empty();
        for (const Component& component : application.components) {
            const Way* way = effective(choice, application, component);
            retired = retired && way != nullptr && way->retires;
        }
        for_each_way(choice, application, [&](const Way& way) {
            if (way.outage) longest = std::max(longest.value_or(Duration{0}), *way.outage);
        });
        const Way* own = chosen(choice, application, nullptr);
        const bool replaced = own != nullptr && own->outage;
        if (application.expected_outage && !replaced && !retired) {
            longest = std::max(longest.value_or(Duration{0}), *application.expected_outage);
        }
        return longest.value_or(retired ? Duration{0} : length);
    }

    // What a component's own way does not say, its application's does.
    [[nodiscard]] std::optional<Duration> seeding_of(const Choice& choice, const Application& application,
                                                     const Component& component) const {
        const Way* own = chosen(choice, application, &component);
        const Way* whole = chosen(choice, application, nullptr);
        if (own != nullptr && own->seeding) return own->seeding;
        return whole == nullptr ? std::nullopt : whole->seeding;
    }

    [[nodiscard]] SiteId site_of(const Choice& choice, const Application& application,
                                 const Component& component, const SiteId& written) const {
        const Way* own = chosen(choice, application, &component);
        const Way* whole = chosen(choice, application, nullptr);
        if (own != nullptr && !own->site.empty()) return own->site;
        return whole == nullptr || whole->site.empty() ? written : whole->site;
    }

    [[nodiscard]] const Way* effective(const Choice& choice, const Application& application,
                                       const Component& component) const {
        if (!component.ways.empty()) return chosen(choice, application, &component);
        return chosen(choice, application, nullptr);
    }

    void add_resources(const Choice& choice, const Application& application, PlannedWay& way) const {
        const Way* own = chosen(choice, application, nullptr);
        const bool replaced = own != nullptr && own->resources;
        if (!replaced) add_counts(application.resources, way);
        for_each_way(choice, application, [&](const Way& one) {
            if (one.resources) add_counts(*one.resources, way);
            if (!one.calendar.empty()) way.calendars.insert(one.calendar);
        });
        if (!application.calendar.empty()) way.calendars.insert(application.calendar);
        const auto service = plan_.services.find(application.service);
        if (service != plan_.services.end() && !service->second.calendar.empty()) {
            way.calendars.insert(service->second.calendar);
        }
    }

    static void add_counts(const std::map<std::string, int>& counts, PlannedWay& way) {
        for (const auto& [name, count] : counts) way.resources[name] += count;
    }

    // Hosts with where they land, and what carries their data there.
    void add_hosts(const Choice& choice, const Application& application, PlannedWay& way,
                   DiagnosticList& faults) const {
        Application carried = application;
        carried.components.clear();
        std::uint64_t all = 0;
        std::uint64_t by_link = 0;
        bool lands = false;
        for (const Component& component : application.components) {
            const Way* by = effective(choice, application, component);
            const bool retires = by != nullptr && by->retires;
            const std::size_t first = way.pairs.size();
            Component landed = component;
            for (std::size_t i = 0; i < component.hosts.size(); ++i) {
                const auto source = plan_.hosts.find(component.hosts[i]);
                if (source == plan_.hosts.end()) continue;
                HostPair pair{&source->second, nullptr, {}};
                if (!retires && i < component.targets.size()) {
                    const auto target = plan_.hosts.find(component.targets[i].host);
                    if (target != plan_.hosts.end()) pair.target = &target->second;
                    pair.site = site_of(choice, application, component, component.targets[i].site);
                    landed.targets[i].site = pair.site;
                    add_site_calendar(pair.site, way);
                }
                add_site_calendar(source->second.site, way);
                way.pairs.push_back(std::move(pair));
            }
            all += component.hosts.size();
            if (retires) continue;
            lands = true;
            const auto seeding = seeding_of(choice, application, component);
            if (!seeding) {
                by_link += component.hosts.size();
                carried.components.push_back(std::move(landed));
            } else if (*seeding > Duration{0}) {
                SeedLoad& load = way.seeds[{}];
                load.busy = std::max(load.busy, *seeding);
                for (std::size_t i = first; i < way.pairs.size(); ++i) load.pairs.push_back(i);
            }
        }
        way.lands = way.lands || lands;
        if (lands) {
            for (const auto& [stock, amount] : application.takes) way.takes[stock] += amount;
        }
        if (by_link == 0) return;
        // Data is taken to be spread evenly over the hosts.
        carried.data_bytes =
            application.data_bytes / all * by_link + application.data_bytes % all * by_link / all;
        add_link_seeds(carried, way, faults);
    }

    void add_link_seeds(const Application& carried, PlannedWay& way, DiagnosticList& faults) const {
        LinkUse use;
        use.not_before = way.not_before;
        add_link_use(plan_, carried, use, faults);
        if (use.not_before > way.not_before) {
            way.not_before = use.not_before;
            way.not_before_origin = {use.not_before_text, carried.place};
        }
        for (const Link* link : use.links) {
            if (!link->task.empty()) way.tasks.insert(link->task);
        }
        for (const auto& [ends, load] : use.loads) {
            SeedLoad& seed = way.seeds[ends];
            seed.busy += load.second;
            seed.bytes_per_second = std::max(seed.bytes_per_second, use.bytes_per_second.at(ends));
            for (std::size_t i = 0; i < way.pairs.size(); ++i) {
                const bool on_it =
                    way.pairs[i].source->site == ends.first && way.pairs[i].site == ends.second;
                if (on_it && std::ranges::find(seed.pairs, i) == seed.pairs.end()) seed.pairs.push_back(i);
            }
        }
    }

    void add_site_calendar(const SiteId& id, PlannedWay& way) const {
        const auto site = plan_.sites.find(id);
        if (site != plan_.sites.end() && !site->second.calendar.empty()) {
            way.calendars.insert(site->second.calendar);
        }
    }

    ProgrammeDraft& draft_;
    const Plan& plan_;
    const MoveGroup& group_;
    std::vector<Chooser> choosers_;
};

}  // namespace

std::vector<PlannedWay> ways_of_group(ProgrammeDraft& draft, std::size_t group) {
    return GroupWays(draft, group).run();
}

}  // namespace ararat::planning
