// Solves ProGen/max files one after the other, checks every timetable, prints a line for each:
//   name,verdict,makespan,lower bound,longest path,seconds,schedules,faults
// Seconds are the processor's, so that others on the machine do not change what is measured.
// Usage: lags_bench SECONDS SEED FILE...
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "planning/scheduler/lag_network.h"
#include "planning/scheduler/lag_solver.h"
#include "planning/scheduler/timetable_check.h"
#include "sched/sch_reader.h"

namespace {

using namespace ararat::planning::scheduler;

double seconds_since(std::clock_t begin) {
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

const char* name_of(LagVerdict verdict) {
    switch (verdict) {
        case LagVerdict::feasible: return "feasible";
        case LagVerdict::infeasible: return "infeasible";
        case LagVerdict::not_found: return "not_found";
    }
    return "";
}

Time longest_path(const Project& project, const std::vector<std::int32_t>& mode) {
    const EarliestStarts earliest = earliest_starts(mode.size(), start_arcs(project, mode));
    Time longest = 0;
    for (std::size_t i = 0; i < mode.size(); ++i) {
        longest = std::max(longest, earliest.start[i] + project.activities[i].modes[0].duration);
    }
    return longest;
}

bool solve(const std::string& path, double seconds_max, std::uint64_t seed) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto project = ararat::bench::read_sch(text);
    if (!project) {
        std::fprintf(stderr, "%s: not a ProGen/max file\n", path.c_str());
        return false;
    }
    const std::vector<std::int32_t> mode(project->activities.size(), 0);
    const auto begin = std::clock();
    LagOptions options;
    options.seed = seed;
    options.stop = [&] { return seconds_since(begin) > seconds_max; };
    const LagOutcome outcome = solve_with_lags(*project, mode, options);
    const double seconds = seconds_since(begin);
    std::size_t faults = 0;
    if (outcome.verdict == LagVerdict::feasible) faults = check_timetable(*project, outcome.best).size();
    const auto name = std::filesystem::path(path).filename().string();
    std::printf("%s,%s,%d,%d,%d,%.2f,%lld,%zu\n", name.c_str(), name_of(outcome.verdict),
                outcome.best.makespan, outcome.lower_bound, longest_path(*project, mode), seconds,
                static_cast<long long>(outcome.schedules), faults);
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
