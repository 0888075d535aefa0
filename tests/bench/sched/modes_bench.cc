// Solves PSPLIB's multi-mode files one after the other, checks every timetable, prints a line for each:
//   name,verdict,makespan,lower bound,seconds,schedules,faults
// Seconds are the processor's, so that others on the machine do not change what is measured.
// Usage: modes_bench SECONDS SEED FILE...
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "planning/scheduler/multi_mode_solver.h"
#include "planning/scheduler/timetable_check.h"
#include "sched/mm_reader.h"

namespace {

using namespace ararat::planning::scheduler;

double seconds_since(std::clock_t begin) {
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

const char* name_of(MultiModeVerdict verdict) {
    switch (verdict) {
        case MultiModeVerdict::feasible: return "feasible";
        case MultiModeVerdict::infeasible: return "infeasible";
        case MultiModeVerdict::not_found: return "not_found";
        case MultiModeVerdict::not_ordered: return "not_ordered";
    }
    return "";
}

bool solve(const std::string& path, double seconds_max, std::uint64_t seed) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto project = ararat::bench::read_mm(text);
    if (!project) {
        std::fprintf(stderr, "%s: not a multi-mode file\n", path.c_str());
        return false;
    }
    const std::clock_t begin = std::clock();
    MultiModeOptions options;
    options.seed = seed;
    options.schedules_max = std::numeric_limits<std::int64_t>::max();
    options.stop = [&] { return seconds_since(begin) > seconds_max; };
    const MultiModeOutcome outcome = solve_multi_mode(*project, options);
    const double seconds = seconds_since(begin);
    std::size_t faults = 0;
    if (outcome.verdict == MultiModeVerdict::feasible) {
        faults = check_timetable(*project, outcome.best).size();
    }
    const auto name = std::filesystem::path(path).stem().string();
    std::printf("%s,%s,%d,%d,%.2f,%lld,%zu\n", name.c_str(), name_of(outcome.verdict), outcome.best.makespan,
                outcome.lower_bound, seconds, static_cast<long long>(outcome.schedules), faults);
    std::fflush(stdout);
    return faults == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    bool good = true;
    for (int i = 3; i < argc; ++i) {
        good = solve(argv[i], std::atof(argv[1]), std::strtoull(argv[2], nullptr, 10)) && good;
    }
    return good ? 0 : 1;
}
