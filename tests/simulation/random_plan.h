// Small random plans in the shape of real ones: per group a chain from prepare over quiesce and verify to
// the switch, with branches, every action class, undo here and there, channels, gates and soaks.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace ararat::simulation {

// The same numbers from the same seed on every machine; std's distributions do not promise that.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    // 0 ... below - 1.
    std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
    bool percent(std::uint64_t chance) { return below(100) < chance; }

private:
    std::mt19937_64 engine_;
};

// In the language of tests/support/plan_text.h. In each group NAME the step NAME/quiesce stops the source
// and NAME/switch, its point of no return, makes the target writable.
[[nodiscard]] std::string random_plan_text(Dice& dice);

}  // namespace ararat::simulation
