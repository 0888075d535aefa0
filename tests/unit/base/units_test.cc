#include "base/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace ararat {
namespace {

TEST(ParseBytes, ReadsDecimalAndBinaryUnits) {
    EXPECT_EQ(*parse_bytes("512 B"), 512U);
    EXPECT_EQ(*parse_bytes("32 GiB"), 32ULL << 30U);
    EXPECT_EQ(*parse_bytes("32GiB"), 32ULL << 30U);
    EXPECT_EQ(*parse_bytes("1 GB"), 1'000'000'000U);
    EXPECT_EQ(*parse_bytes("1.5 kB"), 1500U);
    EXPECT_EQ(*parse_bytes("1.1 GB"), 1'100'000'000U);
    EXPECT_EQ(*parse_bytes("0 B"), 0U);
}

TEST(ParseBytes, RefusesWhatPeopleCouldMeanOtherwise) {
    for (const char* text : {"", "32", "GiB", "32 gib", "32 G", "-1 GB", "+1 GB", "1e3 B", "1. GB", ".5 GB",
                             "1  GB", "0x10 B", "1 GB 2 MB", "1,000 B", "20000000 PB", "1 GB/s", "nan B"}) {
        EXPECT_FALSE(parse_bytes(text).ok()) << text;
    }
    EXPECT_EQ(parse_bytes("32").error().message, "'32' is not a size (write it like 32 GiB or 500 MB)");
}

TEST(ParseBytes, RefusesWhatDoesNotFit) {
    EXPECT_EQ(*parse_bytes("16383 PiB"), 16383ULL << 50U);
    EXPECT_EQ(parse_bytes("16384 PiB").error().message,
              "'16384 PiB' is not a size that fits into 64 bits (write it like 32 GiB or 500 MB)");
}

TEST(ParseRate, CountsBitsAndBytesPerPeriod) {
    EXPECT_EQ(*parse_bytes_per_second("1 Gbit/s"), 125'000'000U);
    EXPECT_EQ(*parse_bytes_per_second("100 MB/s"), 100'000'000U);
    EXPECT_EQ(*parse_bytes_per_second("3600 B/h"), 1U);
    EXPECT_EQ(*parse_bytes_per_second("60 KiB/min"), 1024U);
    EXPECT_EQ(*parse_bytes_per_hour("2 GiB/h"), 2ULL << 30U);
    EXPECT_EQ(*parse_bytes_per_hour("1 B/s"), 3600U);
    EXPECT_EQ(*parse_bytes_per_hour("24 GB/d"), 1'000'000'000U);
}

TEST(ParseRate, RefusesASizeAndUnknownPeriods) {
    for (const char* text : {"1 Gbit", "1 Gbit/", "1 Gbit/x", "/s", "1 Gb/s", "1 Gbit/s/s", "1/s"}) {
        EXPECT_FALSE(parse_bytes_per_second(text).ok()) << text;
    }
    EXPECT_EQ(parse_bytes_per_second("1 Gb/s").error().message,
              "'1 Gb/s' is not a rate (write it like 1 Gbit/s or 2 GiB/h)");
}

TEST(ParseDuration, AddsUnitsFromLargeToSmall) {
    EXPECT_EQ(*parse_duration("45min"), std::chrono::minutes(45));
    EXPECT_EQ(*parse_duration("45 min"), std::chrono::minutes(45));
    EXPECT_EQ(*parse_duration("200ms"), Duration(200));
    EXPECT_EQ(*parse_duration("1h30min"), std::chrono::minutes(90));
    EXPECT_EQ(*parse_duration("1h 30min"), std::chrono::minutes(90));
    EXPECT_EQ(*parse_duration("2d"), std::chrono::hours(48));
    EXPECT_EQ(*parse_duration("1w 1d"), std::chrono::hours(24 * 8));
    EXPECT_EQ(*parse_duration("0s"), Duration(0));
}

TEST(ParseDuration, RefusesAmbiguousAndOverflowingText) {
    for (const char* text : {"", "45", "45m", "-1s", "1.5h", "30min 1h", "1h 1h", "min", "1h,30min", "1 H",
                             "106751991168 d", "99999999999999999999s", "9223372036854775807ms 1"}) {
        EXPECT_FALSE(parse_duration(text).ok()) << text;
    }
    EXPECT_EQ(parse_duration("45").error().message,
              "'45' is not a duration (write it like 45min, 1h 30min or 200ms)");
}

TEST(ParsePercent, IsBetweenNoneAndAll) {
    EXPECT_DOUBLE_EQ(*parse_percent("60%"), 60.0);
    EXPECT_DOUBLE_EQ(*parse_percent("99.95%"), 99.95);
    EXPECT_DOUBLE_EQ(*parse_percent("100 %"), 100.0);
    for (const char* text : {"", "60", "101%", "-1%", "%"}) EXPECT_FALSE(parse_percent(text).ok()) << text;
}

TEST(FormatBytes, NeverShowsAThousandAndMoreOfAUnit) {
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(1023), "1023 B");
    EXPECT_EQ(format_bytes(1024), "1.0 KiB");
    EXPECT_EQ(format_bytes((1U << 20U) - 1), "1.0 MiB");
    EXPECT_EQ(format_bytes(33'716'000'000), "31.4 GiB");
    EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
    EXPECT_EQ(format_bytes_per_second(13'107'200), "12.5 MiB/s");
}

TEST(FormatDuration, ShowsTheTwoLargestUnits) {
    EXPECT_EQ(format_duration(Duration(0)), "0ms");
    EXPECT_EQ(format_duration(Duration(340)), "340ms");
    EXPECT_EQ(format_duration(Duration(1250)), "1.25s");
    EXPECT_EQ(format_duration(Duration(59'999)), "59.99s");
    EXPECT_EQ(format_duration(Duration(65'000)), "1min 5s");
    EXPECT_EQ(format_duration(std::chrono::hours(51)), "2d 3h");
    EXPECT_EQ(format_duration(std::chrono::hours(48) + std::chrono::minutes(5)), "2d");
    EXPECT_EQ(format_duration(Duration(-1250)), "-1.25s");
}

TEST(DurationText, IsReadBackExactly) {
    for (const std::int64_t ms : {0LL, 1LL, 999LL, 1000LL, 61'001LL, 5'400'000LL, 694'861'001LL}) {
        EXPECT_EQ(*parse_duration(duration_text(Duration(ms))), Duration(ms)) << ms;
    }
    EXPECT_EQ(duration_text(std::chrono::minutes(90)), "1h30min");
}

TEST(FormatCount, GroupsThousands) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1000), "1,000");
    EXPECT_EQ(format_count(1234567), "1,234,567");
}

}  // namespace
}  // namespace ararat
