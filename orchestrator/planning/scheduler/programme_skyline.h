// How much of something there is over time: a step function in blocks of steps, each with its least and
// greatest level, so that a search skips what is wholly free or wholly taken and a change over years touches
// the blocks' sums alone. One block serves what few use; what everybody uses grows into many. After the last
// step the level stays. Units: minutes; the resource's own amounts. Precondition: times are not negative.
// Source: block decomposition; the skyline as in Brucker and Knust's account of serial generation (2012).
// Thread promise: one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "planning/scheduler/programme.h"

namespace ararat::planning::scheduler {

class Skyline {
public:
    // One level from 0 on.
    void reset(std::int32_t level);
    void add(Minute from, Minute to, std::int32_t change);  // to: kNoMinute for ever

    // The earliest start, from `from` on, at which there is so much for so long. What is beyond `until` need
    // not be exact: nothing between `until` and it fits either. kNoMinute: never.
    [[nodiscard]] Minute fit(Minute from, Minute duration, std::int32_t amount, Minute until) const;
    // From then on there is always so much. kNoMinute: never.
    [[nodiscard]] Minute always_from(std::int32_t amount) const;
    // The first time with less. kNoMinute: never.
    [[nodiscard]] Minute first_below(std::int32_t amount) const;
    [[nodiscard]] std::int32_t at(Minute time) const;
    // When the step that holds at `time` ends. kNoMinute: never.
    [[nodiscard]] Minute step_end(Minute time) const;
    [[nodiscard]] std::int32_t most() const;
    [[nodiscard]] std::int32_t least() const;
    [[nodiscard]] std::int32_t least_from(Minute time) const;
    // What the level sums to over from ... to, levels below nothing taken as nothing.
    [[nodiscard]] std::int64_t area(Minute from, Minute to) const;

private:
    static constexpr std::size_t kSteps = 64;
    struct Block {
        std::uint32_t count = 0;
        std::int32_t added = 0;  // to every level
        std::array<Minute, kSteps> from;
        std::array<std::int32_t, kSteps> level;
    };
    struct Position {
        std::size_t place = 0;  // in the order of blocks
        std::size_t step = 0;
    };

    [[nodiscard]] const Block& block(std::size_t place) const { return blocks_[ids_[place]]; }
    [[nodiscard]] Block& block(std::size_t place) { return blocks_[ids_[place]]; }
    [[nodiscard]] Position position_of(Minute time) const;
    [[nodiscard]] Minute end_of(Position position) const;
    void cut(Minute time);
    void split(std::size_t place);
    void measure(std::size_t place);
    void join(Minute time);

    std::vector<Block> blocks_;
    // By place, in order of time.
    std::vector<std::uint32_t> ids_;
    std::vector<Minute> firsts_;
    std::vector<std::int32_t> least_;
    std::vector<std::int32_t> most_;
};

}  // namespace ararat::planning::scheduler
