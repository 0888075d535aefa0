// Serial schedule generation with several modes, forwards and backwards: the activity that may be placed and
// has the lowest key is placed where it first fits; if asked, in the mode that ends it first and that the
// stock of non-renewable resources allows. Source: serial generation (Kelley 1963); mode improvement as in
// Van Peteghem and Vanhoucke 2010; justification of Valls, Ballestin and Quintanilla 2005. Units: time steps.
// Thread promise: one thread at a time.
#pragma once

#include <vector>

#include "planning/scheduler/multi_mode_choice.h"
#include "planning/scheduler/project.h"

namespace ararat::planning::scheduler {

// What is free of each renewable resource, as steps: from each moment until the next, the last for ever.
class FreeSteps {
public:
    explicit FreeSteps(const std::vector<std::int32_t>& capacity) : capacity_(capacity) {}

    void clear();
    [[nodiscard]] Time first_fit(Time from, const Mode& mode) const;
    void take(Time start, const Mode& mode);

private:
    [[nodiscard]] bool suffices(std::size_t step, const Mode& mode) const;
    std::size_t split(Time moment);

    const std::vector<std::int32_t>& capacity_;
    std::vector<Time> begin_;
    std::vector<std::int32_t> free_;
};

class MultiModeBuilder {
public:
    // Precondition: ordered(). No member outlives the arguments.
    MultiModeBuilder(const Project& project, const ModeChoice& choice, StockUse& stock);

    enum class Direction : std::uint8_t { forward, backward };

    // Whether the arcs have no cycle; maximum time lags make cycles.
    [[nodiscard]] bool ordered() const { return ordered_; }
    // A start for each activity, in the direction's own time: backwards it counts from the end. Keys are
    // overwritten with the order in which the other direction should go: by end, the latest first.
    // Modes are improved with the probability. Precondition: stock counts the modes.
    Time build(Direction direction, std::vector<double>& key, std::vector<std::int32_t>& mode,
               std::vector<Time>& start, double improve, Dice& dice);

private:
    struct Edge {
        std::int32_t other;
        Time lag;
        bool adds_other;  // the other's duration counts, too
        bool less_own;    // and the own is taken off
    };
    struct Side {
        std::vector<std::vector<Edge>> before;
        std::vector<std::vector<std::int32_t>> after;
    };

    void add_edges(Side& side, std::int32_t from, std::int32_t to, Edge edge);
    [[nodiscard]] bool has_order() const;
    [[nodiscard]] Time earliest(const Side& side, std::size_t activity, const Mode& own,
                                const std::vector<std::int32_t>& mode, const std::vector<Time>& start) const;
    [[nodiscard]] const Mode& mode_of(std::size_t activity, std::int32_t mode) const {
        return project_.activities[activity].modes[static_cast<std::size_t>(mode)];
    }

    const Project& project_;
    const ModeChoice& choice_;
    StockUse& stock_;
    Side forward_;
    Side backward_;
    FreeSteps free_;
    std::vector<std::int32_t> waiting_for_;
    std::vector<std::int32_t> ready_;
    bool ordered_ = true;
};

}  // namespace ararat::planning::scheduler
