// Reading what steps printed: of one step, of a whole run, and going on where an earlier call ended.
#include <gtest/gtest.h>

#include "test_world.h"

namespace ararat::server {
namespace {

const std::string kCopy = "shop/web/copy";
const std::string kCheck = "shop/web/check";

v1::LogPosition position(const std::string& task, std::uint64_t offset) {
    v1::LogPosition made;
    made.mutable_key()->set_project("exit");
    made.mutable_key()->set_run("wave-1.1");
    made.mutable_key()->set_task(task);
    made.mutable_key()->set_purpose(v1::PURPOSE_FORWARD);
    made.mutable_key()->set_attempt(1);
    made.set_offset(offset);
    return made;
}

class World : public TestWorld {
public:
    World() {
        start_orchestrator();
        engineer = control(person("eve", {"engineer"}));
        EXPECT_TRUE(apply(*engineer, small_plan(false)).ok());
    }
    void start_wave() {
        v1::StartWaveRequest request;
        request.set_wave("wave-1");
        v1::StartWaveResponse response;
        grpc::ClientContext context;
        EXPECT_TRUE(engineer->StartWave(&context, request, &response).ok());
    }
    struct Answer {
        std::string text;  // "task@offset:data" a line
        grpc::Status status;
    };
    Answer read(const std::string& task, bool follow, const std::vector<v1::LogPosition>& from = {}) {
        v1::ReadLogsRequest request;
        request.set_run("wave-1.1");
        request.set_task(task);
        request.set_follow(follow);
        for (const auto& each : from) *request.add_from() = each;
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
        auto reader = engineer->ReadLogs(&context, request);
        Answer answer;
        v1::LogChunk chunk;
        while (reader->Read(&chunk)) {
            answer.text += chunk.task() + "@" + std::to_string(chunk.offset()) + ":" + chunk.data();
        }
        answer.status = reader->Finish();
        return answer;
    }
    std::unique_ptr<v1::Control::Stub> engineer;
};

TEST(ReadLogs, WithoutAStepGivesEveryStepOfTheRunInThePlansOrder) {
    World world;
    FakeAgent source(world, "ark");
    FakeAgent target(world, "pri");
    ASSERT_TRUE(source.connect().ok());
    ASSERT_TRUE(target.connect().ok());
    world.start_wave();
    // Followed from the first step on to the run's end.
    const auto followed = world.read("", true);
    EXPECT_TRUE(followed.status.ok()) << followed.status.error_message();
    EXPECT_EQ(followed.text,
              kCopy + "@0:output of " + kCopy + "\n" + kCheck + "@0:output of " + kCheck + "\n");
    EXPECT_EQ(world.read("", false).text, followed.text);
    EXPECT_EQ(world.read(kCheck, false).text, kCheck + "@0:output of " + kCheck + "\n");
}

TEST(ReadLogs, GoesOnWhereAnEarlierCallEndedAlsoAfterARestart) {
    World world;
    FakeAgent source(world, "ark");
    FakeAgent target(world, "pri");
    ASSERT_TRUE(source.connect().ok());
    ASSERT_TRUE(target.connect().ok());
    world.start_wave();
    ASSERT_TRUE(world.read("", true).status.ok());
    world.stop_orchestrator();
    world.start_orchestrator();
    world.engineer = world.control(world.person("eve", {"engineer"}));
    EXPECT_EQ(world.read("", true, {position(kCopy, 10)}).text,
              kCopy + "@10:" + kCopy + "\n" + kCheck + "@0:output of " + kCheck + "\n");
    EXPECT_EQ(world.read(kCopy, true, {position(kCopy, 10 + kCopy.size())}).text, kCopy + "@23:\n");
    EXPECT_EQ(world.read("", true, {position(kCopy, 24), position(kCheck, 25)}).text, "");
}

TEST(ReadLogs, RefusesWhatIsNotThereOrMalformed) {
    World world;
    EXPECT_EQ(world.read("", false).status.error_message(), "there is no run wave-1.1");
    world.start_wave();
    EXPECT_EQ(world.read("no/such/step", false).status.error_code(), grpc::StatusCode::NOT_FOUND);
    auto wrong = position("../../../etc", 0);
    wrong.mutable_key()->set_task("; rm");
    EXPECT_EQ(world.read("", false, {wrong}).status.error_message(), "from[0].key: is no identifier");
    EXPECT_EQ(world.read("", false, {position("../../../etc", 0)}).text, "");
}

}  // namespace
}  // namespace ararat::server
