// A host without an agent, as the engine sees it: real sshd, real supervisor, steps that are witnessed by
// files they write.
#include "transport/ssh_host_link.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

#include "agent/step_spec/step_spec.h"
#include "base/sha256.h"
#include "ssh_server.h"

namespace ararat::transport::test {
namespace {

using execution::HostDown;
using execution::HostUp;
using execution::Outcome;
using execution::StepFinished;
using execution::StepStarted;

class SshHost : public testing::Test {
protected:
    void SetUp() override {
        ARARAT_NEEDS_SSHD();
        server_ = std::make_unique<SshServer>();
        link_ = connect();
    }
    std::shared_ptr<SshHostLink> connect() {
        auto link = SshHostLink::make(link_options(*server_, mailbox_)).value();
        link->start();
        const auto up = mailbox_.next<HostUp>();
        EXPECT_TRUE(up) << platform::read_file(server_->folder() + "/sshd.log").value();
        if (up) journal_id_ = up->journal_id;
        if (up) known_ = up->known;
        if (up) is_fresh_ = up->is_fresh;
        return link;
    }
    // Appended to by steps: one line for each time something really happened.
    [[nodiscard]] std::string witness() const { return server_->folder() + "/witness"; }
    [[nodiscard]] std::string seen() const {
        const auto bytes = platform::read_file(witness());
        return bytes.ok() ? *bytes : "";
    }

    std::unique_ptr<SshServer> server_;
    Mailbox mailbox_;
    std::shared_ptr<SshHostLink> link_;
    std::string journal_id_;
    std::vector<execution::AttemptKey> known_;
    bool is_fresh_ = false;
};

TEST_F(SshHost, RunsAStepAndTellsItsOutputAndOutputs) {
    auto command = script(
        "files/copy",
        "echo hello; echo rows=300000 >> $ARARAT_OUTPUT; echo $ARARAT_STEP_KEY; echo x >> " + witness());
    command.outputs = {"rows"};
    link_->send(command);
    ASSERT_TRUE(mailbox_.next<StepStarted>());
    const auto finished = mailbox_.next<StepFinished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->outcome, Outcome::kSucceeded) << finished->detail;
    EXPECT_EQ(finished->outputs.at("rows"), "300000");
    EXPECT_EQ(finished->key, command.key);
    EXPECT_EQ(mailbox_.output_of(command.key), "hello\nsouthwark|wave-1.1|files/copy|forward|1|perform\n");

    // The same key again: the same answer, and nothing is done a second time.
    link_->send(command);
    ASSERT_TRUE(mailbox_.next<StepFinished>());
    link_->send(execution::AcknowledgeResult{HostId("ark-fs1"), command.key, 1});
    link_->send(command);
    const auto again = mailbox_.next<StepFinished>();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->outcome, Outcome::kSucceeded);
    EXPECT_EQ(seen(), "x\n");
}

TEST_F(SshHost, SaysWhyAStepFailed) {
    link_->send(script("files/fail", "echo broken disk; exit 3"));
    const auto finished = mailbox_.next<StepFinished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->outcome, Outcome::kFailed);
    EXPECT_EQ(finished->exit_code, 3);
}

TEST_F(SshHost, AnOrchestratorThatRestartsFindsTheSameStep) {
    const auto go = server_->folder() + "/go";
    const auto begun = server_->folder() + "/begun";
    const auto command =
        script("files/long", "echo begun >> " + witness() + "; touch " + begun + "; until [ -e " + go +
                                 " ]; do sleep 0.02; done; echo ended");
    link_->send(command);
    ASSERT_TRUE(mailbox_.next<StepStarted>());
    wait_for_file(begun);
    const auto journal_id = journal_id_;
    EXPECT_TRUE(is_fresh_) << "nobody was there before";
    link_->stop();
    EXPECT_EQ(mailbox_.count<StepFinished>(), 0U);

    link_ = connect();
    EXPECT_EQ(journal_id_, journal_id) << "the host still has what it had";
    EXPECT_FALSE(is_fresh_);
    link_->send(command);
    ASSERT_TRUE(mailbox_.next<StepStarted>());
    ASSERT_TRUE(platform::write_file_durable(go, "").ok());
    const auto finished = mailbox_.next<StepFinished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->outcome, Outcome::kSucceeded);
    EXPECT_EQ(mailbox_.output_of(command.key), "ended\n");
    EXPECT_EQ(seen(), "begun\n") << "it ran once";
}

// The orchestrator died between the result and its acknowledgement: it must learn that there is something to
// forget.
TEST_F(SshHost, TellsWhatItStillHoldsWhenItComesBack) {
    EXPECT_TRUE(known_.empty());
    const auto command = script("files/short", "true");
    link_->send(command);
    ASSERT_TRUE(mailbox_.next<StepFinished>());
    link_->stop();
    link_ = connect();
    EXPECT_EQ(known_, std::vector{command.key});
    link_->send(execution::CancelCommand{HostId("ark-fs1"), command.key, 1});
    link_->send(execution::AcknowledgeResult{HostId("ark-fs1"), command.key, 1});
    ASSERT_TRUE(mailbox_.next<StepFinished>()) << "the cancel of what has ended tells its end again";
    link_->send(execution::AcknowledgeResult{HostId("ark-fs1"), command.key, 1});
    const auto folder = server_->remote_root() + "/steps/" + agent::attempt_id(to_string(command.key));
    wait_for_file(folder + "/forgotten");
    link_->stop();
    link_ = connect();
    EXPECT_TRUE(known_.empty());
}

TEST_F(SshHost, AnotherSupervisorThanOursIsReplacedAndNotAsked) {
    link_->stop();
    const auto journal_id = journal_id_;
    const auto program = server_->remote_root() + "/bin/ararat-supervisor";
    const auto traces = server_->folder() + "/it-ran";
    ASSERT_TRUE(platform::write_file_durable(program, "#!/bin/sh\ntouch " + traces + "\n").ok());
    ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
    link_ = connect();
    EXPECT_EQ(journal_id_, journal_id) << "what the host has is not the supervisor's";
    EXPECT_NE(::access(traces.c_str(), F_OK), 0) << "a program with another hash was started";
    link_->send(script("files/after", "true"));
    const auto finished = mailbox_.next<StepFinished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->outcome, Outcome::kSucceeded);
}

TEST_F(SshHost, ABrokenSessionIsToldAndComesBackByItself) {
    const auto command = script("files/ppid", "echo begun >> " + witness() + "; sleep 0.5");
    link_->send(command);
    ASSERT_TRUE(mailbox_.next<StepStarted>());
    // The server's own process of this session: the only child of the listener.
    server_->kill_sessions();
    const auto down = mailbox_.next<HostDown>();
    ASSERT_TRUE(down);
    ASSERT_TRUE(mailbox_.next<HostUp>());
    link_->send(command);
    const auto finished = mailbox_.next<StepFinished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->outcome, Outcome::kSucceeded);
    EXPECT_EQ(seen(), "begun\n");
}

TEST_F(SshHost, AnIdleConnectionThatBreaksIsNoticed) {
    server_->kill_sessions();
    ASSERT_TRUE(mailbox_.next<HostDown>());
    ASSERT_TRUE(mailbox_.next<HostUp>());
}

TEST_F(SshHost, CancelsAStepThatRunsAndOneThatHasNotCome) {
    const auto command = script("files/long", "echo begun; sleep 600");
    link_->send(command);
    ASSERT_TRUE(mailbox_.next<StepStarted>());
    link_->send(execution::CancelCommand{HostId("ark-fs1"), command.key, 1});
    const auto finished = mailbox_.next<StepFinished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->outcome, Outcome::kCancelled);

    const auto late = script("files/late", "echo late >> " + witness());
    link_->send(execution::CancelCommand{HostId("ark-fs1"), late.key, 1});
    const auto tombstone = mailbox_.next<StepFinished>();
    ASSERT_TRUE(tombstone);
    EXPECT_EQ(tombstone->outcome, Outcome::kCancelled);
    link_->stop();
    link_ = connect();
    link_->send(late);
    const auto refused = mailbox_.next<StepFinished>();
    ASSERT_TRUE(refused);
    EXPECT_NE(refused->outcome, Outcome::kSucceeded);
    EXPECT_EQ(seen(), "") << "a cancelled key never runs";
}

TEST_F(SshHost, RefusesAnOlderEpoch) {
    link_->send(script("files/new", "true", 5));
    ASSERT_TRUE(mailbox_.next<StepFinished>());
    link_->send(script("files/old", "echo old >> " + witness(), 4));
    const auto refused = mailbox_.next<StepFinished>();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->outcome, Outcome::kRefused);
    EXPECT_EQ(seen(), "");
}

TEST_F(SshHost, ShipsFilesByHash) {
    auto command = script("files/script", "");
    auto plan = std::make_shared<CompiledPlan>();
    const std::string text = "#!/bin/sh\necho shipped \"$1\"\n";
    plan->files[Hash(sha256_hex(text))] = text;
    command.files.push_back({"hello.sh", Hash(sha256_hex(text))});
    command.stages[0].operation.argv = {"/bin/sh", "${file.hello.sh}", "a 'b' $(id)"};
    command.pinned = plan;
    link_->send(command);
    const auto finished = mailbox_.next<StepFinished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->outcome, Outcome::kSucceeded) << finished->detail;
    EXPECT_EQ(mailbox_.output_of(command.key), "shipped a 'b' $(id)\n");
}

// More than the channels of one session: they take turns, and each runs once.
TEST_F(SshHost, RunsMoreStepsThanItHasChannels) {
    constexpr int kSteps = 20;
    const auto go = server_->folder() + "/go";
    for (int i = 0; i < kSteps; ++i) {
        link_->send(script("files/step" + std::to_string(i), "echo " + std::to_string(i) + " >> " +
                                                                 witness() + "; until [ -e " + go +
                                                                 " ]; do sleep 0.05; done"));
    }
    for (int i = 0; i < kSteps; ++i) ASSERT_TRUE(mailbox_.next<StepStarted>()) << i;
    ASSERT_TRUE(platform::write_file_durable(go, "").ok());
    std::set<execution::AttemptKey> keys;
    for (int i = 0; i < kSteps; ++i) {
        const auto finished = mailbox_.next<StepFinished>();
        ASSERT_TRUE(finished) << i;
        EXPECT_EQ(finished->outcome, Outcome::kSucceeded);
        keys.insert(finished->key);
    }
    EXPECT_EQ(keys.size(), std::size_t{kSteps});
    const auto lines = seen();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), kSteps);
}

TEST_F(SshHost, FetchesLongOutputWhole) {
    const auto command = script("files/chatty", "seq 1 200000");
    link_->send(command);
    const auto finished = mailbox_.next<StepFinished>();
    ASSERT_TRUE(finished);
    const auto output = mailbox_.output_of(command.key);
    EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 200'000);
    EXPECT_TRUE(output.ends_with("199999\n200000\n"));
}

// No storm: one refusal is told, and a new pin is what brings the host back.
TEST(SshHostKeys, AChangedKeyStopsTheHostUntilItIsPinnedAnew) {
    ARARAT_NEEDS_SSHD();
    SshServer server;
    Mailbox mailbox;
    auto options = link_options(server, mailbox);
    auto pin = std::make_shared<std::pair<std::mutex, std::string>>();
    pin->second = server.host_key();
    options.pinned_key = [pin](const HostId&) {
        const std::lock_guard lock(pin->first);
        return pin->second;
    };
    server.change_host_key();
    const auto link = SshHostLink::make(std::move(options)).value();
    link->start();
    const auto down = mailbox.next<HostDown>();
    ASSERT_TRUE(down);
    EXPECT_NE(down->reason.find("not the pinned one"), std::string::npos) << down->reason;
    EXPECT_FALSE(link->connected());
    {
        const std::lock_guard lock(pin->first);
        pin->second = server.host_key();
    }
    ASSERT_TRUE(mailbox.next<HostUp>());
    EXPECT_EQ(mailbox.count<HostDown>(), 0U);
    const auto log = platform::read_file(server.folder() + "/sshd.log").value();
    std::size_t refusals = 0;
    for (auto at = log.find("\nConnection closed"); at != std::string::npos;
         at = log.find("\nConnection closed", at + 1)) {
        ++refusals;
    }
    EXPECT_LE(refusals, 3U) << "one attempt, and the fixture's own looks at the port: " << log;
}

TEST(SshHostKeys, AHostWithoutAPinIsNeverCalled) {
    ARARAT_NEEDS_SSHD();
    SshServer server;
    Mailbox mailbox;
    auto options = link_options(server, mailbox);
    options.pinned_key = [](const HostId&) { return std::string(); };
    const auto link = SshHostLink::make(std::move(options)).value();
    link->start();
    const auto down = mailbox.next<HostDown>();
    ASSERT_TRUE(down);
    EXPECT_NE(down->reason.find("no host key is pinned"), std::string::npos) << down->reason;
    EXPECT_FALSE(link->data_end().ok());
}

}  // namespace
}  // namespace ararat::transport::test
