#include "sched/mm_reader.h"

#include <sstream>
#include <utility>

namespace ararat::bench {
namespace {

using planning::scheduler::Activity;
using planning::scheduler::Mode;
using planning::scheduler::Project;

// Leaves the text behind the next line that has the word; nothing of it when there is none.
void skip_to(std::istringstream& in, const std::string& word) {
    std::string line;
    while (std::getline(in, line)) {
        if (line.find(word) != std::string::npos) return;
    }
}

std::size_t number_after(const std::string& text, const std::string& word) {
    const std::size_t at = text.find(word);
    if (at == std::string::npos) return 0;
    std::istringstream in(text.substr(text.find(':', at) + 1));
    std::size_t number = 0;
    in >> number;
    return number;
}

}  // namespace

std::optional<Project> read_mm(const std::string& text) {
    const std::size_t jobs = number_after(text, "jobs ");
    const std::size_t renewable = number_after(text, "- renewable");
    const std::size_t nonrenewable = number_after(text, "- nonrenewable");
    if (jobs == 0) return std::nullopt;
    Project project;
    project.activities.resize(jobs);
    std::istringstream in(text);
    skip_to(in, "jobnr.");
    for (std::size_t i = 0; in && i < jobs; ++i) {
        std::int32_t id = 0;
        std::size_t modes = 0;
        std::size_t successors = 0;
        in >> id >> modes >> successors;
        if (!in || modes > 1000) return std::nullopt;
        project.activities[i].modes.resize(modes);
        for (std::size_t k = 0; in && k < successors; ++k) {
            std::int32_t to = 0;
            in >> to;
            project.arcs.push_back({id - 1, to - 1, 0, true});
        }
    }
    skip_to(in, "jobnr.");
    skip_to(in, "---");
    for (Activity& activity : project.activities) {
        int ignored = 0;
        in >> ignored;
        for (Mode& mode : activity.modes) {
            mode.demand.resize(renewable);
            mode.use.resize(nonrenewable);
            in >> ignored >> mode.duration;
            for (std::int32_t& demand : mode.demand) in >> demand;
            for (std::int32_t& use : mode.use) in >> use;
        }
    }
    skip_to(in, "AVAILABILITIES");
    skip_to(in, "R 1");
    project.capacity.resize(renewable);
    project.stock.resize(nonrenewable);
    for (std::int32_t& capacity : project.capacity) in >> capacity;
    for (std::int32_t& stock : project.stock) in >> stock;
    if (!in) return std::nullopt;
    return project;
}

}  // namespace ararat::bench
