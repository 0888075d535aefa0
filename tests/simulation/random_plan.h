// Small random plans in the shape of real ones: per group a chain from prepare over quiesce and verify to
// the switch, with branches, every action class, undo here and there, channels, gates and soaks.
#pragma once

#include <string>

#include "tests/simulation/dice.h"

namespace ararat::simulation {

// In the language of tests/support/plan_text.h. In each group NAME the step NAME/quiesce stops the source
// and NAME/switch, its point of no return, makes the target writable.
[[nodiscard]] std::string random_plan_text(Dice& dice);

}  // namespace ararat::simulation
