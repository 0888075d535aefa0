#include "sched/sch_reader.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace ararat::bench {

using planning::scheduler::Activity;
using planning::scheduler::Mode;
using planning::scheduler::Project;

std::optional<Project> read_sch(const std::string& text) {
    std::string plain = text;
    std::ranges::replace_if(
        plain, [](char c) { return c == '[' || c == ']'; }, ' ');
    std::istringstream in(plain);
    std::size_t jobs = 0;
    std::size_t resources = 0;
    int ignored = 0;
    in >> jobs >> resources >> ignored >> ignored;
    Project project;
    for (std::size_t i = 0; in && i < jobs + 2; ++i) {
        std::int32_t id = 0;
        int modes = 0;
        std::size_t successors = 0;
        in >> id >> modes >> successors;
        const std::size_t first = project.arcs.size();
        for (std::size_t k = 0; in && k < successors; ++k) {
            project.arcs.push_back({id, 0, 0, false});
            in >> project.arcs.back().to;
        }
        for (std::size_t k = first; k < project.arcs.size(); ++k) in >> project.arcs[k].lag;
    }
    for (std::size_t i = 0; in && i < jobs + 2; ++i) {
        Mode mode;
        mode.demand.resize(resources);
        in >> ignored >> ignored >> mode.duration;
        for (std::int32_t& demand : mode.demand) in >> demand;
        project.activities.push_back(Activity{{std::move(mode)}});
    }
    project.capacity.resize(resources);
    for (std::int32_t& capacity : project.capacity) in >> capacity;
    if (!in) return std::nullopt;
    return project;
}

}  // namespace ararat::bench
