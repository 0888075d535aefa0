#include "tests/fuzz/plan_sources.h"

#include <algorithm>

#include "base/join.h"

namespace ararat::fuzzing {
namespace {

constexpr std::string_view kMark = "\n=== ";
// More files than that make an input slow and say nothing new.
constexpr std::size_t kFilesMax = 64;

void add(planning::PlanSources& sources, const std::string& name, std::string text) {
    if (name.ends_with("action.yaml")) {
        sources.actions.push_back({name, std::move(text)});
    } else if (name.starts_with("runbooks/")) {
        sources.runbooks.push_back({name, std::move(text)});
    } else if (name.starts_with("actions/")) {
        const auto parts = split(name, '/');
        sources.action_files[parts[1]][parts.back()] = std::move(text);
    } else {
        sources.plans.push_back({name, std::move(text)});
    }
}

}  // namespace

planning::PlanSources split_sources(std::string_view text) {
    planning::PlanSources sources;
    std::string name = "plan.yaml";
    for (std::size_t files = 0; files < kFilesMax; ++files) {
        const std::size_t mark = text.find(kMark);
        if (mark == std::string_view::npos) break;
        add(sources, name, std::string(text.substr(0, mark + 1)));
        text.remove_prefix(mark + kMark.size());
        const std::size_t end = std::min(text.find('\n'), text.size());
        name = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    add(sources, name, std::string(text));
    return sources;
}

std::string joined_sources(const planning::PlanSources& sources) {
    std::string text;
    const auto append = [&text](const std::string& name, const std::string& contents) {
        if (!text.empty()) text += (text.ends_with('\n') ? "=== " : "\n=== ") + name + "\n";
        text += contents;
    };
    for (const auto* files : {&sources.plans, &sources.runbooks, &sources.actions})
        for (const planning::SourceFile& file : *files) append(file.name, file.text);
    for (const auto& [action, files] : sources.action_files)
        for (const auto& [name, contents] : files) append("actions/" + action + "/" + name, contents);
    return text;
}

}  // namespace ararat::fuzzing
