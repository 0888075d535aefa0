// One component while it is compiled: its host pairs, the names of its tasks and channels, and what
// ${...} means inside its runbook.
// Thread promise: reads the plan only; the plan must outlive it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/plan.h"

namespace ararat::planning {

// For which of the component's host pairs something is compiled.
struct PairScope {
    std::size_t pair = 0;
    bool once = false;  // for all of them at once; `pair` is 0 then
};

class ComponentContext {
public:
    // Preconditions: the runbook exists; as many targets as hosts, at least one; all hosts exist.
    ComponentContext(const Plan& plan, const Application& application, const Component& component);

    [[nodiscard]] const Application& application() const { return application_; }
    [[nodiscard]] const Component& component() const { return component_; }
    [[nodiscard]] const Runbook& runbook() const { return runbook_; }
    [[nodiscard]] std::size_t pair_count() const { return component_.hosts.size(); }
    [[nodiscard]] const Host& source(std::size_t pair) const;
    [[nodiscard]] const Host& target(std::size_t pair) const;

    // One scope for a step that is done once, else one for each pair.
    [[nodiscard]] std::vector<PairScope> scopes(const RunbookStep& step) const;
    [[nodiscard]] TaskId task_id(const RunbookStep& step, const PairScope& scope) const;
    [[nodiscard]] ChannelId channel_id(const std::string& channel, std::size_t pair) const;
    // Null when the runbook has no such step.
    [[nodiscard]] const RunbookStep* find_step(const std::string& id) const;

    // The text with every reference resolved; step outputs become ${step.TASK.OUTPUT}. A parameter's own
    // value may use everything but parameters and channels, so that nothing goes round in a circle.
    // Errors: invalid-argument: unknown or malformed references.
    [[nodiscard]] Result<std::string> expanded(const std::string& text, const PairScope& scope) const;
    // The same for a channel's path and socket, which are fixed before any step has run.
    [[nodiscard]] Result<std::string> channel_text(const std::string& text, const PairScope& scope) const;

private:
    using Text = Result<std::string>;
    [[nodiscard]] Text lookup(const std::string& reference, const PairScope& scope) const;
    // What is known without parameters and channels.
    [[nodiscard]] Text basic_lookup(const std::string& reference, const PairScope& scope) const;
    [[nodiscard]] Text param(const std::string& name, const PairScope& scope) const;
    [[nodiscard]] Text channel(const std::string& rest, const PairScope& scope) const;
    [[nodiscard]] Text step_output(const std::string& rest, const PairScope& scope) const;

    const Plan& plan_;
    const Application& application_;
    const Component& component_;
    const Runbook& runbook_;
};

// The component that a step reference names, seen from `application`; null when there is none.
[[nodiscard]] const Component* find_component(const Plan& plan, const Application& application,
                                              const StepRef& ref);

}  // namespace ararat::planning
