#include "platform/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/join.h"

namespace ararat::platform {
namespace {

TEST(JsonLogLine, IsJsonWhateverTheMessageHolds) {
    const std::string message = "a \"quote\", a \\, a\nline, \x1B[31m, \xFF and caf\xC3\xA9";
    const auto json = nlohmann::json::parse(json_log_line("t", "info", "ararat-agent", message));
    EXPECT_EQ(json["program"], "ararat-agent");
    EXPECT_EQ(json["level"], "info");
    EXPECT_EQ(json["message"], "a \"quote\", a \\, a\nline, \xEF\xBF\xBD[31m, \xEF\xBF\xBD and caf\xC3\xA9");
}

TEST(InitLog, WritesOneLinePerMessageToStderr) {
    testing::internal::CaptureStderr();
    init_log({"ararat-agent", LogFormat::kText, spdlog::level::info});
    spdlog::info("host {} said {}", "db1", "one\ntwo\x1B[0m {}");
    spdlog::debug("not shown");
    const std::string text = testing::internal::GetCapturedStderr();
    const auto lines = split(text, '\n');
    ASSERT_EQ(lines.size(), 2U) << text;
    EXPECT_NE(lines[0].find(" info ararat-agent: host db1 said one two\xEF\xBF\xBD[0m {}"), std::string::npos)
        << text;
    EXPECT_EQ(lines[0].substr(19, 1), ".");
    EXPECT_EQ(lines[0].substr(23, 1), "Z");
}

TEST(InitLog, WritesJsonForMachines) {
    testing::internal::CaptureStderr();
    init_log({"ararat-agent", LogFormat::kJson, spdlog::level::warn});
    spdlog::info("not shown");
    spdlog::warn("shown");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(nlohmann::json::parse(text)["message"], "shown");
    EXPECT_EQ(nlohmann::json::parse(text)["level"], "warning");
}

TEST(LogOptions, ReadNamesOrSayWhatIsMeant) {
    EXPECT_EQ(*parse_log_format("json"), LogFormat::kJson);
    EXPECT_EQ(*parse_log_level("warn"), spdlog::level::warn);
    EXPECT_EQ(parse_log_format("xml").error().message, "'xml' is not a log format (text or json)");
    EXPECT_FALSE(parse_log_level("loud").ok());
}

}  // namespace
}  // namespace ararat::platform
