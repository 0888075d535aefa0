#include "planning/plan_builder.h"

#include <cmath>
#include <utility>

#include "base/units.h"
#include "planning/runbook_parser.h"
#include "planning/scalar_types.h"
#include "planning/scheduling_builder.h"
#include "planning/tree_read.h"

namespace ararat::planning {
namespace {

std::optional<double> percent_at(const TreeNode& node, std::string_view key) {
    const auto text = optional_text_at(node, key);
    if (!text) return std::nullopt;
    const auto percent = parse_percent(*text);
    if (!percent.ok()) return std::nullopt;
    return *percent;
}

std::optional<Instant> moment_at(const TreeNode& node, std::string_view key, Instant as_of) {
    const auto text = optional_text_at(node, key);
    if (!text) return std::nullopt;
    const auto moment = read_moment(*text, as_of);
    if (!moment.ok()) return std::nullopt;
    return *moment;
}

HostVia to_via(const std::string& text) {
    if (text == "ssh") return HostVia::kSsh;
    return text == "manual" ? HostVia::kManual : HostVia::kAgent;
}

void add_programme(const TreeNode& root, Plan& plan) {
    const TreeNode* programme = root.find("programme");
    if (programme == nullptr) return;
    plan.project = ProjectId(text_at(*programme, "name"));
    plan.timezone = text_at(*programme, "timezone", "UTC");
}

void add_sites_and_links(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(root, "sites")) {
        Site site;
        site.id = SiteId(entry.key);
        site.role = text_at(entry.value, "role") == "source" ? SiteRole::kSource : SiteRole::kTarget;
        site.contract_end = optional_text_at(entry.value, "contract_end");
        site.overrun_cost_per_day = optional_text_at(entry.value, "overrun_cost_per_day");
        site.overrun_pence_per_day = money_at(entry.value, "overrun_cost_per_day", plan, faults);
        site.calendar = text_at(entry.value, "calendar");
        if (entry.value.find("moves_at_once") != nullptr) {
            site.moves_at_once = integer_at(entry.value, "moves_at_once", 1);
        }
        site.place = entry.place();
        plan.sites.emplace(site.id, std::move(site));
    }
    for (const TreeNode& item : items_at(root, "links")) {
        Link link;
        link.from = SiteId(text_at(item, "from"));
        link.to = SiteId(text_at(item, "to"));
        link.bytes_per_second = rate_at(item, "bandwidth");
        const double usable = percent_at(item, "usable").value_or(100.0);
        link.usable_percent = static_cast<int>(std::floor(usable));
        if (link.usable_percent < 1) {
            faults.add(item.place(), DiagnosticCode::kConflict,
                       "a link of which less than 1% is usable carries nothing");
        }
        link.listen = text_at(item, "listen") == "target" ? ListenSide::kTarget : ListenSide::kSource;
        link.available_from = moment_at(item, "available_from", as_of);
        link.task = text_at(item, "task");
        link.place = item.place();
        plan.links.push_back(std::move(link));
    }
}

void add_services_and_gates(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(root, "services")) {
        Service service;
        service.id = ServiceId(entry.key);
        service.availability_percent = percent_at(entry.value, "availability");
        service.owner = text_at(entry.value, "owner");
        service.outage_used = month_durations_at(entry.value, "used");
        service.calendar = text_at(entry.value, "calendar");
        service.deadline = deadline_at(entry.value, as_of, plan, faults);
        service.place = entry.place();
        plan.services.emplace(service.id, std::move(service));
    }
    for (const TreeEntry& entry : entries_at(root, "gates")) {
        Gate gate;
        gate.id = GateId(entry.key);
        gate.roles = ids_at<RoleId>(entry.value, "roles");
        gate.all = boolean_at(entry.value, "all");
        const TreeNode* roles = entry.value.find("roles");
        if (roles != nullptr && roles->kind == TreeNode::Kind::kList && roles->items.empty()) {
            faults.add(entry.place(), DiagnosticCode::kConflict,
                       "gate '" + entry.key + "' has no roles, so nobody could open it");
        }
        plan.gates.emplace(gate.id, std::move(gate));
    }
}

void add_hosts(const TreeNode& root, Plan& plan) {
    for (const TreeEntry& entry : entries_at(root, "hosts")) {
        const TreeNode& node = entry.value;
        Host host;
        host.id = HostId(entry.key);
        host.site = SiteId(text_at(node, "site"));
        host.address = text_at(node, "address", entry.key);
        host.via = to_via(text_at(node, "via"));
        if (const TreeNode* ssh = node.find("ssh")) {
            host.ssh_user = text_at(*ssh, "user", "root");
            host.ssh_port = static_cast<std::uint16_t>(integer_at(*ssh, "port", 22));
            host.ssh_jump = HostId(text_at(*ssh, "jump"));
            const TreeNode* jump = ssh->find("jump");
            host.ssh_jump_place = jump == nullptr ? entry.place() : jump->place();
        }
        host.proxy = HostId(text_at(node, "proxy"));
        host.os = text_at(node, "os");
        host.cpus = integer_at(node, "cpus", 0);
        host.memory_bytes = bytes_at(node, "memory");
        host.disk_bytes = bytes_at(node, "disk");
        if (const auto rate = parse_bytes_per_hour(text_at(node, "change_rate")); rate.ok()) {
            host.change_bytes_per_hour = *rate;
        }
        host.compliance = text_map_at(node, "compliance");
        host.equipment = texts_at(node, "equipment");
        host.place = entry.place();
        plan.hosts.emplace(host.id, std::move(host));
    }
}

std::vector<WeeklyWindow> windows_at(const TreeNode& node) {
    std::vector<std::string> texts = texts_at(node, "windows");
    if (const auto text = optional_text_at(node, "windows")) texts.push_back(*text);
    std::vector<WeeklyWindow> windows;
    for (const std::string& text : texts) {
        const auto more = read_windows(text);
        if (more.ok()) windows.insert(windows.end(), more->begin(), more->end());
    }
    return windows;
}

void add_calendars(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(root, "calendars")) {
        const TreeNode& node = entry.value;
        Calendar calendar;
        calendar.id = entry.key;
        calendar.timezone = text_at(node, "timezone");
        calendar.windows = windows_at(node);
        calendar.lockout = duration_at(node, "lockout").value_or(Duration{0});
        for (const std::string& text : texts_at(node, "freezes")) {
            if (const auto range = read_date_range(text); range.ok()) calendar.freezes.push_back(*range);
        }
        calendar.holidays = texts_at(node, "holidays");
        for (NamedPlace& path : imports_at(node)) {
            calendar.imports.push_back({std::move(path.name), std::move(path.place)});
        }
        for (const TreeNode& item : items_at(node, "between")) {
            const auto from = moment_at(item, "from", as_of);
            const auto to = moment_at(item, "to", as_of);
            if (!from || !to) continue;
            if (*to <= *from) {
                faults.add(item.place(), DiagnosticCode::kConflict, "the window ends before it begins");
            }
            calendar.explicit_windows.emplace_back(*from, *to);
        }
        const bool weekly = node.find("windows") != nullptr;
        const bool moments = node.find("between") != nullptr;
        if (weekly == moments) {
            faults.add(entry.place(), DiagnosticCode::kConflict,
                       "calendar '" + entry.key + "' wants exactly one of 'windows' and 'between'");
        }
        calendar.place = entry.place();
        plan.calendars.emplace(calendar.id, std::move(calendar));
    }
}

void add_waves(const TreeNode& root, Instant as_of, Plan& plan) {
    for (const TreeNode& item : items_at(root, "waves")) {
        WavePin pin;
        pin.id = WaveId(text_at(item, "name"));
        pin.applications = ids_at<ApplicationId>(item, "applications");
        pin.calendar = text_at(item, "calendar");
        pin.gates = ids_at<GateId>(item, "gates");
        pin.start_auto = text_at(item, "start") == "auto";
        pin.after = ids_at<WaveId>(item, "after");
        pin.at = moment_at(item, "at", as_of);
        pin.frozen = boolean_at(item, "frozen");
        pin.waits_for = names_at(item, "waits_for");
        pin.place = item.place();
        plan.waves.push_back(std::move(pin));
        plan.waves_auto = false;
    }
}

void add_rules(const TreeNode& root, Plan& plan) {
    for (const TreeNode& item : items_at(root, "together")) {
        plan.together.push_back(
            {ids_at<ApplicationId>(item, "applications"), text_at(item, "reason"), item.place()});
    }
}

}  // namespace

void add_plan_file(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults) {
    add_programme(root, plan);
    add_sites_and_links(root, as_of, plan, faults);
    add_services_and_gates(root, as_of, plan, faults);
    add_hosts(root, plan);
    add_applications(root, as_of, plan, faults);
    add_calendars(root, as_of, plan, faults);
    add_scheduling(root, as_of, plan, faults);
    add_rules(root, plan);
    add_waves(root, as_of, plan);
    for (const TreeEntry& entry : entries_at(root, "runbooks")) {
        plan.runbooks.emplace(entry.key, read_runbook(entry.key, entry.value, entry.place(), faults));
    }
}

}  // namespace ararat::planning
