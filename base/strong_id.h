// Strong ids: a HostId cannot be passed where a StepId is meant.
#pragma once

#include <compare>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace ararat {

template <typename Tag>
class StrongId {
public:
    StrongId() = default;
    explicit StrongId(std::string value) : value_(std::move(value)) {}

    [[nodiscard]] const std::string& str() const { return value_; }
    [[nodiscard]] bool empty() const { return value_.empty(); }

    friend auto operator<=>(const StrongId&, const StrongId&) = default;
    friend std::ostream& operator<<(std::ostream& out, const StrongId& id) { return out << id.value_; }

private:
    std::string value_;
};

}  // namespace ararat

template <typename Tag>
struct std::hash<ararat::StrongId<Tag>> {
    std::size_t operator()(const ararat::StrongId<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
