#include "cli/approval_subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/join.h"

namespace ararat::cli {

namespace {

constexpr std::size_t kShown = 12;

// The first of them, and how many there are.
std::string list_of(const std::vector<std::string>& names) {
    const auto shown = std::min(names.size(), kShown);
    std::string text = join(
        std::vector<std::string>(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown)), ", ");
    if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
    return text.empty() ? "none" : text;
}

const char* guard_word(Guard guard) {
    switch (guard) {
        case Guard::kNone: return "";
        case Guard::kCutover: return "cutover";
        case Guard::kPowerOff: return "power off";
        case Guard::kDecommission: return "decommission";
    }
    return "";
}

}  // namespace

Result<Wave> verified_wave(CompiledPlan plan, const WaveId& wave, const Hash& subtree) {
    seal(plan);
    const auto found = std::ranges::find(plan.waves, wave, &Wave::id);
    if (found == plan.waves.end()) {
        return Error{ErrorCode::kNotFound, "the plan in force has no such wave", wave.str()};
    }
    if (found->subtree == subtree) return *found;
    return Error{
        ErrorCode::kAborted,
        fmt::format("the orchestrator asks for a signature over {}, but the plan it shows has {}: nothing "
                    "was signed. Look at the plan again",
                    subtree.str(), found->subtree.str()),
        wave.str()};
}

std::vector<std::string> describe_wave(const CompiledPlan& plan, const Wave& wave) {
    std::vector<std::string> applications;
    for (const MoveGroup& group : plan.groups) {
        if (group.wave != wave.id) continue;
        for (const ApplicationId& application : group.applications) applications.push_back(application.str());
    }
    std::set<std::string> hosts;
    std::vector<std::string> guarded;
    std::vector<std::string> no_return;
    std::size_t steps = 0;
    for (const Task& task : plan.tasks) {
        if (task.wave != wave.id) continue;
        ++steps;
        if (!task.executor.empty()) hosts.insert(task.executor.str());
        if (task.guard != Guard::kNone) {
            guarded.push_back(
                fmt::format("{} ({} on {})", task.id.str(), guard_word(task.guard), task.executor.str()));
        }
        if (task.point_of_no_return) no_return.push_back(task.id.str());
    }
    return {
        fmt::format("applications: {}", list_of(applications)),
        fmt::format("{} steps on {} hosts: {}", steps, hosts.size(), list_of({hosts.begin(), hosts.end()})),
        fmt::format("guarded steps: {}", list_of(guarded)),
        fmt::format("no return after: {}", list_of(no_return)),
        fmt::format("subtree: {}", wave.subtree.str())};
}

}  // namespace ararat::cli
