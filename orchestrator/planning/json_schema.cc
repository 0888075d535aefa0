#include "planning/json_schema.h"

#include <nlohmann/json.hpp>

#include <utility>

#include "base/check.h"
#include "planning/field_table.h"
#include "planning/scalar_types.h"

namespace ararat::planning {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kIdentifierPattern = "^[a-z0-9][a-z0-9._-]{0,62}$";
constexpr const char* kDurationPattern = "^([0-9]+(ms|s|min|h|d|w) ?)+$";
constexpr const char* kDatePattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
constexpr const char* kRangePattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?$";

Json text() { return Json{{"type", "string"}}; }
Json matching(const char* pattern) { return Json{{"type", "string"}, {"pattern", pattern}}; }
Json list_of(Json items) { return Json{{"type", "array"}, {"items", std::move(items)}}; }
Json reference(std::string_view name) { return Json{{"$ref", "#/definitions/" + std::string(name)}}; }
// Plain numbers and booleans are texts too where text is meant.
Json scalar() { return Json{{"type", Json::array({"string", "number", "boolean"})}}; }

Json map_of(Json values, const char* key_pattern) {
    Json map{{"type", "object"}};
    if (key_pattern != nullptr) map["propertyNames"] = Json{{"pattern", key_pattern}};
    map["additionalProperties"] = std::move(values);
    return map;
}

Json one_of(Json one, Json other) { return Json{{"oneOf", Json::array({std::move(one), std::move(other)})}}; }

Json integer(std::string_view range) {
    Json schema{{"type", "integer"}};
    const std::size_t dots = range.find("..");
    if (dots == std::string_view::npos) return schema;
    const auto low = read_integer(range.substr(0, dots));
    const auto high = read_integer(range.substr(dots + 2));
    ARARAT_CHECK(low.ok() && high.ok(), "a range in the table of fields that is none");
    schema["minimum"] = *low;
    schema["maximum"] = *high;
    return schema;
}

Json choice(const Field& field) {
    Json schema = text();
    schema["enum"] = choices_of(field);
    return schema;
}

Json targets() {
    const Json map = map_of(matching(kIdentifierPattern), kIdentifierPattern);
    Json one = map;
    one["minProperties"] = 1;
    one["maxProperties"] = 1;
    return one_of(map, list_of(one));
}

Json schema_of(const Field& field) {
    switch (field.type) {
        case FieldType::kIdentifier:
        case FieldType::kReference: return matching(kIdentifierPattern);
        case FieldType::kIdentifiers:
        case FieldType::kReferences: return list_of(matching(kIdentifierPattern));
        case FieldType::kInteger: return integer(field.extra);
        case FieldType::kBoolean: return Json{{"type", "boolean"}};
        case FieldType::kDuration: return matching(kDurationPattern);
        case FieldType::kPercent: return matching("^[0-9]+(\\.[0-9]+)?%$");
        case FieldType::kDate: return matching(kDatePattern);
        case FieldType::kChoice: return choice(field);
        case FieldType::kBytes:
        case FieldType::kRate:
        case FieldType::kHourlyRate:
        case FieldType::kMoment:
        case FieldType::kDayOrMoment:
        case FieldType::kTimezone:
        case FieldType::kAddress: return text();
        case FieldType::kText:
        case FieldType::kTemplate:
        case FieldType::kDurationTemplate: return scalar();
        case FieldType::kFileName: return list_of(matching("^[A-Za-z0-9_][A-Za-z0-9._-]*$"));
        case FieldType::kIncludePath:
        case FieldType::kStepNames: return list_of(text());
        case FieldType::kTexts:
        case FieldType::kTemplates: return list_of(scalar());
        case FieldType::kTextMap:
        case FieldType::kTemplateMap: return map_of(scalar(), nullptr);
        case FieldType::kCounts: return map_of(integer("0..1000000"), kIdentifierPattern);
        case FieldType::kCapacities:
            return map_of(one_of(integer("0..1000000"), list_of(reference(field.extra))), kIdentifierPattern);
        case FieldType::kMonthDurations: return map_of(matching(kDurationPattern), "^[0-9]{4}-[0-9]{2}$");
        case FieldType::kNeeds: return list_of(one_of(matching(kIdentifierPattern), reference(field.extra)));
        case FieldType::kDates: return list_of(matching(kDatePattern));
        case FieldType::kImports: return one_of(text(), list_of(text()));
        case FieldType::kMoney: return matching("^(0|[1-9][0-9]*)(\\.[0-9]{2})? [A-Z]{3}$");
        case FieldType::kWeeklyWindows: return one_of(text(), list_of(text()));
        case FieldType::kDateRanges: return list_of(matching(kRangePattern));
        case FieldType::kTargets: return targets();
        case FieldType::kWaits: return map_of(list_of(text()), kIdentifierPattern);
        case FieldType::kWaves: return one_of(Json{{"const", "auto"}}, list_of(reference(field.extra)));
        case FieldType::kEmpty: return Json{{"type", "object"}, {"maxProperties", 0}};
        case FieldType::kSection: return reference(field.extra);
        case FieldType::kSectionMap: return map_of(reference(field.extra), kIdentifierPattern);
        case FieldType::kSectionList: return list_of(reference(field.extra));
    }
    ARARAT_CHECK(false, "a FieldType outside its enum");
}

Json schema_of(const Section& section) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const Field& field : section.fields) {
        Json schema = schema_of(field);
        // Draft 7 ignores what stands beside a $ref.
        if (schema.contains("$ref")) schema = Json{{"allOf", Json::array({std::move(schema)})}};
        schema["description"] = std::string(field.doc);
        properties[std::string(field.key)] = std::move(schema);
        if (field.required()) required.push_back(std::string(field.key));
    }
    Json schema{{"title", std::string(section.title)}};
    if (!section.doc.empty()) schema["description"] = std::string(section.doc);
    schema["type"] = "object";
    schema["properties"] = std::move(properties);
    if (!required.empty()) schema["required"] = std::move(required);
    schema["additionalProperties"] = false;
    return schema;
}

}  // namespace

std::string plan_json_schema() {
    Json definitions = Json::object();
    for (const Section& section : sections()) definitions[std::string(section.name)] = schema_of(section);
    const Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                      {"title", "Ararat plan, version v1"},
                      {"allOf", Json::array({reference("plan")})},
                      {"definitions", std::move(definitions)}};
    return schema.dump(2) + "\n";
}

}  // namespace ararat::planning
