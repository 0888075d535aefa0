#include "cli/run_logs.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "base/utf8.h"

namespace ararat::cli {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kLineMax = std::size_t{64} * 1024;
constexpr auto kAwayMax = std::chrono::seconds(60);
constexpr auto kRetryPause = std::chrono::milliseconds(300);
// A call that lasted for longer had found the orchestrator.
constexpr auto kConnectedAfter = std::chrono::seconds(5);
constexpr const char* kCut = "[output cut here: the cap was reached]";

bool same_attempt(const v1::AttemptKey& a, const v1::AttemptKey& b) {
    return a.purpose() == b.purpose() && a.attempt() == b.attempt();
}

}  // namespace

std::string LogText::prefix_of(const v1::AttemptKey& key) {
    std::string which;
    if (key.purpose() == v1::PURPOSE_PROBE) which = " probe";
    if (key.purpose() == v1::PURPOSE_UNDO) which = " undo";
    if (key.attempt() > 1) which += fmt::format(" #{}", key.attempt());
    return fmt::format("[{}{}] ", key.task(), which);
}

std::string LogText::end_line(Step& step) {
    if (step.line.empty()) return {};
    std::string text = prefix_of(step.position.key()) + displayable(step.line) + "\n";
    step.line.clear();
    return text;
}

std::string LogText::take(const v1::LogChunk& chunk) {
    Step& step = steps_[chunk.task()];
    std::string text;
    std::string_view data = chunk.data();
    if (!step.position.has_key() || !same_attempt(step.position.key(), chunk.key())) {
        text = end_line(step);
        *step.position.mutable_key() = chunk.key();
        step.position.set_offset(0);
    } else if (chunk.offset() < step.position.offset()) {  // sent again
        data.remove_prefix(std::min<std::size_t>(data.size(), step.position.offset() - chunk.offset()));
    }
    step.position.set_offset(std::max(step.position.offset(), chunk.offset() + chunk.data().size()));
    if (!prefixed_) {
        text += data;
        return chunk.truncated() ? text + "\n" + kCut + "\n" : text;
    }
    while (!data.empty()) {
        const std::size_t end = data.find('\n');
        step.line += data.substr(0, end);
        if (end == std::string_view::npos) break;
        if (step.line.ends_with('\r')) step.line.pop_back();
        text += step.line.empty() ? prefix_of(chunk.key()) + "\n" : end_line(step);
        data.remove_prefix(end + 1);
    }
    if (step.line.size() > kLineMax) text += end_line(step);
    if (chunk.truncated()) text += end_line(step) + prefix_of(chunk.key()) + kCut + "\n";
    return text;
}

std::string LogText::rest() {
    std::string text;
    for (auto& [task, step] : steps_) text += end_line(step);
    return text;
}

std::vector<v1::LogPosition> LogText::positions() const {
    std::vector<v1::LogPosition> positions;
    for (const auto& [task, step] : steps_) positions.push_back(step.position);
    return positions;
}

Result<void> print_logs(Client& client, const LogRequest& asked) {
    LogText text(asked.task.empty());
    const auto print = [](const std::string& words) {
        std::fwrite(words.data(), 1, words.size(), stdout);
        std::fflush(stdout);
    };
    auto away_since = SteadyClock::now();
    while (true) {
        v1::ReadLogsRequest request;
        request.set_run(asked.run);
        request.set_task(asked.task);
        request.set_follow(asked.follow);
        for (auto& position : text.positions()) *request.add_from() = std::move(position);
        grpc::ClientContext call;
        const auto begun = SteadyClock::now();
        auto reader = client.stub().ReadLogs(&call, request);
        bool heard = false;
        for (v1::LogChunk chunk; reader->Read(&chunk); heard = true) print(text.take(chunk));
        const grpc::Status status = reader->Finish();
        const auto now = SteadyClock::now();
        if (heard || now - begun > kConnectedAfter) away_since = now;
        const bool away = status.error_code() == grpc::StatusCode::UNAVAILABLE;
        if (!asked.follow || !away || now - away_since > kAwayMax) {
            print(text.rest());
            if (!status.ok()) return error_of(status);
            return {};
        }
        std::this_thread::sleep_for(kRetryPause);
    }
}

}  // namespace ararat::cli
