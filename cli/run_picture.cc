#include "cli/run_picture.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/progress_bar.h"
#include "cli/words.h"

namespace ararat::cli {

namespace {

std::string painted(const std::string& text, const char* code, bool color) {
    return color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

const char* color_of(v1::TaskState state) {
    switch (state) {
        case v1::TASK_STATE_SUCCEEDED: return "32";
        case v1::TASK_STATE_HELD:
        case v1::TASK_STATE_FAILED:
        case v1::TASK_STATE_UNDO_FAILED: return "31";
        case v1::TASK_STATE_UNDOING:
        case v1::TASK_STATE_UNDONE:
        case v1::TASK_STATE_RETRY_WAIT: return "33";
        default: return "36";
    }
}

bool is_done(v1::TaskState state) {
    return state == v1::TASK_STATE_SUCCEEDED || state == v1::TASK_STATE_SKIPPED;
}

std::string cut(std::string text, int width) {
    const auto limit = static_cast<std::size_t>(std::max(width, 20));
    if (const auto newline = text.find('\n'); newline != std::string::npos) text.resize(newline);
    if (text.size() > limit) text = text.substr(0, limit - 3) + "...";
    return text;
}

}  // namespace

bool RunPicture::ended() const { return is_ended(run_.status()); }

std::vector<std::string> RunPicture::take(const v1::RunUpdate& update) {
    std::vector<std::string> lines;
    if (update.has_snapshot()) {
        const bool first = run_.run().empty();
        const v1::RunView before = run_;
        run_ = update.snapshot();
        index_.clear();
        for (int i = 0; i < run_.tasks_size(); ++i) index_[run_.tasks(i).id()] = i;
        for (const auto& progress : run_.progress()) progress_[progress.channel()] = progress;
        if (first || before.status() != run_.status()) {
            lines.push_back(fmt::format("run {} of {}: {}, {} of {} steps done", run_.run(), run_.wave(),
                                        word(run_.status()), run_.tasks_done(), run_.tasks_total()));
        }
    } else if (update.has_summary()) {
        take_summary(update.summary(), lines);
    } else if (update.has_task()) {
        take_task(update.task(), lines);
    } else if (update.has_progress()) {
        progress_[update.progress().channel()] = update.progress();
    }
    return lines;
}

void RunPicture::take_summary(const v1::RunView& summary, std::vector<std::string>& lines) {
    for (const auto& group : summary.groups()) {
        const auto old = std::find_if(run_.groups().begin(), run_.groups().end(),
                                      [&](const auto& known) { return known.id() == group.id(); });
        if (old == run_.groups().end() || old->state() != group.state()) {
            lines.push_back(fmt::format("move group {}: {}{}{}", group.id(), word(group.state()),
                                        group.reason().empty() ? "" : ": ", group.reason()));
        }
    }
    if (summary.status() != run_.status()) {
        lines.push_back(fmt::format("run {}: {}{}{}", summary.run(), word(summary.status()),
                                    summary.reason().empty() ? "" : ": ", summary.reason()));
    }
    v1::RunView next = summary;
    next.mutable_tasks()->Swap(run_.mutable_tasks());
    run_ = std::move(next);
}

void RunPicture::take_task(const v1::TaskView& task, std::vector<std::string>& lines) {
    const auto found = index_.find(task.id());
    if (found == index_.end()) {
        index_[task.id()] = run_.tasks_size();
        *run_.add_tasks() = task;
    } else {
        v1::TaskView& known = *run_.mutable_tasks(found->second);
        if (known.state() == task.state()) {
            known = task;
            return;
        }
        known = task;
    }
    if (task.state() == v1::TASK_STATE_WAITING || task.state() == v1::TASK_STATE_DISPATCHED) return;
    std::string line = fmt::format("{:<12} {}", word(task.state()), task.id());
    if (!task.host().empty()) line += " on " + task.host();
    if (is_done(task.state()) && task.started_unix_ms() != 0) {
        line += " in " + duration_text(task.finished_unix_ms() - task.started_unix_ms());
        if (task.already()) line += " (was so already)";
    } else if (!task.reason().empty()) {
        line += ": " + cut(task.reason(), 200);
    }
    lines.push_back(std::move(line));
}

std::string RunPicture::draw_group(const v1::GroupView& group, bool color) const {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    for (const auto& task : run_.tasks()) {
        if (task.group() != group.id()) continue;
        ++total;
        if (is_done(task.state())) ++done;
    }
    const char* code =
        group.state() == v1::GROUP_STATE_MOVED                                                        ? "32"
        : group.state() == v1::GROUP_STATE_HELD                                                       ? "31"
        : group.state() == v1::GROUP_STATE_BACKING_OUT || group.state() == v1::GROUP_STATE_BACKED_OUT ? "33"
                                                                                                      : "36";
    return fmt::format("  {:<20} {} {:>3}/{:<3} {}\n", group.id(), bar(done, total, 30), done, total,
                       painted(word(group.state()), code, color));
}

std::string RunPicture::draw(std::int64_t now_unix_ms, int width, bool color) const {
    const std::int64_t until = run_.ended_unix_ms() != 0 ? run_.ended_unix_ms() : now_unix_ms;
    std::string text =
        fmt::format("{}  {}  {}  {}\n", painted(run_.run(), "1", color), run_.wave(), word(run_.status()),
                    duration_text(std::max<std::int64_t>(0, until - run_.started_unix_ms())));
    if (!run_.reason().empty()) text += "  " + cut(run_.reason(), width - 2) + "\n";
    for (const auto& group : run_.groups()) text += draw_group(group, color);
    if (!ended()) {
        for (const auto& [channel, progress] : progress_) {
            if (progress.bytes_per_second() <= 0) continue;
            text += fmt::format("  {:<34} {:>10}  {}/s\n", channel,
                                bytes_text(static_cast<double>(progress.bytes())),
                                bytes_text(progress.bytes_per_second()));
        }
    }
    constexpr int kShownMax = 16;
    int shown = 0;
    for (const auto& task : run_.tasks()) {
        if (!is_active(task.state())) continue;
        if (++shown > kShownMax) continue;
        std::string line = fmt::format("{} on {}", task.id(), task.host().empty() ? "-" : task.host());
        if (task.started_unix_ms() != 0) {
            line += "  " + duration_text(std::max<std::int64_t>(0, now_unix_ms - task.started_unix_ms()));
        }
        if (!task.reason().empty()) line += "  " + task.reason();
        text += fmt::format("    {} {}\n",
                            painted(fmt::format("{:<11}", word(task.state())), color_of(task.state()), color),
                            cut(line, width - 17));
    }
    if (shown > kShownMax) text += fmt::format("    and {} more\n", shown - kShownMax);
    return text;
}

}  // namespace ararat::cli
