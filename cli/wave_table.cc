#include "cli/wave_table.h"

#include <algorithm>
#include <string>

#include "base/join.h"
#include "planning/calendar.h"

namespace ararat::cli {

namespace {

bool is_local(const Context& context) { return context.time_format == "relative"; }

std::string window_text(const Context& context, const Wave& wave, const std::string& timezone) {
    if (wave.window_end == kAnyTimeEnd) {
        return wave.window_start == kAnyTimeStart ? "any time"
                                                  : "from " + context.time(to_unix_ms(wave.window_start));
    }
    if (is_local(context)) {
        return planning::local_text({wave.window_start, wave.window_end, wave.latest_start}, timezone);
    }
    return context.time(to_unix_ms(wave.window_start)) + "/" + context.time(to_unix_ms(wave.window_end));
}

std::string latest_start_text(const Context& context, const Wave& wave, const std::string& timezone) {
    if (wave.latest_start == kAnyTimeEnd) return "any time";
    return is_local(context) ? planning::local_text(wave.latest_start, timezone)
                             : context.time(to_unix_ms(wave.latest_start));
}

}  // namespace

Table wave_table(const Context& context, const CompiledPlan& plan) {
    Table table{{{"WAVE"}, {"WINDOW"}, {"LATEST START"}, {"MOVE GROUPS"}, {"STEPS"}, {"WHY HERE", true}}, {}};
    for (const Wave& wave : plan.waves) {
        std::vector<std::string> groups;
        for (const MoveGroupId& group : wave.groups) groups.push_back(group.str());
        const auto steps = std::count_if(plan.tasks.begin(), plan.tasks.end(),
                                         [&](const Task& task) { return task.wave == wave.id; });
        table.rows.push_back({wave.id.str(), window_text(context, wave, plan.timezone),
                              latest_start_text(context, wave, plan.timezone), join(groups, " "),
                              std::to_string(steps), join(wave.reasons, "; ")});
    }
    return table;
}

}  // namespace ararat::cli
