#include "cli/plan_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <set>

#include "platform/files.h"

namespace ararat::cli {

namespace {

namespace fs = std::filesystem;

// Every *.yaml of a directory, or the file itself; sorted, so that the order never depends on the disk.
Result<std::vector<std::string>> yaml_files(const std::string& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        std::vector<std::string> files;
        for (const auto& entry : fs::directory_iterator(path, error)) {
            const auto extension = entry.path().extension();
            if (entry.is_regular_file() && (extension == ".yaml" || extension == ".yml")) {
                files.push_back(entry.path().string());
            }
        }
        std::sort(files.begin(), files.end());
        if (files.empty()) return Error{ErrorCode::kNotFound, "no .yaml file in this folder", path};
        return files;
    }
    if (!fs::is_regular_file(path, error)) return Error{ErrorCode::kNotFound, "no such file", path};
    return std::vector<std::string>{path};
}

Result<void> read_plans(const std::vector<std::string>& paths, planning::PlanSources& sources) {
    std::deque<std::string> waiting;
    for (const auto& path : paths) {
        ARARAT_ASSIGN_OR_RETURN(const auto files, yaml_files(path));
        waiting.insert(waiting.end(), files.begin(), files.end());
    }
    std::set<std::string> seen;
    while (!waiting.empty()) {
        const std::string file = waiting.front();
        waiting.pop_front();
        std::error_code error;
        const auto real = fs::weakly_canonical(file, error);
        if (!seen.insert(real.string()).second) continue;
        ARARAT_ASSIGN_OR_RETURN(auto text, platform::read_file(file));
        sources.plans.push_back({file, std::move(text)});
        const auto folder = fs::path(file).parent_path();
        const auto root = fs::weakly_canonical(folder.empty() ? fs::path(".") : folder, error);
        for (const auto& include : planning::includes_of(sources.plans.back())) {
            const auto target = fs::weakly_canonical(root / include, error);
            const auto inside = fs::relative(target, root, error);
            if (error || inside.empty() || *inside.begin() == "..") {
                return Error{ErrorCode::kInvalidArgument,
                             fmt::format("the include '{}' leaves the plan's folder: it is {}", include,
                                         target.string()),
                             file};
            }
            ARARAT_ASSIGN_OR_RETURN(const auto files, yaml_files((folder / include).string()));
            waiting.insert(waiting.end(), files.begin(), files.end());
        }
    }
    return {};
}

Result<void> read_runbooks(const fs::path& folder, std::set<std::string>& names,
                           planning::PlanSources& sources) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) return {};
    ARARAT_ASSIGN_OR_RETURN(const auto files, yaml_files(folder.string()));
    for (const auto& file : files) {
        if (!names.insert(fs::path(file).stem().string()).second) continue;
        ARARAT_ASSIGN_OR_RETURN(auto text, platform::read_file(file));
        sources.runbooks.push_back({file, std::move(text)});
    }
    return {};
}

Result<void> read_actions(const fs::path& folder, planning::PlanSources& sources) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) return {};
    std::vector<fs::path> actions;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.is_directory() && fs::exists(entry.path() / "action.yaml")) actions.push_back(entry.path());
    }
    std::sort(actions.begin(), actions.end());
    for (const auto& action : actions) {
        const std::string name = action.filename().string();
        if (sources.action_files.count(name) != 0) continue;
        ARARAT_ASSIGN_OR_RETURN(auto text, platform::read_file((action / "action.yaml").string()));
        sources.actions.push_back({(action / "action.yaml").string(), std::move(text)});
        auto& files = sources.action_files[name];
        for (const auto& entry : fs::directory_iterator(action, error)) {
            if (!entry.is_regular_file() || entry.path().filename() == "action.yaml") continue;
            ARARAT_ASSIGN_OR_RETURN(auto bytes, platform::read_file(entry.path().string()));
            files.emplace(entry.path().filename().string(), std::move(bytes));
        }
    }
    return {};
}

std::string library_folder(const std::string& given) {
    if (!given.empty()) return given;
    if (const char* set = std::getenv("ARARAT_LIBRARY"); set != nullptr && *set != '\0') return set;
    std::error_code error;
    constexpr const char* kInstalled = "/usr/share/ararat/plans";
    return fs::is_directory(kInstalled, error) ? kInstalled : ARARAT_SOURCE_LIBRARY;
}

}  // namespace

Result<planning::PlanSources> read_plan_sources(const std::vector<std::string>& paths,
                                                const std::string& library) {
    try {
        planning::PlanSources sources;
        ARARAT_RETURN_IF_ERROR(read_plans(paths, sources));
        std::set<std::string> runbooks;
        std::vector<fs::path> places;
        for (const auto& path : paths) {
            std::error_code error;
            places.push_back(fs::is_directory(path, error) ? fs::path(path) : fs::path(path).parent_path());
        }
        places.emplace_back(library_folder(library));
        for (const auto& place : places) {
            ARARAT_RETURN_IF_ERROR(read_runbooks(place / "runbooks", runbooks, sources));
            ARARAT_RETURN_IF_ERROR(read_actions(place / "actions", sources));
        }
        return sources;
    } catch (const fs::filesystem_error& fault) {
        return Error{ErrorCode::kUnavailable, fault.what(), {}};
    }
}

}  // namespace ararat::cli
