#include "planning/scheduling_builder.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "planning/compliance.h"
#include "planning/scalar_types.h"
#include "planning/tree_read.h"

namespace ararat::planning {
namespace {

void add_resources(const TreeNode& root, Instant as_of, Plan& plan) {
    for (const TreeEntry& entry : entries_at(root, "resources")) {
        int most = 0;
        std::vector<CapacityChange> changes;
        if (entry.value.kind == TreeNode::Kind::kScalar) {
            most = integer_at(*root.find("resources"), entry.key, 0);
        }
        for (const TreeNode& item : entry.value.items) {
            changes.push_back(
                {day_or_moment_at(item, "from", as_of), integer_at(item, "count", 0), item.place()});
            most = std::max(most, changes.back().count);
        }
        plan.resources.emplace(entry.key, most);
        plan.resource_places.emplace(entry.key, entry.place());
        if (!changes.empty()) plan.resource_changes.emplace(entry.key, std::move(changes));
    }
}

StockCounts to_counts(const std::string& text) {
    if (text == "cpus") return StockCounts::kCpus;
    if (text == "memory") return StockCounts::kMemory;
    return text == "disk" ? StockCounts::kDisk : StockCounts::kNothing;
}

void add_stocks(const TreeNode& root, Instant as_of, Plan& plan) {
    for (const TreeEntry& entry : entries_at(root, "stocks")) {
        const TreeNode& node = entry.value;
        Stock stock;
        stock.id = entry.key;
        stock.level = integer_at(node, "level", 0);
        stock.unit = text_at(node, "unit");
        stock.site = SiteId(text_at(node, "site"));
        stock.counts = to_counts(text_at(node, "counts"));
        for (const TreeNode& item : items_at(node, "deliveries")) {
            const auto at = day_or_moment_at(item, "at", as_of);
            if (!at) continue;
            stock.deliveries.push_back(
                {*at, integer_at(item, "amount", 0), text_at(item, "what"), item.place()});
        }
        stock.place = entry.place();
        plan.stocks.emplace(stock.id, std::move(stock));
    }
}

void add_equipment(const TreeNode& root, Plan& plan) {
    for (const TreeEntry& entry : entries_at(root, "equipment")) {
        Equipment equipment;
        equipment.id = entry.key;
        equipment.kind = text_at(entry.value, "kind");
        if (entry.value.find("moves_at_once") != nullptr) {
            equipment.moves_at_once = integer_at(entry.value, "moves_at_once", 1);
        }
        equipment.moves_whole = boolean_at(entry.value, "moves_whole");
        equipment.place = entry.place();
        plan.equipment.emplace(equipment.id, std::move(equipment));
    }
}

std::vector<TaskNeed> task_needs_at(const TreeNode& node) {
    std::vector<TaskNeed> needs;
    for (const TreeNode& item : items_at(node, "needs")) {
        if (item.kind == TreeNode::Kind::kScalar) {
            needs.push_back({item.text, std::nullopt, std::nullopt, item.place()});
        } else {
            needs.push_back({text_at(item, "task"), duration_at(item, "at_least"),
                             duration_at(item, "at_most"), item.place()});
        }
    }
    return needs;
}

void check_due_price(const TreeEntry& entry, DiagnosticList& faults) {
    const TreeEntry* price = entry.value.find_entry("price_per_day");
    if (price == nullptr || entry.value.find("due") != nullptr) return;
    faults.add(price->place(), DiagnosticCode::kConflict,
               "a price for every day after a date that is not given (meant: due: ... as well)");
}

void add_tasks(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(root, "tasks")) {
        const TreeNode& node = entry.value;
        ProgrammeTask task;
        task.id = entry.key;
        task.kind = text_at(node, "kind", "task");
        task.owner = text_at(node, "owner");
        task.due = optional_text_at(node, "due");
        task.place = entry.place();
        task.pence_per_day = money_at(node, "price_per_day", plan, faults);
        task.duration = duration_at(node, "duration");
        task.not_before = day_or_moment_at(node, "not_before", as_of);
        task.done = optional_text_at(node, "done");
        task.needs = task_needs_at(node);
        task.applications = names_at(node, "applications");
        task.sites = names_at(node, "sites");
        task.resources = counts_at(node, "resources");
        task.calendar = text_at(node, "calendar");
        check_due_price(entry, faults);
        plan.tasks.push_back(std::move(task));
    }
}

void add_cohorts(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults) {
    for (const TreeEntry& entry : entries_at(root, "cohorts")) {
        const TreeNode& node = entry.value;
        Cohort cohort;
        cohort.id = entry.key;
        cohort.count = integer_at(node, "count", 0);
        cohort.done = integer_at(node, "done", 0);
        cohort.batch = integer_at(node, "batch", 1);
        cohort.at_once = integer_at(node, "at_once", 1);
        cohort.duration = duration_at(node, "duration").value_or(Duration{0});
        cohort.owner = text_at(node, "owner");
        cohort.due = optional_text_at(node, "due");
        cohort.pence_per_day = money_at(node, "price_per_day", plan, faults);
        cohort.not_before = day_or_moment_at(node, "not_before", as_of);
        cohort.needs = task_needs_at(node);
        cohort.resources = counts_at(node, "resources");
        cohort.calendar = text_at(node, "calendar");
        cohort.place = entry.place();
        check_due_price(entry, faults);
        plan.cohorts.emplace(cohort.id, std::move(cohort));
    }
}

void add_rules(const TreeNode& root, Plan& plan) {
    const TreeEntry* entry = root.find_entry("scheduling");
    if (entry == nullptr) return;
    SchedulingRules rules;
    const auto number = [&](std::string_view key) -> std::optional<int> {
        if (entry->value.find(key) == nullptr) return std::nullopt;
        return integer_at(entry->value, key, 1);
    };
    rules.wave_hosts_max = number("wave_hosts");
    rules.detail_waves = number("detail_waves");
    rules.small_first = boolean_at(entry->value, "small_first");
    rules.non_production_first = boolean_at(entry->value, "non_production_first");
    rules.place = entry->place();
    plan.scheduling = std::move(rules);
}

}  // namespace

std::optional<Pence> money_at(const TreeNode& node, std::string_view key, Plan& plan,
                              DiagnosticList& faults) {
    const auto text = optional_text_at(node, key);
    if (!text) return std::nullopt;
    const auto money = read_money(*text);
    if (!money.ok()) return std::nullopt;
    if (plan.currency.empty()) plan.currency = money->currency;
    if (money->currency != plan.currency) {
        faults.add(node.find(key)->place(), DiagnosticCode::kConflict,
                   "an amount in " + money->currency + " in a plan whose others are in " + plan.currency +
                       ": amounts are added up");
    }
    return money->amount;
}

std::optional<Deadline> deadline_at(const TreeNode& node, Instant as_of, Plan& plan, DiagnosticList& faults) {
    const auto price = money_at(node, "price_per_day", plan, faults);
    const TreeEntry* by = node.find_entry("by");
    if (by == nullptr) {
        if (const TreeEntry* entry = node.find_entry("price_per_day")) {
            faults.add(entry->place(), DiagnosticCode::kConflict,
                       "a price for every day after a date that is not given (meant: by: ... as well)");
        }
        return std::nullopt;
    }
    const auto day = day_or_moment_at(node, "by", as_of);
    if (!day) return std::nullopt;
    return Deadline{*day, price, by->place()};
}

std::vector<Way> ways_at(const TreeNode& node, Plan& plan, DiagnosticList& faults) {
    std::vector<Way> ways;
    for (const TreeEntry& entry : entries_at(node, "ways")) {
        const TreeNode& value = entry.value;
        Way way;
        way.name = entry.key;
        way.duration = duration_at(value, "duration");
        way.outage = duration_at(value, "outage");
        way.seeding = duration_at(value, "seeding");
        if (value.find("resources") != nullptr) way.resources = counts_at(value, "resources");
        way.cost = money_at(value, "cost", plan, faults).value_or(0);
        way.site = SiteId(text_at(value, "site"));
        way.calendar = text_at(value, "calendar");
        way.runbook = text_at(value, "runbook");
        way.upgrades = boolean_at(value, "upgrades");
        way.retires = boolean_at(value, "retires");
        way.place = entry.place();
        ways.push_back(std::move(way));
    }
    return ways;
}

std::map<std::string, Duration> month_durations_at(const TreeNode& node, std::string_view key) {
    std::map<std::string, Duration> durations;
    for (const auto& [month, text] : text_map_at(node, key)) {
        const auto duration = parse_duration(text);
        if (duration.ok()) durations[month] = *duration;
    }
    return durations;
}

std::optional<Hypercare> hypercare_at(const TreeNode& node) {
    const TreeEntry* entry = node.find_entry("hypercare");
    if (entry == nullptr) return std::nullopt;
    return Hypercare{duration_at(entry->value, "duration").value_or(Duration{0}),
                     counts_at(entry->value, "resources"), entry->place()};
}

std::optional<Decommission> decommission_at(const TreeNode& node) {
    const TreeEntry* entry = node.find_entry("decommission");
    if (entry == nullptr) return std::nullopt;
    return Decommission{duration_at(entry->value, "after").value_or(Duration{0}),
                        duration_at(entry->value, "duration").value_or(Duration{0}),
                        counts_at(entry->value, "resources"), text_at(entry->value, "calendar"),
                        entry->place()};
}

void settle_retired(Plan& plan) {
    for (auto& [id, application] : plan.applications) {
        for (Component& component : application.components) {
            if (!component.targets.empty() || !only_retires(application, component)) continue;
            for (const HostId& name : component.hosts) {
                const auto host = plan.hosts.find(name);
                component.targets.push_back({name, host == plan.hosts.end() ? SiteId{} : host->second.site});
            }
        }
    }
}

void add_scheduling(const TreeNode& root, Instant as_of, Plan& plan, DiagnosticList& faults) {
    add_resources(root, as_of, plan);
    add_stocks(root, as_of, plan);
    add_equipment(root, plan);
    for (NamedPlace& os : names_at(root, "unsupported")) plan.unsupported.push_back(std::move(os));
    add_tasks(root, as_of, plan, faults);
    add_cohorts(root, as_of, plan, faults);
    add_rules(root, plan);
}

}  // namespace ararat::planning
