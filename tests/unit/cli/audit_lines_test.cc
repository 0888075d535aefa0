// A journal that was exported is held against its own hashes without an orchestrator: whatever is changed in
// the file, the first line that does not hold is named.
#include "cli/audit_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "wire/chain.h"
#include "wire/convert.h"

namespace ararat::cli {
namespace {

using ::testing::HasSubstr;

// Records 1 to `count`, as the orchestrator lists them.
std::vector<v1::AuditEntry> entries(std::uint64_t count) {
    std::vector<v1::AuditEntry> made;
    Sha256Digest hash = wire::chain_start(ProjectId("exit"));
    for (std::uint64_t sequence = 1; sequence <= count; ++sequence) {
        const execution::Record record{sequence, from_unix_ms(1'000 + static_cast<std::int64_t>(sequence)),
                                       execution::EpochStarted{sequence, "test"}};
        hash = wire::chain_next(hash, sequence, wire::to_bytes(record));
        v1::AuditEntry entry;
        *entry.mutable_record() = wire::to_proto(record);
        entry.set_hash(to_hex(hash));
        made.push_back(std::move(entry));
    }
    return made;
}

std::vector<std::string> exported(std::uint64_t count, std::uint64_t since = 1) {
    const auto all = entries(count);
    const ChainPoint before =
        since == 1 ? chain_origin("exit") : ChainPoint{since - 1, all[since - 2].hash()};
    v1::AuditLine line;
    line.mutable_begin()->set_project("exit");
    line.mutable_begin()->set_after_sequence(before.sequence);
    line.mutable_begin()->set_after_hash(before.hash);
    std::vector<std::string> lines{line_of(line).value()};
    AuditWriter writer(before);
    for (std::uint64_t at = since; at <= count; ++at) lines.push_back(writer.line_of(all[at - 1]).value());
    line.mutable_end()->set_sequence(writer.at().sequence);
    line.mutable_end()->set_hash(writer.at().hash);
    lines.push_back(line_of(line).value());
    return lines;
}

// "3: why" for the first line that does not hold; "end: why"; empty: all does.
std::string fault(const std::vector<std::string>& lines) {
    AuditReader reader;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto held = reader.take(lines[i]);
        if (!held.ok()) return std::to_string(i + 1) + ": " + held.error().message;
    }
    const auto whole = reader.finish();
    return whole.ok() ? "" : "end: " + whole.error().message;
}

std::string replaced(std::string line, const std::string& from, const std::string& to) {
    const auto at = line.find(from);
    EXPECT_NE(at, std::string::npos) << "nothing was changed";
    return line.replace(at, from.size(), to);
}

TEST(AuditLines, HoldAsTheyWereWrittenFromWhereverTheyBegin) {
    EXPECT_EQ(fault(exported(5)), "");
    EXPECT_EQ(fault(exported(5, 4)), "");
    EXPECT_EQ(fault(exported(0)), "");
}

TEST(AuditLines, NameAChangedRecordAndAChangedText) {
    auto lines = exported(5);
    lines[3] = replaced(lines[3], "\"hash\":\"", "\"hash\":\"0");
    EXPECT_THAT(fault(lines), HasSubstr("4: record 3 has hash 0"));
    lines = exported(5);
    lines[2] = replaced(lines[2], "\"version\":\"test\"", "\"version\":\"nice\"");
    EXPECT_EQ(fault(lines), "3: record 2 reads otherwise than its bytes");
}

TEST(AuditLines, NameALineThatIsMissingMovedOrNoLine) {
    auto lines = exported(5);
    lines.erase(lines.begin() + 2);
    EXPECT_EQ(fault(lines), "3: record 2 is missing: 3 follows 1");
    lines = exported(5);
    std::swap(lines[4], lines[5]);
    EXPECT_EQ(fault(lines), "5: record 4 is missing: 5 follows 3");
    lines = exported(5);
    lines[1] = "{\"entry\":";
    EXPECT_THAT(fault(lines), HasSubstr("2: is no line of an exported journal"));
    lines[1] = "{\"entry\":{\"colour\":\"red\"}}";
    EXPECT_THAT(fault(lines), HasSubstr("2: is no line of an exported journal"));
    lines[1] = "{}";
    EXPECT_EQ(fault(lines), "2: says nothing");
}

TEST(AuditLines, NameACutAndWhatIsBehindTheEnd) {
    auto lines = exported(5);
    lines.pop_back();
    EXPECT_EQ(fault(lines), "end: the file ends after record 5: its end was cut off");
    EXPECT_EQ(fault({}), "end: the file is empty");
    lines = exported(5);
    lines.erase(lines.end() - 2);
    EXPECT_THAT(fault(lines), HasSubstr("6: says that the export ends at record 5"));
    lines = exported(5);
    lines.push_back(lines[1]);
    EXPECT_EQ(fault(lines), "8: stands behind the export's end");
    lines = exported(5);
    lines.erase(lines.begin());
    EXPECT_EQ(fault(lines), "1: does not say where the export begins");
    lines = exported(5);
    lines[0] = replaced(lines[0], "\"project\":\"exit\"", "\"project\":\"else\"");
    EXPECT_THAT(fault(lines), HasSubstr("1: begins with another hash"));
}

TEST(AuditLines, AreNotWrittenOfAnOrchestratorThatContradictsItself) {
    auto all = entries(2);
    AuditWriter writer(chain_origin("exit"));
    ASSERT_TRUE(writer.line_of(all[0]).ok());
    all[1].mutable_record()->set_at_unix_ms(7);
    EXPECT_THAT(writer.line_of(all[1]).error().message, HasSubstr("record 2 has hash"));
}

}  // namespace
}  // namespace ararat::cli
