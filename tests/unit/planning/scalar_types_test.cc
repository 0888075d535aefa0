#include "planning/scalar_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planning/nearest_name.h"
#include "planning/param_types.h"

namespace ararat::planning {
namespace {

const Instant kNow = from_unix_ms(1709546400000);  // 2024-03-04T10:00:00Z

TEST(ScalarTypes, IntegersAreDecimal) {
    EXPECT_EQ(*read_integer("0"), 0);
    EXPECT_EQ(*read_integer("-12"), -12);
    EXPECT_EQ(*read_integer("9223372036854775807"), 9223372036854775807);
    for (const char* text :
         {"", "-", "-0", "-01", "010", "0x10", "1_000", "1e3", "1.0", "+1", " 1", "9223372036854775808"}) {
        EXPECT_FALSE(read_integer(text).ok()) << text;
    }
}

TEST(ScalarTypes, DatesExist) {
    EXPECT_TRUE(read_date("2024-02-29").ok());
    for (const char* text : {"2023-02-29", "2024-13-01", "2024-2-9", "24-02-09", "2024-02-29 ", "tomorrow"}) {
        EXPECT_FALSE(read_date(text).ok()) << text;
    }
}

TEST(ScalarTypes, MomentsAreAbsoluteOrRelative) {
    EXPECT_EQ(*read_moment("now", kNow), kNow);
    EXPECT_EQ(*read_moment("now+1h 30min", kNow), kNow + std::chrono::minutes{90});
    EXPECT_EQ(*read_moment("now-5s", kNow), kNow - std::chrono::seconds{5});
    EXPECT_EQ(*read_moment("2024-03-04T10:00:00Z", kNow), kNow);
    EXPECT_EQ(*read_moment("2024-03-04T11:30:00+01:30", kNow), kNow);
    EXPECT_EQ(*read_moment("2024-03-04T05:00:00-05:00", kNow), kNow);
    for (const char* text : {"", "nowadays", "now+", "now+5", "2024-03-04T10:00Z", "2024-03-04T24:00:00Z",
                             "2024-03-04T10:00:60Z", "2024-03-04T10:00:00", "2024-03-04 10:00:00Z"}) {
        EXPECT_FALSE(read_moment(text, kNow).ok()) << text;
    }
}

TEST(ScalarTypes, WindowsWrapDaysAndWeeks) {
    const auto windows = read_windows("Fri-Mon 22:00-02:00, Wed 08:00-24:00");
    ASSERT_TRUE(windows.ok());
    ASSERT_EQ(windows->size(), 2U);
    EXPECT_EQ((*windows)[0].weekdays, (std::set<int>{0, 4, 5, 6}));
    EXPECT_EQ((*windows)[0].start_minute, 22 * 60);
    EXPECT_EQ((*windows)[0].end_minute, 26 * 60);
    EXPECT_EQ((*windows)[1].end_minute, 24 * 60);
    for (const char* text :
         {"", "Mon", "mon 10:00-11:00", "Mon 10:00", "Mon 25:00-26:00", "Mon 10:60-11:00", "Mon 10:00-10:00",
          "Mon-Foo 10:00-11:00", "Mon 10:00-11:00,", "Mon 24:00-01:00"}) {
        EXPECT_FALSE(read_windows(text).ok()) << text;
    }
}

TEST(ScalarTypes, DateRangesHaveAnOrder) {
    EXPECT_EQ(read_date_range("2017-12-15")->last, "2017-12-15");
    EXPECT_EQ(read_date_range("2017-12-15/2018-01-03")->last, "2018-01-03");
    EXPECT_FALSE(read_date_range("2018-01-03/2017-12-15").ok());
    EXPECT_FALSE(read_date_range("2018-01-03/").ok());
}

TEST(ScalarTypes, MoneyIsAnAmountAndACurrency) {
    EXPECT_EQ(read_money("4000 GBP")->amount, 400'000);
    EXPECT_EQ(read_money("0.05 EUR")->amount, 5);
    EXPECT_EQ(read_money("0.05 EUR")->currency, "EUR");
    for (const char* text : {"4000", "4000GBP", "4000 gbp", "4000 POUND", "-1 GBP", "1.5 GBP", "1.505 GBP",
                             "1,000 GBP", "01 GBP", " GBP", "1. GBP", ".50 GBP", "10000000001 GBP"}) {
        EXPECT_FALSE(read_money(text).ok()) << text;
    }
}

TEST(ScalarTypes, ADayKeepsItsNameAndAMomentDoesNot) {
    EXPECT_EQ(read_day_or_moment("2017-09-30", {})->day, "2017-09-30");
    EXPECT_EQ(read_day_or_moment("2017-09-30T18:00:00Z", {})->day, "");
    EXPECT_EQ(to_unix_ms(read_day_or_moment("now+1s", from_unix_ms(5))->moment), 1005);
    EXPECT_FALSE(read_day_or_moment("2017-09-31", {}).ok());
}

TEST(ScalarTypes, MonthsExist) {
    EXPECT_TRUE(read_month("2017-12").ok());
    for (const char* text : {"2017-13", "2017-00", "2017", "2017-1", "2017-12-01"}) {
        EXPECT_FALSE(read_month(text).ok()) << text;
    }
}

TEST(ScalarTypes, RelativePathsStayBelow) {
    for (const char* text : {"a.yaml", "a/b", "./a", "a/../b"})
        EXPECT_TRUE(check_relative_path(text).ok()) << text;
    EXPECT_EQ(check_relative_path("a/../../b").error().message,
              "a path that leaves its root: it resolves to '../b'");
    EXPECT_FALSE(check_relative_path("/a").ok());
    EXPECT_FALSE(check_relative_path("").ok());
}

TEST(ScalarTypes, AddressesAreHostsWithoutPorts) {
    for (const char* text : {"198.18.1.1", "db.example", "fd00::1", "::", "host-1", "_dmarc.example"}) {
        EXPECT_TRUE(check_address(text).ok()) << text;
    }
    for (const char* text : {"", "-x", "a b", "a:80", "a;b", "$(x)", "a/b", "g::1::z"}) {
        EXPECT_FALSE(check_address(text).ok()) << text;
    }
}

TEST(ParamTypes, NamesCannotBeTakenForOptions) {
    for (const char* text : {"nginx.service", "postgresql@15-main", "a", "_x", "A:b"}) {
        EXPECT_TRUE(check_param_value(ParamType::kIdentifier, text).ok()) << text;
    }
    for (const char* text : {"", "-f", "--force", ".hidden", "a b", "a;b", "a/b", "a\nb"}) {
        EXPECT_FALSE(check_param_value(ParamType::kIdentifier, text).ok()) << text;
    }
    EXPECT_TRUE(check_param_value(ParamType::kText, "; rm -rf /").ok());
    EXPECT_EQ(check_param_value(ParamType::kPath, "a/b").error().message,
              "'a/b' is not of type path (meant: an absolute path without '..')");
}

TEST(ParamTypes, NamesRoundTrip) {
    for (const ParamType type :
         {ParamType::kText, ParamType::kInteger, ParamType::kDuration, ParamType::kSize, ParamType::kPath,
          ParamType::kIdentifier, ParamType::kAddress, ParamType::kBoolean}) {
        EXPECT_EQ(to_param_type(to_string(type)), type);
    }
}

TEST(NearestName, FindsSmallSlips) {
    const std::vector<std::string> known = {"address", "host", "hosts", "runbook"};
    EXPECT_EQ(nearest_name("adress", known), "address");
    EXPECT_EQ(nearest_name("hots", known), "host");
    EXPECT_EQ(nearest_name("runbok", known), "runbook");
    EXPECT_EQ(nearest_name("wave", known), "");
    EXPECT_EQ(nearest_name(std::string(1000, 'a'), known), "");
    EXPECT_EQ(did_you_mean("hosst", known), " (did you mean 'host'?)");
}

}  // namespace
}  // namespace ararat::planning
