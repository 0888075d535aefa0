// plan: compile, compare with what is in force, save. show: a saved plan. apply: exactly a saved plan.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/compile_plan.h"
#include "cli/output/table.h"
#include "cli/progress_bar.h"
#include "cli/saved_plan.h"
#include "cli/wave_table.h"
#include "planning/plan_difference.h"
#include "wire/convert.h"

namespace ararat::cli {

namespace {

struct PlanCommand {
    PlanOptions plan;
    std::string out;
    bool offline = false;
    bool detailed_exit_code = false;
};

void print_critical_path(const planning::Schedule& schedule) {
    if (schedule.critical_path.empty()) return;
    std::string path;
    for (const auto& step : schedule.critical_path) path += (path.empty() ? "" : " -> ") + step.group.str();
    fmt::print("Critical path: {} ({})\n", path, duration_text(schedule.critical_duration.count()));
}

// A first plan adds every task: those lines tell little, and are left to -v.
void print_changes(const Context& context, const std::vector<std::string>& lines) {
    constexpr std::size_t kAllShownMax = 40;
    std::size_t hidden = 0;
    for (const auto& line : lines) {
        const bool is_detail = line.rfind("+ task ", 0) == 0 || line.rfind("+ shipped file ", 0) == 0;
        if (is_detail && lines.size() > kAllShownMax && !context.verbose) {
            ++hidden;
        } else {
            fmt::print("{}\n", line);
        }
    }
    if (hidden > 0) fmt::print("  and {} added tasks and files (-v lists them)\n", hidden);
}

// One line a key, with its first place and how often it occurs.
void print_not_enforced(const std::vector<std::string>& places) {
    std::map<std::string, std::pair<std::string, int>> keys;
    for (const auto& entry : places) {
        const auto end_of_place = entry.find(": ");
        const std::string key = end_of_place == std::string::npos ? entry : entry.substr(end_of_place + 2);
        auto& [first, count] = keys.try_emplace(key, entry.substr(0, end_of_place), 0).first->second;
        ++count;
    }
    for (const auto& [key, found] : keys) {
        fmt::print("Not enforced yet: {} ({}{})\n", key, found.first,
                   found.second > 1 ? fmt::format(" and {} more", found.second - 1) : "");
    }
}

// The revision in force; nothing when there is none. `offline` never asks.
Result<CompiledPlanPtr> current_plan(const Context& context, bool offline) {
    if (offline) return CompiledPlanPtr{};
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    v1::GetCurrentPlanRequest request;
    request.set_with_files(true);  // without them each would seem to be new
    ARARAT_ASSIGN_OR_RETURN(const auto response, client.call(&v1::Control::Stub::GetCurrentPlan, request));
    if (!response.present()) return CompiledPlanPtr{};
    ARARAT_ASSIGN_OR_RETURN(auto plan, wire::from_proto(response.plan()));
    return std::make_shared<const CompiledPlan>(std::move(plan));
}

Result<void> run_plan(Context& context, const PlanCommand& command) {
    const auto compiled = compile_plan(command.plan);
    if (!compiled.ok()) {
        fmt::print("{}\n", compiled.error().text());
        context.exit_code = exit_code_of_compile(compiled.error());
        return {};
    }
    ARARAT_ASSIGN_OR_RETURN(const auto current, current_plan(context, command.offline));
    const auto difference = planning::difference(current.get(), compiled->plan);
    const auto lines = planning::text_lines(difference);
    v1::SavedPlan saved;
    saved.set_format(1);
    saved.set_base(current ? current->hash.str() : "");
    saved.set_as_of_unix_ms(to_unix_ms(compiled->as_of));
    saved.set_version(ARARAT_VERSION);
    for (const auto& line : lines) saved.add_changes(line);
    *saved.mutable_plan() = wire::to_proto(compiled->plan);

    if (context.format == OutputFormat::kTable || context.format == OutputFormat::kWide) {
        print_changes(context, lines);
        fmt::print("\n{}\n",
                   render_table(wave_table(context, compiled->plan), context.format == OutputFormat::kWide));
        print_critical_path(compiled->schedule);
        for (const auto& note : compiled->schedule.notes) fmt::print("Note: {}\n", note);
        print_not_enforced(compiled->source.not_enforced);
        fmt::print("Plan {}, against {}.\n", compiled->plan.hash.str().substr(0, 12),
                   current ? current->hash.str().substr(0, 12) : "nothing");
    } else {
        saved.mutable_plan()->clear_files();
        emit(context, saved, wave_table(context, compiled->plan));
        *saved.mutable_plan() = wire::to_proto(compiled->plan);
    }
    if (!command.out.empty()) {
        ARARAT_RETURN_IF_ERROR(save_plan(command.out, saved));
        std::fflush(stdout);
        context.say(fmt::format("Saved to {0}. To make exactly this the revision in force: ararat apply {0}",
                                command.out));
    }
    if (command.detailed_exit_code && !difference.empty()) context.exit_code = ExitCode::kChanges;
    return {};
}

Result<void> run_show(Context& context, const std::string& file) {
    ARARAT_ASSIGN_OR_RETURN(auto saved, load_plan(file));
    ARARAT_ASSIGN_OR_RETURN(const auto plan, wire::from_proto(saved.plan()));
    if (context.format == OutputFormat::kTable || context.format == OutputFormat::kWide) {
        for (const auto& line : saved.changes()) fmt::print("{}\n", line);
        fmt::print("\n");
        Table tasks{{{"STEP"}, {"ACTION"}, {"HOST"}, {"WAVE"}, {"AFTER", true}}, {}};
        for (const auto& task : plan.tasks) {
            std::string after;
            for (const auto& id : task.after) after += (after.empty() ? "" : " ") + id.str();
            tasks.rows.push_back({task.id.str(), task.action.empty() ? "-" : task.action,
                                  task.executor.empty() ? "-" : task.executor.str(), task.wave.str(), after});
        }
        emit(context, saved, tasks);
        return {};
    }
    saved.mutable_plan()->clear_files();
    emit(context, saved, wave_table(context, plan));
    return {};
}

Result<void> run_apply(Context& context, const std::string& file) {
    ARARAT_ASSIGN_OR_RETURN(const auto saved, load_plan(file));
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    const std::string bytes = saved.plan().SerializeAsString();
    constexpr std::size_t kChunk = std::size_t{512} * 1024;
    for (std::size_t offset = 0; offset < bytes.size(); offset += kChunk) {
        v1::UploadChunkRequest chunk;
        chunk.set_upload(saved.plan().hash());
        chunk.set_offset(offset);
        chunk.set_data(bytes.substr(offset, kChunk));
        ARARAT_RETURN_IF_ERROR(client.call(&v1::Control::Stub::UploadChunk, chunk));
    }
    v1::ApplyPlanRequest request;
    request.set_upload(saved.plan().hash());
    request.set_hash(saved.plan().hash());
    request.set_base(saved.base());
    ARARAT_ASSIGN_OR_RETURN(const auto applied, client.call(&v1::Control::Stub::ApplyPlan, request));
    context.say(fmt::format("In force: {} (record {}).", applied.hash().substr(0, 12), applied.sequence()));
    return {};
}

}  // namespace

void add_plan_commands(CLI::App& app, Context& context) {
    auto* plan = app.add_subcommand("plan", "Compile, schedule, and show the difference to what is in force");
    auto options = std::make_shared<PlanCommand>();
    add_plan_options(*plan, options->plan);
    plan->add_option("--out", options->out, "Save exactly this plan, for 'ararat apply'");
    plan->add_flag("--offline", options->offline, "Do not ask the orchestrator what is in force");
    plan->add_flag("--detailed-exitcode", options->detailed_exit_code, "Exit with 2 when there are changes");
    plan->callback([&context, options] {
        if (const auto done = run_plan(context, *options); !done.ok()) context.fail(done.error());
    });

    auto file = std::make_shared<std::string>();
    auto* show = app.add_subcommand("show", "Show a saved plan");
    show->add_option("PLAN", *file, "A file made by 'ararat plan --out'")->required();
    show->callback([&context, file] {
        if (const auto done = run_show(context, *file); !done.ok()) context.fail(done.error());
    });

    auto* apply = app.add_subcommand("apply", "Make exactly a saved plan the revision in force");
    apply->add_option("PLAN", *file, "A file made by 'ararat plan --out'")->required();
    apply->callback([&context, file] {
        if (const auto done = run_apply(context, *file); !done.ok()) context.fail(done.error());
    });
}

}  // namespace ararat::cli
