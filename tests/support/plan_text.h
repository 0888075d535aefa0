// Small compiled plans written as text, for tests of the engine. One item a line:
//
//   host NAME [ssh]
//   channel NAME SOURCE TARGET
//   gate NAME ROLE,ROLE [all]
//   wave NAME [after=WAVE] [window=FROM..TO] [latest=AT] [auto]      (minutes from kTestStart)
//   group NAME WAVE
//   task NAME GROUP HOST [after=A,B] [phase=P] [class=C] [check] [verify] [probe] [undo] [noreturn]
//                        [tries=N] [opens=C] [closes=C] [guard=G] [arg=TEXT]
//                        [takes=MS] [undo-takes=MS] [late=hold|back-out|go-on] [ships=TEXT]
//   gatetask NAME WAVE GATE [after=A]
//   manual NAME GROUP [after=A]
//   soak NAME GROUP MILLISECONDS [after=A]
//
// Hosts called src... are sources and tgt... are targets of every task. The result is sealed.
#pragma once

#include <string>

#include "model/compiled_plan.h"

namespace ararat::testing {

// 2018-01-15T20:00:00Z
inline constexpr Instant kTestStart = from_unix_ms(1'516'046'400'000);

// Stops the test program on a line it cannot read.
[[nodiscard]] CompiledPlan parse_plan_text(const std::string& text, const std::string& author = "ann");

}  // namespace ararat::testing
