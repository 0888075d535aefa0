#include "planning/plan_reference.h"

#include <string_view>

#include "base/join.h"
#include "planning/diagnostic.h"
#include "planning/field_table.h"

namespace ararat::planning {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Plan language reference

Made from the table of fields that the parser checks against; change the table, not this page.

A plan is one YAML document, or several that are merged. Runbooks may stand in the plan under `runbooks`
or in files of their own; actions are folders with an `action.yaml`. Folders `runbooks` and `actions` beside
the plan are found by themselves, before and besides the library: an action of your own is a folder
`actions/NAME` there (`plans/own-action` has one), and steps name it as they name the library's. Its files are
part of the plan and of its hash; none may be a link, and no action may have the name of one of the library's.
Every fault is reported at once as
`file:line:column: error CODE: what is wrong (what was meant)`, lines and columns counted from 1 and
columns in bytes.

Not used, and refused: anchors, aliases, tags, merge keys, several documents in one file, repeated keys.
Numbers are decimal without leading zeros, booleans are `true` and `false`. A file has at most 8 MiB and
64 levels.

)";

constexpr std::string_view kReferences =
    R"(## References

`${...}` stands for a value. What it stands for is one argument, or a part of one; it is never split,
never read again, and nothing in it is special. `$${` is a literal `${`; any other `$` is itself.

| reference | stands for | where |
|---|---|---|
| `${project}`, `${application}`, `${component}` | the name | runbooks, a component's `params` |
| `${source.name}`, `${source.address}`, `${source.site}` | the source host of this pair | runbooks, `params` |
| `${target.name}`, `${target.address}`, `${target.site}` | the target host of this pair | runbooks, `params` |
| `${host.NAME.name}`, `.address`, `.site` | any host of the plan | runbooks, `params` |
| `${param.NAME}` | the runbook's parameter: the component's value, else the default | runbooks |
| `${channel.NAME}` | the data channel, for actions that take one | a step's values |
| `${channel.NAME.expose}` | the socket it makes on the target | a step's values |
| `${step.STEP.OUTPUT}` | what a step of this component reported | a step's values |
| `${step.COMPONENT/STEP.OUTPUT}`, `${step.APPLICATION/COMPONENT/STEP.OUTPUT}` | what another one's step reported | a step's values |
| `${NAME}` | the action's parameter | an action's operations |
| `${file.NAME}` | path of a shipped file on the host | an action's operations |

## Order of steps

- A step waits for the one before it in its runbook, or for what its `after` names. Each host pair of a
  component goes through the runbook by itself; a step with `once: true` waits for its predecessors of
  every pair, and what comes after it waits for it. Gates, manual tasks and soaks are always done once.
- A component's `waits` adds steps of other components. Its `needs` lets its `start` steps wait for
  everything that the needed component does in the phases `prepare`, `precopy` and `start`.
- A hard dependency between applications of two move groups in one wave lets everything from `quiesce` on
  wait for the needed application's `switch` steps.
- `pairs: spread`: a `switch` step waits for the same step of the half before it, and a `quiesce` step for
  all `switch` steps of that half, so that one half always serves.
- Everything from `quiesce` on, and every step whose action has a guard, waits for the gates of its wave.
- Nothing is switched before a step of phase `verify` of the same component, unless `verify_waived` says
  why not; nothing is decommissioned before a soak; a step whose action has a guard has a gate before it.

)";

// A '|' would end the table's cell.
std::string cell(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '|') result += '\\';
        result += c;
    }
    return result;
}

// "1..65535" as "1 to 65535".
std::string range_text(const std::string& range) {
    const std::size_t dots = range.find("..");
    return range.substr(0, dots) + " to " + range.substr(dots + 2);
}

std::string type_text(const Field& field) {
    const std::string extra(field.extra);
    switch (field.type) {
        case FieldType::kChoice: return "`" + join(choices_of(field), "`, `") + "`";
        case FieldType::kReference: return "a name from `" + extra + "`";
        case FieldType::kReferences: return "a list of names from `" + extra + "`";
        case FieldType::kSection: return "a mapping: *" + std::string(section(field.extra).title) + "*";
        case FieldType::kSectionMap:
            return "a mapping of names to *" + std::string(section(field.extra).title) + "*";
        case FieldType::kSectionList: return "a list of *" + std::string(section(field.extra).title) + "*";
        case FieldType::kNeeds:
            return "a list of names from `" + std::string(section(extra).fields.front().extra) +
                   "`, or of *" + std::string(section(extra).title) + "*";
        case FieldType::kCapacities:
            return "a mapping of names to whole numbers, or to lists of *" +
                   std::string(section(extra).title) + "*";
        case FieldType::kWaves: return "`auto`, or a list of *" + extra + "s*";
        case FieldType::kInteger:
            return extra.empty() ? "a whole number" : "a whole number, " + range_text(extra);
        case FieldType::kText:
        case FieldType::kTemplate: return "text";
        default:
            return std::string(words_of(field.type).noun) + ", " + std::string(words_of(field.type).meant);
    }
}

std::string row(const Field& field) {
    std::string meaning(field.doc);
    if (field.not_enforced()) meaning += " *Not enforced yet.*";
    const std::string needed = field.required() ? "**required**" : std::string(field.fallback);
    return "| `" + std::string(field.key) + "` | " + cell(type_text(field)) + " | " + cell(needed) + " | " +
           cell(meaning) + " |\n";
}

std::string faults() {
    std::string text = "## Faults\n\n| code | fault | what it means |\n|---|---|---|\n";
    for (const DiagnosticInfo& info : diagnostic_table()) {
        text += "| " + std::string(info.number) + " | " + cell(info.title) + " | " + cell(info.doc) + " |\n";
    }
    return text;
}

}  // namespace

std::string plan_reference_markdown() {
    std::string text(kIntroduction);
    for (const Section& section : sections()) {
        text += "## " + std::string(section.title) + "\n\n";
        if (!section.doc.empty()) text += std::string(section.doc) + "\n\n";
        text += "| key | value | default | meaning |\n|---|---|---|---|\n";
        for (const Field& field : section.fields) text += row(field);
        text += "\n";
    }
    text += kReferences;
    text += faults();
    return text;
}

}  // namespace ararat::planning
