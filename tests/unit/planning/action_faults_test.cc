// Faults of actions.
#include <gtest/gtest.h>

#include "tests/unit/planning/small_plan.h"

namespace ararat::planning::testing {
namespace {

// One case a block: what is changed, and the lines as people see them.
const Spoilt kCases[] = {
    {"two verbs",
     "actions/digest/action.yaml",
     "  run: [/usr/bin/count]",
     "  run: [/usr/bin/count]\n  facts: {}",
     {"actions/digest/action.yaml:5:1: error E024: 'do' wants exactly one verb"}},
    {"no verb",
     "actions/digest/action.yaml",
     "  run: [/usr/bin/count]",
     "  timeout: 5s",
     {"actions/digest/action.yaml:5:1: error E024: 'do' wants exactly one verb"}},
    {"unknown verb",
     "actions/digest/action.yaml",
     "  run:",
     "  rnu:",
     {"actions/digest/action.yaml:5:1: error E024: 'do' wants exactly one verb",
      "actions/digest/action.yaml:6:3: error E008: unknown key 'rnu' (did you mean 'run'?)"}},
    {"facts with keys",
     "actions/digest/action.yaml",
     "  run: [/usr/bin/count]",
     "  facts: {all: true}",
     {"actions/digest/action.yaml:6:10: error E010: key 'facts' takes no keys (meant: {})"}},
    {"probeable without a probe",
     "actions/digest/action.yaml",
     "class: idempotent",
     "class: probeable",
     {"actions/digest/action.yaml:1:1: error E024: action 'digest' is probeable and has neither 'probe' nor "
      "'check'"}},
    {"one-shot with a probe",
     "actions/digest/action.yaml",
     "class: idempotent",
     "class: one-shot\nprobe: {run: [/usr/bin/x]}",
     {"actions/digest/action.yaml:4:1: error E024: action 'digest' is one-shot and has a probe (meant: class "
      "probeable)"}},
    {"no class",
     "actions/digest/action.yaml",
     "class: idempotent\n",
     "",
     {"actions/digest/action.yaml:1:1: error E009: key 'class' is missing (What happens when nobody knows "
      "whether it took effect: done again, probed, or held for a person.)"}},
    {"unknown class",
     "actions/digest/action.yaml",
     "class: idempotent",
     "class: idempotant",
     {"actions/digest/action.yaml:3:8: error E013: key 'class': 'idempotant' is not one of idempotent, "
      "probeable, one-shot (did you mean 'idempotent'?)"}},
    {"unknown parameter in an operation",
     "actions/stop/action.yaml",
     "unit: \"${unit}\", state: masked",
     "unit: \"${unti}\", state: masked",
     {"actions/stop/action.yaml:8:19: error E017: '${unti}' is neither a parameter nor a file of this action "
      "(did you mean 'unit'?)"}},
    {"unknown file in an operation",
     "actions/check/action.yaml",
     "${file.check.sh}",
     "${file.chekc.sh}",
     {"actions/check/action.yaml:11:9: error E017: '${file.chekc.sh}' is neither a parameter nor a file of "
      "this action (did you mean 'file.check.sh'?)"}},
    {"file outside an argument vector",
     "actions/check/action.yaml",
     "  until: {every: 100ms, within: \"${within}\"}",
     "  expect: {equals: \"${file.check.sh}\"}",
     {"actions/check/action.yaml:12:20: error E017: '${file.check.sh}' has a meaning only in 'run'"}},
    {"a plan's reference in an operation",
     "actions/stop/action.yaml",
     "unit: \"${unit}\", state: masked",
     "unit: \"${source.name}\", state: masked",
     {"actions/stop/action.yaml:8:19: error E017: '${source.name}' is neither a parameter nor a file of this "
      "action"}},
    {"file that is not there",
     "actions/check/action.yaml",
     "files: [check.sh]",
     "files: [check.sh, more.sh]",
     {"actions/check/action.yaml:9:19: error E025: file 'more.sh' is not in the folder of action 'check'"}},
    {"parameter without a default",
     "actions/check/action.yaml",
     "seen: {default: \"\"}",
     "seen: {}",
     {"actions/check/action.yaml:7:3: error E024: parameter 'seen' wants either 'required: true' or a "
      "default"}},
    {"required parameter with a default",
     "actions/check/action.yaml",
     "seen: {default: \"\"}",
     "seen: {default: \"\", required: true}",
     {"actions/check/action.yaml:7:3: error E024: parameter 'seen' wants either 'required: true' or a "
      "default"}},
    {"default of the wrong type",
     "actions/check/action.yaml",
     "default: 20s",
     "default: 20",
     {"actions/check/action.yaml:8:3: error E018: default of parameter 'within': '20' is not of type "
      "duration (meant: such as 200ms, 45min or 1h 30min)"}},
    {"default with a reference",
     "actions/check/action.yaml",
     "default: \"\"",
     "default: \"${address}\"",
     {"actions/check/action.yaml:7:3: error E017: default of parameter 'seen': a default cannot use "
      "references"}},
    {"restore-file going forward",
     "actions/digest/action.yaml",
     "  run: [/usr/bin/count]",
     "  restore-file: {path: /etc/x}",
     {"actions/digest/action.yaml:5:1: error E024: restore-file stands only in 'undo'"}},
    {"power-off without a guard",
     "actions/power-off/action.yaml",
     "guard: power-off\n",
     "",
     {"actions/power-off/action.yaml:4:1: error E024: 'do' of action 'power-off' powers the host off, which "
      "needs an approval (meant: guard: power-off, or decommission)"}},
    {"power-off with the guard of a cutover",
     "actions/power-off/action.yaml",
     "guard: power-off\n",
     "guard: cutover\n",
     {"actions/power-off/action.yaml:5:1: error E024: 'do' of action 'power-off' powers the host off, which "
      "needs an approval (meant: guard: power-off, or decommission)"}},
    {"power-off with a guard that is none",
     "actions/power-off/action.yaml",
     "guard: power-off\n",
     "guard: poweroff\n",
     {"actions/power-off/action.yaml:4:8: error E013: key 'guard': 'poweroff' is not one of none, cutover, "
      "power-off, decommission (did you mean 'power-off'?)"}},
    {"power-off with the guard of a decommission",
     "actions/power-off/action.yaml",
     "guard: power-off\n",
     "guard: decommission\n",
     {}},
    {"power-off as an undo",
     "actions/digest/action.yaml",
     "  run: [/usr/bin/count]",
     "  run: [/usr/bin/count]\nundo:\n  power-off: {}",
     {"actions/digest/action.yaml:7:1: error E024: 'undo' of action 'digest' powers the host off, which "
      "needs "
      "an approval (meant: guard: power-off, or decommission)"}},
    {"program without a path",
     "actions/digest/action.yaml",
     "[/usr/bin/count]",
     "[count]",
     {"plan.yaml:35:9: error E018: step 'count' for 'shop/db': program 'count' is neither an absolute path "
      "nor a shipped file"}},
    {"bad state",
     "actions/stop/action.yaml",
     "state: masked",
     "state: halted",
     {"plan.yaml:37:9: error E018: step 'stop' for 'shop/db': 'halted' is not a good state (meant: started, "
      "stopped, restarted, reloaded or masked)"}},
    {"folder of another name",
     "actions/digest/action.yaml",
     "action: digest",
     "action: count",
     {"actions/digest/action.yaml:1:1: error E016: action 'count' stands in the folder 'digest'",
      "plan.yaml:35:57: error E015: unknown action 'digest'"}},
    {"bad timeout",
     "actions/digest/action.yaml",
     "  run: [/usr/bin/count]",
     "  run: [/usr/bin/count]\n  timeout: 5",
     {"actions/digest/action.yaml:7:12: error E011: key 'timeout': '5' is not a duration (meant: such as "
      "200ms, 45min or 1h 30min)"}},
};

class ActionFaults : public ::testing::TestWithParam<Spoilt> {};

TEST_P(ActionFaults, SayExactlyWhatIsWrong) { expect_lines(GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, ActionFaults, ::testing::ValuesIn(kCases), case_name);

}  // namespace

std::span<const Spoilt> action_fault_cases() { return kCases; }

}  // namespace ararat::planning::testing
