#include "planning/dependency_graph.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace ararat::planning {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

DependencyGraph graph_of(const std::vector<std::string>& nodes, const std::vector<Dependency>& edges) {
    DependencyGraph graph;
    for (const std::string& node : nodes) graph.add_node(node, std::chrono::minutes(1));
    for (const Dependency& edge : edges) EXPECT_TRUE(graph.add(edge).ok());
    return graph;
}

Dependency needs(const std::string& dependent, const std::string& prerequisite, int line,
                 std::int64_t cost = 1) {
    return {dependent, prerequisite, DependencyKind::kHard, {"plan.yaml", line, 7}, cost};
}

TEST(DependencyGraph, RefusesAnEdgeToNothing) {
    DependencyGraph graph;
    graph.add_node("housing");
    const auto added = graph.add(needs("housing", "finance", 4));
    ASSERT_FALSE(added.ok());
    EXPECT_EQ(added.error().message,
              "housing needs finance (plan.yaml:4:7): there is nothing named 'finance'");
    EXPECT_EQ(added.error().code, ErrorCode::kNotFound);
}

TEST(DependencyGraph, OrdersPrerequisitesFirstAndTiesById) {
    const auto graph = graph_of({"d", "c", "b", "a"}, {needs("a", "c", 1), needs("b", "d", 2)});
    const auto order = graph.topological_order();
    ASSERT_TRUE(order.ok());
    EXPECT_THAT(*order, ElementsAre("c", "a", "d", "b"));
}

TEST(DependencyGraph, NamesACircleByItsEdgesAndPlaces) {
    const auto graph = graph_of({"a", "b", "c", "d"}, {needs("a", "b", 3), needs("b", "c", 5),
                                                       needs("c", "a", 9), needs("d", "a", 11)});
    const auto order = graph.topological_order();
    ASSERT_FALSE(order.ok());
    EXPECT_EQ(order.error().message,
              "these wait for each other: a needs b (plan.yaml:3:7), b needs c (plan.yaml:5:7), c needs a "
              "(plan.yaml:9:7)");
    EXPECT_FALSE(graph.critical_path().ok());
}

TEST(DependencyGraph, FindsEveryCircleAndEveryEdgeInsideIt) {
    const auto graph =
        graph_of({"a", "b", "x", "y", "self"},
                 {needs("a", "b", 1), needs("b", "a", 2), needs("x", "y", 3), needs("y", "x", 4),
                  needs("y", "x", 5), needs("a", "x", 6), needs("self", "self", 7)});
    const auto cycles = graph.cycles();
    ASSERT_EQ(cycles.size(), 3U);
    EXPECT_THAT(cycles[0].nodes, ElementsAre("a", "b"));
    EXPECT_THAT(cycles[1].nodes, ElementsAre("self"));
    EXPECT_THAT(cycles[1].cut, ElementsAre(needs("self", "self", 7)));
    EXPECT_THAT(cycles[2].edges, ElementsAre(needs("x", "y", 3), needs("y", "x", 4), needs("y", "x", 5)));
}

TEST(DependencyGraph, SoftAndPairEdgesMakeNoCircle) {
    auto graph = graph_of({"a", "b"}, {needs("a", "b", 1)});
    ASSERT_TRUE(graph.add({"b", "a", DependencyKind::kSoft, {"plan.yaml", 2, 1}}).ok());
    ASSERT_TRUE(graph.add({"b", "a", DependencyKind::kPair, {"plan.yaml", 3, 1}}).ok());
    EXPECT_THAT(graph.cycles(), IsEmpty());
    EXPECT_EQ(graph.components().size(), 2U);
}

// a and b need each other thrice and once; the single need is the cheapest to give up.
TEST(DependencyGraph, ProposesTheCheapestCut) {
    const auto graph = graph_of(
        {"a", "b"}, {needs("a", "b", 1), needs("a", "b", 2), needs("a", "b", 3), needs("b", "a", 4)});
    const auto cycles = graph.cycles();
    ASSERT_EQ(cycles.size(), 1U);
    EXPECT_TRUE(cycles[0].cut_is_minimal);
    EXPECT_THAT(cycles[0].cut, ElementsAre(needs("b", "a", 4)));
}

TEST(DependencyGraph, CutMinimisesCostNotCount) {
    const auto graph =
        graph_of({"a", "b", "c"}, {needs("a", "b", 1, 10), needs("b", "a", 2, 10), needs("b", "c", 3, 10),
                                   needs("c", "b", 4, 2), needs("c", "a", 5, 3), needs("a", "c", 6, 10)});
    const auto cycles = graph.cycles();
    ASSERT_EQ(cycles.size(), 1U);
    EXPECT_THAT(cycles[0].cut, ElementsAre(needs("c", "a", 5, 3), needs("c", "b", 4, 2)));
}

// Brute force over all two-part splits against the flow computation.
TEST(DependencyGraph, CutEqualsBruteForceOnRandomComponents) {
    std::mt19937 random(20171002);
    int compared = 0;
    for (int round = 0; round < 200; ++round) {
        const std::size_t count = 2 + random() % 5;
        std::vector<std::string> nodes;
        for (std::size_t i = 0; i < count; ++i) nodes.push_back("n" + std::to_string(i));
        std::vector<Dependency> edges;
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < count; ++j) {
                if (i == j || random() % 2 == 0) continue;
                edges.push_back(needs(nodes[i], nodes[j], static_cast<int>(i * 10 + j),
                                      1 + static_cast<std::int64_t>(random() % 9)));
            }
        }
        const auto cycles = graph_of(nodes, edges).cycles();
        if (cycles.size() != 1 || cycles[0].nodes.size() != count) continue;
        ++compared;
        std::int64_t best = std::numeric_limits<std::int64_t>::max();
        for (unsigned split = 1; split + 1 < (1U << count); ++split) {
            std::int64_t cost = 0;
            for (const Dependency& edge : edges) {
                const auto side = [&](const std::string& node) { return split >> (node[1] - '0') & 1U; };
                if (side(edge.dependent) == 1 && side(edge.prerequisite) == 0) cost += edge.cost;
            }
            best = std::min(best, cost);
        }
        std::int64_t found = 0;
        for (const Dependency& edge : cycles[0].cut) found += edge.cost;
        EXPECT_EQ(found, best) << "round " << round;
    }
    EXPECT_GT(compared, 50);
}

TEST(DependencyGraph, CriticalPathIsTheLongestChain) {
    DependencyGraph graph;
    graph.add_node("a", std::chrono::minutes(10));
    graph.add_node("b", std::chrono::minutes(50));
    graph.add_node("c", std::chrono::minutes(5));
    graph.add_node("d", std::chrono::minutes(20));
    for (const auto& edge : {needs("c", "a", 1), needs("c", "b", 2), needs("d", "c", 3)}) {
        ASSERT_TRUE(graph.add(edge).ok());
    }
    const auto path = graph.critical_path();
    ASSERT_TRUE(path.ok());
    EXPECT_THAT(path->nodes, ElementsAre("b", "c", "d"));
    EXPECT_EQ(path->length, std::chrono::minutes(75));
}

TEST(DependencyGraph, ReductionKeepsWhatDoesNotFollow) {
    const auto graph =
        graph_of({"a", "b", "c"}, {needs("c", "b", 1), needs("b", "a", 2), needs("c", "a", 3)});
    EXPECT_THAT(graph.reduced(), ElementsAre(needs("b", "a", 2), needs("c", "b", 1)));
    EXPECT_EQ(graph.reduced(2).size(), 3U);
}

TEST(DependencyGraph, OrderOfAddingDoesNotMatter) {
    std::vector<std::string> nodes{"a", "b", "c", "d", "e", "f"};
    std::vector<Dependency> edges{needs("a", "b", 1), needs("b", "a", 2), needs("c", "a", 3),
                                  needs("d", "c", 4), needs("e", "c", 5), needs("f", "e", 6),
                                  needs("e", "f", 7)};
    const auto first = graph_of(nodes, edges);
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        std::ranges::shuffle(nodes, random);
        std::ranges::shuffle(edges, random);
        const auto other = graph_of(nodes, edges);
        EXPECT_EQ(other.components(), first.components());
        EXPECT_EQ(other.dependencies(), first.dependencies());
        ASSERT_EQ(other.cycles().size(), first.cycles().size());
        for (std::size_t i = 0; i < first.cycles().size(); ++i) {
            EXPECT_EQ(describe(other.cycles()[i]), describe(first.cycles()[i]));
            EXPECT_EQ(other.cycles()[i].cut, first.cycles()[i].cut);
        }
    }
}

// A chain and one circle of 100,000: nothing may recurse over them.
TEST(DependencyGraph, TakesAHundredThousandNodes) {
    constexpr int kCount = 100'000;
    DependencyGraph graph;
    for (int i = 0; i < kCount; ++i) graph.add_node("n" + std::to_string(i), std::chrono::minutes(1));
    for (int i = 1; i < kCount; ++i) {
        ASSERT_TRUE(graph.add(needs("n" + std::to_string(i), "n" + std::to_string(i - 1), i)).ok());
    }
    const auto path = graph.critical_path();
    ASSERT_TRUE(path.ok());
    EXPECT_EQ(path->nodes.size(), static_cast<std::size_t>(kCount));
    EXPECT_EQ(path->length, std::chrono::minutes(kCount));
    ASSERT_TRUE(graph.add(needs("n0", "n" + std::to_string(kCount - 1), kCount)).ok());
    const auto cycles = graph.cycles();
    ASSERT_EQ(cycles.size(), 1U);
    EXPECT_EQ(cycles[0].shortest.size(), static_cast<std::size_t>(kCount));
    EXPECT_FALSE(cycles[0].cut_is_minimal);
    EXPECT_EQ(cycles[0].cut.size(), 1U);
}

}  // namespace
}  // namespace ararat::planning
