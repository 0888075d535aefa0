// How fast the first schedule of a programme with everything on is there, and how good schedules are.
//
//   waves_bench [--hosts N] [--edges M] [--seed S] [--schedules N] [--tightness P] [--repeat N]
//
// Hosts and edges are made from the seed; groups are found in them by union-find, and the jobs of the groups
// get windows, resources, stocks, budgets, pairs, ways, lags both ways, dates and pinned waves. "first" is
// the time from the graph's groups to a feasible schedule: grouping, indexing and construction, not the
// making of the jobs. Every schedule is
// held against all rules (programme_rules.h); one that breaks any ends it with 1.
#include <fmt/format.h>
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "bench/sched/programme_generator.h"
#include "bench/sched/programme_rules.h"
#include "planning/scheduler/programme_solver.h"

namespace {

using namespace ararat;
using namespace ararat::planning::scheduler;
using Clock = std::chrono::steady_clock;

struct Asked {
    std::int32_t hosts = 1000;
    std::int64_t edges = -1;  // five for each host
    std::uint64_t seed = 1;
    std::int64_t schedules = 0;  // 0: the first feasible one
    std::int32_t tightness = 115;
    std::int32_t repeat = 1;
};

template <typename T>
bool set(const std::string& text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

bool read(const std::vector<std::string>& words, Asked& asked) {
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        const std::string& value = words[i + 1];
        const bool known = words[i] == "--hosts"       ? set(value, asked.hosts)
                           : words[i] == "--edges"     ? set(value, asked.edges)
                           : words[i] == "--seed"      ? set(value, asked.seed)
                           : words[i] == "--schedules" ? set(value, asked.schedules)
                           : words[i] == "--tightness" ? set(value, asked.tightness)
                           : words[i] == "--repeat"    ? set(value, asked.repeat)
                                                       : false;
        if (!known) return false;
    }
    if (asked.edges < 0) asked.edges = 5 * std::int64_t{asked.hosts};
    return words.size() % 2 == 0 && asked.hosts > 0 && asked.repeat > 0;
}

double ms_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e6;
}

double peak_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

const char* to_string(FinishBoundKind kind) {
    switch (kind) {
        case FinishBoundKind::kPath: return "path";
        case FinishBoundKind::kResource: return "resource";
        case FinishBoundKind::kDeadline: return "deadline";
    }
    return "";
}

bool solve(const Programme& programme, const SolveOptions& options, const char* what, double before_ms) {
    const auto begin = Clock::now();
    const double cpu_begin = cpu_ms();
    const Result<SolveResult> solved = solve_programme(programme, options);
    const double ms = ms_since(begin) + before_ms;
    const double cpu = cpu_ms() - cpu_begin + before_ms;
    if (!solved.ok()) {
        fmt::print(stderr, "waves_bench: {}\n", solved.error().text());
        return false;
    }
    if (solved->outcome != SolveOutcome::kFound) {
        fmt::print(
            "{}: none after {} schedules, {:.1f} ms; obstacle {}, job {}, refused by kind {} index {}\n",
            what, solved->schedules, ms, static_cast<int>(solved->why.obstacle), solved->why.job,
            static_cast<int>(solved->why.refusal.kind), solved->why.refusal.index);
        return false;
    }
    for (const std::string& rule : bench::broken_rules(programme, solved->times)) {
        fmt::print("{}: broken: {}\n", what, rule);
        return false;
    }
    const ProgrammeScore& score = solved->score;
    fmt::print(
        "{}: {:.1f} ms ({:.1f} of a processor)  finish {}  bound {} ({})  gap {:.2f}%  late {} pence  "
        "schedules {}  peak {:.0f} MB\n",
        what, ms, cpu, score.finish, solved->bound.finish, to_string(solved->bound.kind),
        solved->bound.finish == 0
            ? 0.0
            : 100.0 * (score.finish - solved->bound.finish) / static_cast<double>(solved->bound.finish),
        score.late_pence, solved->schedules, peak_mb());
    std::fflush(stdout);
    return true;
}

}  // namespace

int main(int count, char** values) {
    Asked asked;
    if (!read(std::vector<std::string>(values + 1, values + count), asked)) {
        fmt::print(stderr,
                   "usage: waves_bench [--hosts N] [--edges M] [--seed S] [--schedules N] "
                   "[--tightness P] [--repeat N]\n");
        return 2;
    }
    const bench::HostGraph graph = bench::host_graph(asked.hosts, asked.edges, asked.seed);
    bench::GeneratorParameters parameters;
    parameters.seed = asked.seed;
    parameters.tightness = asked.tightness;
    const auto [programme, hidden] = bench::generate(parameters, bench::groups_of(graph));
    for (const std::string& rule : bench::broken_rules(programme, hidden))
        fmt::print("the hidden schedule breaks: {}\n", rule);
    fmt::print("{} hosts, {} edges, {} groups, {} jobs, {} lags, {} resources, {} pairs, {} waves; seed {}\n",
               asked.hosts, asked.edges, programme.group_count, programme.jobs.size(), programme.lags.size(),
               programme.resources.size(), programme.apart.size(), programme.wave_count, asked.seed);
    std::fflush(stdout);
    bool found = true;
    for (std::int32_t i = 0; i < asked.repeat; ++i) {
        const auto begin = Clock::now();
        const bench::HostGroups groups = bench::groups_of(graph);
        const double grouping_ms = ms_since(begin);
        fmt::print("grouping: {:.1f} ms, {} groups\n", grouping_ms, groups.count);
        found = solve(programme, {0, asked.seed, {}, false, false, 48}, "first", grouping_ms) && found;
    }
    if (asked.schedules > 0)
        found = solve(programme, {asked.schedules, asked.seed, {}, true, true, 48}, "improved", 0) && found;
    return found ? 0 : 1;
}
