#include "cli/run_picture.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/progress_bar.h"
#include "cli/words.h"

namespace ararat::cli {

namespace {

constexpr std::int64_t kWaitToldAfterMs = 5'000;
constexpr int kReasonColumns = 200;  // in a plain line
constexpr int kStepsMax = 16;
constexpr int kNameColumnsMax = 34;

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

const char* color_of(v1::GroupState state) {
    switch (state) {
        case v1::GROUP_STATE_MOVED: return "32";
        case v1::GROUP_STATE_HELD: return "31";
        case v1::GROUP_STATE_BACKING_OUT:
        case v1::GROUP_STATE_BACKED_OUT: return "33";
        default: return "36";
    }
}

const char* color_of(v1::RunStatus status) {
    switch (status) {
        case v1::RUN_STATUS_SUCCEEDED: return "32";
        case v1::RUN_STATUS_HELD:
        case v1::RUN_STATUS_FAILED: return "31";
        case v1::RUN_STATUS_PAUSED:
        case v1::RUN_STATUS_BACKED_OUT:
        case v1::RUN_STATUS_CANCELLED: return "33";
        default: return "36";
    }
}

bool is_done(v1::TaskState state) {
    return state == v1::TASK_STATE_SUCCEEDED || state == v1::TASK_STATE_SKIPPED;
}

std::string with_reason(const std::string& words, const std::string& reason) {
    return reason.empty() ? words : words + ": " + reason;
}

// The longest of the names, so that what follows stands in a column.
class NameColumn {
public:
    void add(const std::string& name) {
        columns_ = std::max(columns_, std::min(columns_of(name), kNameColumnsMax));
    }
    [[nodiscard]] std::string padded(const std::string& name) const {
        std::string text = cut_to(name, columns_);
        return text.append(static_cast<std::size_t>(columns_ - columns_of(text)), ' ');
    }

private:
    int columns_ = 0;
};

int bar_width(int columns) { return std::clamp(columns - 50, 10, 30); }

}  // namespace

bool RunPicture::ended() const { return is_ended(run_.status()); }

std::vector<std::string> RunPicture::take(const v1::RunUpdate& update, std::int64_t now_unix_ms) {
    std::vector<std::string> lines;
    if (update.has_snapshot()) {
        take_snapshot(update.snapshot(), lines);
    } else if (update.has_summary()) {
        take_summary(update.summary(), lines);
    } else if (update.has_task()) {
        take_task(update.task(), lines);
    } else if (update.has_progress()) {
        progress_[update.progress().channel()] = update.progress();
    }
    if (update.has_snapshot() || update.has_summary()) note_waits(now_unix_ms);
    tell_waits(now_unix_ms, lines);
    return lines;
}

void RunPicture::take_snapshot(const v1::RunView& snapshot, std::vector<std::string>& lines) {
    const bool first = run_.run().empty();
    const v1::RunStatus before = run_.status();
    run_ = snapshot;
    index_.clear();
    progress_.clear();
    for (int i = 0; i < run_.tasks_size(); ++i) index_[run_.tasks(i).id()] = i;
    for (const auto& progress : run_.progress()) progress_[progress.channel()] = progress;
    if (!first && before == run_.status()) return;
    lines.push_back(fmt::format("run {} of {}: {}, {} of {} steps done", run_.run(), run_.wave(),
                                word(run_.status()), run_.tasks_done(), run_.tasks_total()));
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
        line += ": " + cut_to(task.reason(), kReasonColumns);
    }
    lines.push_back(std::move(line));
}

void RunPicture::note_waits(std::int64_t now_unix_ms) {
    std::map<std::string, Wait> waits;
    for (const auto& view : run_.waits()) {
        std::string words;
        for (const auto& reason : view.reasons()) words += (words.empty() ? "" : "; ") + reason;
        const auto known = waits_.find(view.task());
        const bool same = known != waits_.end() && known->second.words == words;
        waits[view.task()] = same ? known->second : Wait{words, now_unix_ms, false};
    }
    waits_ = std::move(waits);
}

void RunPicture::tell_waits(std::int64_t now_unix_ms, std::vector<std::string>& lines) {
    for (auto& [task, wait] : waits_) {
        if (wait.told || now_unix_ms - wait.since_unix_ms < kWaitToldAfterMs) continue;
        wait.told = true;
        lines.push_back(fmt::format("{:<12} {}: {}", "waits", task, cut_to(wait.words, kReasonColumns)));
    }
}

void RunPicture::draw_groups(std::vector<Line>& lines, std::int64_t now_unix_ms, int columns) const {
    NameColumn names;
    for (const auto& group : run_.groups()) names.add(group.id());
    for (const auto& group : run_.groups()) {
        std::uint64_t done = 0;
        std::uint64_t total = 0;
        for (const auto& task : run_.tasks()) {
            if (task.group() != group.id()) continue;
            ++total;
            if (is_done(task.state())) ++done;
        }
        const bool going_well =
            group.state() == v1::GROUP_STATE_MOVING || group.state() == v1::GROUP_STATE_MOVED;
        lines.push_back({{fmt::format("  {} {} {:>3}/{:<3} ", names.padded(group.id()),
                                      bar(done, total, bar_width(columns)), done, total)},
                         {word(group.state()), color_of(group.state())},
                         {with_reason("", going_well ? "" : group.reason())}});
        if (group.latest_return_unix_ms() == 0 || ended()) continue;
        const std::int64_t left_ms = group.latest_return_unix_ms() - now_unix_ms;
        lines.push_back({{fmt::format("    can be backed out inside its window for {} (takes {})",
                                      duration_text(std::max<std::int64_t>(0, left_ms)),
                                      duration_text(group.back_out_ms())),
                          group.waits_for_go() ? "31" : ""}});
    }
}

void RunPicture::draw_data(std::vector<Line>& lines, int columns) const {
    NameColumn names;
    std::vector<const v1::ProgressView*> open;
    for (const auto& [channel, progress] : progress_) {
        if (progress.closed() || progress.bytes() + progress.bytes_total() == 0) continue;
        open.push_back(&progress);
        names.add(channel);
    }
    if (open.empty()) return;
    lines.push_back({{"data", "1"}});
    for (const v1::ProgressView* progress : open) {
        const std::uint64_t total = progress->bytes_total();
        const double rate = progress->bytes_per_second();
        const std::uint64_t done = total == 0 ? progress->bytes() : std::min(progress->bytes(), total);
        std::string text = "  " + names.padded(progress->channel()) + " ";
        if (total > 0)
            text += fmt::format("{} {:>3}% ", bar(done, total, bar_width(columns)), done * 100 / total);
        text += fmt::format("{:>10}/s  {}", bytes_text(rate), bytes_text(static_cast<double>(done)));
        if (total > 0) text += " of " + bytes_text(static_cast<double>(total));
        if (total > done && rate >= 1) {
            const double seconds = static_cast<double>(total - done) / rate;
            text += fmt::format("  {} left", duration_text(static_cast<std::int64_t>(seconds * 1000)));
        }
        lines.push_back({{text}});
    }
}

void RunPicture::draw_steps(std::vector<Line>& lines, std::int64_t now_unix_ms) const {
    int active = 0;
    for (const auto& task : run_.tasks()) {
        if (!is_active(task.state())) continue;
        if (active++ == 0) lines.push_back({{"steps", "1"}});
        if (active > kStepsMax) continue;
        std::string text = " " + task.id();
        if (!task.host().empty()) text += " on " + task.host();
        if (task.started_unix_ms() != 0) {
            text += "  " + duration_text(std::max<std::int64_t>(0, now_unix_ms - task.started_unix_ms()));
        }
        if (task.attempts() > 1) text += fmt::format("  attempt {}", task.attempts());
        if (!task.reason().empty()) text += "  " + task.reason();
        lines.push_back(
            {{"  "}, {fmt::format("{:<11}", word(task.state())), color_of(task.state())}, {text}});
    }
    if (active > kStepsMax) lines.push_back({{fmt::format("  and {} more", active - kStepsMax)}});
}

void RunPicture::draw_waits(std::vector<Line>& lines) const {
    if (run_.waits_size() == 0) return;
    lines.push_back({{"waits", "1"}});
    for (const auto& wait : run_.waits()) {
        for (const auto& reason : wait.reasons())
            lines.push_back({{fmt::format("  {}: {}", wait.task(), reason)}});
    }
}

std::string RunPicture::draw(std::int64_t now_unix_ms, TerminalSize size, bool color) const {
    const std::int64_t until = run_.ended_unix_ms() != 0 ? run_.ended_unix_ms() : now_unix_ms;
    std::vector<Line> lines;
    lines.push_back(
        {{run_.run(), "1"},
         {"  "},
         {word(run_.status()), color_of(run_.status())},
         {fmt::format("{}  {}  {} of {} steps", run_.one_step() ? ", one step is let through" : "",
                      duration_text(std::max<std::int64_t>(0, until - run_.started_unix_ms())),
                      run_.tasks_done(), run_.tasks_total())},
         {away_ && !ended() ? "  the orchestrator does not answer" : "", "33"}});
    if (!run_.reason().empty()) lines.push_back({{"  " + run_.reason()}});
    draw_groups(lines, now_unix_ms, size.columns);
    if (!ended()) {
        draw_data(lines, size.columns);
        draw_steps(lines, now_unix_ms);
        draw_waits(lines);
    }
    // One row stays free for the cursor: a picture that scrolls could not be drawn over.
    const auto room = static_cast<std::size_t>(std::max(size.rows - 1, 2));
    if (lines.size() > room) {
        const std::size_t left = lines.size() - room + 1;
        lines.resize(room - 1);
        lines.push_back({{fmt::format("  ... {} lines more", left)}});
    }
    std::string text;
    for (const Line& line : lines) text += rendered(line, size.columns, color);
    return text;
}

}  // namespace ararat::cli
