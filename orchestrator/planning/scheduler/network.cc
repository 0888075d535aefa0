#include "planning/scheduler/network.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

namespace ararat::planning::scheduler {
namespace {

Error fault(ErrorCode code, std::string message) { return Error{code, std::move(message)}; }

struct Edge {
    std::int32_t from = 0;
    std::int32_t to = 0;
    Time lag = 0;
};

LinkRows rows_of(std::int32_t count, const std::vector<Edge>& edges, bool backwards) {
    LinkRows rows;
    rows.first.assign(static_cast<std::size_t>(count) + 1, 0);
    rows.links.resize(edges.size());
    for (const Edge& edge : edges)
        ++rows.first[static_cast<std::size_t>(backwards ? edge.to : edge.from) + 1];
    std::partial_sum(rows.first.begin(), rows.first.end(), rows.first.begin());
    std::vector<std::int32_t> next(rows.first.begin(), rows.first.end() - 1);
    for (const Edge& edge : edges) {
        const std::int32_t row = backwards ? edge.to : edge.from;
        const auto at = static_cast<std::size_t>(next[static_cast<std::size_t>(row)]++);
        rows.links[at] = {backwards ? edge.from : edge.to, edge.lag};
    }
    return rows;
}

Result<void> check_activities(const Project& project) {
    const std::size_t resources = project.capacity.size();
    for (const std::int32_t capacity : project.capacity) {
        if (capacity < 0 || capacity > kLaneMost)
            return fault(ErrorCode::kOutOfRange, "a capacity is beyond 0 ... " + std::to_string(kLaneMost));
    }
    for (std::size_t i = 0; i < project.activities.size(); ++i) {
        const Activity& activity = project.activities[i];
        if (activity.modes.size() != 1) {
            return fault(ErrorCode::kInvalidArgument, "activity " + std::to_string(i) + " has " +
                                                          std::to_string(activity.modes.size()) +
                                                          " modes, and one is wanted");
        }
        const Mode& mode = activity.modes.front();
        if (mode.duration < 0 || mode.demand.size() != resources) {
            return fault(ErrorCode::kInvalidArgument,
                         "activity " + std::to_string(i) + " has a negative duration or lacks a demand");
        }
        for (std::size_t r = 0; r < resources; ++r) {
            if (mode.demand[r] >= 0 && (mode.demand[r] <= project.capacity[r] || mode.duration == 0))
                continue;
            return fault(ErrorCode::kFailedPrecondition,
                         "activity " + std::to_string(i) + " needs " + std::to_string(mode.demand[r]) +
                             " of resource " + std::to_string(r) + ", which has " +
                             std::to_string(project.capacity[r]));
        }
    }
    return {};
}

// From end to start.
Result<std::vector<Edge>> edges_of(const Project& project) {
    std::vector<Edge> edges;
    const auto count = static_cast<std::int32_t>(project.activities.size());
    for (const Arc& arc : project.arcs) {
        if (arc.from < 0 || arc.from >= count || arc.to < 0 || arc.to >= count)
            return fault(ErrorCode::kInvalidArgument, "an arc leads to no activity");
        const Time duration = project.activities[static_cast<std::size_t>(arc.from)].modes[0].duration;
        const Time lag = arc.from_end ? arc.lag : arc.lag - duration;
        if (lag < 0) {
            return fault(ErrorCode::kInvalidArgument, "activity " + std::to_string(arc.to) +
                                                          " may begin before activity " +
                                                          std::to_string(arc.from) + " has ended");
        }
        edges.push_back({arc.from, arc.to, lag});
    }
    return edges;
}

// Number in the project at each place here; shorter when there is a circle.
std::vector<std::int32_t> topological(std::int32_t count, const LinkRows& after) {
    std::vector<std::int32_t> waiting(static_cast<std::size_t>(count), 0);
    for (const Link& link : after.links) ++waiting[static_cast<std::size_t>(link.to)];
    std::priority_queue<std::int32_t, std::vector<std::int32_t>, std::greater<>> ready;
    for (std::int32_t i = 0; i < count; ++i) {
        if (waiting[static_cast<std::size_t>(i)] == 0) ready.push(i);
    }
    std::vector<std::int32_t> order;
    while (!ready.empty()) {
        const std::int32_t activity = ready.top();
        ready.pop();
        order.push_back(activity);
        for (const Link* link = after.begin(activity); link != after.end(activity); ++link) {
            if (--waiting[static_cast<std::size_t>(link->to)] == 0) ready.push(link->to);
        }
    }
    return order;
}

void pack_demands(const Project& project, Network& network) {
    const std::size_t resources = project.capacity.size();
    network.words = static_cast<std::int32_t>(std::max<std::size_t>(1, (resources + kLanes - 1) / kLanes));
    const auto words = static_cast<std::size_t>(network.words);
    network.capacity.assign(words, 0);
    network.demand.assign(words * static_cast<std::size_t>(network.count), 0);
    for (std::size_t r = 0; r < resources; ++r) {
        const std::size_t word = r / kLanes;
        const std::size_t shift = 16 * (r % kLanes);
        network.capacity[word] |= static_cast<std::uint64_t>(project.capacity[r]) << shift;
        for (std::size_t i = 0; i < static_cast<std::size_t>(network.count); ++i) {
            const Mode& mode = project.activities[static_cast<std::size_t>(network.original[i])].modes[0];
            if (mode.duration == 0) continue;
            network.demand[i * words + word] |= static_cast<std::uint64_t>(mode.demand[r]) << shift;
        }
    }
}

}  // namespace

Result<Network> network_of(const Project& project) {
    if (!project.stock.empty())
        return fault(ErrorCode::kInvalidArgument, "there are non-renewable resources");
    ARARAT_RETURN_IF_ERROR(check_activities(project));
    ARARAT_ASSIGN_OR_RETURN(std::vector<Edge> edges, edges_of(project));
    Network network;
    network.count = static_cast<std::int32_t>(project.activities.size());
    network.original = topological(network.count, rows_of(network.count, edges, false));
    if (network.original.size() != project.activities.size())
        return fault(ErrorCode::kFailedPrecondition, "the arcs make a circle");

    Time unit = 0;
    std::int64_t horizon = 0;
    for (const Activity& activity : project.activities) {
        unit = std::gcd(unit, activity.modes[0].duration);
        horizon += activity.modes[0].duration;
    }
    for (const Edge& edge : edges) {
        unit = std::gcd(unit, edge.lag);
        horizon += edge.lag;
    }
    if (horizon > std::numeric_limits<Time>::max() / 8)
        return fault(ErrorCode::kOutOfRange, "the horizon is too far");
    network.unit = std::max<Time>(1, unit);
    network.horizon = static_cast<Time>(horizon) / network.unit;

    std::vector<std::int32_t> place(project.activities.size());
    for (std::size_t i = 0; i < network.original.size(); ++i) {
        place[static_cast<std::size_t>(network.original[i])] = static_cast<std::int32_t>(i);
        const Activity& activity = project.activities[static_cast<std::size_t>(network.original[i])];
        network.duration.push_back(activity.modes[0].duration / network.unit);
    }
    for (Edge& edge : edges) {
        edge = {place[static_cast<std::size_t>(edge.from)], place[static_cast<std::size_t>(edge.to)],
                edge.lag / network.unit};
    }
    network.before = rows_of(network.count, edges, true);
    network.after = rows_of(network.count, edges, false);
    pack_demands(project, network);
    return network;
}

Network Network::mirrored() const {
    Network mirror = *this;
    std::reverse(mirror.duration.begin(), mirror.duration.end());
    std::reverse(mirror.original.begin(), mirror.original.end());
    const auto width = static_cast<std::size_t>(words);
    const auto last = static_cast<std::size_t>(count) - 1;
    std::vector<Edge> edges;
    for (std::size_t i = 0; i <= last && count > 0; ++i) {
        for (std::size_t w = 0; w < width; ++w) mirror.demand[(last - i) * width + w] = demand[i * width + w];
        const auto here = static_cast<std::int32_t>(i);
        for (const Link* link = after.begin(here); link != after.end(here); ++link)
            edges.push_back({count - 1 - link->to, count - 1 - here, link->lag});
    }
    mirror.before = rows_of(count, edges, true);
    mirror.after = rows_of(count, edges, false);
    return mirror;
}

}  // namespace ararat::planning::scheduler
