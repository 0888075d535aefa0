#include "execution/references.h"

#include "execution/queries.h"

namespace ararat::execution {
namespace {

constexpr std::string_view kOpen = "${step.";

Result<std::string> output_of(const Run& run, std::string_view name) {
    const auto dot = name.rfind('.');
    if (dot != std::string_view::npos) {
        const auto task = run.tasks.find(TaskId(std::string(name.substr(0, dot))));
        if (task != run.tasks.end()) {
            const std::string wanted(name.substr(dot + 1));
            const auto unfit = task->second.outputs_not_kept.find(wanted);
            if (unfit != task->second.outputs_not_kept.end()) {
                return Error{ErrorCode::kFailedPrecondition, "output " + wanted + " of " + task->first.str() +
                                                                 " " + unfit->second + ": it cannot be used"};
            }
            const auto output = task->second.outputs.find(wanted);
            if (output != task->second.outputs.end()) return output->second;
        }
    }
    return Error{ErrorCode::kFailedPrecondition, "output " + std::string(name) + " is not recorded"};
}

Result<void> resolve(const Run& run, std::string& text) {
    auto at = text.find(kOpen);
    if (at == std::string::npos) return {};
    std::string resolved;
    std::size_t done = 0;
    for (; at != std::string::npos; at = text.find(kOpen, done)) {
        const auto end = text.find('}', at);
        if (end == std::string::npos) break;
        resolved.append(text, done, at - done);
        const std::string_view name =
            std::string_view(text).substr(at + kOpen.size(), end - at - kOpen.size());
        ARARAT_ASSIGN_OR_RETURN(const std::string value, output_of(run, name));
        resolved += value;
        done = end + 1;
    }
    resolved.append(text, done);
    text = std::move(resolved);
    return {};
}

Result<Operation> resolve(const Run& run, Operation operation) {
    for (std::string& argument : operation.argv) ARARAT_RETURN_IF_ERROR(resolve(run, argument));
    for (auto& [name, value] : operation.fields) ARARAT_RETURN_IF_ERROR(resolve(run, value));
    for (auto& [name, value] : operation.environment) ARARAT_RETURN_IF_ERROR(resolve(run, value));
    ARARAT_RETURN_IF_ERROR(resolve(run, operation.expect.output_equals));
    ARARAT_RETURN_IF_ERROR(resolve(run, operation.expect.output_contains));
    return operation;
}

}  // namespace

Result<std::vector<Stage>> stages_of(const Run& run, TaskIndex index, Purpose purpose) {
    const Task& task = task_at(run, index);
    std::vector<std::pair<const char*, const Boxed<Operation>*>> wanted;
    switch (purpose) {
        case Purpose::kForward:
            // After a probe that found the effect there is nothing to perform, only to verify.
            if (progress_at(run, index).effect_confirmed) {
                wanted = {{"verify", &task.verify}};
            } else {
                wanted = {{"check", &task.check}, {"perform", &task.perform}, {"verify", &task.verify}};
            }
            break;
        case Purpose::kProbe: wanted = {{"probe", task.probe ? &task.probe : &task.check}}; break;
        case Purpose::kUndo: wanted = {{"undo", &task.undo}}; break;
    }
    std::vector<Stage> stages;
    for (const auto& [name, operation] : wanted) {
        if (!*operation) continue;
        ARARAT_ASSIGN_OR_RETURN(Operation resolved, resolve(run, **operation));
        stages.push_back(Stage{name, std::move(resolved)});
    }
    return stages;
}

}  // namespace ararat::execution
