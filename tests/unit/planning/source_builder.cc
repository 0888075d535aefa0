#include "tests/unit/planning/source_builder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "planning/scalar_types.h"

namespace ararat::planning::testing {
namespace {

namespace fs = std::filesystem;

fs::path root() { return fs::path(ARARAT_SOURCE_DIR); }

std::vector<fs::path> files_below(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string project_path(const fs::path& path) { return path.lexically_relative(root()).generic_string(); }

// The files that a plan's include, those that they include, and the calendars of all of them.
void add_what_it_names(PlanSources& sources) {
    for (std::size_t i = 0; i < sources.plans.size(); ++i) {
        const SourceFile plan = sources.plans[i];
        const fs::path folder = fs::path(plan.name).parent_path();
        for (const Include& include : includes_of(plan)) {
            const std::string name = (folder / include.path).generic_string();
            sources.plans.push_back({name, read_project_file(name)});
        }
        for (const Include& import : imports_of(plan)) {
            const std::string name = (folder / import.path).generic_string();
            sources.calendars[plan.name][import.path] = {name, read_project_file(name)};
        }
    }
}

// Those of a folder; what is there already, from beside the plan, comes before a namesake.
void add_runbooks(const fs::path& folder, PlanSources& sources) {
    if (!fs::is_directory(root() / folder)) return;
    std::set<std::string> known;
    for (const SourceFile& runbook : sources.runbooks) known.insert(fs::path(runbook.name).filename());
    for (const fs::path& path : files_below(root() / folder)) {
        if (known.contains(path.filename())) continue;
        sources.runbooks.push_back({project_path(path), read_project_file(project_path(path))});
    }
}

}  // namespace

Instant test_now() { return from_unix_ms(1709546400000); }

std::string read_project_file(const std::string& path) {
    std::ifstream stream(root() / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

PlanSources alone(const std::string& name, const std::string& text) {
    PlanSources sources;
    sources.plans.push_back({name, text});
    return sources;
}

PlanSources with_library(const std::string& name, const std::string& text) {
    PlanSources sources = alone(name, text);
    add_what_it_names(sources);
    add_runbooks(fs::path(name).parent_path() / "runbooks", sources);
    add_runbooks("plans/runbooks", sources);
    std::vector<fs::path> files = files_below(root() / "plans" / "actions");
    // Those that stand beside the plan.
    const fs::path own = fs::path(name).parent_path() / "actions";
    if (fs::is_directory(root() / own) && own != "plans/actions") {
        const std::vector<fs::path> more = files_below(root() / own);
        files.insert(files.end(), more.begin(), more.end());
    }
    for (const fs::path& path : files) {
        const std::string bytes = read_project_file(project_path(path));
        if (path.filename() == "action.yaml") sources.actions.push_back({project_path(path), bytes});
        sources.action_files[path.parent_path().filename().string()][path.filename().string()] = bytes;
    }
    return sources;
}

Instant as_of(const std::string& plan) {
    std::string text = read_project_file((fs::path(plan).parent_path() / "as-of").generic_string());
    while (text.ends_with('\n')) text.pop_back();
    const auto moment = read_moment(text, test_now());
    return moment.ok() ? *moment : test_now();
}

ParseOutcome parse(const PlanSources& sources, Instant as_of) {
    ParseOptions options;
    options.as_of = as_of;
    return parse_plan(sources, options);
}

std::vector<std::string> lines(const ParseOutcome& outcome) {
    std::vector<std::string> result;
    for (const Diagnostic& diagnostic : outcome.diagnostics) result.push_back(to_string(diagnostic));
    return result;
}

std::vector<std::string> example_plans() {
    std::vector<std::string> found;
    for (const fs::path& path : files_below(root() / "plans")) {
        const std::string name = project_path(path);
        const bool library =
            name.find("/actions/") != std::string::npos || name.rfind("plans/runbooks/", 0) == 0;
        if (library || path.extension() != ".yaml") continue;
        if (read_project_file(name).find("\nararat: v1") != std::string::npos) found.push_back(name);
    }
    return found;
}

}  // namespace ararat::planning::testing
