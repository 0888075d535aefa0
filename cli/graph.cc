// graph: the applications of a plan, or the tasks of a wave, as dot, svg or json.
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/compile_plan.h"
#include "planning/graph_view.h"

namespace ararat::cli {

namespace {

struct GraphCommand {
    PlanOptions plan;
    std::string wave;
    bool tasks = false;
    bool critical_path = false;
};

Result<std::string> draw(const GraphCommand& command, const std::string& format) {
    ARARAT_ASSIGN_OR_RETURN(const auto compiled, compile_plan(command.plan));
    planning::GraphView view;
    if (command.tasks || !command.wave.empty()) {
        ARARAT_ASSIGN_OR_RETURN(view, planning::task_view(compiled.plan, WaveId(command.wave)));
    } else {
        view = planning::application_view(compiled.source, compiled.schedule);
    }
    if (command.critical_path) view = planning::critical_part(view);
    if (format == "dot" || format == "table") return planning::render_dot(view);
    if (format == "svg") return planning::render_svg(view);
    if (format == "json") return planning::render_json(view);
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("'{}' is not a form of a graph (dot, svg, json)", format),
                 {}};
}

}  // namespace

void add_graph_command(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("graph", "Draw what depends on what: -o dot, svg or json");
    auto options = std::make_shared<GraphCommand>();
    add_plan_options(*command, options->plan);
    command->add_flag("--tasks", options->tasks, "Every task of every wave instead of the applications");
    command->add_option("--wave", options->wave, "The tasks of this wave");
    command->add_flag("--critical-path", options->critical_path, "Only what is on the critical path");
    command->callback([&context, options] {
        const auto text = draw(*options, context.output);
        if (!text.ok()) {
            context.fail(exit_code_of_compile(text.error()), text.error().text());
            return;
        }
        fmt::print("{}", *text);
    });
}

}  // namespace ararat::cli
