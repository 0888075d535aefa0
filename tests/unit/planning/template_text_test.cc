#include "planning/template_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace ararat::planning {
namespace {

Result<std::string> filled(const std::string& text) {
    static const std::map<std::string, std::string> kValues = {{"name", "db"},
                                                               {"dollar", "$"},
                                                               {"braces", "${name}"},
                                                               {"empty", ""},
                                                               {"late", "${step.a/b/c.out}"},
                                                               {"tail", "step.a/b/c.out}"},
                                                               {"file.x", "${file.x}"}};
    return expand(text, [](const std::string& reference) -> Result<std::string> {
        const auto found = kValues.find(reference);
        if (found != kValues.end()) return found->second;
        return Error{ErrorCode::kInvalidArgument, "unknown " + reference};
    });
}

TEST(TemplateText, FillsReferencesInPlace) {
    EXPECT_EQ(*filled("pre-${name}-post ${name}"), "pre-db-post db");
    EXPECT_EQ(*filled(""), "");
    EXPECT_EQ(*filled("${empty}"), "");
}

TEST(TemplateText, LeavesDollarsAlone) {
    EXPECT_EQ(*filled("$5 $HOME $$ $(x) cost: $"), "$5 $HOME $$ $(x) cost: $");
    EXPECT_EQ(*filled("$${name} stays"), "${name} stays");
}

TEST(TemplateText, NeverReadsAValueAgain) {
    EXPECT_EQ(*filled("${braces}"), "${name}");
    EXPECT_EQ(*filled("${dollar}{name}"), "${name}");
}

TEST(TemplateText, KeepsLateReferencesThatWereMeant) {
    EXPECT_EQ(*filled("--out=${late}"), "--out=${step.a/b/c.out}");
    EXPECT_TRUE(has_late_reference(*filled("${file.x}")));
    EXPECT_FALSE(has_late_reference("${name}"));
}

TEST(TemplateText, RefusesTextThatWouldBecomeALateReference) {
    const std::string expected = "the text would be read as a ${step...} or ${file...} that it does not mean";
    for (const char* text : {"$${step.a.b}", "$${file.x}", "${dollar}{step.a.b}", "$${${tail}"}) {
        const auto result = filled(text);
        ASSERT_FALSE(result.ok()) << text;
        EXPECT_EQ(result.error().message, expected) << text;
    }
}

TEST(TemplateText, RefusesMalformedReferences) {
    EXPECT_EQ(filled("${name").error().message, "'${name' has no closing '}' (meant: $${ for a literal ${)");
    EXPECT_EQ(filled("a ${} b").error().message, "'${}' is not a reference (meant: $${ for a literal ${)");
    EXPECT_EQ(filled("${a b}").error().message, "'${a b}' is not a reference (meant: $${ for a literal ${)");
    EXPECT_EQ(filled("${${name}}").error().message,
              "'${${name}' is not a reference (meant: $${ for a literal ${)");
    EXPECT_EQ(filled("${other}").error().message, "unknown other");
}

TEST(TemplateText, BoundsWhatItBecomes) {
    std::string text;
    for (int i = 0; i < 600'000; ++i) text += "${name}";
    EXPECT_EQ(filled(text).error().message,
              "the text becomes longer than 1 MiB when its references are filled in");
}

}  // namespace
}  // namespace ararat::planning
