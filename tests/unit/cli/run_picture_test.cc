// The picture of a watched run against golden files: what a person sees, at several widths. To write them
// anew after a wanted change: ARARAT_UPDATE_GOLDEN=1.
#include "cli/run_picture.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ararat::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kStart = 1'516'046'400'000;
constexpr std::int64_t kNow = kStart + 754'000;

v1::RunUpdate update(const std::string& text) {
    v1::RunUpdate made;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &made)) << text;
    return made;
}

const std::string kSnapshot =
    R"pb(snapshot {
           run: "wave-1.1"
           wave: "wave-1"
           status: RUN_STATUS_RUNNING
           started_unix_ms: 1516046400000
           tasks_total: 6
           tasks_done: 2
           groups { id: "housing" state: GROUP_STATE_MOVING }
           groups {
             id: "reports-and-archive"
             state: GROUP_STATE_HELD
             reason: "reports/web/copy is held: nobody knows whether it took effect"
           }
           tasks { id: "housing/db/prepare" group: "housing" state: TASK_STATE_SUCCEEDED }
           tasks { id: "housing/db/seed" group: "housing" state: TASK_STATE_SUCCEEDED }
           tasks {
             id: "housing/db/copy"
             group: "housing"
             state: TASK_STATE_RUNNING
             host: "pri-hsg-db1"
             attempts: 2
             started_unix_ms: 1516046700000
           }
           tasks { id: "housing/db/quiesce" group: "housing" state: TASK_STATE_WAITING host: "ark-hsg-db1" }
           tasks {
             id: "reports/web/copy"
             group: "reports-and-archive"
             state: TASK_STATE_HELD
             host: "pri-rep-web1"
             reason: "nobody knows whether it took effect\nsecond line"
             started_unix_ms: 1516046500000
           }
           tasks {
             id: "reports/web/switch"
             group: "reports-and-archive"
             state: TASK_STATE_WAITING
             host: "pri-rep-web1"
           }
           progress {
             channel: "housing/db/wal"
             bytes: 1503238553
             bytes_total: 4294967296
             bytes_per_second: 12897484
           }
           progress { channel: "housing/files/tree" bytes: 850000000 }
           progress { channel: "housing/old/tree" bytes: 10 closed: true }
           waits {
             task: "housing/db/quiesce"
             reasons: "outside its change window (opens 2018-01-15T22:00:00Z)"
             reasons: "host ark-hsg-db1 is not connected since 2018-01-15T20:10:00Z: silent for 30 s"
           }
         })pb";

void expect_golden(const std::string& name, const std::string& drawn) {
    const std::string path = std::string(ARARAT_SOURCE_DIR "/tests/golden/cli/") + name;
    std::string shown;
    for (const char c : drawn) shown += c == '\x1b' ? std::string("^[") : std::string(1, c);
    if (std::getenv("ARARAT_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << shown;
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(shown, text.str());
}

TEST(RunPicture, ShowsGroupsDataStepsAndWaitsInColumns) {
    RunPicture picture;
    picture.take(update(kSnapshot), kNow);
    expect_golden("watch_wide.txt", picture.draw(kNow, {120, 40}, false));
    expect_golden("watch_color.txt", picture.draw(kNow, {120, 40}, true));
}

TEST(RunPicture, IsCutToTheTerminal) {
    RunPicture picture;
    picture.take(update(kSnapshot), kNow);
    expect_golden("watch_narrow.txt", picture.draw(kNow, {60, 40}, false));
    expect_golden("watch_low.txt", picture.draw(kNow, {80, 8}, false));
    for (int columns = 1; columns < 130; ++columns) {
        std::istringstream lines(picture.draw(kNow, {columns, 40}, false));
        for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), columns) << line;
    }
}

TEST(RunPicture, SaysHowLongAGroupCanStillBeBackedOut) {
    RunPicture picture;
    picture.take(update(R"(snapshot { run: "w.1" wave: "w" status: RUN_STATUS_RUNNING
        groups { id: "g" state: GROUP_STATE_MOVING latest_return_unix_ms: 1516046460000 back_out_ms: 15000 } })"),
                 1'516'046'400'000);
    EXPECT_THAT(picture.draw(1'516'046'400'000, {120, 40}, false),
                HasSubstr("can be backed out inside its window for 1m00s (takes 15.0s)"));
}

TEST(RunPicture, ShowsTheEndAndAnOrchestratorThatIsAway) {
    RunPicture picture;
    picture.take(update(kSnapshot), kNow);
    picture.set_away(true);
    expect_golden("watch_away.txt", picture.draw(kNow, {100, 5}, false));
    picture.take(
        update(R"(summary { run: "wave-1.1" status: RUN_STATUS_BACKED_OUT reason: "backed out: housing"
                            started_unix_ms: 1516046400000 ended_unix_ms: 1516050301000 tasks_total: 6 tasks_done: 0
                            groups { id: "housing" state: GROUP_STATE_BACKED_OUT reason: "housing/db/copy failed" } })"),
        kNow);
    expect_golden("watch_end.txt", picture.draw(kNow, {100, 40}, false));
}

TEST(RunPicture, TellsChangesInLinesAndAWaitOnlyWhenItHasLasted) {
    RunPicture picture;
    EXPECT_THAT(picture.take(update(kSnapshot), kNow),
                ElementsAre("run wave-1.1 of wave-1: running, 2 of 6 steps done"));
    EXPECT_THAT(picture.take(update("pulse {}"), kNow + 4'999), IsEmpty());
    EXPECT_THAT(
        picture.take(update("pulse {}"), kNow + 5'000),
        ElementsAre(
            "waits        housing/db/quiesce: outside its change window (opens 2018-01-15T22:00:00Z); "
            "host ark-hsg-db1 is not connected since 2018-01-15T20:10:00Z: silent for 30 s"));
    EXPECT_THAT(picture.take(update("pulse {}"), kNow + 60'000), IsEmpty()) << "once";
    EXPECT_THAT(
        picture.take(update(R"(task { id: "housing/db/copy" state: TASK_STATE_SUCCEEDED host: "pri-hsg-db1"
                                           started_unix_ms: 1000 finished_unix_ms: 3600 })"),
                     kNow),
        ElementsAre("succeeded    housing/db/copy on pri-hsg-db1 in 2.6s"));
    EXPECT_THAT(
        picture.take(update(R"(summary { run: "wave-1.1" wave: "wave-1" status: RUN_STATUS_HELD reason: "look"
                                           groups { id: "housing" state: GROUP_STATE_MOVED }
                                           groups { id: "reports-and-archive" state: GROUP_STATE_HELD } })"),
                     kNow),
        ElementsAre("move group housing: moved", "run wave-1.1: held: look"));
}

TEST(TerminalText, CutsByCodePointsAtTheFirstLineAndObeysNoControl) {
    EXPECT_EQ(cut_to("ab\xC3\xA9"
                     "def",
                     5),
              "ab...");
    EXPECT_EQ(cut_to("ab\xC3\xA9"
                     "de",
                     5),
              "ab\xC3\xA9"
              "de");
    EXPECT_EQ(cut_to("one\ntwo", 20), "one...");
    EXPECT_EQ(cut_to("one\n", 20), "one");
    EXPECT_EQ(cut_to("abcdef", 2), "..");
    EXPECT_EQ(cut_to("\x1b[2J\tx", 20), "\xEF\xBF\xBD[2J x");
    EXPECT_EQ(rendered({{"ab", "1"}, {"cd"}, {"ef", "32"}}, 5, true), "\x1b[1mab\x1b[0mcd\x1b[32m.\x1b[0m\n");
}

}  // namespace
}  // namespace ararat::cli
