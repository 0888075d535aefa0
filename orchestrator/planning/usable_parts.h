// Of a plan with faults: which components and steps can be made into tasks all the same, because nothing
// that goes into them is at fault.
// Thread promise: reads the plan and the marks only; both must outlive it.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "model/plan.h"
#include "planning/faulty_parts.h"

namespace ararat::planning {

class UsableParts {
public:
    UsableParts(const Plan& plan, const FaultyParts& faulty) : plan_(plan), faulty_(faulty) {}

    // Its hosts and runbook are there and sound, so that a ComponentContext can be made.
    [[nodiscard]] bool component(const Component& component) const;
    // The preconditions of expand_step, and nothing that it would report again.
    // Precondition: the component is usable, the step is one of its runbook.
    [[nodiscard]] bool step(const Application& application, const Component& component,
                            const RunbookStep& step) const;
    [[nodiscard]] bool channel(const Application& application, const Component& component,
                               const RunbookChannel& channel) const;
    // All that its tasks wait for in other components is known.
    [[nodiscard]] bool waits(const Component& component) const;
    // What it is called, what it is and where in the order of its runbook it stands is known.
    [[nodiscard]] bool place(const RunbookStep& step) const;

private:
    [[nodiscard]] bool sound(const SourcePlace& part, std::initializer_list<std::string_view> keys) const;
    [[nodiscard]] bool host(const HostId& id) const;
    [[nodiscard]] bool text(const Application& application, const Component& component,
                            const std::string& text) const;
    [[nodiscard]] bool reference(const Application& application, const Component& component,
                                 const std::string& reference) const;
    [[nodiscard]] bool output(const Application& application, const Component& component,
                              const std::string& reference) const;

    const Plan& plan_;
    const FaultyParts& faulty_;
};

}  // namespace ararat::planning
