#include <gtest/gtest.h>

#include "model/approval.h"
#include "platform/files.h"
#include "server/acknowledger.h"
#include "server/agent_installer.h"
#include "server/inbox.h"
#include "server/log_store.h"
#include "server/progress_board.h"
#include "server/ssh_public_key.h"
#include "server/upload_store.h"

namespace ararat::server {
namespace {

using execution::AttemptKey;
using execution::Purpose;

AttemptKey key(Purpose purpose, std::uint32_t attempt) {
    return {ProjectId("exit"), RunId("wave-1.1"), TaskId("shop/web/stop"), purpose, attempt};
}
transport::OutputChunk chunk(const AttemptKey& of, std::uint64_t offset, std::string data) {
    return {HostId("ark"), of, offset, std::move(data), false};
}
std::string read_all(const LogStore& store, LogCursor& cursor) {
    std::string all;
    while (true) {
        auto piece = store.read(RunId("wave-1.1"), TaskId("shop/web/stop"), cursor, 7);
        EXPECT_TRUE(piece.ok());
        if (!piece.ok() || !piece.value()) return all;
        all += to_string(piece.value()->key.purpose == Purpose::kUndo ? TaskState::kUndoing
                                                                      : TaskState::kRunning);
        all += std::to_string(piece.value()->key.attempt) + "@" + std::to_string(piece.value()->offset) +
               ":" + piece.value()->data + (piece.value()->truncated ? "|truncated" : "") + "\n";
    }
}

TEST(AgentInstaller, TheConfigurationNamesEveryOrchestratorInOrder) {
    EXPECT_EQ(agent_config_text({"ark:7401", "bow:7401", "ark:7401", "bow:7401"}).value(),
              "# Written by 'ararat agent install'.\norchestrator = ark:7401 bow:7401\n"
              "data_dir = /var/lib/ararat\n")
        << "an agent refuses an address that stands there twice";
    const auto refused = agent_config_text({"ark:7401", "bow 7401"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST(Approval, BytesChangeWithEveryFieldAndNeighboursCannotTradeBytes) {
    const Approval base{ProjectId("exit"), WaveId("w1"), GateId("g"), Hash("abc"), true, "fine"};
    std::vector<Approval> others(7, base);
    others[0].project = ProjectId("exit2");
    others[1].wave = WaveId("w2");
    others[2].gate = GateId("g2");
    others[3].subtree = Hash("abd");
    others[4].granted = false;
    others[5].comment = "fine.";
    others[6].wave = WaveId("w");
    others[6].gate = GateId("1g");
    for (const Approval& other : others) EXPECT_NE(approval_bytes(base), approval_bytes(other));
    EXPECT_EQ(approval_bytes({ProjectId("p"), WaveId("w"), GateId("g"), Hash("h"), true, ""}),
              std::string("ararat-approval-v1\n"
                          "\0\0\0\0\0\0\0\1p\0\0\0\0\0\0\0\1w\0\0\0\0\0\0\0\1g\0\0\0\0\0\0\0\1h"
                          "\0\0\0\0\0\0\0\1\1\0\0\0\0\0\0\0\0",
                          19 + 4 * 9 + 9 + 8));
}

TEST(UploadStore, AppendsInOrderPerOwnerAndGivesItOutOnce) {
    UploadStore store;
    EXPECT_EQ(store.add("ann", "u", 0, "abc", Duration{0}).value(), 3U);
    EXPECT_EQ(store.add("ann", "u", 3, "de", Duration{0}).value(), 5U);
    EXPECT_EQ(store.add("ann", "u", 9, "x", Duration{0}).error().code, ErrorCode::kFailedPrecondition);
    EXPECT_EQ(store.take("bob", "u").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store.take("ann", "u").value(), "abcde");
    EXPECT_EQ(store.take("ann", "u").error().code, ErrorCode::kNotFound);
}

TEST(UploadStore, IsBoundedAndForgetsWhatNobodyTouches) {
    UploadStore store;
    const std::string half(kUploadBytesMax / 2, 'x');
    EXPECT_TRUE(store.add("ann", "a", 0, half, Duration{0}).ok());
    EXPECT_TRUE(store.add("ann", "b", 0, half, Duration{1}).ok());
    EXPECT_EQ(store.add("ann", "c", 0, "x", Duration{2}).error().code, ErrorCode::kResourceExhausted);
    EXPECT_TRUE(store.add("ann", "a", 0, half, Duration{2}).ok()) << "beginning anew needs no further room";
    EXPECT_TRUE(store.add("ann", "c", 0, "x", kUploadLifetime + Duration{2}).ok());
    EXPECT_EQ(store.take("ann", "b").error().code, ErrorCode::kNotFound);
}

TEST(LogStore, KeepsAttemptsInTheOrderInWhichTheyCameAndTakesRepeatedPieces) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    LogStore store(ProjectId("exit"), directory->path());
    store.append(chunk(key(Purpose::kForward, 1), 0, "one"));
    store.append(chunk(key(Purpose::kForward, 1), 0, "one"));
    store.append(chunk(key(Purpose::kForward, 2), 0, "two"));
    store.append(chunk(key(Purpose::kUndo, 1), 0, "back"));
    LogCursor cursor;
    EXPECT_EQ(read_all(store, cursor), "running1@0:one\nrunning2@0:two\nundoing1@0:back\n");
    store.append(chunk(key(Purpose::kUndo, 1), 4, " again"));
    EXPECT_EQ(read_all(store, cursor), "undoing1@4: again\n");

    LogStore reopened(ProjectId("exit"), directory->path());
    reopened.append(chunk(key(Purpose::kForward, 2), 3, "!"));
    LogCursor from_start;
    EXPECT_EQ(read_all(reopened, from_start),
              "running1@0:one\nrunning2@0:two!\nundoing1@0:back ag\nundoing1@7:ain\n");
}

TEST(LogStore, CapsAnAttemptAndSaysSo) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    LogStore store(ProjectId("exit"), directory->path());
    store.append(chunk(key(Purpose::kForward, 1), kLogBytesMax - 2, "abc"));
    LogCursor cursor{0, kLogBytesMax - 2, false};
    EXPECT_EQ(read_all(store, cursor), "running1@16777214:ab\nrunning1@16777216:|truncated\n");
}

TEST(LogStore, PutsAReaderWhereItStoodByTheAttemptsName) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    LogStore store(ProjectId("exit"), directory->path());
    store.append(chunk(key(Purpose::kForward, 1), 0, "one"));
    store.append(chunk(key(Purpose::kForward, 2), 0, "two"));
    LogCursor cursor = store.cursor_at(key(Purpose::kForward, 2), 1).value();
    EXPECT_EQ(read_all(store, cursor), "running2@1:wo\n");
    cursor = store.cursor_at(key(Purpose::kUndo, 9), 5).value();
    EXPECT_EQ(read_all(store, cursor), "running1@0:one\nrunning2@0:two\n") << "better twice than never";
}

TEST(LogStore, TellsWhoFollowsARunOfEveryTask) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    LogStore store(ProjectId("exit"), directory->path());
    std::string heard;
    const auto subscription =
        store.subscribe(RunId("wave-1.1"), TaskId(), [&](const TaskId& task) { heard += task.str() + " "; });
    store.append(chunk(key(Purpose::kForward, 1), 0, "a"));
    EXPECT_EQ(heard, "shop/web/stop ");
}

// A host forgets the output with the result: by then it must be here.
TEST(Acknowledger, HoldsAcknowledgementsUntilTheOutputIsSyncedAndNothingElse) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    LogStore store(ProjectId("exit"), directory->path());
    std::vector<execution::Effect> sent;
    Acknowledger acknowledger(store, [&](const std::vector<execution::Effect>& effects) {
        sent.insert(sent.end(), effects.begin(), effects.end());
    });
    store.append(chunk(key(Purpose::kForward, 1), 0, "one"));
    acknowledger.dispatch({execution::CancelCommand{HostId("h"), key(Purpose::kUndo, 1), 1},
                           execution::AcknowledgeResult{HostId("h"), key(Purpose::kForward, 1), 1},
                           execution::AcknowledgeResult{HostId("h"), key(Purpose::kForward, 9), 1}});
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<execution::CancelCommand>(sent[0]));
    acknowledger.flush();
    ASSERT_EQ(sent.size(), 3U) << "one that printed nothing has nothing to wait for";
    acknowledger.flush();
    EXPECT_EQ(sent.size(), 3U);
}

TEST(LogStore, TellsWhoFollowsUntilTheHandleGoes) {
    const auto directory = platform::TemporaryDirectory::make();
    ASSERT_TRUE(directory.ok());
    LogStore store(ProjectId("exit"), directory->path());
    int told = 0;
    auto handle = store.subscribe(RunId("wave-1.1"), TaskId("shop/web/stop"), [&](const TaskId&) { ++told; });
    store.append(chunk(key(Purpose::kForward, 1), 0, "a"));
    EXPECT_EQ(told, 1);
    handle.reset();
    store.append(chunk(key(Purpose::kForward, 1), 1, "b"));
    EXPECT_EQ(told, 1);
}

TEST(ProgressBoard, ShowsTheLargerCountOfTheTwoEndsAndARate) {
    ProgressBoard board;
    const auto report = [&](std::uint32_t generation, std::uint64_t bytes, Duration at) {
        board.note({HostId("h"), RunId("r"), ChannelId("c"), generation, bytes, 0}, at);
    };
    report(1, 0, Duration{1'000});
    report(1, 1'000, Duration{2'000});
    report(1, 400, Duration{2'100});
    auto views = board.of_run(RunId("r"));
    ASSERT_EQ(views.size(), 1U);
    EXPECT_EQ(views[0].bytes(), 1'000U);
    EXPECT_DOUBLE_EQ(views[0].bytes_per_second(), 1'000.0);
    EXPECT_EQ(board.take_changes(Duration{2'200}).size(), 1U);
    EXPECT_TRUE(board.take_changes(Duration{2'300}).empty());
    report(2, 10, Duration{3'000});
    report(1, 5'000, Duration{3'100});
    EXPECT_EQ(board.of_run(RunId("r"))[0].bytes(), 10U);
    board.forget(RunId("r"));
    EXPECT_TRUE(board.of_run(RunId("r")).empty());
}

TEST(ProgressBoard, ShowsNoRateOfAChannelThatStandsStillAlsoWhenNobodyReportsAnyMore) {
    ProgressBoard board;
    board.note({HostId("h"), RunId("r"), ChannelId("c"), 1, 0, 0}, Duration{0});
    board.note({HostId("h"), RunId("r"), ChannelId("c"), 1, 1'000, 0}, Duration{1'000});
    EXPECT_EQ(board.take_changes(Duration{1'000})[0].second.bytes_per_second(), 1'000.0);
    EXPECT_TRUE(board.take_changes(Duration{2'999}).empty());
    const auto changes = board.take_changes(Duration{3'000});
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].second.bytes_per_second(), 0.0);
    EXPECT_EQ(changes[0].second.bytes(), 1'000U);
    EXPECT_TRUE(board.take_changes(Duration{9'000}).empty());
}

TEST(ProgressBoard, ClosesAChannelWithItsTicketForGood) {
    ProgressBoard board;
    board.note({HostId("h"), RunId("r"), ChannelId("c"), 2, 1'000, 0}, Duration{0});
    board.close(RunId("r"), ChannelId("c"), 1);
    EXPECT_FALSE(board.of_run(RunId("r"))[0].closed()) << "an older ticket's end";
    board.close(RunId("r"), ChannelId("c"), 2);
    board.close(RunId("r"), ChannelId("unheard-of"), 1);
    board.note({HostId("h"), RunId("r"), ChannelId("c"), 2, 5'000, 0}, Duration{100});
    EXPECT_TRUE(board.take_changes(Duration{200})[0].second.closed());
    EXPECT_EQ(board.of_run(RunId("r"))[0].bytes(), 1'000U);
    board.note({HostId("h"), RunId("r"), ChannelId("c"), 3, 10, 0}, Duration{300});
    EXPECT_FALSE(board.of_run(RunId("r"))[0].closed()) << "a new ticket";
}

TEST(ProgressBoard, ShowsNoRateOnceNothingMoves) {
    ProgressBoard board;
    const auto report = [&](std::uint64_t bytes, Duration at) {
        board.note({HostId("h"), RunId("r"), ChannelId("c"), 1, bytes, 5'000}, at);
        return board.of_run(RunId("r"))[0].bytes_per_second();
    };
    report(1, Duration{1'000});
    EXPECT_GT(report(1'000, Duration{2'000}), 0);
    EXPECT_GT(report(2'000, Duration{3'000}), 0);
    EXPECT_EQ(report(2'000, Duration{5'000}), 0);
    EXPECT_EQ(board.of_run(RunId("r"))[0].bytes_total(), 5'000U);
}

TEST(Inbox, RefusesPeopleWhenFullButStillHearsHosts) {
    Inbox inbox;
    for (std::size_t i = 0; i < kPeopleLettersMax; ++i) {
        ASSERT_TRUE(inbox.put_from_people(Submission{execution::Tick{}, {}}));
    }
    EXPECT_FALSE(inbox.put_from_people(Submission{execution::Tick{}, {}}));
    EXPECT_TRUE(inbox.put_from_host(execution::HostDown{HostId("h"), "gone"}));
    EXPECT_EQ(inbox.take(Duration{0}).size(), kBatchMax);
    EXPECT_TRUE(inbox.put_from_people(Submission{execution::Tick{}, {}}));
    inbox.close();
    EXPECT_FALSE(inbox.put_from_host(execution::HostDown{HostId("h"), "gone"}));
    EXPECT_TRUE(inbox.take(Duration{0}).empty());
    EXPECT_EQ(inbox.drain().size(), kPeopleLettersMax + 2 - kBatchMax);
}

TEST(SshPublicKey, FingerprintIsOpenSshs) {
    // Made with ssh-keygen -t ed25519; the fingerprint is the one ssh-keygen -lf prints.
    const auto parsed = parse_ssh_public_key(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDdMk37Hq0ksXcHX8hTVxMTmxawUNxgiYqcUIdA3JCVz comment");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->fingerprint, "SHA256:RGqTfs5tCkYldx6Ya1z5mhRyQ+iEzQo2AonoBi8TcV0");
    EXPECT_EQ(parsed->text,
              "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDdMk37Hq0ksXcHX8hTVxMTmxawUNxgiYqcUIdA3JCVz");
}

TEST(SshPublicKey, RefusesWhatIsNoKeyOfItsType) {
    for (const char* line :
         {"", "ssh-ed25519", "ssh-ed25519 !!!!", "ssh-dss AAAA",
          "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIDdMk37Hq0ksXcHX8hTVxMTmxawUNxgiYqcUIdA3JCVz"}) {
        EXPECT_FALSE(parse_ssh_public_key(line).ok()) << line;
    }
}

}  // namespace
}  // namespace ararat::server
