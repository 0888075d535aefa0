// How many steps a second the pure engine carries through: decide, apply, schedule and effects of a run of
// 10,000 tasks on 200 hosts, results in batches as the engine's thread takes them.
#include <chrono>
#include <cstdio>
#include <deque>

#include "execution/engine_core.h"
#include "tests/support/plan_text.h"

namespace {

using namespace ararat;
using namespace ararat::execution;

CompiledPlan big_plan(int groups, int steps, int hosts) {
    std::string text;
    for (int h = 0; h < hosts; ++h) text += "host h" + std::to_string(h) + "\n";
    text += "wave w\n";
    for (int g = 0; g < groups; ++g) {
        const std::string group = "g" + std::to_string(g);
        text += "group " + group + " w\n";
        for (int s = 0; s < steps; ++s) {
            text +=
                "task " + group + "/" + std::to_string(s) + " " + group + " h" + std::to_string(g % hosts);
            if (s > 0) text += " after=" + group + "/" + std::to_string(s - 1);
            text += "\n";
        }
    }
    return testing::parse_plan_text(text);
}

class Loop {
public:
    void take(const Input& input) {
        auto bodies = decide(state, connectivity, input, now);
        if (!bodies) return;
        for (RecordBody& body : *bodies) commit(std::move(body));
    }
    // The rest of one turn; commands that left are put into `out`.
    void turn() {
        while (true) {
            auto more = schedule(state, connectivity, now);
            if (more.empty()) break;
            for (RecordBody& body : more) commit(std::move(body));
        }
        for (Effect& effect : effects_of(state, fresh)) {
            if (auto* command = std::get_if<Command>(&effect)) out.push_back(std::move(*command));
        }
        fresh.clear();
    }
    void commit(RecordBody body) {
        fresh.push_back(Record{state.sequence + 1, now, std::move(body)});
        apply(state, fresh.back());
    }

    State state;
    Connectivity connectivity;
    Instant now = testing::kTestStart;
    std::vector<Record> fresh;
    std::deque<Command> out;
};

}  // namespace

int main() {
    constexpr int kGroups = 1000;
    constexpr int kSteps = 10;
    constexpr int kHosts = 200;
    constexpr int kBatch = 64;
    Loop loop;
    const auto plan = std::make_shared<const CompiledPlan>(big_plan(kGroups, kSteps, kHosts));
    loop.state.plans.emplace(plan->hash, plan);
    loop.take(ApplyPlan{{"ann", {}}, plan, {}});
    for (const EstateHost& host : plan->hosts) loop.connectivity.up[host.id] = "bench";
    const auto begin = std::chrono::steady_clock::now();
    loop.take(StartWave{{"ann", {}}, WaveId("w"), true, "a bench"});
    loop.turn();
    while (!loop.out.empty()) {
        for (int i = 0; i < kBatch && !loop.out.empty(); ++i) {
            const Command command = std::move(loop.out.front());
            loop.out.pop_front();
            loop.take(StepFinished{command.host, command.key, Outcome::kSucceeded, false, 0, "", {}, 1});
        }
        loop.turn();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const auto& run = loop.state.runs.begin()->second;
    std::printf("%d steps, %llu records in %.3f s: %.0f steps/s, %.0f records/s; run %s\n", kGroups * kSteps,
                static_cast<unsigned long long>(loop.state.sequence), took.count(),
                kGroups * kSteps / took.count(), static_cast<double>(loop.state.sequence) / took.count(),
                std::string(to_string(run.status)).c_str());
    return run.status == RunStatus::kSucceeded ? 0 : 1;
}
