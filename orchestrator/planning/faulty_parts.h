// What faults have made unusable. Checks of a whole plan leave these parts alone, so that one mistake is
// told once and not again in everything that follows from it; what does not depend on them is checked.
// A part is known by the place where it is written, as the model's entities keep it.
// Thread promise: a value.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/plan.h"

namespace ararat::planning {

class FaultyParts {
public:
    // Something in this part, or below it, is at fault.
    void mark(const SourcePlace& part);
    // And what stands under this key cannot be used.
    void mark(const SourcePlace& part, std::string_view key);
    // The key for a part of which nothing could be read; no key of the plan language.
    static constexpr std::string_view kEveryKey = "*";
    // Names of this kind ("hosts", "actions", ...) may be defined where nothing could be read.
    void mark_kind(std::string_view kind);
    void mark_every_kind() { every_kind_ = true; }

    [[nodiscard]] bool empty() const { return parts_.empty() && kinds_.empty() && !every_kind_; }
    [[nodiscard]] bool at(const SourcePlace& part) const { return parts_.contains(part); }
    [[nodiscard]] bool at(const SourcePlace& part, std::string_view key) const;
    // A name of this kind that is not there is unknown; else nobody can tell.
    [[nodiscard]] bool knows(std::string_view kind) const;

private:
    std::set<SourcePlace> parts_;
    std::set<std::pair<SourcePlace, std::string>> keys_;
    std::set<std::string, std::less<>> kinds_;
    bool every_kind_ = false;
};

}  // namespace ararat::planning
