// A value that may be absent and costs a pointer where it is: copies share it. For values that are large,
// often equal and read far more often than written. Thread promise: that of a value. What is shared is never
// written to, so copies may go to other threads.
#pragma once

#include <memory>
#include <utility>

namespace ararat {

template <typename T>
class Boxed {
public:
    Boxed() = default;
    // Implicit, as std::optional's is.
    Boxed(T value) : value_(std::make_shared<const T>(std::move(value))) {}

    [[nodiscard]] bool has_value() const { return value_ != nullptr; }
    explicit operator bool() const { return has_value(); }
    // Precondition of these three: there is a value.
    [[nodiscard]] const T& operator*() const { return *value_; }
    [[nodiscard]] const T* operator->() const { return value_.get(); }
    // A copy of its own to write to; copies of this box keep the value that they have. Valid until the next
    // call, or until this box is assigned to or copied: a copy shares what was written to.
    [[nodiscard]] T& edit() {
        auto own = std::make_shared<T>(*value_);
        value_ = own;
        return *own;
    }
    void reset() { value_.reset(); }

    friend bool operator==(const Boxed& a, const Boxed& b) {
        if (a.value_ == b.value_) return true;
        return a.value_ != nullptr && b.value_ != nullptr && *a.value_ == *b.value_;
    }

private:
    std::shared_ptr<const T> value_;
};

}  // namespace ararat
