// Small random plans in the shape of real ones: per group a chain from prepare over quiesce and verify to
// the switch, with branches, every action class, undo here and there, channels, gates and soaks.
#pragma once

#include <set>
#include <string>

#include "tests/simulation/dice.h"

namespace ararat::simulation {

// In the language of tests/support/plan_text.h. In each group NAME the step NAME/quiesce stops the source
// and NAME/switch, its point of no return, makes the target writable.
// The hosts of `over_ssh` are driven over SSH.
[[nodiscard]] std::string random_plan_text(Dice& dice, const std::set<std::string>& over_ssh);
// Some of the steps on those hosts bring a file with them.
[[nodiscard]] std::string with_shipped_files(const std::string& plan_text,
                                             const std::set<std::string>& over_ssh, Dice& dice);
// Some of the hosts, or none. Those that are the target of a channel have agents, as planning demands.
[[nodiscard]] std::set<std::string> random_ssh_hosts(Dice& dice);

// Where a group needs another one, it perhaps does as the compiler has it: from quiesce on each of its steps
// waits for the other's switch. And the other one perhaps has no point of no return, so that it can still
// turn back when this one cannot any more; its switch is then undone on its source.
[[nodiscard]] std::string with_late_needs(const std::string& plan_text, Dice& dice);

// Some waves' windows open later, and close while the run is on its way.
[[nodiscard]] std::string with_later_windows(const std::string& plan_text, Dice& dice);

}  // namespace ararat::simulation
