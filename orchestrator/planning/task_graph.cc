#include "planning/task_graph.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "planning/component_context.h"
#include "planning/plan_builder.h"
#include "planning/scalar_types.h"
#include "planning/step_expansion.h"
#include "planning/template_text.h"
#include "planning/usable_parts.h"

namespace ararat::planning {
namespace {

// As many as the engine takes of one plan.
constexpr std::size_t kTasksMax = 1'000'000;
constexpr std::int64_t kCostOfListOrder = 4;

std::size_t task_count(const Plan& plan, const UsableParts& usable) {
    std::size_t count = 0;
    for (const auto& [id, application] : plan.applications) {
        for (const Component& component : application.components) {
            if (!usable.component(component)) continue;
            count += component.hosts.size() * plan.runbooks.at(component.runbook).steps.size();
        }
    }
    return count;
}

const Link* find_link(const Plan& plan, const SiteId& from, const SiteId& to) {
    for (const Link& link : plan.links) {
        if (link.from == from && link.to == to) return &link;
    }
    return nullptr;
}

// What a channel may take: its own limit, and never more than the link's usable share. 0: unlimited.
std::uint64_t channel_rate(const RunbookChannel& channel, const Link* link) {
    if (link == nullptr) return channel.bytes_per_second_max;
    const std::uint64_t usable =
        link->bytes_per_second / 100 * static_cast<std::uint64_t>(link->usable_percent);
    const std::uint64_t share = std::max<std::uint64_t>(usable, 1);
    return channel.bytes_per_second_max == 0 ? share : std::min(channel.bytes_per_second_max, share);
}

bool is_endpoint(const std::string& text, ChannelKind kind) {
    if (check_absolute_path(text).ok()) return true;
    if (kind == ChannelKind::kTree) return false;
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return false;
    const auto port = read_integer(text.substr(colon + 1));
    return check_address(text.substr(0, colon)).ok() && port.ok() && *port >= 1 && *port <= 65535;
}

// Where the tasks of every component's steps stand.
class StepNodes {
public:
    void set(const Component& component, const Runbook& runbook, const RunbookStep& step, NodeRange range) {
        std::vector<NodeRange>& steps = of_component_[&component];
        steps.resize(runbook.steps.size());
        steps[place_of(runbook, step)] = range;
    }
    [[nodiscard]] NodeRange of(const Component& component, const Runbook& runbook,
                               const RunbookStep& step) const {
        const auto found = of_component_.find(&component);
        return found == of_component_.end() ? NodeRange{} : found->second[place_of(runbook, step)];
    }

private:
    static std::size_t place_of(const Runbook& runbook, const RunbookStep& step) {
        return static_cast<std::size_t>(&step - runbook.steps.data());
    }
    std::unordered_map<const Component*, std::vector<NodeRange>> of_component_;
};

// What the components' graphs are made of and into.
struct Making {
    const Plan& plan;
    const UsableParts& usable;
    TaskGraph& graph;
    DiagnosticList& faults;
    StepNodes nodes = {};
    ExpandedSteps expanded = {};
};

// One component's tasks and channels, and then, when those of every component are there, its edges.
class ComponentGraph {
public:
    ComponentGraph(const Application& application, const Component& component, Making& making)
        : plan_(making.plan),
          context_(making.plan, application, component),
          usable_(making.usable),
          making_(making),
          graph_(making.graph),
          faults_(making.faults) {}

    void add_nodes() {
        for (std::size_t pair = 0; pair < context_.pair_count(); ++pair) {
            for (const RunbookChannel& channel : context_.runbook().channels) {
                if (usable_.channel(context_.application(), context_.component(), channel)) {
                    add_channel(channel, pair);
                }
            }
        }
        std::set<std::string> ids;
        for (const RunbookStep& step : context_.runbook().steps) {
            if (usable_.place(step) && ids.insert(step.id).second) {
                add_step(step);
            } else {
                incomplete();
            }
        }
    }

    void add_edges() {
        if (!usable_.waits(context_.component())) incomplete();
        const RunbookStep* before = nullptr;
        for (const RunbookStep& step : context_.runbook().steps) {
            const bool placed = nodes_of(step).count > 0;
            if (placed) {
                add_order(step, before);
                add_waits(step);
                if (step.phase == Phase::kStart) add_needs(step);
            }
            before = placed ? &step : nullptr;
        }
    }

private:
    void incomplete() { graph_.incomplete.insert(&context_.component()); }

    [[nodiscard]] NodeRange nodes_of(const RunbookStep& step) const {
        return making_.nodes.of(context_.component(), context_.runbook(), step);
    }

    void add_step(const RunbookStep& step) {
        const bool good = usable_.step(context_.application(), context_.component(), step);
        NodeRange range{static_cast<NodeIndex>(graph_.nodes.size()), 0};
        for (const PairScope& scope : context_.scopes(step)) {
            auto task =
                good ? expand_step(plan_, context_, step, scope, making_.expanded, faults_) : std::nullopt;
            graph_.nodes.push_back(
                {task ? std::move(*task) : begin_task(context_, step, scope), &step, &context_.component()});
            ++range.count;
        }
        making_.nodes.set(context_.component(), context_.runbook(), step, range);
    }

    void add_channel(const RunbookChannel& from, std::size_t pair) {
        Channel channel;
        channel.id = context_.channel_id(from.name, pair);
        channel.kind = from.kind;
        channel.source = context_.source(pair).id;
        channel.target = context_.target(pair).id;
        channel.path = text_of(from, from.path, pair);
        if (from.kind == ChannelKind::kSocket) channel.expose = text_of(from, from.expose, pair);
        channel.expose_owner = from.expose_owner;
        check_endpoint(from, channel);
        check_hosts(from, pair);
        const Link* link = find_link(plan_, context_.source(pair).site, context_.target(pair).site);
        if (link != nullptr) channel.listen = link->listen;
        channel.bytes_per_second_max = channel_rate(from, link);
        graph_.channels.push_back(std::move(channel));
    }

    std::string text_of(const RunbookChannel& channel, const std::string& text, std::size_t pair) {
        const auto value = context_.channel_text(text, PairScope{pair, false});
        const bool late = value.ok() && has_late_reference(*value);
        if (value.ok() && !late) return *value;
        faults_.add(channel.place, DiagnosticCode::kBadReference,
                    prefix(channel) + (late ? std::string("a channel cannot use the output of a step")
                                            : value.error().message));
        return "/";
    }

    void check_endpoint(const RunbookChannel& from, const Channel& channel) {
        const bool tree = from.kind == ChannelKind::kTree;
        if (!is_endpoint(channel.path, from.kind)) {
            faults_.add(from.place, DiagnosticCode::kBadPath,
                        prefix(from) + "'" + channel.path + "' is not a good path (meant: an absolute path" +
                            (tree ? ")" : ", or host:port)"));
        }
        if (!tree && !check_absolute_path(channel.expose).ok()) {
            faults_.add(
                from.place, DiagnosticCode::kBadPath,
                prefix(from) + "'" + channel.expose + "' is not a good socket (meant: an absolute path)");
        }
    }

    // At run time the ticket would wait for an end for ever.
    void check_hosts(const RunbookChannel& from, std::size_t pair) {
        const Host& source = context_.source(pair);
        const Host& target = context_.target(pair);
        const auto refuse = [&](const char* which, const Host& host, const std::string& why) {
            faults_.add(from.place, DiagnosticCode::kHostUse,
                        prefix(from) + which + " host '" + host.id.str() + "' is driven " + why);
        };
        const std::string by_people =
            "by people only (via: manual) and has no end of a data channel (meant: via: agent";
        if (source.via == HostVia::kManual) refuse("source", source, by_people + ", or ssh)");
        if (target.via == HostVia::kManual) refuse("target", target, by_people + ")");
        if (target.via == HostVia::kSsh) {
            refuse("target", target,
                   "over SSH, which can be a data channel's source and not its target (meant: via: agent)");
        }
    }

    std::string prefix(const RunbookChannel& channel) const {
        return "channel '" + channel.name + "' for '" + context_.application().id.str() + "/" +
               context_.component().name + "': ";
    }

    // Host pairs go their own ways; a step done once waits for all of them, and all wait for it.
    void add_edges_between(const RunbookStep& step, const RunbookStep& after) {
        const std::int64_t cost = step.after ? 1 : kCostOfListOrder;
        const NodeRange later = nodes_of(step);
        const NodeRange earlier = nodes_of(after);
        if (step.once || after.once || later.count != earlier.count) {
            add_all(later, earlier, step.place, cost);
            return;
        }
        for (NodeIndex pair = 0; pair < later.count; ++pair) {
            graph_.edges.push_back({later.first + pair, earlier.first + pair, step.place, cost});
        }
    }

    void add_order(const RunbookStep& step, const RunbookStep* before) {
        if (!step.after) {
            if (before != nullptr) add_edges_between(step, *before);
            return;
        }
        for (const std::string& name : *step.after) {
            const auto ref = read_step_ref(name, step.place);
            if (!ref) continue;
            if (!ref->component.empty()) {
                add_wait(step, *ref);
            } else if (const RunbookStep* after = context_.find_step(ref->step);
                       after != nullptr && usable_.place(*after)) {
                add_edges_between(step, *after);
            }
        }
    }

    void add_wait(const RunbookStep& step, const StepRef& ref) {
        const Component* other = find_component(plan_, context_.application(), ref);
        if (other == nullptr || !usable_.component(*other)) {
            incomplete();
            return;
        }
        add_all(nodes_of(step), nodes_of(*other, ref.step), ref.place);
    }

    // Of another component's step.
    [[nodiscard]] NodeRange nodes_of(const Component& component, const std::string& step) const {
        const Runbook& runbook = plan_.runbooks.at(component.runbook);
        for (const RunbookStep& each : runbook.steps) {
            if (each.id == step) return making_.nodes.of(component, runbook, each);
        }
        return {};
    }

    void add_waits(const RunbookStep& step) {
        const auto waits = context_.component().waits.find(step.id);
        if (waits == context_.component().waits.end()) return;
        for (const StepRef& ref : waits->second) add_wait(step, ref);
    }

    // The needed component has done everything that comes before its quiesce.
    void add_needs(const RunbookStep& step) {
        for (const Component& other : context_.application().components) {
            const auto& needs = context_.component().needs;
            if (std::count(needs.begin(), needs.end(), other.name) == 0) continue;
            if (!usable_.component(other)) {
                incomplete();
                continue;
            }
            for (const RunbookStep& needed : plan_.runbooks.at(other.runbook).steps) {
                if (needed.phase > Phase::kStart) continue;
                add_all(nodes_of(step), nodes_of(other, needed.id), context_.component().place);
            }
        }
    }

    void add_all(NodeRange later, NodeRange earlier, const SourcePlace& place, std::int64_t cost = 1) {
        for (NodeIndex task = later.first; task < later.first + later.count; ++task) {
            for (NodeIndex after = earlier.first; after < earlier.first + earlier.count; ++after) {
                graph_.edges.push_back({task, after, place, cost});
            }
        }
    }

    const Plan& plan_;
    ComponentContext context_;
    const UsableParts& usable_;
    Making& making_;
    TaskGraph& graph_;
    DiagnosticList& faults_;
};

}  // namespace

std::optional<TaskGraph> build_task_graph(const Plan& plan, DiagnosticList& faults) {
    // As it is now: what one component makes of a step says nothing about the next one.
    const FaultyParts faulty = faults.parts();
    const UsableParts usable(plan, faulty);
    const std::size_t tasks = task_count(plan, usable);
    if (tasks > kTasksMax) {
        faults.add(
            plan.applications.begin()->second.place, DiagnosticCode::kTooLarge,
            "the plan makes " + std::to_string(tasks) + " tasks, the limit is " + std::to_string(kTasksMax));
        return std::nullopt;
    }
    TaskGraph graph;
    graph.nodes.reserve(tasks);
    Making making{plan, usable, graph, faults};
    std::vector<ComponentGraph> components;
    for (const auto& [id, application] : plan.applications) {
        for (const Component& component : application.components) {
            if (!usable.component(component)) continue;
            components.emplace_back(application, component, making);
            components.back().add_nodes();
        }
    }
    for (ComponentGraph& component : components) component.add_edges();
    return graph;
}

}  // namespace ararat::planning
