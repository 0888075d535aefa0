// How many steps a second the pure engine carries through: decide, apply, schedule and effects of one run,
// results in batches as the engine's thread takes them.
//
//   engine_bench [GROUPS HOSTS]   ten steps a group; by default 1,000 groups on 200 hosts and 10,000 on 2,000
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
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

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

bool run(int groups, int hosts) {
    constexpr int kSteps = 10;
    constexpr int kBatch = 64;
    Loop loop;
    const auto plan = std::make_shared<const CompiledPlan>(big_plan(groups, kSteps, hosts));
    loop.state.plans.emplace(plan->hash, plan);
    loop.take(ApplyPlan{{"ann", {}}, plan, {}});
    for (const EstateHost& host : plan->hosts) loop.connectivity.up[host.id] = "bench";
    const double begin = cpu_seconds();
    loop.take(StartWave{{"ann", {}}, WaveId("w"), true, "a bench"});
    loop.turn();
    const double started = cpu_seconds() - begin;
    while (!loop.out.empty()) {
        for (int i = 0; i < kBatch && !loop.out.empty(); ++i) {
            const Command command = std::move(loop.out.front());
            loop.out.pop_front();
            loop.take(StepFinished{command.host, command.key, Outcome::kSucceeded, false, 0, "", {}, 1});
        }
        loop.turn();
    }
    const double took = cpu_seconds() - begin;
    const Run& run = loop.state.runs.begin()->second;
    std::printf(
        "%d groups on %d hosts: %d steps, %llu records in %.3f s of a processor (%.3f s to start): "
        "%.0f steps/s, %.0f records/s; run %s\n",
        groups, hosts, groups * kSteps, static_cast<unsigned long long>(loop.state.sequence), took, started,
        groups * kSteps / took, static_cast<double>(loop.state.sequence) / took,
        std::string(to_string(run.status)).c_str());
    std::fflush(stdout);
    return run.status == RunStatus::kSucceeded;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 2) return run(std::atoi(argv[1]), std::atoi(argv[2])) ? 0 : 1;
    return run(1'000, 200) && run(10'000, 2'000) ? 0 : 1;
}
