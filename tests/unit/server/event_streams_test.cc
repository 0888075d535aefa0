// Reading the journal as it grows: all of it, a run's part, from a sequence on; and a reader that takes
// nothing.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "server/event_streams.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;

class World : public TestWorld {
public:
    World() {
        start_orchestrator();
        viewer = control(person("vic", {"viewer"}));
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
        std::vector<v1::Record> records;
        grpc::Status status;
    };
    Answer read(std::uint64_t since, const std::string& run, bool follow) {
        v1::WatchEventsRequest request;
        request.set_since(since);
        request.set_run(run);
        request.set_follow(follow);
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
        auto reader = viewer->WatchEvents(&context, request);
        Answer answer;
        v1::EventUpdate update;
        while (reader->Read(&update)) {
            if (update.has_record()) answer.records.push_back(update.record());
        }
        answer.status = reader->Finish();
        return answer;
    }
    std::unique_ptr<v1::Control::Stub> viewer;
    std::unique_ptr<v1::Control::Stub> engineer;
};

TEST(WatchEvents, GivesEveryRecordInOrderAndGoesOnAfterASequence) {
    World world;
    const auto all = world.read(0, "", false);
    ASSERT_TRUE(all.status.ok()) << all.status.error_message();
    ASSERT_EQ(all.records.size(), 2U);
    EXPECT_TRUE(all.records[0].has_epoch_started());
    EXPECT_TRUE(all.records[1].has_plan_applied());
    const auto rest = world.read(1, "", false);
    ASSERT_EQ(rest.records.size(), 1U);
    EXPECT_EQ(rest.records[0].sequence(), 2U);
    EXPECT_TRUE(world.read(2, "", false).records.empty());
    EXPECT_EQ(world.read(0, "wave-1.7", true).status.error_message(), "there is no run wave-1.7");
    EXPECT_EQ(world.read(0, "; rm", true).status.error_message(), "run: is no identifier");
}

TEST(WatchEvents, FollowsARunToItsEnd) {
    World world;
    world.start_wave();
    FakeAgent source(world, "ark");
    FakeAgent target(world, "pri");
    ASSERT_TRUE(source.connect().ok());
    ASSERT_TRUE(target.connect().ok());
    const auto followed = world.read(0, "wave-1.1", true);
    ASSERT_TRUE(followed.status.ok()) << followed.status.error_message();
    ASSERT_GT(followed.records.size(), 8U);
    EXPECT_TRUE(followed.records.front().has_run_started());
    EXPECT_EQ(followed.records.back().run_status_changed().status(), v1::RUN_STATUS_SUCCEEDED);
    std::uint64_t before = 0;
    for (const auto& record : followed.records) {
        EXPECT_GT(record.sequence(), before);
        before = record.sequence();
        EXPECT_FALSE(record.has_host_journal_seen()) << "of no run";
    }
    EXPECT_TRUE(world.read(before, "wave-1.1", true).status.ok()) << "a run that is over says no more";
}

// Records without end, each of some size.
class EndlessJournal final : public store::Journal {
public:
    Result<void> append(const std::vector<execution::Record>&, const std::vector<CompiledPlanPtr>&) override {
        return Error{ErrorCode::kUnavailable, "nobody appends here"};
    }
    Result<std::vector<store::JournalEntry>> read(std::uint64_t from, std::uint64_t limit) override {
        std::vector<store::JournalEntry> entries;
        for (std::uint64_t i = 0; i < limit; ++i) {
            entries.push_back(
                {{from + i, Instant{}, execution::EpochStarted{1, std::string(4096, 'x')}}, Hash("h")});
        }
        return entries;
    }
    Result<CompiledPlanPtr> plan(const Hash&) override { return CompiledPlanPtr(); }
    Result<store::ChainReport> verify() override { return store::ChainReport(); }
    Result<store::ChainReport> walk(const store::ChainHead&, const store::Visit&) override {
        return store::ChainReport();
    }
    Result<store::ChainHead> head() override { return store::ChainHead(); }
    Result<void> put_snapshot(const store::Snapshot&) override { return {}; }
    Result<std::optional<store::Snapshot>> snapshot() override { return std::optional<store::Snapshot>(); }
};

class EventService final : public v1::Control::WithCallbackMethod_WatchEvents<v1::Control::Service> {
public:
    explicit EventService(EventStreams& streams) : streams_(streams) {}
    grpc::ServerWriteReactor<v1::EventUpdate>* WatchEvents(grpc::CallbackServerContext* context,
                                                           const v1::WatchEventsRequest* request) override {
        const auto writer = EventStreams::Writer::open(*context, kEventQueueMax);
        streams_.read(writer, {request->since(), RunId(), true});
        return writer.get();
    }

private:
    EventStreams& streams_;
};

TEST(WatchEvents, SendsAReaderThatTakesNothingAwayWithWords) {
    EndlessJournal journal;
    const execution::State state;
    const execution::Connectivity connectivity;
    const std::string no_reason;
    const TicketWait no_wait;
    EventStreams streams(
        journal,
        [&](const Query& query) {
            query(EngineView{state, connectivity, Instant{}, false, no_reason, no_wait});
            return true;
        },
        [] { return std::uint64_t{1'000'000'000}; });
    EventService service(streams);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    const auto server = builder.BuildAndStart();
    const auto stub = v1::Control::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    auto reader = stub->WatchEvents(&context, v1::WatchEventsRequest());
    // Its queue and the connection's windows fill up; a minute later, by its own clock, it is sent away.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (Duration at{0}; streams.dropped() == 0 && std::chrono::steady_clock::now() < until;
         at += kSlowReaderAfter) {
        streams.pulse(at);
        std::this_thread::yield();
    }
    ASSERT_EQ(streams.dropped(), 1U);
    v1::EventUpdate update;
    std::uint64_t last = 0;
    while (reader->Read(&update)) {
        if (!update.has_record()) continue;
        EXPECT_EQ(update.sequence(), last + 1) << "what it had been given comes whole";
        last = update.sequence();
    }
    const auto status = reader->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("go on after record " + std::to_string(last)));
    streams.stop();
    server->Shutdown();
    server->Wait();
}

}  // namespace
}  // namespace ararat::server
