#include "planning/graph_view.h"

#include <gmock/gmock.h>

#include "planning/svg_layout.h"
#include "support/estate_builder.h"

namespace ararat::planning {
namespace {

using ::testing::ElementsAre;
using testing::EstateBuilder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::utc;

const Instant kAsOf = utc(2017, 10, 2, 9);

GraphView view_of(const EstateBuilder& estate) {
    const auto schedule = make_schedule(estate.plan, kAsOf);
    EXPECT_TRUE(schedule.ok()) << schedule.error().message;
    return schedule.ok() ? application_view(estate.plan, *schedule) : GraphView{};
}

EstateBuilder small_estate() {
    EstateBuilder estate;
    for (const char* name : {"directory", "finance", "housing", "payroll"}) estate.application(name);
    estate.needs("housing", "directory")
        .uses("housing", "finance")
        .together({"finance", "payroll"}, "one chassis");
    return estate;
}

// Every tag that opens closes, in order: enough to notice text that was not escaped.
bool is_well_formed(const std::string& xml) {
    std::vector<std::string> open;
    for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
        const std::size_t end = xml.find('>', at);
        if (end == std::string::npos) return false;
        const std::string tag = xml.substr(at + 1, end - at - 1);
        if (tag.find('<') != std::string::npos) return false;
        if (tag[0] == '?' || tag.back() == '/') continue;
        const std::string name = tag.substr(0, tag.find_first_of(" \n"));
        if (name[0] != '/') {
            open.push_back(name);
        } else if (open.empty() || "/" + open.back() != name) {
            return false;
        } else {
            open.pop_back();
        }
    }
    return open.empty();
}

TEST(GraphView, ShowsApplicationsGroupsHostsAndTheCriticalPath) {
    const auto view = view_of(small_estate());
    ASSERT_EQ(view.nodes.size(), 4U);
    EXPECT_EQ(view.nodes[0].id, "directory");
    EXPECT_TRUE(view.nodes[0].critical);
    EXPECT_FALSE(view.nodes[1].critical);
    EXPECT_EQ(view.nodes[1].cluster, "finance");
    EXPECT_EQ(view.nodes[2].cluster, "");
    EXPECT_THAT(view.nodes[2].lines, ElementsAre("wave-1, Mon 2017-10-02 09:30 UTC",
                                                 "web: housing-1 \u2192 new-housing-1 (primary)"));
    ASSERT_EQ(view.clusters.size(), 1U);
    EXPECT_THAT(view.clusters[0].reasons,
                ElementsAre("the plan moves finance, payroll together: one chassis (plan.yaml:16:3)"));
    ASSERT_EQ(view.edges.size(), 2U);
    EXPECT_EQ(view.edges[0].from, "directory");
    EXPECT_TRUE(view.edges[0].critical);
    EXPECT_EQ(view.edges[1].kind, DependencyKind::kSoft);
}

TEST(GraphView, CriticalPartKeepsOnlyThePath) {
    const auto part = critical_part(view_of(small_estate()));
    ASSERT_EQ(part.nodes.size(), 2U);
    EXPECT_EQ(part.edges.size(), 1U);
    EXPECT_TRUE(part.clusters.empty());
}

TEST(GraphView, DotIsExact) {
    GraphView view;
    view.title = "a \"quoted\\ title";
    view.nodes = {{"a", "a", {"line"}, "g", true}, {"b", "b", {}, "", false}};
    view.clusters = {{"g", "move group g", {"shared host"}}};
    view.edges = {{"a", "b", DependencyKind::kHard, true, "b needs a"},
                  {"b", "a", DependencyKind::kPair, false, ""}};
    EXPECT_EQ(render_dot(view), R"(digraph "a \"quoted\\ title" {
  label="a \"quoted\\ title";
  rankdir=LR;
  node [shape=box, style=rounded];
  subgraph cluster_0 {
    label="move group g";
    tooltip="shared host";
    "a" [label="a\nline\non the critical path", penwidth=3];
  }
  "b" [label="b"];
  "a" -> "b" [style=solid, penwidth=3, tooltip="b needs a"];
  "b" -> "a" [style=dotted, dir=none, constraint=false];
}
)");
}

TEST(GraphView, JsonIsExact) {
    GraphView view;
    view.title = "t";
    view.nodes = {{"a", "a", {"line"}, "", false}};
    EXPECT_EQ(render_json(view), R"({
  "title": "t",
  "nodes": [
    {
      "id": "a",
      "title": "a",
      "lines": [
        "line"
      ],
      "cluster": "",
      "critical": false
    }
  ],
  "clusters": [],
  "edges": []
}
)");
}

TEST(GraphView, SvgEscapesEveryText) {
    const std::string hostile = "</text><script>alert('1')</script>&\"\x01";
    GraphView view;
    view.title = hostile;
    view.nodes = {{hostile, hostile, {hostile}, hostile, true}};
    view.clusters = {{hostile, hostile, {hostile}}};
    view.edges = {{hostile, hostile, DependencyKind::kSoft, false, hostile}};
    const std::string svg = render_svg(view);
    EXPECT_TRUE(is_well_formed(svg));
    EXPECT_THAT(svg, Not(HasSubstr("<script")));
    EXPECT_THAT(svg, Not(HasSubstr("\x01")));
    EXPECT_THAT(svg, HasSubstr("&lt;/text&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"));
    EXPECT_FALSE(is_well_formed("<a><b></a>"));
}

// No two nodes overlap, nothing leaves the picture, and what waits stands to the right.
TEST(GraphView, SvgLayoutIsReadable) {
    EstateBuilder estate;
    for (int i = 0; i < 40; ++i) estate.application("app-" + std::to_string(i));
    for (int i = 1; i < 40; ++i) {
        if (i % 3 != 0) estate.needs("app-" + std::to_string(i), "app-" + std::to_string(i / 2));
    }
    estate.together({"app-3", "app-6", "app-9"}, "one chassis");
    const auto view = view_of(estate);
    const auto layout = lay_out(view);
    std::map<std::string, Box> boxes;
    for (std::size_t i = 0; i < view.nodes.size(); ++i) {
        const Box& a = layout.nodes[i];
        boxes[view.nodes[i].id] = a;
        EXPECT_GE(a.x, 0);
        EXPECT_GE(a.y, kTitleBand);
        EXPECT_LE(a.x + a.width, layout.width);
        EXPECT_LE(a.y + a.height, layout.height);
        for (std::size_t j = 0; j < i; ++j) {
            const Box& b = layout.nodes[j];
            const bool apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y ||
                               b.y + b.height <= a.y;
            EXPECT_TRUE(apart) << view.nodes[i].id << " covers " << view.nodes[j].id;
        }
    }
    for (const ViewEdge& edge : view.edges) {
        EXPECT_GE(boxes.at(edge.to).x, boxes.at(edge.from).x + boxes.at(edge.from).width) << edge.why;
    }
    for (std::size_t e = 0; e < view.edges.size(); ++e) {
        for (const Box& passage : layout.passages[e]) {
            for (const Box& box : layout.nodes) {
                const bool apart = passage.x + passage.width <= box.x || box.x + box.width <= passage.x ||
                                   passage.y + passage.height <= box.y || box.y + box.height <= passage.y;
                EXPECT_TRUE(apart) << view.edges[e].why << " passes under a box";
            }
        }
    }
    EXPECT_TRUE(is_well_formed(render_svg(view)));
}

TEST(GraphView, LongLinesAreCutByCodePoints) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "\u00e9";
    EXPECT_EQ(shortened(text).size(), (kLineCharactersMax - 1) * 2 + 3);
    EXPECT_EQ(shortened("short"), "short");
}

// ---- tasks ----

Task task(const std::string& id, const std::string& wave, std::vector<std::string> after) {
    Task result;
    result.id = TaskId{id};
    result.application = ApplicationId{id.substr(0, id.find('/'))};
    result.component = "db";
    result.step = id.substr(id.rfind('/') + 1);
    result.action = "service";
    result.phase = Phase::kQuiesce;
    result.wave = WaveId{wave};
    result.executor = HostId{"ark-hsg-db1"};
    for (const std::string& before : after) result.after.emplace_back(before);
    return result;
}

CompiledPlan compiled() {
    CompiledPlan plan;
    Wave wave;
    wave.id = WaveId{"wave-1"};
    plan.waves.push_back(wave);
    plan.tasks = {task("housing/db/a", "wave-1", {}), task("housing/db/b", "wave-1", {"housing/db/a"}),
                  task("housing/db/c", "wave-1", {"housing/db/a", "housing/db/b"}),
                  task("finance/db/x", "wave-1", {"housing/db/a"}),
                  task("other/db/y", "wave-2", {"housing/db/c"})};
    plan.tasks[3].kind = TaskKind::kSoak;
    plan.tasks[3].soak = std::chrono::minutes(5);
    return plan;
}

TEST(TaskView, DrawsOneWaveInLanesWithoutWhatFollows) {
    const auto view = task_view(compiled(), WaveId{"wave-1"});
    ASSERT_TRUE(view.ok());
    EXPECT_EQ(view->nodes.size(), 4U);
    ASSERT_EQ(view->clusters.size(), 2U);
    EXPECT_EQ(view->clusters[0].title, "finance");
    ASSERT_EQ(view->edges.size(), 3U);  // a -> c follows from a -> b -> c
    EXPECT_EQ(view->edges[1].to, "housing/db/b");
    EXPECT_EQ(view->edges[2].from, "housing/db/b");
    EXPECT_THAT(view->nodes[0].lines, ElementsAre("db on ark-hsg-db1", "soak for 5min"));
    EXPECT_THAT(view->nodes[1].lines, ElementsAre("db on ark-hsg-db1", "quiesce, service"));
    EXPECT_TRUE(is_well_formed(render_svg(*view)));
}

TEST(TaskView, TheCriticalPathGoesByMeasuredTimesWhereThereAreAny) {
    const auto critical = [](const GraphView& view) {
        std::vector<std::string> ids;
        for (const ViewNode& node : view.nodes) {
            if (node.critical) ids.push_back(node.id);
        }
        return ids;
    };
    EXPECT_THAT(critical(*task_view(compiled(), WaveId{"wave-1"})),
                ElementsAre("finance/db/x", "housing/db/a"));
    EXPECT_THAT(critical(*task_view(compiled(), WaveId{"wave-1"},
                                    {{TaskId{"housing/db/c"}, std::chrono::minutes(9)}})),
                ElementsAre("housing/db/a", "housing/db/b", "housing/db/c"));
}

TEST(TaskView, AnUnknownWaveIsAnError) {
    const auto view = task_view(compiled(), WaveId{"wave-9"});
    ASSERT_FALSE(view.ok());
    EXPECT_EQ(view.error().message, "the plan has no wave wave-9");
    EXPECT_EQ(task_view(compiled(), WaveId{})->nodes.size(), 5U);
}

}  // namespace
}  // namespace ararat::planning
