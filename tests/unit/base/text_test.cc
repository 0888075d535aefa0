#include <gtest/gtest.h>

#include <string>

#include "base/identifier.h"
#include "base/join.h"
#include "base/quote.h"
#include "base/utf8.h"

namespace ararat {
namespace {

using namespace std::string_literals;

TEST(Utf8, DecodesEachLength) {
    EXPECT_EQ(decode_utf8("A", 0)->value, U'A');
    EXPECT_EQ(decode_utf8("\xC3\xA9", 0)->value, 0xE9U);
    EXPECT_EQ(decode_utf8("\xE2\x82\xAC", 0)->value, 0x20ACU);
    EXPECT_EQ(decode_utf8("\xF0\x9F\x98\x80", 0)->value, 0x1F600U);
    EXPECT_EQ(decode_utf8("\xF0\x9F\x98\x80", 0)->bytes, 4U);
    EXPECT_FALSE(decode_utf8("A", 1).has_value());
}

TEST(Utf8, RefusesIllFormedBytes) {
    for (const std::string& bytes :
         {"\x80"s, "\xC3"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x80\x80"s, "\xED\xA0\x80"s, "\xF0\x80\x80\x80"s,
          "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s, "\xE2\x28\xA1"s}) {
        EXPECT_FALSE(decode_utf8(bytes, 0).has_value());
        EXPECT_EQ(find_text_fault(bytes)->kind, TextFaultKind::kNotUtf8);
    }
    EXPECT_EQ(find_text_fault("ab\xFF")->text(), "byte 0xFF, which is not UTF-8");
    EXPECT_EQ(find_text_fault("ab\xFF")->offset, 2U);
}

TEST(TextFault, NamesWhatHides) {
    EXPECT_FALSE(find_text_fault("plain text\twith\r\nlines, caf\xC3\xA9").has_value());
    EXPECT_EQ(find_text_fault("a\0b"s)->text(), "U+0000, a control character");
    EXPECT_EQ(find_text_fault("\x1B[2J")->text(), "U+001B, a control character");
    EXPECT_EQ(find_text_fault("\xC2\x9B")->text(), "U+009B, a control character");
    EXPECT_EQ(find_text_fault("x\xE2\x80\xAEy")->text(), "U+202E, a bidirectional control");
    EXPECT_EQ(find_text_fault("x\xE2\x81\xA6y")->text(), "U+2066, a bidirectional control");
    EXPECT_EQ(find_text_fault("\xEF\xBB\xBFx")->text(), "U+FEFF, an invisible character");
    EXPECT_EQ(find_text_fault("a\xE2\x80\x8B")->kind, TextFaultKind::kInvisible);
    EXPECT_EQ(find_text_fault("a\xE2\x80\xA8")->kind, TextFaultKind::kInvisible);
}

TEST(LineFault, RefusesLayoutToo) {
    EXPECT_EQ(find_line_fault("a\nb")->text(), "U+000A, a control character");
    EXPECT_TRUE(find_line_fault("a\tb").has_value());
    EXPECT_FALSE(find_line_fault("a b").has_value());
}

TEST(Displayable, ReplacesFaultsAndKeepsTheRest) {
    EXPECT_EQ(displayable("a\x1B[31mred"), "a\xEF\xBF\xBD[31mred");
    EXPECT_EQ(displayable("x\xFFy\xE2\x80\xAEz\n"), "x\xEF\xBF\xBDy\xEF\xBF\xBDz\n");
    EXPECT_EQ(displayable(""), "");
}

TEST(Identifier, AcceptsItsAlphabet) {
    for (const char* text : {"a", "0", "ark-hsg-db1", "a.b_c-d", "9lives"}) {
        EXPECT_TRUE(check_identifier(text).ok()) << text;
    }
    EXPECT_TRUE(is_identifier(std::string(63, 'a')));
}

TEST(Identifier, NamesTheOffendingCodePoint) {
    const auto message = [](const std::string& text) { return check_identifier(text).error().message; };
    EXPECT_EQ(message(""), "an identifier may not be empty");
    EXPECT_EQ(message("Ark"),
              "'Ark' is not an identifier: U+0041 'A' at character 1 "
              "(allowed are a-z, 0-9, '.', '_' and '-')");
    EXPECT_EQ(message("a b"),
              "'a b' is not an identifier: U+0020 ' ' at character 2 "
              "(allowed are a-z, 0-9, '.', '_' and '-')");
    EXPECT_EQ(message("caf\xC3\xA9"),
              "'caf\xC3\xA9' is not an identifier: U+00E9 '\xC3\xA9' at character 4 "
              "(allowed are a-z, 0-9, '.', '_' and '-')");
    EXPECT_EQ(message("a\xE2\x80\xAE"),
              "'a\xEF\xBF\xBD' is not an identifier: U+202E, a bidirectional "
              "control at character 2 (allowed are a-z, 0-9, '.', '_' and '-')");
    EXPECT_EQ(message("a\xFF"),
              "'a\xEF\xBF\xBD' is not an identifier: byte 0xFF, which is not UTF-8 at "
              "character 2 (allowed are a-z, 0-9, '.', '_' and '-')");
    EXPECT_EQ(message(".."), "'..' is not an identifier: it begins with neither a letter nor a digit");
    EXPECT_EQ(message("-rf"), "'-rf' is not an identifier: it begins with neither a letter nor a digit");
    EXPECT_EQ(message(std::string(64, 'a')),
              "'" + std::string(64, 'a') + "' is not an identifier: 64 characters, 63 at most");
    for (const char* text : {"a/b", "a;b", "a$b", "$(x)", "a\nb", "a'b"}) {
        EXPECT_FALSE(is_identifier(text)) << text;
    }
}

TEST(Quoted, ShowsArgumentsApart) {
    EXPECT_EQ(quoted(std::vector<std::string>{"rsync", "-a", "it's here", "", "x\x1By"}),
              "rsync -a 'it'\\''s here' '' 'x\xEF\xBF\xBDy'");
    EXPECT_EQ(quoted(std::string_view("$(reboot)")), "'$(reboot)'");
}

TEST(Join, SplitsBackWhatItJoined) {
    const std::vector<std::string> parts{"a", "", "b"};
    EXPECT_EQ(join(parts, "|"), "a||b");
    EXPECT_EQ(split("a||b", '|'), parts);
    EXPECT_EQ(split("", '|'), std::vector<std::string>{""});
    EXPECT_EQ(join(std::vector<std::string>{}, "|"), "");
}

}  // namespace
}  // namespace ararat
