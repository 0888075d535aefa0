// A host whose file system is full: the agent says so and waits, and once there is room everything goes on,
// with no step lost or done twice.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "agent/journal_file.h"
#include "played_orchestrator.h"
#include "tests/support/small_file_system.h"

namespace ararat::agent {
namespace {

using ::testing::HasSubstr;

class NoRoom : public ::testing::Test {
protected:
    void SetUp() override {
        if (!place_) GTEST_SKIP() << "this process may not mount";
    }
    // Whatever is left goes into one file.
    void fill() const {
        auto ballast = platform::DurableLog::open(ballast_file());
        ASSERT_TRUE(ballast.ok());
        for (std::size_t piece = 65'536; piece > 0;) {
            if (!ballast->append(std::string(piece, 'x')).ok()) piece /= 2;
        }
    }
    void make_room() const { ASSERT_TRUE(platform::remove_file(ballast_file()).ok()); }
    [[nodiscard]] std::string ballast_file() const { return place_->path() + "/ballast"; }

    std::optional<ararat::testing::SmallFileSystem> place_ =
        ararat::testing::SmallFileSystem::make(std::size_t{8} << 20U);
};

TEST_F(NoRoom, AJournalIsAsItWasBeforeAndGoesOn) {
    const std::string path = place_->path() + "/journal";
    std::size_t written = 0;
    {
        auto journal = JournalFile::open(path);
        ASSERT_TRUE(journal.ok());
        fill();
        Result<void> appended;
        while (appended.ok()) {
            appended = journal->file.append({Acknowledged{"key " + std::to_string(written)}});
            if (appended.ok()) ++written;
        }
        EXPECT_EQ(appended.error().code, ErrorCode::kResourceExhausted);
        EXPECT_FALSE(journal->file.append({Acknowledged{std::string(8'192, 'k')}}).ok());
        make_room();
        ASSERT_TRUE(journal->file.append({Acknowledged{"key " + std::to_string(written++)}}).ok());
    }
    const auto again = JournalFile::open(path);
    ASSERT_TRUE(again.ok()) << again.error().text();
    EXPECT_EQ(again->torn_bytes, 0U);
    ASSERT_EQ(again->records.size(), written + 1);
    for (std::size_t i = 0; i < written; ++i) {
        EXPECT_EQ(std::get<Acknowledged>(again->records[i + 1]).key, "key " + std::to_string(i));
    }
}

class AgentWithoutRoom : public NoRoom {
protected:
    void SetUp() override {
        NoRoom::SetUp();
        if (!place_) return;
        ASSERT_EQ(::setenv("TMPDIR", place_->path().c_str(), 1), 0);
        agent_.emplace(project_, orchestrator_.address());
        ::unsetenv("TMPDIR");
        systemd_.emplace(place_->path() + "/notify");
        agent_->start({{"NOTIFY_SOCKET", place_->path() + "/notify"}});
        static_cast<void>(orchestrator_.welcome());
    }
    std::string trouble_told(const std::string& of) {
        return orchestrator_
            .wait_for([&](const v1::AgentMessage& said) {
                return said.has_heartbeat() && said.heartbeat().trouble().find(of) != std::string::npos;
            })
            .heartbeat()
            .trouble();
    }

    PlayedProject project_{"p"};
    PlayedOrchestrator orchestrator_{project_};
    std::optional<PlayedSystemd> systemd_;
    std::optional<AgentProcess> agent_;
};

TEST_F(AgentWithoutRoom, SaysSoAndLosesNothing) {
    const pid_t before = agent_->pid();
    fill();
    // The journal's last page has room for some.
    constexpr int kSteps = 100;
    const auto name = [](int step) { return "s" + std::to_string(step); };
    for (int i = 0; i < kSteps; ++i) {
        orchestrator_.start(shell_step(name(i), "echo " + name(i) + " >> " + agent_->path("witness")));
    }
    EXPECT_THAT(trouble_told("its journal cannot be written"), HasSubstr("No space left on device"));
    std::string status;
    while (status.find("STATUS=its journal cannot be written") != 0) {
        status = systemd_->next();
        ASSERT_NE(status, "nothing was said");
    }
    make_room();
    int done = 0;
    for (int i = 0; i < kSteps; ++i) {
        const v1::StepFinished finished = orchestrator_.wait_finished(name(i));
        if (finished.outcome() == v1::OUTCOME_SUCCEEDED) {
            ++done;
        } else {
            EXPECT_THAT(finished.detail(), HasSubstr("the step could not be started")) << name(i);
        }
    }
    orchestrator_.wait_for([](const v1::AgentMessage& said) {
        return said.has_heartbeat() && said.heartbeat().trouble().empty();
    });
    const std::string witness = agent_->read("witness");
    EXPECT_EQ(std::count(witness.begin(), witness.end(), '\n'), done);
    EXPECT_GT(done, 0);
    EXPECT_EQ(agent_->pid(), before);
    EXPECT_EQ(agent_->stop(), 0);
}

TEST_F(AgentWithoutRoom, AResultWaitsForRoom) {
    orchestrator_.start(shell_step("long", "echo > " + agent_->path("runs") + "; while ! [ -e " +
                                               agent_->path("go") + " ]; do sleep 0.05; done"));
    for (int i = 0; i < 60'000 && agent_->read("runs").empty(); ++i) ::usleep(1000);
    fill();
    const auto made =
        platform::UniqueFd(::open(agent_->path("go").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    ASSERT_TRUE(made.valid()) << "a name needs no room";
    ::usleep(1'500'000);
    make_room();
    EXPECT_EQ(orchestrator_.wait_finished("long").outcome(), v1::OUTCOME_SUCCEEDED);
}

}  // namespace
}  // namespace ararat::agent
