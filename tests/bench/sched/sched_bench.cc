// How good the scheduler's timetables are, and how good its lower bounds, on collections of projects whose
// best known lengths are published. What it prints has passed the verifier; a fault ends it with 1.
//
//   sched_bench --data FILE|FOLDER... [--schedules N] [--seconds S] [--cpu-seconds S] [--seed K]
//               [--every N] [--best-known CSV] [--starts FILE] [--quiet]
//
// A folder's projects are those that end like one of the kinds below, in the order of their names. Time
// starts when the file has been read. One line a project, then a line for each folder with means.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bench/sched/options.h"
#include "bench/sched/single_mode_files.h"
#include "planning/scheduler/single_mode.h"
#include "planning/scheduler/timetable_check.h"

namespace {

using namespace ararat;
using namespace ararat::planning::scheduler;
using bench::Options;
using Clock = std::chrono::steady_clock;

struct Kind {
    const char* ending;
    Result<Project> (*read)(std::string_view text, const std::string& name);
    Result<SearchResult> (*solve)(const Project& project, const SearchLimits& limits);
};

constexpr Kind kKinds[] = {
    {".sm", bench::read_sm, solve_single_mode},
    {".rcp", bench::read_rcp, solve_single_mode},
};

const Kind* kind_of(const std::filesystem::path& file) {
    const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&](const Kind& kind) { return file.extension() == kind.ending; });
    return found == std::end(kKinds) ? nullptr : found;
}

Result<std::vector<std::filesystem::path>> files_of(const Options& options) {
    std::vector<std::filesystem::path> files;
    for (const std::string& name : options.data) {
        std::error_code error;
        if (!std::filesystem::is_directory(name, error)) {
            if (kind_of(name) == nullptr)
                return Error{ErrorCode::kInvalidArgument, "no reader knows this ending, or it is missing",
                             name};
            files.emplace_back(name);
            continue;
        }
        std::vector<std::filesystem::path> inside;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(name, error)) {
            if (entry.is_regular_file() && kind_of(entry.path()) != nullptr) inside.push_back(entry.path());
        }
        std::sort(inside.begin(), inside.end());
        files.insert(files.end(), inside.begin(), inside.end());
    }
    std::vector<std::filesystem::path> chosen;
    for (std::size_t i = 0; i < files.size(); i += options.every) chosen.push_back(files[i]);
    if (chosen.empty()) return Error{ErrorCode::kNotFound, "no project is there"};
    return chosen;
}

Result<std::string> text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return Error{ErrorCode::kNotFound, "cannot be read", path.string()};
    return text.str();
}

// File name -> best known length.
Result<std::map<std::string, Time>> best_known_of(const std::string& path) {
    std::map<std::string, Time> best;
    if (path.empty()) return best;
    ARARAT_ASSIGN_OR_RETURN(const std::string text, text_of(path));
    std::istringstream lines(text);
    std::size_t instance = 0;
    std::size_t value = 0;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::vector<std::string> cells;
        std::istringstream row(line);
        for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
        if (number == 1) {
            instance =
                static_cast<std::size_t>(std::find(cells.begin(), cells.end(), "instance") - cells.begin());
            value =
                static_cast<std::size_t>(std::find(cells.begin(), cells.end(), "best_ub") - cells.begin());
        }
        char* end = nullptr;
        const std::size_t least = std::max(instance, value);
        const long known = cells.size() > least ? std::strtol(cells[value].c_str(), &end, 10) : -1;
        if (number > 1 && known > 0 && *end == '\0') {
            best[std::filesystem::path(cells[instance]).filename().string()] = static_cast<Time>(known);
        } else if (number > 1 || cells.size() <= least) {
            return Error{ErrorCode::kInvalidArgument, "no columns instance and best_ub, or no length",
                         path + ":" + std::to_string(number)};
        }
    }
    return best;
}

struct Spent {
    double wall_ms = 0;
    double cpu_ms = 0;
};

struct Means {
    std::size_t projects = 0;
    std::size_t proved = 0;
    std::size_t known = 0;
    std::size_t equal = 0;        // to the best known
    double above_best_known = 0;  // sums of percent
    double bound_below_known = 0;
    double gap = 0;
    double above_critical_path = 0;
    Spent spent;
    double schedules = 0;
};

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double percent_above(Time value, Time base) {
    return base == 0 ? 0 : 100.0 * (value - base) / static_cast<double>(base);
}

void print_means(const std::string& set, const Means& means) {
    const auto count = static_cast<double>(means.projects);
    fmt::print(
        "{}: {} projects, {} proved optimal, gap to the bound {:.3f}%, {:.0f} schedules, {:.0f} ms ({:.0f} "
        "of a processor)",
        set, means.projects, means.proved, means.gap / count, means.schedules / count,
        means.spent.wall_ms / count, means.spent.cpu_ms / count);
    if (means.known > 0) {
        const auto known = static_cast<double>(means.known);
        fmt::print(", above best known {:.3f}%, {} of {} equal, best known above our bound {:.3f}%",
                   means.above_best_known / known, means.equal, means.known, means.bound_below_known / known);
    }
    fmt::print("\n");
    std::fflush(stdout);
}

class Run {
public:
    Run(const Options& options, const std::map<std::string, Time>& best) : options_(options), best_(best) {}

    Result<void> one(const std::filesystem::path& file) {
        ARARAT_ASSIGN_OR_RETURN(const std::string text, text_of(file));
        const Kind& kind = *kind_of(file);
        ARARAT_ASSIGN_OR_RETURN(const Project project, kind.read(text, file.string()));
        const auto began = Clock::now();
        const auto passed = [began] { return std::chrono::duration<double>(Clock::now() - began).count(); };
        SearchLimits limits{options_.schedules, options_.seed, {}};
        const double cpu_began = cpu_seconds();
        if (options_.seconds > 0) limits.stop = [this, &passed] { return passed() >= options_.seconds; };
        if (options_.cpu_seconds > 0)
            limits.stop = [this, cpu_began] { return cpu_seconds() - cpu_began >= options_.cpu_seconds; };
        auto solved = kind.solve(project, limits);
        if (!solved.ok()) return Error{solved.error().code, solved.error().message, file.string()};
        const Spent spent{1000 * passed(), 1000 * (cpu_seconds() - cpu_began)};
        for (const std::string& fault : check_timetable(project, solved->timetable))
            return Error{ErrorCode::kInternal, "the timetable is wrong: " + fault, file.string()};
        report(file, *solved, spent);
        return write_starts(file, solved->timetable);
    }

    void print_all_means() const {
        for (const auto& [set, means] : means_) print_means(set, means);
    }

private:
    void report(const std::filesystem::path& file, const SearchResult& result, const Spent& spent) {
        const Time makespan = result.timetable.makespan;
        const auto known = best_.find(file.filename().string());
        Means& means = means_[file.parent_path().filename().string()];
        ++means.projects;
        means.proved += makespan == result.lower_bound ? 1 : 0;
        means.gap += percent_above(makespan, result.lower_bound);
        means.spent.wall_ms += spent.wall_ms;
        means.spent.cpu_ms += spent.cpu_ms;
        means.schedules += static_cast<double>(result.schedules);
        std::string beside;
        if (known != best_.end()) {
            ++means.known;
            means.equal += makespan <= known->second ? 1 : 0;
            means.above_best_known += percent_above(makespan, known->second);
            means.bound_below_known += percent_above(known->second, result.lower_bound);
            beside = fmt::format("  best known {:>6}  above it {:>7.3f}%", known->second,
                                 percent_above(makespan, known->second));
        }
        if (options_.quiet) return;
        fmt::print(
            "{:<20} makespan {:>6}  bound {:>6} ({})  schedules {:>9}  {:>9.1f} ms ({:.1f} of a "
            "processor){}\n",
            file.filename().string(), makespan, result.lower_bound, result.bound_name, result.schedules,
            spent.wall_ms, spent.cpu_ms, beside);
        std::fflush(stdout);
    }

    Result<void> write_starts(const std::filesystem::path& file, const Timetable& timetable) {
        if (options_.starts.empty()) return {};
        if (!starts_.is_open()) {
            starts_.open(options_.starts, std::ios::trunc);
            starts_ << "instance,job,start,mode\n";
        }
        for (std::size_t i = 0; i < timetable.start.size(); ++i) {
            starts_ << file.filename().string() << ',' << i + 1 << ',' << timetable.start[i] << ','
                    << timetable.mode[i] + 1 << '\n';
        }
        if (!starts_.flush()) return Error{ErrorCode::kUnavailable, "cannot be written", options_.starts};
        return {};
    }

    const Options& options_;
    const std::map<std::string, Time>& best_;
    std::map<std::string, Means> means_;
    std::ofstream starts_;
};

Result<void> run_all(const std::vector<std::string>& arguments) {
    ARARAT_ASSIGN_OR_RETURN(const Options options, bench::options_of(arguments));
    ARARAT_ASSIGN_OR_RETURN(const auto files, files_of(options));
    ARARAT_ASSIGN_OR_RETURN(const auto best, best_known_of(options.best_known));
    Run run(options, best);
    for (const std::filesystem::path& file : files) ARARAT_RETURN_IF_ERROR(run.one(file));
    run.print_all_means();
    return {};
}

}  // namespace

int main(int count, char** values) {
    const Result<void> done = run_all(std::vector<std::string>(values + 1, values + count));
    if (done.ok()) return 0;
    fmt::print(stderr, "sched_bench: {}\n", done.error().text());
    return 1;
}
