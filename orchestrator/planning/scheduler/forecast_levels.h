// What of a resource is held until when, and what of a stock is there from when, as an execution goes
// forward. Kept so that whoever comes later neither takes what an earlier one waits for, nor needs to know
// how long anything takes: amounts count as held from the beginning until they are let go. Whoever begins
// takes over what was let go last before, so that most is left to those who begin sooner. Units: minutes;
// amounts in the resource's unit. Thread promise: one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

struct HeldAmount {
    Minute at = 0;
    std::int32_t amount = 0;
    std::int32_t owner = kNone;
};
struct HeldUntil {
    Minute at = 0;
    std::int32_t owner = kNone;
};

class HeldLevel {
public:
    void clear() { held_.clear(); }

    // The first moment from `from` on from which no more than `allowed` (not less than nothing) is held, and
    // who lets go then; kNone: at `from` itself.
    [[nodiscard]] HeldUntil at_most(std::int64_t allowed, Minute from) const {
        std::int64_t sum = 0;
        for (std::size_t i = held_.size(); i > 0 && held_[i - 1].at > from; --i) {
            sum += held_[i - 1].amount;
            if (sum > allowed) return {held_[i - 1].at, held_[i - 1].owner};
        }
        return {from, kNone};
    }
    void hold(Minute start, Minute end, std::int32_t amount, std::int32_t owner) {
        take_over(start, amount);
        add({end, amount, owner});
    }

protected:
    // What remains of the amount that was not there by then.
    std::int32_t take_over(Minute by, std::int32_t amount) {
        std::size_t i = held_.size();
        while (i > 0 && held_[i - 1].at > by) --i;
        std::size_t gone = i;
        while (amount > 0 && gone > 0) {
            HeldAmount& last = held_[gone - 1];
            if (last.amount > amount) {
                last.amount -= amount;
                amount = 0;
            } else {
                amount -= last.amount;
                --gone;
            }
        }
        if (gone < i) {
            held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(gone),
                        held_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        return amount;
    }
    void add(HeldAmount added) {
        std::size_t i = held_.size();
        held_.push_back(added);
        for (; i > 0 && held_[i - 1].at > added.at; --i) held_[i] = held_[i - 1];
        held_[i] = added;
    }

    std::vector<HeldAmount> held_;  // in order of time
};

class StockLevel : private HeldLevel {
public:
    using HeldLevel::clear;

    void give(Minute at, std::int32_t amount, std::int32_t owner) { add({at, amount, owner}); }
    // The first moment from which so much is there for good; kNoMinute: never.
    [[nodiscard]] HeldUntil at_least(std::int64_t amount) const {
        std::int64_t sum = 0;
        for (const HeldAmount& held : held_) {
            sum += held.amount;
            if (sum >= amount) return {held.at, held.owner};
        }
        return {kNoMinute, kNone};
    }
    // Where it is not there by then, of what comes next: whoever takes without asking overdraws the stock.
    void take(Minute by, std::int32_t amount) {
        const std::int32_t missing = take_over(by, amount);
        if (missing > 0) take_over(kNoMinute, missing);
    }
};

}  // namespace ararat::planning::scheduler
