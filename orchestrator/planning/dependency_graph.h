// A directed graph of dependencies between named things: applications, move groups, tasks. The only
// file behind which Boost.Graph stands; nodes are known by our own ids, and the library's descriptors
// never leave a function.
// Answers do not depend on the order in which nodes and edges were added: ties go by id.
// Sizes: 100,000 nodes and 500,000 edges are fine; nothing recurses over the graph.
// Thread promise: a value; const functions may be called from several threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/plan.h"

namespace ararat::planning {

enum class DependencyKind {
    kHard,  // needs: not before it
    kSoft,  // uses: better near it
    kPair,  // pairs-with: apart from it; has no direction
};
[[nodiscard]] std::string_view to_string(DependencyKind kind);

struct Dependency {
    std::string dependent;     // this one ...
    std::string prerequisite;  // ... waits for that one
    DependencyKind kind = DependencyKind::kHard;
    SourcePlace place;      // where it was written
    std::int64_t cost = 1;  // of giving it up; at least 1
    friend auto operator<=>(const Dependency&, const Dependency&) = default;
};
// "housing needs directory (plan.yaml:12:5)"
[[nodiscard]] std::string to_string(const Dependency& dependency);

// Things that wait for each other in a circle.
struct Cycle {
    std::vector<std::string> nodes;    // the strongly connected component, sorted
    std::vector<Dependency> edges;     // every hard dependency inside it, sorted
    std::vector<Dependency> shortest;  // a shortest circle through the smallest id that is on one
    // The cheapest dependencies to give up so that it falls into two parts, the first of which can go
    // before the second; a part may still have circles of its own.
    std::vector<Dependency> cut;
    bool cut_is_minimal = false;  // false: too large for an exact cut, so the cheapest node's edges
};

struct CriticalPath {
    std::vector<std::string> nodes;  // in order of execution
    Duration length{0};
};

class DependencyGraph {
public:
    // Adding a node again replaces its expected duration.
    void add_node(const std::string& id, Duration expected = Duration{0});
    // Errors: not-found when an end is not a node; invalid-argument when the cost is below 1.
    [[nodiscard]] Result<void> add(Dependency dependency);

    [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }
    [[nodiscard]] bool contains(const std::string& id) const { return nodes_.contains(id); }
    [[nodiscard]] std::vector<std::string> nodes() const;        // sorted
    [[nodiscard]] std::vector<Dependency> dependencies() const;  // sorted, without repetitions

    // Circles of hard dependencies, in order of their smallest ids. Empty: the hard part is acyclic.
    [[nodiscard]] std::vector<Cycle> cycles() const;
    // Every node in its strongly connected component of hard dependencies, lone nodes included;
    // components in order of their smallest ids.
    [[nodiscard]] std::vector<std::vector<std::string>> components() const;

    // Prerequisites first; among those that are free, the smallest id first.
    // Errors: failed-precondition, naming a shortest circle of every cycle with its places.
    [[nodiscard]] Result<std::vector<std::string>> topological_order() const;
    // The chain of hard dependencies with the longest sum of expected durations.
    // Errors: as topological_order.
    [[nodiscard]] Result<CriticalPath> critical_path() const;
    // The hard dependencies without those that follow from others (a waits for b and c, b waits for c:
    // a to c follows). Above `nodes_max` nodes, or with cycles, all of them.
    [[nodiscard]] std::vector<Dependency> reduced(std::size_t nodes_max = 4096) const;

private:
    std::map<std::string, Duration> nodes_;
    std::vector<Dependency> edges_;
};

// "these wait for each other: a needs b (plan.yaml:3:5), b needs a (plan.yaml:9:5)".
[[nodiscard]] std::string describe(const Cycle& cycle);

}  // namespace ararat::planning
