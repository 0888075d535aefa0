#include "support/estate_builder.h"

#include <algorithm>

namespace ararat::testing {

Instant utc(int year, int month, int day, int hour, int minute) {
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    return Instant{std::chrono::sys_days{date}} + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

EstateBuilder::EstateBuilder() {
    plan.project = ProjectId{"southwark-ark-exit"};
    plan.sites[SiteId{"ark"}] = Site{SiteId{"ark"}, SiteRole::kSource, {}, {}, next_place()};
    plan.sites[SiteId{"primary"}] = Site{SiteId{"primary"}, SiteRole::kTarget, {}, {}, next_place()};
    plan.sites[SiteId{"secondary"}] = Site{SiteId{"secondary"}, SiteRole::kTarget, {}, {}, next_place()};
    link("ark", "primary");
    link("ark", "secondary");
}

SourcePlace EstateBuilder::next_place() { return {"plan.yaml", ++line_, 3}; }

Link& EstateBuilder::link(const std::string& from, const std::string& to) {
    Link added;
    added.from = SiteId{from};
    added.to = SiteId{to};
    added.bytes_per_second = 125'000'000;
    added.usable_percent = 50;
    added.place = next_place();
    plan.links.push_back(added);
    return plan.links.back();
}

Application& EstateBuilder::application(const std::string& name, std::vector<std::string> sites) {
    Application& added = plan.applications[ApplicationId{name}];
    added.id = ApplicationId{name};
    added.place = next_place();
    added.expected_duration = std::chrono::minutes(30);
    Component component;
    component.name = "web";
    component.place = next_place();
    for (std::size_t i = 0; i < sites.size(); ++i) {
        Host source;
        source.id = HostId{name + "-" + std::to_string(i + 1)};
        source.site = SiteId{"ark"};
        Host target;
        target.id = HostId{"new-" + source.id.str()};
        target.site = SiteId{sites[i]};
        component.hosts.push_back(source.id);
        component.targets.push_back({target.id, target.site});
        plan.hosts[source.id] = source;
        plan.hosts[target.id] = target;
    }
    added.components.push_back(std::move(component));
    return added;
}

EstateBuilder& EstateBuilder::needs(const std::string& dependent, const std::string& prerequisite) {
    plan.applications.at(ApplicationId{dependent})
        .dependencies.push_back({ApplicationId{prerequisite}, true, next_place()});
    return *this;
}

EstateBuilder& EstateBuilder::uses(const std::string& dependent, const std::string& prerequisite) {
    plan.applications.at(ApplicationId{dependent})
        .dependencies.push_back({ApplicationId{prerequisite}, false, next_place()});
    return *this;
}

EstateBuilder& EstateBuilder::pairs(const std::string& one, const std::string& other) {
    plan.applications.at(ApplicationId{one})
        .pairs_with.push_back({ApplicationId{other}, false, next_place()});
    return *this;
}

EstateBuilder& EstateBuilder::together(std::initializer_list<std::string> names, const std::string& reason) {
    TogetherRule rule;
    for (const std::string& name : names) rule.applications.emplace_back(name);
    rule.reason = reason;
    rule.place = next_place();
    plan.together.push_back(std::move(rule));
    return *this;
}

Calendar& EstateBuilder::calendar(const std::string& id, std::set<int> weekdays, int start_minute,
                                  int end_minute) {
    Calendar& added = plan.calendars[id];
    added.id = id;
    added.windows.push_back({std::move(weekdays), start_minute, end_minute});
    added.place = next_place();
    return added;
}

WavePin& EstateBuilder::pin(const std::string& id, std::initializer_list<std::string> names) {
    WavePin added;
    added.id = WaveId{id};
    for (const std::string& name : names) added.applications.emplace_back(name);
    added.place = next_place();
    plan.waves.push_back(std::move(added));
    return plan.waves.back();
}

}  // namespace ararat::testing
