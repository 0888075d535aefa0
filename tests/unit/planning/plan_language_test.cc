// The published schema and reference page are what the table of fields says.
// Set ARARAT_WRITE_PUBLISHED=1 to write them anew after a change of the table.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "planning/field_table.h"
#include "planning/json_schema.h"
#include "planning/plan_reference.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

void expect_published(const std::string& path, const std::string& text) {
    if (std::getenv("ARARAT_WRITE_PUBLISHED") != nullptr) {
        std::ofstream(std::string(ARARAT_SOURCE_DIR) + "/" + path, std::ios::binary) << text;
    }
    EXPECT_EQ(read_project_file(path), text) << path << " is not what the table of fields says";
}

TEST(PlanLanguage, PublishedSchemaIsTheTables) {
    expect_published("plans/plan.schema.json", plan_json_schema());
}

TEST(PlanLanguage, PublishedReferenceIsTheTables) {
    expect_published("docs/plan-reference.md", plan_reference_markdown());
}

TEST(PlanLanguage, SchemaKnowsEveryKeyAndNoOther) {
    const auto schema = nlohmann::json::parse(plan_json_schema());
    ASSERT_EQ(schema["definitions"].size(), sections().size());
    for (const Section& section : sections()) {
        const auto& definition = schema["definitions"][std::string(section.name)];
        std::set<std::string> keys;
        for (const auto& [key, value] : definition["properties"].items()) keys.insert(key);
        const std::vector<std::string> known = section.keys();
        EXPECT_EQ(keys, std::set<std::string>(known.begin(), known.end())) << section.name;
        EXPECT_EQ(definition["additionalProperties"], false) << section.name;
    }
}

TEST(PlanLanguage, EverySectionThatAFieldNamesIsInTheTable) {
    std::set<std::string_view> named = {"plan", "runbook-file", "action-file"};
    for (const Section& section : sections()) {
        std::set<std::string_view> keys;
        for (const Field& field : section.fields) {
            EXPECT_TRUE(keys.insert(field.key).second) << section.name << " has " << field.key << " twice";
            EXPECT_FALSE(field.doc.empty()) << section.name << ": " << field.key;
            const bool inner = field.type == FieldType::kSection || field.type == FieldType::kSectionMap ||
                               field.type == FieldType::kSectionList || field.type == FieldType::kWaves ||
                               field.type == FieldType::kNeeds || field.type == FieldType::kCapacities;
            if (inner) named.insert(planning::section(field.extra).name);
        }
    }
    EXPECT_EQ(named.size(), sections().size()) << "a section that nothing uses";
}

}  // namespace
}  // namespace ararat::planning::testing
