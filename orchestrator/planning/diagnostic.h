// What is wrong with a plan, and where: every fault found is one Diagnostic. The table of codes stands
// in diagnostic.cc; the reference page is made from it.
// Thread promise: values; no shared state.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/plan.h"
#include "planning/faulty_parts.h"

namespace ararat::planning {

enum class DiagnosticCode {
    kTooLarge,
    kBadText,
    kSyntax,
    kTooDeep,
    kForbiddenYaml,
    kRepeatedKey,
    kRepeatedName,
    kUnknownKey,
    kMissingKey,
    kWrongShape,
    kWrongType,
    kBadIdentifier,
    kBadChoice,
    kBadPath,
    kUnknownName,
    kConflict,
    kBadReference,
    kBadParameter,
    kCycle,
    kUnsafeOrder,
    kChannelUse,
    kHostUse,
    kMissingGate,
    kBadAction,
    kMissingFile,
    kNoSchedule,
    kNotPlaced,
    kBadCalendar,
    kNotCompliant,
    kTooMany,
};

struct Diagnostic {
    SourcePlace place;
    DiagnosticCode code = DiagnosticCode::kSyntax;
    std::string message;  // what is wrong, and in brackets what was probably meant
    friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// One line: "plan.yaml:12:5: error E008: unknown key 'host' (did you mean 'hosts'?)".
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

// One line each.
[[nodiscard]] std::string text_of(std::span<const Diagnostic> diagnostics);

// One row of the table of codes.
struct DiagnosticInfo {
    DiagnosticCode code;
    std::string_view number;  // "E008"
    std::string_view title;
    std::string_view doc;
};
[[nodiscard]] std::span<const DiagnosticInfo> diagnostic_table();
[[nodiscard]] const DiagnosticInfo& info_of(DiagnosticCode code);

// Collects faults. Memory is bounded: beyond kKept faults only the count grows.
class DiagnosticList {
public:
    static constexpr std::size_t kKept = 10'000;
    static constexpr std::size_t kShown = 100;

    void add(SourcePlace place, DiagnosticCode code, std::string message);
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t count() const { return count_; }
    // No further fault would be shown.
    [[nodiscard]] bool full() const { return count_ >= kKept; }
    // What the faults make unusable: whatever stands at the place of one, and what else is marked.
    [[nodiscard]] FaultyParts& parts() { return parts_; }
    [[nodiscard]] const FaultyParts& parts() const { return parts_; }
    // Something is wrong with what was written; else it is well-formed and has no schedule.
    [[nodiscard]] bool any_bad_input() const { return bad_input_; }
    // Sorted by place, without repetitions, the first kShown; a last entry counts what was left out.
    [[nodiscard]] std::vector<Diagnostic> sorted() const;

private:
    std::vector<Diagnostic> entries_;
    FaultyParts parts_;
    std::size_t count_ = 0;
    bool bad_input_ = false;
};

// What is shown of the list, as one Error: invalid-argument when the input is at fault, failed-precondition
// when it only has no schedule. Precondition: not empty.
[[nodiscard]] Error error_of(const DiagnosticList& faults);

}  // namespace ararat::planning
