#include "planning/field_table.h"

#include <algorithm>

#include "base/check.h"
#include "base/join.h"

namespace ararat::planning {

const Field* Section::find(std::string_view key) const {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [key](const Field& field) { return field.key == key; });
    return found == fields.end() ? nullptr : &*found;
}

std::vector<std::string> Section::keys() const {
    std::vector<std::string> result;
    result.reserve(fields.size());
    for (const Field& field : fields) result.emplace_back(field.key);
    return result;
}

std::span<const Section> sections() {
    static const std::vector<Section> all = [] {
        std::vector<Section> joined;
        for (const auto part : {plan_sections(), scheduling_sections(), library_sections()}) {
            joined.insert(joined.end(), part.begin(), part.end());
        }
        return joined;
    }();
    return all;
}

const Section& section(std::string_view name) {
    const auto all = sections();
    const auto found =
        std::find_if(all.begin(), all.end(), [name](const Section& entry) { return entry.name == name; });
    ARARAT_CHECK(found != all.end(), "a section that is not in the table of fields");
    return *found;
}

std::vector<std::string> choices_of(const Field& field) { return split(field.extra, '|'); }

TypeWords words_of(FieldType type) {
    switch (type) {
        case FieldType::kIdentifier: return {"an identifier", "1 to 63 of a-z, 0-9, '.', '_' and '-'"};
        case FieldType::kText: return {"text", "text"};
        case FieldType::kInteger: return {"a whole number", "decimal digits without leading zeros"};
        case FieldType::kBoolean: return {"a boolean", "true or false"};
        case FieldType::kDuration: return {"a duration", "such as 200ms, 45min or 1h 30min"};
        case FieldType::kBytes: return {"a size", "such as 512 MiB or 1.5 TB"};
        case FieldType::kRate: return {"a rate", "such as 1 Gbit/s or 100 MB/s"};
        case FieldType::kHourlyRate: return {"a rate", "such as 2 GiB/h"};
        case FieldType::kPercent: return {"a percentage", "such as 99.9%"};
        case FieldType::kDate: return {"a date", "YYYY-MM-DD"};
        case FieldType::kMoment:
            return {"a moment", "RFC 3339 such as 2017-09-30T18:00:00Z, a date, or now+2h"};
        case FieldType::kDayOrMoment:
            return {"a day or a moment", "YYYY-MM-DD, RFC 3339 such as 2017-09-30T18:00:00Z, or now+2h"};
        case FieldType::kMoney: return {"an amount of money", "such as 4000 GBP or 99.50 GBP"};
        case FieldType::kTimezone: return {"a time zone", "such as Europe/London"};
        case FieldType::kChoice: return {"one of the choices", "one of a few words"};
        case FieldType::kAddress: return {"an address", "a host name or an IP address, without a port"};
        case FieldType::kFileName: return {"a file name", "one name without '/'"};
        case FieldType::kIncludePath: return {"a relative path", "within the plan's root"};
        case FieldType::kReference: return {"a name", "the name of something defined in the plan"};
        case FieldType::kReferences: return {"a list of names", "such as [one, two]"};
        case FieldType::kIdentifiers: return {"a list of identifiers", "such as [one, two]"};
        case FieldType::kTexts: return {"a list of texts", "such as [one, two]"};
        case FieldType::kStepNames:
            return {"a list of steps", "STEP, COMPONENT/STEP or APPLICATION/COMPONENT/STEP"};
        case FieldType::kTextMap: return {"a mapping of texts", "such as {name: text}"};
        case FieldType::kCounts: return {"a mapping of whole numbers", "such as {engineers: 4}"};
        case FieldType::kCapacities: return {"what there is of each", "such as {engineers: 4}"};
        case FieldType::kMonthDurations: return {"durations by month", "such as {2017-10: 12min}"};
        case FieldType::kNeeds: return {"a list of needs", "such as [one, two]"};
        case FieldType::kDates: return {"a list of dates", "such as [2017-12-25, 2017-12-26]"};
        case FieldType::kImports: return {"relative paths", "such as holidays.ics or [one.ics, two.ics]"};
        case FieldType::kWeeklyWindows:
            return {"weekly windows", "such as \"Mon-Thu 19:00-23:00, Sat 08:00-12:00\""};
        case FieldType::kDateRanges: return {"a list of date ranges", "such as [2017-12-15/2018-01-03]"};
        case FieldType::kTargets: return {"target hosts", "such as {new-host: site}"};
        case FieldType::kWaits: return {"steps that wait", "such as {step: [component/step]}"};
        case FieldType::kWaves: return {"waves", "auto, or a list of waves"};
        case FieldType::kTemplate: return {"text", "text, with ${...} where a value enters"};
        case FieldType::kTemplates: return {"a list of texts", "such as [one, \"${two}\"]"};
        case FieldType::kTemplateMap: return {"a mapping of texts", "such as {name: \"${value}\"}"};
        case FieldType::kDurationTemplate: return {"a duration", "such as 200ms, 45min or 1h 30min"};
        case FieldType::kEmpty: return {"an empty mapping", "{}"};
        case FieldType::kSection: return {"a mapping", "such as {key: value}"};
        case FieldType::kSectionMap: return {"a mapping of names", "such as {name: {key: value}}"};
        case FieldType::kSectionList: return {"a list of mappings", "such as [{key: value}]"};
    }
    ARARAT_CHECK(false, "a FieldType outside its enum");
}

}  // namespace ararat::planning
