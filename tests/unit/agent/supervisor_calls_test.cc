// Starts that do not answer in time, with the real supervisor behind a program that holds it back.
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>

#include "agent/supervisor/attempt_folder.h"
#include "agent/supervisor_calls.h"
#include "platform/files.h"

namespace ararat::agent {
namespace {

const std::string kKey = "p|run|task|forward|1";

// One call and what came of it.
class Answer {
public:
    SupervisorCalls::Done taker() {
        return [this](const std::string&, SupervisorCall call, Result<AttemptReport> report) {
            const std::lock_guard lock(mutex_);
            call_ = call;
            report_ = std::move(report);
            changed_.notify_all();
        };
    }
    std::pair<SupervisorCall, Result<AttemptReport>> wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return report_.has_value(); });
        return {call_, *std::exchange(report_, std::nullopt)};
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    SupervisorCall call_ = SupervisorCall::kStart;
    std::optional<Result<AttemptReport>> report_;
};

struct World {
    // `script` stands in for the supervisor's program.
    explicit World(const std::string& script) {
        const auto written =
            platform::write_file_durable(path("program"), "#!/bin/sh\n" + script + "\n", 0755);
        ARARAT_CHECK(written.ok(), "the temporary place can be written");
    }
    [[nodiscard]] std::string path(const std::string& name) const { return place.path() + "/" + name; }
    StepSpec spec() const {
        StepSpec spec;
        spec.key = kKey;
        spec.epoch = 1;
        StageSpec stage;
        stage.name = "perform";
        stage.operation.argv = {"/bin/sh", "-c", "echo effect >> " + path("witness")};
        spec.stages = {stage};
        return spec;
    }
    SupervisorPlaces places(Duration patience) const {
        return {path("program"), path("steps"), "/bin/false", "", patience};
    }

    platform::TemporaryDirectory place = platform::TemporaryDirectory::make("calls").value();
};

// What is past its fork is out of reach of the time-out: it must find that it may not start any more.
TEST(SupervisorCalls, AStartThatIsGivenUpAndComesLateDoesNothing) {
    World world(
        "here=$(dirname $0); cat > $here/spec; setsid sh -c \"while ! [ -e $here/go ]; do sleep 0.01; "
        "done; " SUPERVISOR " start $here/steps < $here/spec > $here/late; : > $here/done\" & sleep 600");
    Answer answer;
    SupervisorCalls calls(world.places(Duration{300}), answer.taker());
    calls.start(world.spec(), {});
    const auto [call, report] = answer.wait();
    EXPECT_EQ(call, SupervisorCall::kNeverStart);
    ASSERT_TRUE(report.ok());
    ASSERT_TRUE(report->result.has_value());
    EXPECT_EQ(report->result->outcome, Outcome::kRefused);
    ASSERT_TRUE(platform::write_file_durable(world.path("go"), "").ok());
    for (int i = 0; i < 60'000 && !platform::file_exists(world.path("done")); ++i) usleep(1000);
    const auto late = decode_report(platform::read_file(world.path("late")).value());
    EXPECT_EQ(late->result, report->result);
    EXPECT_FALSE(platform::file_exists(world.path("witness")));
}

TEST(SupervisorCalls, AStartThatWorkedAndDidNotAnswerRunsOn) {
    World world(SUPERVISOR " start $(dirname $0)/steps > /dev/null; sleep 600");
    Answer answer;
    SupervisorCalls calls(world.places(Duration{2'000}), answer.taker());
    StepSpec spec = world.spec();
    spec.stages[0].operation.argv = {"/bin/sleep", "600"};
    calls.start(spec, {});
    const auto [call, report] = answer.wait();
    EXPECT_EQ(call, SupervisorCall::kNeverStart);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->state, AttemptState::kRunning);
    calls.ask(SupervisorCall::kCancel, kKey);
    EXPECT_EQ(answer.wait().second->state, AttemptState::kRunning);
    for (int i = 0; i < 60'000; ++i) {
        if (AttemptRoot(world.path("steps")).report(attempt_id(kKey))->state == AttemptState::kFinished)
            break;
        usleep(1000);
    }
}

// What the lock keeps from being known may not be told.
TEST(SupervisorCalls, AnAnswerThatCannotBeHadIsNoAnswer) {
    World world("exit 1");
    ASSERT_TRUE(platform::write_file_durable(world.path("steps"), "not a directory").ok());
    Answer answer;
    SupervisorCalls calls(world.places(Duration{2'000}), answer.taker());
    calls.start(world.spec(), {});
    const auto [call, report] = answer.wait();
    EXPECT_EQ(call, SupervisorCall::kNeverStart);
    EXPECT_FALSE(report.ok());
}

}  // namespace
}  // namespace ararat::agent
