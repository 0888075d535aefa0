// Every way a file can be cut or flipped: a torn tail is dropped, damage before it is named, and no record is
// ever invented or skipped.
#include <gtest/gtest.h>

#include "agent/core/journal_frame.h"

namespace ararat::agent {
namespace {

std::vector<JournalRecord> sample() {
    StepResult result;
    result.outcome = Outcome::kSucceeded;
    result.outputs = {{"lsn", "0/16B3748"}};
    return {JournalCreated{"id"}, EpochSeen{3},    Started{"k1", 3, 10}, Finished{"k1", result, 3},
            Acknowledged{"k1"},   Withdrawn{"k2"}, ChainSeen{7, "abc"}};
}

struct Framed {
    std::string bytes;
    std::vector<std::size_t> ends;  // of each record
};

Framed framed() {
    Framed all;
    for (const JournalRecord& record : sample()) {
        all.bytes += frame(record);
        all.ends.push_back(all.bytes.size());
    }
    return all;
}

std::size_t whole_records(const Framed& all, std::size_t size) {
    std::size_t count = 0;
    while (count < all.ends.size() && all.ends[count] <= size) ++count;
    return count;
}

TEST(JournalFrame, ComesBackAsItWas) {
    const auto contents = read_frames(framed().bytes);
    ASSERT_TRUE(contents.ok()) << contents.error().text();
    EXPECT_EQ(contents->records, sample());
    EXPECT_EQ(contents->good_bytes, framed().bytes.size());
}

TEST(JournalFrame, DropsATornTailAtEveryByte) {
    const Framed all = framed();
    for (std::size_t size = 0; size <= all.bytes.size(); ++size) {
        const auto contents = read_frames(std::string_view(all.bytes).substr(0, size));
        ASSERT_TRUE(contents.ok()) << size << ": " << contents.error().text();
        const std::size_t whole = whole_records(all, size);
        EXPECT_EQ(contents->records.size(), whole) << size;
        EXPECT_EQ(contents->good_bytes, whole == 0 ? 0 : all.ends[whole - 1]) << size;
    }
}

TEST(JournalFrame, DropsATailOfZeros) {
    const Framed all = framed();
    for (const std::size_t zeros : {std::size_t{1}, kFrameHeaderBytes, std::size_t{4096}}) {
        const auto contents = read_frames(all.bytes + std::string(zeros, '\0'));
        ASSERT_TRUE(contents.ok());
        EXPECT_EQ(contents->records, sample());
        EXPECT_EQ(contents->good_bytes, all.bytes.size());
    }
}

TEST(JournalFrame, NamesTheOffsetOfEveryFlippedBitBeforeTheLastRecord) {
    const Framed all = framed();
    const std::size_t last_begin = all.ends[all.ends.size() - 2];
    for (std::size_t at = 0; at < last_begin; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string bytes = all.bytes;
            bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
            const auto contents = read_frames(bytes);
            ASSERT_FALSE(contents.ok()) << "byte " << at << " bit " << bit << " went unnoticed";
            EXPECT_EQ(contents.error().code, ErrorCode::kDataLoss);
            const std::size_t record = whole_records(all, at);
            const std::string offset = std::to_string(record == 0 ? 0 : all.ends[record - 1]);
            EXPECT_NE(contents.error().message.find("at byte " + offset + ":"), std::string::npos)
                << contents.error().message;
        }
    }
}

// The last record may be torn in its middle with its full length on disk; whatever is flipped in it, it is
// either dropped or named, never read.
TEST(JournalFrame, NeverReadsADamagedLastRecord) {
    const Framed all = framed();
    const std::size_t last_begin = all.ends[all.ends.size() - 2];
    for (std::size_t at = last_begin; at < all.bytes.size(); ++at) {
        std::string bytes = all.bytes;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
        const auto contents = read_frames(bytes);
        if (!contents.ok()) continue;
        EXPECT_EQ(contents->records.size(), sample().size() - 1) << at;
        EXPECT_EQ(contents->good_bytes, last_begin);
    }
}

}  // namespace
}  // namespace ararat::agent
