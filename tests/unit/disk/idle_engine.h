// An engine over a journal in a file, without a thread: each turn is the test's.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "platform/clock.h"
#include "server/engine.h"
#include "store/sqlite_store.h"
#include "test_world.h"

namespace ararat::server {

struct IdleEngine {
    platform::TemporaryDirectory directory = std::move(platform::TemporaryDirectory::make()).value();
    platform::SystemClock clock;
    store::Store store =
        std::move(store::open_sqlite(directory.path() + "/journal.db", ProjectId("exit"))).value();
    std::vector<execution::Effect> effects;
    std::unique_ptr<Engine> engine = start();

    std::unique_ptr<Engine> start() {
        EngineOptions options;
        options.project = ProjectId("exit");
        options.version = "test";
        options.journal = store.journal.get();
        options.clock = &clock;
        options.snapshot_key = "key";
        options.snapshot_when_idle = 1;
        options.dispatch = [this](const std::vector<execution::Effect>& out) {
            effects.insert(effects.end(), out.begin(), out.end());
        };
        return std::move(Engine::idle(std::move(options))).value();
    }
    // The answer to a plan that is applied.
    Result<Committed> apply() {
        Result<Committed> answer = Error{ErrorCode::kUnknown, "no answer"};
        const auto plan = std::make_shared<const CompiledPlan>(small_plan(false));
        const execution::ApplyPlan input{{"eve", {RoleId("engineer")}}, plan, Hash()};
        engine->turn({Submission{input, [&](Result<Committed> made) { answer = std::move(made); }}});
        return answer;
    }
};

}  // namespace ararat::server
