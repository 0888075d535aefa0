// The first schedule: passes in the order of what must be over first. A unit that found no place goes before
// others in the next pass, with all that it waits for, and later in another way; bounded.
// Thread promise: one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "planning/scheduler/dice.h"
#include "planning/scheduler/programme_builder.h"

namespace ararat::planning::scheduler {

class ProgrammeConstruction {
public:
    // All must outlive it.
    ProgrammeConstruction(const Programme& programme, const ProgrammeNetwork& network,
                          ProgrammeBuilder& builder, std::uint64_t seed);

    // Whether the builder's state then holds a whole schedule; if not, see the builder's unplaced().
    bool run(std::int32_t passes_max);
    [[nodiscard]] std::int32_t passes() const { return passes_; }
    // Of the last pass.
    [[nodiscard]] const BuildOrder& order() const { return order_; }

private:
    static std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

    void find_wishes();
    void pull_wishes();
    void rank();
    void lift(const Unplaced& unplaced);
    void lift_all_before(JobIndex job, std::int32_t level);
    void try_afresh();
    void change_way(std::int32_t unit);

    const Programme& programme_;
    const ProgrammeNetwork& network_;
    ProgrammeBuilder& builder_;
    BuildOrder order_;
    std::vector<std::int32_t> place_;     // in the network's order, by job
    std::vector<Minute> wish_;            // by job: the latest start that keeps soft dates, too
    std::vector<Minute> own_wish_;        // the same without what pinned waves share
    std::vector<std::int32_t> lifted_;    // by unit
    std::vector<std::int32_t> failures_;  // by unit
    std::vector<Minute> shift_;           // of wishes, by unit
    Dice dice_;
    std::int32_t passes_ = 0;
};

// Every job as early as the others allow it, in the order of their starts; whether any moved.
bool move_earlier(const Programme& programme, const ProgrammeNetwork& network, ProgrammeState& state);

}  // namespace ararat::planning::scheduler
