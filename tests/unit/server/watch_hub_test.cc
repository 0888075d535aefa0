// A watcher that falls behind while the engine is too busy to be asked: it gets its snapshot later, not
// never.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>

#include "server/watch_hub.h"
#include "store/sqlite_store.h"
#include "test_world.h"

namespace ararat::server {
namespace {

class WatchService final : public v1::Control::WithCallbackMethod_WatchRun<v1::Control::Service> {
public:
    explicit WatchService(WatchHub& hub) : hub_(hub) {}
    grpc::ServerWriteReactor<v1::RunUpdate>* WatchRun(grpc::CallbackServerContext* context,
                                                      const v1::DescribeRunRequest* request) override {
        const auto writer = WatchHub::Writer::open(*context, 1);  // full at once
        hub_.watch(writer, RunId(request->run()));
        return writer.get();
    }

private:
    WatchHub& hub_;
};

struct World {
    World() {
        EngineOptions options;
        options.project = ProjectId("exit");
        options.journal = store.journal.get();
        options.clock = &clock;
        engine = Engine::start(std::move(options)).value();
        const execution::Principal eve{"eve", {}};
        const auto plan = std::make_shared<const CompiledPlan>(small_plan(false));
        EXPECT_TRUE(engine->submit(execution::ApplyPlan{eve, plan, Hash()}).ok());
        EXPECT_TRUE(engine->submit(execution::StartWave{eve, WaveId("wave-1")}).ok());
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
        builder.RegisterService(&service);
        server = builder.BuildAndStart();
    }
    ~World() {
        hub.stop();
        server->Shutdown();
        server->Wait();
    }

    platform::TemporaryDirectory directory = std::move(platform::TemporaryDirectory::make()).value();
    platform::SystemClock clock;
    store::Store store = store::open_sqlite(directory.path() + "/journal.db", ProjectId("exit")).value();
    std::unique_ptr<Engine> engine;
    ProgressBoard progress;
    std::atomic<bool> busy{false};
    std::atomic<int> refused{0};
    WatchHub hub{[this](Query query) {
                     if (!busy) return engine->query(std::move(query));
                     ++refused;
                     return false;
                 },
                 progress};
    WatchService service{hub};
    int port = 0;
    std::unique_ptr<grpc::Server> server;
};

TEST(WatchHub, OwesASnapshotToWhoFellBehindWhileTheEngineWasBusy) {
    World world;
    const auto stub = v1::Control::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(world.port), grpc::InsecureChannelCredentials()));
    v1::DescribeRunRequest request;
    request.set_run("wave-1.1");
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    auto reader = stub->WatchRun(&context, request);
    v1::RunUpdate update;
    ASSERT_TRUE(reader->Read(&update));
    EXPECT_TRUE(update.has_snapshot());
    world.busy = true;
    // Signs of life come faster than they are written: one of them finds the queue full.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (world.refused == 0 && std::chrono::steady_clock::now() < until) world.hub.pulse(Instant{});
    ASSERT_GT(world.refused, 0);
    world.busy = false;
    world.hub.flush(Duration{0});
    bool again = false;
    while (!again && reader->Read(&update)) again = update.has_snapshot();
    EXPECT_TRUE(again) << "it would have heard nothing any more";
    context.TryCancel();
    while (reader->Read(&update)) {
    }
    reader->Finish();
}

}  // namespace
}  // namespace ararat::server
