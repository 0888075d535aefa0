#include "planning/diagnostic.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/join.h"

namespace ararat::planning {
namespace {

using Code = DiagnosticCode;

// In the order of the enum; the numbers are published and never given to another fault.
constexpr std::array kTable = {
    DiagnosticInfo{Code::kTooLarge, "E001", "file too large",
                   "A file is larger than the limit of 8 MiB. A flag raises it."},
    DiagnosticInfo{Code::kBadText, "E002", "text that is not allowed",
                   "Invalid UTF-8, a NUL or control character, or a character that changes the direction of "
                   "writing or cannot be seen. The message names the code point."},
    DiagnosticInfo{Code::kSyntax, "E003", "not YAML", "The file is not one well-formed YAML document."},
    DiagnosticInfo{Code::kTooDeep, "E004", "nested too deeply", "More than 64 levels of nesting."},
    DiagnosticInfo{Code::kForbiddenYaml, "E005", "YAML feature that is not used here",
                   "Anchors, aliases, tags and merge keys are refused: a plan says what it means where it "
                   "stands."},
    DiagnosticInfo{Code::kRepeatedKey, "E006", "repeated key", "The same key twice in one mapping."},
    DiagnosticInfo{Code::kRepeatedName, "E007", "repeated name",
                   "The same thing is defined twice: in two files, or twice in one list."},
    DiagnosticInfo{Code::kUnknownKey, "E008", "unknown key", "A key that the plan language does not have."},
    DiagnosticInfo{Code::kMissingKey, "E009", "missing key", "A key that must be given is not there."},
    DiagnosticInfo{Code::kWrongShape, "E010", "wrong shape",
                   "A list where a mapping is meant, a mapping where text is meant, and the like."},
    DiagnosticInfo{Code::kWrongType, "E011", "wrong type",
                   "The value is not of the field's type. Numbers are decimal without leading zeros, "
                   "booleans are true or false, nothing else."},
    DiagnosticInfo{Code::kBadIdentifier, "E012", "bad identifier",
                   "Identifiers are 1 to 63 characters of a-z, 0-9, '.', '_' and '-'."},
    DiagnosticInfo{Code::kBadChoice, "E013", "not one of the choices",
                   "The field takes one of a few words only."},
    DiagnosticInfo{Code::kBadPath, "E014", "bad path",
                   "A path that is not absolute where it must be, or that leaves its root through '..' or a "
                   "symbolic link; "
                   "or a shipped file that is one."},
    DiagnosticInfo{
        Code::kUnknownName, "E015", "unknown name",
        "A site, host, application, calendar, gate, runbook, action, step, channel, resource, stock, "
        "task or piece of equipment that is not defined."},
    DiagnosticInfo{Code::kConflict, "E016", "contradiction",
                   "Two statements that cannot both hold, or one that cannot hold by itself."},
    DiagnosticInfo{Code::kBadReference, "E017", "bad reference",
                   "A ${...} that is not well-formed, names nothing, or is not allowed where it stands."},
    DiagnosticInfo{Code::kBadParameter, "E018", "bad parameter",
                   "A parameter that is missing, unknown, or not of its declared type."},
    DiagnosticInfo{Code::kCycle, "E019", "cycle",
                   "Things that wait for each other. Every edge of the cycle is named with its place."},
    DiagnosticInfo{Code::kUnsafeOrder, "E020", "unsafe order",
                   "A switch before anything was verified, a decommission before a soak, a second point of "
                   "no return, or an output that is used before it exists."},
    DiagnosticInfo{Code::kChannelUse, "E021", "data channel misused",
                   "A channel that is used but not opened, opened but not closed, or closed but not opened."},
    DiagnosticInfo{Code::kHostUse, "E022", "host misused",
                   "A host used in a way that its site or the way it is driven does not allow."},
    DiagnosticInfo{Code::kMissingGate, "E023", "no gate",
                   "A step that needs an approval (cutover, power-off, decommission) has no gate before it."},
    DiagnosticInfo{Code::kBadAction, "E024", "bad action",
                   "An action whose operations do not fit its class or its guard, or contradict each other."},
    DiagnosticInfo{
        Code::kMissingFile, "E025", "missing file",
        "A file that was named, that an action ships, or that a plan includes, is not there or cannot be "
        "read."},
    DiagnosticInfo{Code::kNoSchedule, "E026", "no schedule",
                   "The plan is well-formed and cannot be scheduled: whatever order the moves are taken in, "
                   "what the message names stays in the way."},
    DiagnosticInfo{Code::kNotPlaced, "E027", "no schedule found",
                   "The plan is well-formed and the search for a schedule gave up; that there is none is not "
                   "proved. The message says what was in the way of the move that was left."},
    DiagnosticInfo{
        Code::kBadCalendar, "E028", "bad iCalendar file",
        "An imported iCalendar file is malformed, or says something that would be lost: any rule of "
        "repetition but every year."},
    DiagnosticInfo{
        Code::kNotCompliant, "E029", "unsupported host",
        "A host that is not supported, or that a regime wants upgraded or retired, would land on a "
        "target site as it is."},
    DiagnosticInfo{Code::kTooMany, "E099", "more faults",
                   "Only the first 100 faults are shown; the line counts the others."},
};

}  // namespace

std::span<const DiagnosticInfo> diagnostic_table() { return kTable; }

const DiagnosticInfo& info_of(DiagnosticCode code) {
    const auto index = static_cast<std::size_t>(code);
    ARARAT_CHECK(index < kTable.size() && kTable[index].code == code, "a code without a row in the table");
    return kTable[index];
}

std::string to_string(const Diagnostic& diagnostic) {
    std::string line = to_string(diagnostic.place);
    line += ": error ";
    line += info_of(diagnostic.code).number;
    line += ": ";
    line += diagnostic.message;
    return line;
}

std::string text_of(std::span<const Diagnostic> diagnostics) {
    std::vector<std::string> lines;
    for (const Diagnostic& diagnostic : diagnostics) lines.push_back(to_string(diagnostic));
    return join(lines, "\n");
}

Error error_of(const DiagnosticList& faults) {
    const ErrorCode code =
        faults.any_bad_input() ? ErrorCode::kInvalidArgument : ErrorCode::kFailedPrecondition;
    return Error{code, text_of(faults.sorted())};
}

void DiagnosticList::add(SourcePlace place, DiagnosticCode code, std::string message) {
    ++count_;
    bad_input_ = bad_input_ || (code != DiagnosticCode::kNoSchedule && code != DiagnosticCode::kNotPlaced);
    if (entries_.size() >= kKept) return;
    parts_.mark(place);
    entries_.push_back({std::move(place), code, std::move(message)});
}

std::vector<Diagnostic> DiagnosticList::sorted() const {
    std::vector<Diagnostic> result = entries_;
    const auto key = [](const Diagnostic& d) { return std::tie(d.place, d.code, d.message); };
    std::sort(result.begin(), result.end(),
              [&key](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
    const auto end = std::unique(result.begin(), result.end());
    const std::size_t repeated = static_cast<std::size_t>(result.end() - end);
    result.erase(end, result.end());
    const std::size_t total = count_ - repeated;
    if (result.size() > kShown) {
        result.resize(kShown);
        result.push_back({result.back().place, DiagnosticCode::kTooMany,
                          std::to_string(total - kShown) + " more faults after this one are not shown"});
    }
    return result;
}

}  // namespace ararat::planning
