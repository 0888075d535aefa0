#include <array>

#include "tests/fuzz/target.h"

namespace ararat::fuzzing {

std::span<const Target> all_targets() {
    static constexpr std::array<Target, 7> kTargets = {{{"plan", fuzz_plan},
                                                        {"scalars", fuzz_scalars},
                                                        {"wire", fuzz_wire},
                                                        {"command", fuzz_command},
                                                        {"journal", fuzz_journal},
                                                        {"ssh", fuzz_ssh},
                                                        {"channel", fuzz_channel}}};
    return kTargets;
}

}  // namespace ararat::fuzzing
