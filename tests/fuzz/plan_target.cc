// Plans with their runbooks and actions, from text to the tasks that runs execute. What is accepted must be
// something that the journal can keep and a host can be told.
#include <algorithm>

#include "agent/step_spec/step_spec.h"
#include "planning/compile.h"
#include "planning/graph_view.h"
#include "planning/plan_parser.h"
#include "tests/fuzz/plan_sources.h"
#include "tests/fuzz/target.h"
#include "wire/convert.h"

namespace ararat::fuzzing {
namespace {

constexpr std::int64_t kNowMs = 1'709'546'400'000;  // 2024-03-04T10:00:00Z
// Beyond these a plan is only slow: the time and memory of big ones are the planning benchmark's.
constexpr std::size_t kApplicationsMax = 64;
constexpr std::size_t kHostsMax = 256;

void expect_named(const std::vector<planning::Diagnostic>& diagnostics) {
    ARARAT_CHECK(diagnostics.size() <= planning::DiagnosticList::kShown + 1, "more faults than are shown");
    for (const planning::Diagnostic& diagnostic : diagnostics) {
        ARARAT_CHECK(!diagnostic.message.empty(), "a fault without a word");
        const std::string line = planning::to_string(diagnostic);
        ARARAT_CHECK(line.find('\n') == std::string::npos, "a fault of two lines");
    }
}

// A host is told a task's operations in fields that end with NUL.
void expect_tellable(const Task& task) {
    agent::StepSpec spec;
    spec.key = "p|r|" + task.id.str() + "|forward|1";
    for (const auto* operation : {&task.check, &task.perform, &task.verify, &task.probe, &task.undo}) {
        if (*operation) spec.stages.push_back({"perform", **operation});
    }
    const auto bytes = agent::encode_spec(spec);
    ARARAT_CHECK(bytes.ok(), "a plan was accepted that no host can be told");
    const auto again = agent::decode_spec(*bytes);
    ARARAT_CHECK(again.ok() && *again == spec, "a host would be told something else");
}

void try_compiled(const Plan& plan, const planning::Schedule& schedule) {
    const auto compiled = planning::compile(plan, schedule);
    if (!compiled.ok()) {
        ARARAT_CHECK(compiled.error().code == ErrorCode::kInvalidArgument, "a plan's fault of another kind");
        return;
    }
    const auto again = wire::plan_from_bytes(wire::to_bytes(*compiled));
    ARARAT_CHECK(again.ok() && *again == *compiled, "a compiled plan is not read back");
    for (const Task& task : compiled->tasks) expect_tellable(task);
    if (const auto view = planning::task_view(*compiled, WaveId()); view.ok())
        (void)planning::render_json(*view);
}

}  // namespace

void fuzz_plan(std::string_view bytes) {
    const planning::PlanSources sources = split_sources(bytes);
    for (const planning::SourceFile& file : sources.plans) (void)planning::includes_of(file);
    planning::ParseOptions options;
    options.as_of = from_unix_ms(kNowMs);
    const planning::ParseOutcome outcome = planning::parse_plan(sources, options);
    expect_named(outcome.diagnostics);
    if (!outcome.ok()) return;
    const Plan& plan = outcome.plan;
    if (plan.applications.size() > kApplicationsMax || plan.hosts.size() > kHostsMax) return;
    const auto schedule = planning::make_schedule(plan, options.as_of);
    if (!schedule.ok()) {
        const ErrorCode code = schedule.error().code;
        ARARAT_CHECK(code == ErrorCode::kInvalidArgument || code == ErrorCode::kFailedPrecondition,
                     "a schedule is refused for another kind of reason");
        return;
    }
    (void)planning::render_dot(planning::application_view(plan, *schedule));
    try_compiled(plan, *schedule);
}

}  // namespace ararat::fuzzing
