#include "cli/run_logs.h"

#include <gtest/gtest.h>

namespace ararat::cli {
namespace {

v1::LogChunk chunk(const std::string& task, std::uint64_t offset, const std::string& data,
                   std::uint32_t attempt = 1, v1::Purpose purpose = v1::PURPOSE_FORWARD) {
    v1::LogChunk made;
    made.set_task(task);
    made.mutable_key()->set_task(task);
    made.mutable_key()->set_attempt(attempt);
    made.mutable_key()->set_purpose(purpose);
    made.set_offset(offset);
    made.set_data(data);
    return made;
}

TEST(LogText, PutsTheStepBeforeEachWholeLineWhereverChunksEnd) {
    LogText text(true);
    EXPECT_EQ(text.take(chunk("a", 0, "one\ntw")), "[a] one\n");
    EXPECT_EQ(text.take(chunk("b", 0, "other\r\n\n")), "[b] other\n[b] \n");
    EXPECT_EQ(text.take(chunk("a", 6, "o\nrest")), "[a] two\n");
    EXPECT_EQ(text.rest(), "[a] rest\n");
    EXPECT_EQ(text.rest(), "");
}

TEST(LogText, NamesAttemptsBeyondTheFirstAndEndsTheLineOfTheOneBefore) {
    LogText text(true);
    EXPECT_EQ(text.take(chunk("a", 0, "begun")), "");
    EXPECT_EQ(text.take(chunk("a", 0, "again\n", 2)), "[a] begun\n[a #2] again\n");
    EXPECT_EQ(text.take(chunk("a", 0, "back\n", 1, v1::PURPOSE_UNDO)), "[a undo] back\n");
    EXPECT_EQ(text.take(chunk("a", 0, "there?\n", 3, v1::PURPOSE_PROBE)), "[a probe #3] there?\n");
}

TEST(LogText, LetsNoBytesOfAHostMoveTheCursor) {
    LogText text(true);
    EXPECT_EQ(text.take(chunk("a", 0, "\x1b[2J\xff\n")), "[a] \xEF\xBF\xBD[2J\xEF\xBF\xBD\n");
    LogText raw(false);
    EXPECT_EQ(raw.take(chunk("a", 0, "\x1b[2J\xff")), "\x1b[2J\xff") << "one step's output is what it is";
}

TEST(LogText, GoesOnWhereItStoodAndPrintsNothingTwice) {
    LogText text(true);
    text.take(chunk("a", 0, "one\n"));
    text.take(chunk("a", 0, "two\n", 2));
    text.take(chunk("b", 0, "x"));
    const auto positions = text.positions();
    ASSERT_EQ(positions.size(), 2U);
    EXPECT_EQ(positions[0].key().task(), "a");
    EXPECT_EQ(positions[0].key().attempt(), 2U);
    EXPECT_EQ(positions[0].offset(), 4U);
    EXPECT_EQ(positions[1].offset(), 1U);
    EXPECT_EQ(text.take(chunk("a", 0, "two\nthree\n", 2)), "[a #2] three\n");
}

TEST(LogText, SaysWhereOutputWasCut) {
    auto last = chunk("a", 0, "x");
    last.set_truncated(true);
    LogText text(true);
    EXPECT_EQ(text.take(last), "[a] x\n[a] [output cut here: the cap was reached]\n");
    LogText raw(false);
    EXPECT_EQ(raw.take(last), "x\n[output cut here: the cap was reached]\n");
}

}  // namespace
}  // namespace ararat::cli
