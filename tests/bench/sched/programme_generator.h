// Programmes to schedule, made from a seed, with everything that a plan can ask for. A hidden schedule is
// made first and every constraint is set so that it holds there, unless `tightness` asks for less: feasible
// instances of any size, with a witness. Hosts and their dependencies come as a graph, from which the groups
// are found, as a plan's are. Units: minutes. Thread promise: functions of their arguments.
#pragma once

#include <cstdint>
#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::bench {

struct HostEdge {
    std::int32_t from = 0;
    std::int32_t to = 0;
    enum class Kind : std::uint8_t { kTogether, kBefore, kSoft } kind = Kind::kSoft;
};
struct HostGraph {
    std::int32_t hosts = 0;
    std::vector<HostEdge> edges;
};
// About two hosts in three hang together with another; 4% of the edges order groups, the rest are soft.
[[nodiscard]] HostGraph host_graph(std::int32_t hosts, std::int64_t edges, std::uint64_t seed);

// Union-find over what must move together; groups numbered by their first host. An edge that orders two
// groups goes from the lower to the higher number, since circles are another test's matter.
struct HostGroups {
    std::int32_t count = 0;
    std::vector<std::int32_t> group_of;
    struct Order {
        std::int32_t from = 0;
        std::int32_t to = 0;
        friend auto operator<=>(const Order&, const Order&) = default;
    };
    std::vector<Order> orders;  // sorted, each once
    std::vector<std::int32_t> size;
};
[[nodiscard]] HostGroups groups_of(const HostGraph& graph);

// Shares are percent of the groups, or of the jobs for those that have begun. Zero leaves a kind of
// constraint out.
struct GeneratorParameters {
    std::uint64_t seed = 1;
    std::int32_t groups = 20;          // where no host graph is given
    std::int32_t orders_percent = 60;  // hard orders between groups, by group; without a graph
    std::int32_t nights = 0;           // windows over which the hidden schedule spreads; 0: by size
    std::int32_t calendars = 3;        // 0: everything runs at any time
    std::int32_t teams = 4;            // hot resources; 0: no resources at all
    std::int32_t ways_max = 3;         // of a group
    std::int32_t hypercare_percent = 40;
    std::int32_t decommission_percent = 50;
    std::int32_t maximum_lags_percent = 70;
    std::int32_t stocks_percent = 50;
    std::int32_t budgets_percent = 60;
    std::int32_t apart_percent = 20;
    std::int32_t waves_percent = 6;  // in pinned waves
    std::int32_t hard_due_percent = 10;
    std::int32_t soft_due_percent = 10;
    std::int32_t fixed_percent = 2;
    std::int32_t published_percent = 50;
    // Percent of what the hidden schedule uses that resources, stocks and budgets have at least; below 100
    // the instance may be infeasible.
    std::int32_t tightness = 115;
};

struct GeneratedProgramme {
    planning::scheduler::Programme programme;
    planning::scheduler::ProgrammeTimes hidden;  // keeps every constraint where tightness >= 100
};
[[nodiscard]] GeneratedProgramme generate(const GeneratorParameters& parameters);
[[nodiscard]] GeneratedProgramme generate(const GeneratorParameters& parameters, const HostGroups& groups);

}  // namespace ararat::bench
