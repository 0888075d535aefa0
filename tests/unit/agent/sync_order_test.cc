// Whatever something relies on is on the disk before that something happens. A missing sync changes nothing
// that any other test could see, so this one looks at the calls: each list is what was decided once, and a
// sync that goes missing, or comes late, is a different list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "agent/journal_file.h"
#include "agent/step_spec/step_spec.h"
#include "agent/supervisor/attempt_folder.h"
#include "agent/supervisor/start.h"
#include "platform/files.h"
#include "server/log_store.h"
#include "tests/support/file_calls.h"

namespace ararat::testing {
namespace {

using ::testing::ElementsAre;

TEST(SyncOrder, AnAgentsRecordsAreOnTheDiskBeforeAppendReturns) {
    const auto folder = platform::TemporaryDirectory::make("sync-order").value();
    watch_file_calls(folder.path());
    auto journal = agent::JournalFile::open(folder.path() + "/journal").value();
    EXPECT_THAT(file_calls(), ElementsAre("write journal.tmp", "sync journal.tmp",
                                          "rename journal.tmp journal", "sync .", "sync ."));
    watch_file_calls(folder.path());
    ASSERT_TRUE(journal.file.append({agent::JournalCreated{"a"}}).ok());
    EXPECT_THAT(file_calls(), ElementsAre("write journal", "sync journal"));
    watch_file_calls(folder.path());
    ASSERT_TRUE(journal.file.rewrite({agent::JournalCreated{"a"}}).ok());
    EXPECT_THAT(file_calls(), ElementsAre("write journal.tmp", "sync journal.tmp",
                                          "rename journal.tmp journal", "sync .", "sync ."));
}

TEST(SyncOrder, AStepIsOnTheDiskBeforeItRunsAndItsResultBeforeItIsTold) {
    const auto folder = platform::TemporaryDirectory::make("sync-order").value();
    const std::string root = folder.path() + "/steps";
    ASSERT_TRUE(platform::make_dirs(root, 0711).ok());
    agent::StepSpec spec;
    spec.key = "p|r|t|forward|1";
    spec.epoch = 1;
    agent::StageSpec stage;
    stage.name = "perform";
    stage.operation.verb = Verb::kRun;
    stage.operation.argv = {"echo", "done"};
    stage.operation.timeout = std::chrono::seconds(30);
    spec.stages.push_back(stage);
    watch_file_calls(root);
    ASSERT_TRUE(agent::start_attempt(root, agent::encode_spec(spec).value(), {}).ok());
    const std::string id = agent::attempt_id(spec.key);
    // Its last sync is the one of the result's name.
    for (int i = 0; i < 1000 && file_calls().back() != "sync " + id; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const std::string fresh = agent::AttemptRoot(root).fresh_folder(id).substr(root.size() + 1);
    EXPECT_THAT(
        file_calls(),
        ElementsAre("write epoch.tmp", "sync epoch.tmp", "rename epoch.tmp epoch", "sync .",
                    "write " + fresh + "/spec", "write " + fresh + "/pid", "rename " + fresh + " " + id,
                    "sync .", "write " + id + "/group.new", "rename " + id + "/group.new " + id + "/group",
                    "write " + id + "/output", "write " + id + "/result.tmp", "sync " + id + "/result.tmp",
                    "rename " + id + "/result.tmp " + id + "/result", "sync " + id));
}

TEST(SyncOrder, OutputIsOnTheDiskBeforeItsHostIsToldToForgetIt) {
    const auto folder = platform::TemporaryDirectory::make("sync-order").value();
    server::LogStore logs(ProjectId("p"), folder.path());
    const execution::AttemptKey key{ProjectId("p"), RunId("r"), TaskId("t"), execution::Purpose::kForward, 1};
    transport::OutputChunk chunk;
    chunk.key = key;
    chunk.data = "done\n";
    watch_file_calls(folder.path());
    logs.append(chunk);
    logs.sync({key});
    EXPECT_THAT(file_calls(), ElementsAre("sync .", "sync r", "write r/t/0001-forward-1.log",
                                          "sync r/t/0001-forward-1.log", "sync r/t"));
}

}  // namespace
}  // namespace ararat::testing
