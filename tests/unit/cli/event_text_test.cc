// Every kind of record has words; a golden file shows them. To write it anew: ARARAT_UPDATE_GOLDEN=1.
#include "cli/event_text.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace ararat::cli {
namespace {

constexpr const char* kKey = R"(key { run: "w.1" task: "a/b/copy" purpose: PURPOSE_FORWARD attempt: 2 })";

std::vector<std::string> records() {
    const std::string key = kKey;
    return {
        R"(epoch_started { epoch: 3 version: "0.1.0" })",
        R"(plan_applied { hash: "0123456789abcdef0123" by: "ann" })",
        R"(gate_decided { wave: "w" gate: "go" role: "board" granted: true by: "bob" comment: "change 7" })",
        R"(gate_decided { wave: "w" gate: "go" role: "board" by: "bob" })",
        R"(run_started { run: "w.1" wave: "w" by: "ann" ignore_window: true groups: "g" groups: "h" })",
        R"(run_started { run: "w.1" wave: "w" groups: "g" })",
        R"(run_status_changed { run: "w.1" status: RUN_STATUS_PAUSED by: "ann" reason: "a look" one_step: true })",
        R"(run_status_changed { run: "w.1" status: RUN_STATUS_RUNNING by: "ann" reason: "enough" cancelling: true })",
        R"(run_status_changed { run: "w.1" status: RUN_STATUS_SUCCEEDED })",
        R"(group_changed { run: "w.1" group: "g" state: GROUP_STATE_BACKING_OUT reason: "a/b/copy failed" })",
        "attempt_started { " + key + R"( host: "pri-1" })",
        "attempt_running { " + key + " }",
        "attempt_finished { " + key + R"( outcome: OUTCOME_SUCCEEDED already: true duration_ms: 40 })",
        "attempt_finished { " + key + R"( outcome: OUTCOME_FAILED exit_code: 2 detail: "no such file" })",
        R"(attempt_finished { key { run: "w.1" task: "a" purpose: PURPOSE_UNDO attempt: 1 } outcome: OUTCOME_UNKNOWN })",
        R"(attempt_finished { key { run: "w.1" task: "a" purpose: PURPOSE_PROBE attempt: 1 } outcome: OUTCOME_REFUSED })",
        R"(task_changed { run: "w.1" task: "a/b/copy" state: TASK_STATE_SKIPPED by: "eve" reason: "by hand" })",
        R"(task_changed { run: "w.1" task: "a/b/copy" state: TASK_STATE_DISPATCHED })",
        R"(ticket_issued { run: "w.1" channel: "a/b/tree" generation: 1 })",
        R"(ticket_revoked { run: "w.1" channel: "a/b/tree" generation: 1 reason: "closed by a/b/sync" })",
        R"(host_journal_seen { host: "pri-1" journal_id: "j2" quarantined: true })",
        R"(latest_return_reached { run: "w.1" group: "g" back_out_ms: 90000 answer: WHEN_LATE_HOLD })",
        R"(latest_return_reached { run: "w.1" group: "g" back_out_ms: 90000 task: "a/b/copy" answer: WHEN_LATE_BACK_OUT })",
        R"(latest_return_reached { run: "w.1" group: "g" back_out_ms: 90000 answer: WHEN_LATE_GO_ON })",
        R"(go_given { run: "w.1" group: "g" by: "ann" reason: "it will do" })",
        R"(go_given { run: "w.1" group: "g" by: "ann" reason: "it has to end" without: "a" without: "b" })",
    };
}

TEST(EventText, HasWordsForEveryRecord) {
    std::string shown;
    std::set<int> kinds;
    for (const std::string& text : records()) {
        v1::Record record;
        ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &record)) << text;
        kinds.insert(record.body_case());
        shown += event_text(record) + "\n";
    }
    const std::string path = ARARAT_SOURCE_DIR "/tests/golden/cli/events.txt";
    if (std::getenv("ARARAT_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << shown;
    std::ifstream file(path);
    std::stringstream golden;
    golden << file.rdbuf();
    EXPECT_EQ(shown, golden.str());
    EXPECT_GE(kinds.size(), 15U);
    EXPECT_EQ(event_text(v1::Record()), "a record of a kind that this program does not know");
}

}  // namespace
}  // namespace ararat::cli
