#include "planning/plan_difference.h"

#include <algorithm>
#include <set>

#include "base/join.h"
#include "base/quote.h"
#include "base/units.h"
#include "planning/calendar.h"

namespace ararat::planning {
namespace {

// Collects what differs between two values of one thing.
class Details {
public:
    void text(std::string_view name, const std::string& before, const std::string& after) {
        if (before != after)
            line(name, before.empty() ? "" : quoted(before), after.empty() ? "" : quoted(after));
    }
    void argv(std::string_view name, const std::vector<std::string>& before,
              const std::vector<std::string>& after) {
        if (before != after) line(name, quoted(before), quoted(after));
    }
    template <typename Id>
    void id(std::string_view name, const Id& before, const Id& after) {
        text(name, before.str(), after.str());
    }
    void number(std::string_view name, std::uint64_t before, std::uint64_t after) {
        text(name, std::to_string(before), std::to_string(after));
    }
    // Compared to the millisecond, shown to the second.
    void instant(std::string_view name, Instant before, Instant after) {
        if (before != after) line(name, instant_text(before), instant_text(after));
    }
    void flag(std::string_view name, bool before, bool after) {
        text(name, before ? "true" : "false", after ? "true" : "false");
    }
    // For values that have no short text.
    template <typename T>
    void value(std::string_view name, const T& before, const T& after) {
        if (!(before == after)) lines_.push_back(std::string(name) + " differs");
    }
    void list(std::string_view name, const std::vector<std::string>& before,
              const std::vector<std::string>& after) {
        const std::set<std::string> old_set(before.begin(), before.end());
        const std::set<std::string> new_set(after.begin(), after.end());
        std::vector<std::string> parts;
        for (const std::string& item : new_set) {
            if (!old_set.contains(item)) parts.push_back("+" + item);
        }
        for (const std::string& item : old_set) {
            if (!new_set.contains(item)) parts.push_back("-" + item);
        }
        if (!parts.empty()) {
            lines_.push_back(std::string(name) + ": " + join(parts, " "));
        } else if (before != after) {
            lines_.push_back(std::string(name) + ": in another order");
        }
    }
    template <typename Id>
    void ids(std::string_view name, const std::vector<Id>& before, const std::vector<Id>& after) {
        const auto texts = [](const std::vector<Id>& values) {
            std::vector<std::string> result;
            for (const Id& value : values) result.push_back(value.str());
            return result;
        };
        list(name, texts(before), texts(after));
    }
    [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

private:
    static std::string instant_text(Instant instant) {
        const bool is_any_time = instant == kAnyTimeStart || instant == kAnyTimeEnd;
        return is_any_time ? "any time" : local_text(instant, "UTC");
    }

    void line(std::string_view name, const std::string& before, const std::string& after) {
        const std::string none = "(none)";
        lines_.push_back(std::string(name) + ": " + (before.empty() ? none : before) + " -> " +
                         (after.empty() ? none : after));
    }

    std::vector<std::string> lines_;
};

void operation_details(std::string_view name, const Boxed<Operation>& before, const Boxed<Operation>& after,
                       Details& details) {
    if (before == after) return;
    if (!before || !after) {
        details.text(name, before ? "given" : "", after ? "given" : "");
        return;
    }
    const std::string prefix = std::string(name) + " ";
    details.argv(prefix + "argv", before->argv, after->argv);
    details.value(prefix + "verb", before->verb, after->verb);
    for (const auto& [key, value] : after->fields) {
        const auto old = before->fields.find(key);
        details.text(prefix + key, old == before->fields.end() ? "" : old->second, value);
    }
    for (const auto& [key, value] : before->fields) {
        if (!after->fields.contains(key)) details.text(prefix + key, value, "");
    }
    details.value(prefix + "environment", before->environment, after->environment);
    details.value(prefix + "until", before->until, after->until);
    details.value(prefix + "expect", before->expect, after->expect);
    details.text(prefix + "timeout", duration_text(before->timeout), duration_text(after->timeout));
}

std::vector<std::string> details_of(const Task& before, const Task& after) {
    Details details;
    details.id("wave", before.wave, after.wave);
    details.id("group", before.group, after.group);
    details.id("source", before.source, after.source);
    details.id("target", before.target, after.target);
    details.id("executor", before.executor, after.executor);
    details.value("kind", before.kind, after.kind);
    details.text("action", before.action, after.action);
    details.value("class", before.action_class, after.action_class);
    details.value("phase", before.phase, after.phase);
    details.value("guard", before.guard, after.guard);
    details.flag("point of no return", before.point_of_no_return, after.point_of_no_return);
    details.text("expected", duration_text(before.expected), duration_text(after.expected));
    details.text("expected of its undo", duration_text(before.undo_expected),
                 duration_text(after.undo_expected));
    details.value("answer when it is late", before.when_late, after.when_late);
    operation_details("check", before.check, after.check, details);
    operation_details("do", before.perform, after.perform, details);
    operation_details("probe", before.probe, after.probe, details);
    operation_details("undo", before.undo, after.undo, details);
    operation_details("verify", before.verify, after.verify, details);
    details.ids("after", before.after, after.after);
    details.ids("opens", before.opens, after.opens);
    details.ids("closes", before.closes, after.closes);
    details.value("shipped files", before.files, after.files);
    details.list("outputs", before.outputs, after.outputs);
    details.value("retry", before.retry, after.retry);
    details.id("gate", before.gate, after.gate);
    details.text("text", before.text, after.text);
    details.text("soak", duration_text(before.soak), duration_text(after.soak));
    details.text("step", before.application.str() + "/" + before.component + "/" + before.step,
                 after.application.str() + "/" + after.component + "/" + after.step);
    return details.take();
}

std::vector<std::string> details_of(const Wave& before, const Wave& after) {
    Details details;
    details.instant("window start", before.window_start, after.window_start);
    details.instant("window end", before.window_end, after.window_end);
    details.instant("latest start", before.latest_start, after.latest_start);
    details.flag("start auto", before.start_auto, after.start_auto);
    details.ids("groups", before.groups, after.groups);
    details.ids("after", before.after, after.after);
    return details.take();
}

std::vector<std::string> details_of(const MoveGroup& before, const MoveGroup& after) {
    Details details;
    details.id("wave", before.wave, after.wave);
    details.ids("applications", before.applications, after.applications);
    return details.take();
}

std::vector<std::string> details_of(const EstateHost& before, const EstateHost& after) {
    Details details;
    details.id("site", before.site, after.site);
    details.text("address", before.address, after.address);
    details.value("via", before.via, after.via);
    details.text("ssh user", before.ssh_user, after.ssh_user);
    details.number("ssh port", before.ssh_port, after.ssh_port);
    details.id("jump host", before.ssh_jump, after.ssh_jump);
    details.id("proxy", before.proxy, after.proxy);
    return details.take();
}

std::vector<std::string> details_of(const Channel& before, const Channel& after) {
    Details details;
    details.value("kind", before.kind, after.kind);
    details.id("source", before.source, after.source);
    details.id("target", before.target, after.target);
    details.text("path", before.path, after.path);
    details.text("expose", before.expose, after.expose);
    details.text("owner of the exposed socket", before.expose_owner, after.expose_owner);
    details.value("listening end", before.listen, after.listen);
    details.number("bytes per second at most", before.bytes_per_second_max, after.bytes_per_second_max);
    return details.take();
}

std::vector<std::string> details_of(const Gate& before, const Gate& after) {
    Details details;
    details.ids("roles", before.roles, after.roles);
    details.flag("all", before.all, after.all);
    return details.take();
}

template <typename T>
void compare(ChangedThing thing, const std::vector<T>* before, const std::vector<T>& after,
             std::vector<PlanChange>& changes) {
    std::map<std::string, const T*> old_by_id;
    std::map<std::string, const T*> new_by_id;
    if (before != nullptr) {
        for (const T& item : *before) old_by_id[item.id.str()] = &item;
    }
    for (const T& item : after) new_by_id[item.id.str()] = &item;
    std::set<std::string> ids;
    for (const auto& [id, item] : old_by_id) ids.insert(id);
    for (const auto& [id, item] : new_by_id) ids.insert(id);
    for (const std::string& id : ids) {
        const auto old_item = old_by_id.find(id);
        const auto new_item = new_by_id.find(id);
        if (old_item == old_by_id.end()) {
            changes.push_back({ChangeKind::kAdded, thing, id, {}});
        } else if (new_item == new_by_id.end()) {
            changes.push_back({ChangeKind::kRemoved, thing, id, {}});
        } else if (auto details = details_of(*old_item->second, *new_item->second); !details.empty()) {
            changes.push_back({ChangeKind::kChanged, thing, id, std::move(details)});
        }
    }
}

void compare_files(const CompiledPlan* before, const CompiledPlan& after, std::vector<PlanChange>& changes) {
    std::set<Hash> hashes;
    if (before != nullptr) {
        for (const auto& [hash, bytes] : before->files) hashes.insert(hash);
    }
    for (const auto& [hash, bytes] : after.files) hashes.insert(hash);
    for (const Hash& hash : hashes) {
        const bool was = before != nullptr && before->files.contains(hash);
        if (was == after.files.contains(hash)) continue;
        changes.push_back(
            {was ? ChangeKind::kRemoved : ChangeKind::kAdded, ChangedThing::kFile, hash.str(), {}});
    }
}

std::string_view mark_of(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::kAdded: return "+ ";
        case ChangeKind::kRemoved: return "- ";
        case ChangeKind::kChanged: return "~ ";
    }
    return "? ";
}

std::string plural(std::size_t count, std::string_view noun) {
    return format_count(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace

std::string_view to_string(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::kAdded: return "added";
        case ChangeKind::kRemoved: return "removed";
        case ChangeKind::kChanged: return "changed";
    }
    return "unknown";
}

std::string_view to_string(ChangedThing thing) {
    switch (thing) {
        case ChangedThing::kWave: return "wave";
        case ChangedThing::kMoveGroup: return "move group";
        case ChangedThing::kHost: return "host";
        case ChangedThing::kChannel: return "channel";
        case ChangedThing::kGate: return "gate";
        case ChangedThing::kTask: return "task";
        case ChangedThing::kFile: return "shipped file";
        case ChangedThing::kSetting: return "setting";
    }
    return "unknown";
}

std::map<std::pair<ChangedThing, ChangeKind>, std::size_t> PlanDifference::counts() const {
    std::map<std::pair<ChangedThing, ChangeKind>, std::size_t> result;
    for (const PlanChange& change : changes) ++result[{change.thing, change.kind}];
    return result;
}

PlanDifference difference(const CompiledPlan* before, const CompiledPlan& after) {
    PlanDifference result;
    std::vector<PlanChange>& changes = result.changes;
    compare(ChangedThing::kWave, before == nullptr ? nullptr : &before->waves, after.waves, changes);
    compare(ChangedThing::kMoveGroup, before == nullptr ? nullptr : &before->groups, after.groups, changes);
    compare(ChangedThing::kHost, before == nullptr ? nullptr : &before->hosts, after.hosts, changes);
    compare(ChangedThing::kChannel, before == nullptr ? nullptr : &before->channels, after.channels, changes);
    compare(ChangedThing::kGate, before == nullptr ? nullptr : &before->gates, after.gates, changes);
    compare(ChangedThing::kTask, before == nullptr ? nullptr : &before->tasks, after.tasks, changes);
    compare_files(before, after, changes);
    if (before != nullptr) {
        Details details;
        details.text("value", before->timezone, after.timezone);
        auto lines = details.take();
        if (!lines.empty()) {
            changes.push_back({ChangeKind::kChanged, ChangedThing::kSetting, "timezone", std::move(lines)});
        }
    }
    return result;
}

std::vector<std::string> text_lines(const PlanDifference& difference) {
    if (difference.empty()) return {"no changes"};
    std::map<ChangedThing, std::vector<std::string>> by_thing;
    for (const auto& [key, count] : difference.counts()) {
        by_thing[key.first].push_back(plural(count, to_string(key.first)) + " " +
                                      std::string(to_string(key.second)));
    }
    std::vector<std::string> summary;
    for (const auto& [thing, parts] : by_thing) summary.insert(summary.end(), parts.begin(), parts.end());
    std::vector<std::string> lines{join(summary, ", ")};
    for (const PlanChange& change : difference.changes) {
        lines.push_back(std::string(mark_of(change.kind)) + std::string(to_string(change.thing)) + " " +
                        change.id);
        for (const std::string& detail : change.details) lines.push_back("    " + detail);
    }
    return lines;
}

}  // namespace ararat::planning
