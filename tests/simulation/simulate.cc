// The simulator's program: seeds, each a world of its own (simulation.h). `./x sim` runs it.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "tests/simulation/simulation.h"

namespace {

using ararat::GroupState;
using ararat::simulation::Simulation;
using ararat::simulation::SimulationOptions;

constexpr unsigned kJobsMax = 64;

struct Arguments {
    std::uint64_t seeds = 2000;
    std::uint64_t first = 0;  // 0: drawn from the clock
    std::uint64_t seed = 0;   // only this one, with its whole trace
    int events = 1500;
    unsigned jobs = 2;
    std::string broken;
    std::string corpus;
    bool expect_failure = false;
};

// Shared with the workers: which seed each is at, so that one that dies can be named; and what they have
// done.
struct Worker {
    std::uint64_t seed = 0;
    std::uint64_t seeds = 0;
    std::uint64_t failed = 0;
    std::uint64_t records = 0;
    std::uint64_t runs_ended = 0;
    std::uint64_t crashes = 0;
    std::uint64_t executions = 0;
    std::uint64_t tasks_max = 0;
    std::uint64_t moved = 0, backed_out = 0, cancelled = 0, held = 0;  // groups, at the end
};

SimulationOptions options_of(const Arguments& arguments, std::uint64_t seed) {
    SimulationOptions options;
    options.seed = seed;
    options.events = arguments.events;
    options.orchestrator_lies = arguments.broken == "orchestrator-fsync";
    options.agents_lie = arguments.broken == "agent-fsync";
    options.trace = arguments.seed != 0;
    return options;
}

void run_seed(const Arguments& arguments, std::uint64_t seed, Worker& worker) {
    worker.seed = seed;
    Simulation simulation(options_of(arguments, seed));
    const auto faults = simulation.run();
    ++worker.seeds;
    worker.records += simulation.records();
    worker.runs_ended += simulation.runs_ended();
    worker.crashes += simulation.crashes();
    worker.executions += simulation.executions();
    worker.tasks_max = std::max<std::uint64_t>(worker.tasks_max, simulation.tasks());
    worker.moved += simulation.groups(GroupState::kMoved);
    worker.backed_out += simulation.groups(GroupState::kBackedOut);
    worker.cancelled += simulation.groups(GroupState::kCancelled);
    worker.held += simulation.groups(GroupState::kHeld);
    std::string text;
    if (arguments.seed != 0 || !faults.empty()) {
        for (const std::string& line : simulation.trace()) text += "  " + line + "\n";
    }
    if (!faults.empty()) {
        ++worker.failed;
        text += fmt::format("seed {}: {}\n  again, with the whole trace: ./x sim --seed {}\n", seed,
                            faults.front(), seed);
    }
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

std::vector<std::uint64_t> corpus_of(const std::string& path) {
    std::vector<std::uint64_t> seeds;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != '#') seeds.push_back(std::strtoull(line.c_str(), nullptr, 10));
    }
    return seeds;
}

std::vector<std::uint64_t> seeds_of(const Arguments& arguments) {
    if (arguments.seed != 0) return {arguments.seed};
    std::vector<std::uint64_t> seeds = corpus_of(arguments.corpus);
    std::uint64_t first = arguments.first;
    if (first == 0) {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        first =
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    }
    fmt::print("{} seeds that have failed before, and {} fresh ones from {} on\n", seeds.size(),
               arguments.seeds, first);
    std::fflush(stdout);
    for (std::uint64_t i = 0; i < arguments.seeds; ++i) seeds.push_back(first + i);
    return seeds;
}

// A worker ends at its first failure where one is expected: one is enough.
void work(const Arguments& arguments, const std::vector<std::uint64_t>& seeds, unsigned index,
          Worker& worker) {
    for (std::size_t i = index; i < seeds.size(); i += arguments.jobs) {
        run_seed(arguments, seeds[i], worker);
        if (arguments.expect_failure && worker.failed > 0) return;
    }
}

bool run_all(const Arguments& arguments, const std::vector<std::uint64_t>& seeds, Worker& sum) {
    void* shared =
        mmap(nullptr, sizeof(Worker) * kJobsMax, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return false;
    auto* workers = static_cast<Worker*>(shared);
    std::array<pid_t, kJobsMax> children{};
    for (unsigned i = 0; i < arguments.jobs; ++i) {
        children[i] = fork();
        if (children[i] != 0) continue;
        work(arguments, seeds, i, workers[i]);
        _exit(0);
    }
    bool well = true;
    for (unsigned i = 0; i < arguments.jobs; ++i) {
        int status = 0;
        waitpid(children[i], &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fmt::print("seed {}: the process died (status {})\n", workers[i].seed, status);
            ++workers[i].failed;
        }
        sum.seeds += workers[i].seeds;
        sum.failed += workers[i].failed;
        sum.records += workers[i].records;
        sum.runs_ended += workers[i].runs_ended;
        sum.crashes += workers[i].crashes;
        sum.executions += workers[i].executions;
        sum.tasks_max = std::max(sum.tasks_max, workers[i].tasks_max);
        sum.moved += workers[i].moved;
        sum.backed_out += workers[i].backed_out;
        sum.cancelled += workers[i].cancelled;
        sum.held += workers[i].held;
        well = well && workers[i].failed == 0;
    }
    return well;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app(
        "Runs the engine, the store and the agents in virtual time against a world that is against them.",
        "simulate");
    app.add_option("--seeds", arguments.seeds, "How many fresh seeds")->capture_default_str();
    app.add_option("--first", arguments.first, "The first fresh seed; by default drawn from the clock");
    app.add_option("--seed", arguments.seed, "Only this one, with its whole trace");
    app.add_option("--events", arguments.events, "Events before the faults stop")->capture_default_str();
    app.add_option("--jobs", arguments.jobs, "Processes")
        ->check(CLI::Range(1U, kJobsMax))
        ->capture_default_str();
    app.add_option("--corpus", arguments.corpus, "A file of seeds that have failed before, one a line");
    app.add_option("--break", arguments.broken, "A disk that does not sync: the run has to fail")
        ->check(CLI::IsMember({"orchestrator-fsync", "agent-fsync"}));
    app.add_flag("--expect-failure", arguments.expect_failure, "Succeed if a seed fails");
    CLI11_PARSE(app, argc, argv);
    spdlog::set_level(spdlog::level::off);
    const auto began = std::chrono::steady_clock::now();
    Worker sum;
    const bool well = run_all(arguments, seeds_of(arguments), sum);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    fmt::print(
        "{} seeds, {} failed; {} records, {} runs ended, {} executions, {} crashes, plans of up to {} steps; "
        "{:.1f} s\ngroups at the end: {} moved, {} backed out, {} cancelled, {} held\n",
        sum.seeds, sum.failed, sum.records, sum.runs_ended, sum.executions, sum.crashes, sum.tasks_max,
        seconds, sum.moved, sum.backed_out, sum.cancelled, sum.held);
    if (arguments.expect_failure) return well ? 1 : 0;
    // A simulation in which nothing happens would hold every invariant.
    const bool something_happened =
        sum.records > sum.seeds * 20 && sum.runs_ended * 3 > sum.seeds && sum.moved * 10 > sum.seeds;
    if (well && !something_happened && arguments.seed == 0)
        fmt::print("too little happened to prove anything\n");
    return well && (something_happened || arguments.seed != 0) ? 0 : 1;
}
