#include "tests/unit/planning/source_builder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

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

namespace {

// As the command line reads them: beside the plan.
void add_imports(PlanSources& sources) {
    for (const SourceFile& plan : sources.plans) {
        for (const Include& import : imports_of(plan)) {
            const std::string path = (fs::path(plan.name).parent_path() / import.path).generic_string();
            sources.calendars[plan.name][import.path] = {path, read_project_file(path)};
        }
    }
}

}  // namespace

PlanSources with_library(const std::string& name, const std::string& text) {
    PlanSources sources = alone(name, text);
    add_imports(sources);
    for (const fs::path& path : files_below(root() / "plans" / "runbooks")) {
        sources.runbooks.push_back({project_path(path), read_project_file(project_path(path))});
    }
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

ParseOutcome parse(const PlanSources& sources) {
    ParseOptions options;
    options.as_of = test_now();
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
