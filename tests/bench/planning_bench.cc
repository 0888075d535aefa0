// How long a plan of N hosts takes from text to tasks, and how much memory: parse, dependency graph, move
// groups, waves, compile, the bytes that are applied, and the plan of them again, as the orchestrator makes
// it. The plan is made here: applications of ten hosts, each needing up to three earlier ones, one in a
// thousand in a circle with its neighbour, three steps a host (or one, so that a million hosts stay within
// the limit of a million tasks). Each size in a process of its own: the peak of memory is its own, too.
//
//   planning_bench [--library DIR] [--steps 1|3] N...   one line a stage; by default 1,000 and 100,000 hosts
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "planning/compile.h"
#include "planning/move_groups.h"
#include "planning/plan_parser.h"
#include "planning/schedule.h"
#include "wire/convert.h"

namespace {

using namespace ararat;

constexpr std::size_t kHostsPerApplication = 10;

std::string plan_text(std::size_t hosts, int steps) {
    const std::size_t applications = std::max<std::size_t>(1, hosts / kHostsPerApplication);
    std::string text =
        "ararat: v1\n"
        "programme: {name: large, timezone: UTC}\n"
        "sites:\n  ark: {role: source}\n  primary: {role: target}\n"
        "links:\n  - {from: ark, to: primary, bandwidth: 100 Gbit/s}\n"
        "hosts:\n";
    for (std::size_t i = 0; i < hosts; ++i) {
        text += fmt::format(
            "  s{0}: {{site: ark, address: s{0}.example}}\n  t{0}: {{site: primary, address: "
            "t{0}.example}}\n",
            i);
    }
    text += "applications:\n";
    for (std::size_t a = 0; a < applications; ++a) {
        text += fmt::format("  a{}:\n    duration: 10min\n", a);
        std::string needs;
        for (const std::size_t back : {std::size_t{1}, std::size_t{7}, std::size_t{61}}) {
            if (a % (back + 2) == 0 && a >= back)
                needs += fmt::format("{}a{}", needs.empty() ? "" : ", ", a - back);
        }
        if (a % 1000 == 0 && a + 1 < applications)
            needs += fmt::format("{}a{}", needs.empty() ? "" : ", ", a + 1);
        if (a % 1000 == 1) needs = fmt::format("a{}", a - 1);
        if (!needs.empty()) text += fmt::format("    needs: [{}]\n", needs);
        text += "    components:\n      c:\n        hosts: [";
        std::string to;
        for (std::size_t h = 0; h < kHostsPerApplication && a * kHostsPerApplication + h < hosts; ++h) {
            const std::size_t host = a * kHostsPerApplication + h;
            text += fmt::format("{}s{}", h == 0 ? "" : ", ", host);
            to += fmt::format("{}t{}: primary", h == 0 ? "" : ", ", host);
        }
        text += fmt::format("]\n        to: {{{}}}\n        runbook: plain\n", to);
    }
    text +=
        "runbooks:\n  plain:\n    steps:\n"
        "      - {id: stop, phase: quiesce, on: source, action: service-stop, with: {unit: app.service}}\n";
    if (steps == 1) return text + "waves: auto\n";
    text +=
        "      - {id: start, phase: start, on: target, action: service-start, with: {unit: app.service}, "
        "after: [stop]}\n"
        "      - {id: check, phase: verify, on: target, action: tcp-check, with: {address: "
        "\"${target.address}\", port: \"80\"}, after: [start]}\n"
        "waves: auto\n";
    return text;
}

planning::PlanSources sources_of(const std::string& library, std::size_t hosts, int steps) {
    planning::PlanSources sources;
    sources.plans.push_back({"plan.yaml", plan_text(hosts, steps)});
    for (const char* action : {"service-stop", "service-start", "tcp-check"}) {
        std::ifstream file(library + "/actions/" + action + "/action.yaml");
        std::ostringstream text;
        text << file.rdbuf();
        sources.actions.push_back({std::string("actions/") + action + "/action.yaml", text.str()});
    }
    return sources;
}

long peak_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

template <typename F>
auto timed(const char* stage, std::size_t hosts, F f) {
    const auto began = std::chrono::steady_clock::now();
    const double cpu_before = cpu_seconds();
    auto result = f();
    const double cpu = cpu_seconds() - cpu_before;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    fmt::print("{:>9} hosts  {:<12} {:>9.3f} s  {:>9.3f} s of a processor  peak {:>6} MiB\n", hosts, stage,
               seconds, cpu, peak_mib());
    std::fflush(stdout);
    return result;
}

bool run(const std::string& library, std::size_t hosts, int steps) {
    const planning::PlanSources sources = sources_of(library, hosts, steps);
    fmt::print("{:>9} hosts  {:<12} {:>9.1f} MiB\n", hosts, "text",
               double(sources.plans[0].text.size()) / 1048576);
    const Instant as_of = from_unix_ms(1'516'046'400'000);
    const auto parsed = timed("parse", hosts, [&] {
        return planning::parse_plan(sources, {as_of, std::size_t{4} << 30U});
    });
    for (std::size_t i = 0; i < parsed.diagnostics.size() && i < 5; ++i)
        fmt::print("{}\n", planning::to_string(parsed.diagnostics[i]));
    if (!parsed.ok()) return false;
    timed("graph", hosts, [&] { return planning::application_graph(parsed.plan, Duration{900'000}); });
    const auto groups = timed("move groups", hosts, [&] { return planning::make_move_groups(parsed.plan); });
    const auto schedule = timed("waves", hosts, [&] { return planning::make_schedule(parsed.plan, as_of); });
    if (!schedule.ok()) {
        fmt::print("{}\n", schedule.error().text().substr(0, 2000));
        return false;
    }
    const auto compiled = timed("compile", hosts, [&] { return planning::compile(parsed.plan, *schedule); });
    if (!compiled.ok()) {
        fmt::print("{}\n", compiled.error().text().substr(0, 2000));
        return false;
    }
    const std::string bytes = timed("to bytes", hosts, [&] { return wire::to_bytes(*compiled); });
    fmt::print("{:>9} hosts  {:<12} {:>9.1f} MiB\n", hosts, "compiled", double(bytes.size()) / 1048576);
    const auto back = timed("from bytes", hosts, [&] { return wire::plan_from_bytes(bytes); });
    if (!back.ok() || back->hash != compiled->hash) return false;
    fmt::print("{:>9} hosts  {} applications, {} move groups, {} waves, {} tasks, hash {}\n", hosts,
               parsed.plan.applications.size(), groups.groups.size(), compiled->waves.size(),
               compiled->tasks.size(), compiled->hash.str().substr(0, 12));
    return true;
}

bool run_apart(const std::string& library, std::size_t hosts, int steps) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        const bool done = run(library, hosts, steps);
        std::fflush(stdout);
        _exit(done ? 0 : 1);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::string library = ARARAT_LIBRARY;
    std::vector<std::size_t> sizes;
    int steps = 3;
    for (int i = 1; i < argc; ++i) {
        if (std::string(argv[i]) == "--library" && i + 1 < argc) {
            library = argv[++i];
        } else if (std::string(argv[i]) == "--steps" && i + 1 < argc) {
            steps = std::atoi(argv[++i]);
        } else {
            sizes.push_back(std::strtoull(argv[i], nullptr, 10));
        }
    }
    if (sizes.empty()) sizes = {1'000, 100'000};
    for (const std::size_t hosts : sizes) {
        if (!run_apart(library, hosts, steps)) return 1;
    }
    return 0;
}
