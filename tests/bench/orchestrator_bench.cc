// What the orchestrator costs a step: engine, journal on disk, gRPC with mutual TLS, and agents that do
// nothing and answer at once. Prints, asserts nothing.
//   chain:  one agent; each step follows the one before; the gap is from a result's sending to the next
//           command's arrival
//   wide:   one agent; no step follows another; eight run at a time on the host
//   agents: N agents, each on its own connection; on each of their hosts one step at a time
// The disk's own rate is measured beside them: every durable record waits for a sync.
//
//   orchestrator_bench [STEPS [AGENTS...]]    by default 1000 steps on one agent, then 1, 100 and 1000 agents
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "bench_agent.h"
#include "platform/log.h"
#include "store/sqlite_store.h"
#include "test_world.h"
#include "wire/convert.h"

namespace {
std::atomic<int> syncs{0};
}  // namespace

// In place of the C library's, so that SQLite's syncs are counted.
extern "C" int fdatasync(int fd) {
    ++syncs;
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace ararat::server {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

double seconds_since(SteadyTime begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

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

std::string host_name(int agent) { return fmt::format("h{:04}", agent); }

// A move group on each agent's host, its steps in a chain.
CompiledPlan plan_of_agents(int agents, int steps) {
    CompiledPlan plan = small_plan(false);
    Task step = plan.tasks.front();
    step.opens.clear();
    plan.tasks.clear();
    plan.channels.clear();
    plan.groups.clear();
    plan.waves[0].groups.clear();
    for (int agent = 0; agent < agents; ++agent) {
        const std::string name = host_name(agent);
        EstateHost host = plan.hosts.front();
        host.id = HostId(name);
        plan.hosts.push_back(host);
        const MoveGroupId group(name);
        plan.groups.push_back({group, WaveId("wave-1"), {ApplicationId(name)}, {}});
        plan.waves[0].groups.push_back(group);
        step.application = ApplicationId(name);
        step.group = group;
        step.source = step.target = step.executor = host.id;
        for (int i = 0; i < steps / agents; ++i) {
            const TaskId before = step.id;
            step.step = fmt::format("s{:06}", i);
            step.id = TaskId(name + "/web/" + step.step);
            step.after.clear();
            if (i > 0) step.after.push_back(before);
            plan.tasks.push_back(step);
        }
    }
    seal(plan);
    return plan;
}

// In pieces, since a message has at most 1 MiB.
grpc::Status apply(v1::Control::Stub& stub, const CompiledPlan& plan) {
    constexpr std::size_t kPiece = 512 * 1024;
    const std::string bytes = wire::to_proto(plan).SerializeAsString();
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
        v1::UploadChunkRequest chunk;
        chunk.set_upload("bench");
        chunk.set_offset(at);
        chunk.set_data(bytes.substr(at, kPiece));
        v1::UploadChunkResponse received;
        grpc::ClientContext context;
        if (const auto status = stub.UploadChunk(&context, chunk, &received); !status.ok()) return status;
    }
    v1::ApplyPlanRequest request;
    request.set_upload("bench");
    request.set_hash(plan.hash.str());
    v1::ApplyPlanResponse response;
    grpc::ClientContext context;
    return stub.ApplyPlan(&context, request, &response);
}

void must(const grpc::Status& status) {
    if (status.ok()) return;
    fmt::print(stderr, "{}\n", status.error_message());
    std::exit(1);
}

void start_wave(v1::Control::Stub& stub) {
    v1::StartWaveRequest request;
    request.set_wave("wave-1");
    v1::StartWaveResponse response;
    grpc::ClientContext context;
    must(stub.StartWave(&context, request, &response));
}

// One page written and synced after the other, over what the file has already, as SQLite's log is written
// most of the time: what one writer gets of the disk where the journal is.
double syncs_per_second(const std::string& folder) {
    constexpr int kSyncs = 300;
    const std::string path = folder + "/syncs";
    const int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) std::abort();
    const std::string page(4096, 'x');
    for (int i = 0; i < kSyncs; ++i) {
        if (::write(fd, page.data(), page.size()) < 0) std::abort();
    }
    if (::fsync(fd) != 0 || ::lseek(fd, 0, SEEK_SET) != 0) std::abort();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kSyncs; ++i) {
        if (::write(fd, page.data(), page.size()) < 0 || ::fdatasync(fd) != 0) std::abort();
    }
    const double rate = kSyncs / seconds_since(begin);
    ::close(fd);
    ::unlink(path.c_str());
    return rate;
}

double in_ms(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

void measure(int steps, bool chain) {
    TestWorld world;
    world.start_orchestrator();
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    FakeAgent agent(world, "pri");
    must(agent.connect());
    must(apply(*engineer, plan_of(steps, chain)));
    const auto begin = std::chrono::steady_clock::now();
    start_wave(*engineer);
    agent.wait_until([&] { return agent.starts_heard() >= steps; });
    const double seconds = seconds_since(begin);
    auto gaps = agent.gaps();
    std::sort(gaps.begin(), gaps.end());
    fmt::print("{:6} {:6} steps {:8.0f} steps/s", chain ? "chain" : "wide", steps, steps / seconds);
    if (chain && !gaps.empty()) {
        fmt::print("   gap p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms", in_ms(gaps[gaps.size() / 2]),
                   in_ms(gaps[gaps.size() * 99 / 100]), in_ms(gaps.back()));
    }
    fmt::print("\n");
}

// With a heartbeat every few seconds, so that no connection is taken for dead meanwhile.
void wait_for(const std::atomic<int>& count, int wanted, std::vector<std::unique_ptr<BenchAgent>>& agents) {
    constexpr auto kHeartbeat = std::chrono::seconds(5);
    auto beat = std::chrono::steady_clock::now() + kHeartbeat;
    while (count < wanted) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (std::chrono::steady_clock::now() < beat) continue;
        for (const auto& agent : agents) agent->send_heartbeat();
        beat += kHeartbeat;
    }
}

std::uint64_t journal_length(const std::string& folder) {
    const auto store = store::open_sqlite(folder + "/journal.db", ProjectId("exit"));
    if (!store.ok()) std::abort();
    return store->journal->head()->sequence;
}

void measure_agents(int count, int steps) {
    TestWorld world;
    world.start_orchestrator();
    const auto engineer = world.control(world.person("eve", {"engineer"}));
    const CompiledPlan plan = plan_of_agents(count, steps);
    must(apply(*engineer, plan));
    AgentCounts counts;
    std::vector<std::unique_ptr<BenchAgent>> agents;
    for (int i = 0; i < count; ++i) {
        agents.push_back(std::make_unique<BenchAgent>(world, host_name(i), counts));
    }
    const auto connecting = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
        agents[static_cast<std::size_t>(i)]->connect();
        if (i % 50 == 49) wait_for(counts.welcomed, i + 1, agents);
    }
    wait_for(counts.welcomed, count, agents);
    const double connected = seconds_since(connecting);
    const double disk_before = syncs_per_second(world.directory());
    const double cpu_before = cpu_seconds();
    const int syncs_before = syncs;
    const auto begin = std::chrono::steady_clock::now();
    start_wave(*engineer);
    wait_for(counts.acknowledged, static_cast<int>(plan.tasks.size()), agents);
    const double seconds = seconds_since(begin);
    const double cpu = cpu_seconds() - cpu_before;
    const int synced = syncs - syncs_before;
    const double disk_after = syncs_per_second(world.directory());
    agents.clear();
    world.stop_orchestrator();
    const std::uint64_t records = journal_length(world.directory());
    fmt::print(
        "{:5} agents connected in {:.1f} s; {} steps: {:.0f} steps/s, {:.0f} durable records/s, {:.0f} "
        "syncs/s "
        "({:.0f} records each), {:.0f} us of a processor a step (agents included); the disk: {:.0f} and "
        "{:.0f} syncs/s\n",
        count, connected, plan.tasks.size(), double(plan.tasks.size()) / seconds, double(records) / seconds,
        synced / seconds, double(records) / synced, cpu * 1e6 / double(plan.tasks.size()), disk_before,
        disk_after);
    std::fflush(stdout);
}

// Both ends of every connection are in this process.
void allow_many_files() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace ararat::server

int main(int argc, char** argv) {
    using namespace ararat::server;
    spdlog::set_level(spdlog::level::warn);
    allow_many_files();
    std::vector<int> agents;
    for (int i = 2; i < argc; ++i) agents.push_back(std::atoi(argv[i]));
    const int steps = argc > 1 ? std::atoi(argv[1]) : 1'000;
    if (agents.empty()) {
        measure(steps, true);
        measure(steps, false);
        agents = {1, 100, 1'000};
    }
    for (const int count : agents) measure_agents(count, argc > 2 ? steps : std::max(2'000, 20 * count));
    return 0;
}
