// The same numbers from the same seed on every machine; std's distributions do not promise that.
// Thread promise: one owner.
#pragma once

#include <cstdint>
#include <random>

namespace ararat::simulation {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    // 0 ... below - 1.
    std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
    bool percent(std::uint64_t chance) { return below(100) < chance; }

private:
    std::mt19937_64 engine_;
};

}  // namespace ararat::simulation
