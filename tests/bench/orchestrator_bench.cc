// What the orchestrator costs a step: engine, journal on disk, gRPC with mutual TLS, and one agent that does
// nothing and answers at once. Prints, asserts nothing.
//   chain: each step follows the one before; the gap is from a result's sending to the next command's arrival
//   wide:  no step follows another; eight run at a time on the host
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "platform/log.h"
#include "test_world.h"

namespace ararat::server {
namespace {

CompiledPlan plan_of(int steps, bool chain) {
    CompiledPlan plan = small_plan(false);
    Task step = plan.tasks.front();
    step.opens.clear();
    plan.tasks.clear();
    for (int i = 0; i < steps; ++i) {
        const TaskId before = step.id;
        step.step = fmt::format("s{:06}", i);
        step.id = TaskId("shop/web/" + step.step);
        step.after.clear();
        if (chain && i > 0) step.after.push_back(before);
        plan.tasks.push_back(step);
    }
    seal(plan);
    return plan;
}

double in_ms(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

void measure(int steps, bool chain) {
    TestWorld world;
    world.start_orchestrator();
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    FakeAgent agent(world, "pri");
    if (!agent.connect().ok() || !world.apply(*engineer, plan_of(steps, chain)).ok()) std::abort();
    v1::StartWaveRequest request;
    request.set_wave("wave-1");
    v1::StartWaveResponse response;
    grpc::ClientContext context;
    const auto begin = std::chrono::steady_clock::now();
    if (!engineer->StartWave(&context, request, &response).ok()) std::abort();
    agent.wait_until([&] { return agent.starts_heard() >= steps; });
    const double seconds = in_ms(std::chrono::steady_clock::now() - begin) / 1000;
    auto gaps = agent.gaps();
    std::sort(gaps.begin(), gaps.end());
    fmt::print("{:6} {:6} steps {:8.0f} steps/s", chain ? "chain" : "wide", steps, steps / seconds);
    if (chain && !gaps.empty()) {
        fmt::print("   gap p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms", in_ms(gaps[gaps.size() / 2]),
                   in_ms(gaps[gaps.size() * 99 / 100]), in_ms(gaps.back()));
    }
    fmt::print("\n");
}

}  // namespace
}  // namespace ararat::server

int main(int argc, char** argv) {
    spdlog::set_level(spdlog::level::warn);
    const int steps = argc > 1 ? std::atoi(argv[1]) : 1'000;
    ararat::server::measure(steps, true);
    ararat::server::measure(steps, false);
    return 0;
}
