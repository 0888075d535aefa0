// The plan language as one table: every key with its type, whether it must be given, its default and what
// it means. The parser checks against it, the JSON Schema and the reference page are made from it, so that
// the three cannot drift apart.
// Thread promise: constant data.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ararat::planning {

enum class FieldType {
    kIdentifier,
    kText,
    kInteger,  // extra: "1..65535"
    kBoolean,
    kDuration,
    kBytes,
    kRate,        // bytes a second
    kHourlyRate,  // bytes an hour
    kPercent,
    kDate,
    kMoment,
    kDayOrMoment,  // a day keeps to the programme's time zone
    kMoney,        // "4000 GBP"
    kTimezone,
    kChoice,  // extra: "source|target"
    kAddress,
    kFileName,     // one part, no '/'
    kIncludePath,  // relative, stays within the plan's root
    kReference,    // extra: the top-level key where the name is defined
    kReferences,   // a list of them
    kIdentifiers,
    kTexts,
    kStepNames,         // a list of STEP, COMPONENT/STEP or APPLICATION/COMPONENT/STEP
    kTextMap,           // identifier: text
    kCounts,            // identifier: whole number
    kCapacities,        // identifier: whole number, or a list; extra: the section of an entry
    kMonthDurations,    // "2017-10": duration
    kNeeds,             // a list of names, or of sections whose first key is the name; extra: the section
    kDates,             // a list of them
    kImports,           // a relative path, or a list of them
    kWeeklyWindows,     // "Mon-Thu 19:00-23:00, Sat 08:00-12:00", or a list of such texts
    kDateRanges,        // a list of "2017-12-15/2018-01-03"
    kTargets,           // host: site, or a list of mappings with one entry each
    kWaits,             // step: list of steps
    kWaves,             // `auto`, or a list; extra: the section of an entry
    kTemplate,          // text that may hold ${...}
    kTemplates,         // a list of them
    kTemplateMap,       // name: text that may hold ${...}
    kDurationTemplate,  // a duration, or a ${...} that gives one
    kEmpty,             // {}
    kSection,           // extra: the section
    kSectionMap,        // identifier: section
    kSectionList,
};

enum class FieldFlag : unsigned {
    kOptional = 0,
    kRequired = 1,
    kNotEnforced = 2,  // accepted and checked, and `ararat plan` says that nothing acts on it yet
};

// Of the keys that only the scheduler of the whole programme acts on.
inline constexpr FieldFlag kProgrammeSchedulerFlag = FieldFlag::kOptional;

struct Field {
    std::string_view key;
    FieldType type = FieldType::kText;
    std::string_view extra;     // see FieldType
    std::string_view fallback;  // what is taken when the key is not given; empty: nothing
    std::string_view doc;
    FieldFlag flag = FieldFlag::kOptional;

    [[nodiscard]] bool required() const { return flag == FieldFlag::kRequired; }
    [[nodiscard]] bool not_enforced() const { return flag == FieldFlag::kNotEnforced; }
};

struct Section {
    std::string_view name;
    std::string_view title;
    std::string_view doc;
    std::span<const Field> fields;

    [[nodiscard]] const Field* find(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys() const;
};

// In the order of the reference page: "plan" first.
[[nodiscard]] std::span<const Section> sections();
// Precondition: the section is in the table.
[[nodiscard]] const Section& section(std::string_view name);

// "source|target" as {"source", "target"}.
[[nodiscard]] std::vector<std::string> choices_of(const Field& field);

// For people: what a value of this type is called, and an example or the rule. ("a duration", "such as
// 200ms, 45min or 1h 30min")
struct TypeWords {
    std::string_view noun;
    std::string_view meant;
};
[[nodiscard]] TypeWords words_of(FieldType type);

// The parts of the table, each in a file of its own.
[[nodiscard]] std::span<const Section> plan_sections();
[[nodiscard]] std::span<const Section> scheduling_sections();
[[nodiscard]] std::span<const Section> library_sections();

}  // namespace ararat::planning
