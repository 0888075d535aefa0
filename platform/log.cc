#include "platform/log.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <ctime>
#include <memory>
#include <utility>

#include "base/utf8.h"

namespace ararat::platform {
namespace {

// 2017-09-30T18:00:00.123Z, so that logs of hosts in different zones can be read side by side.
std::string rfc3339(spdlog::log_clock::time_point time) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const auto seconds = static_cast<std::time_t>(ms / 1000);
    std::tm utc{};
    static_cast<void>(::gmtime_r(&seconds, &utc));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms % 1000);
}

void append_json_text(std::string& out, std::string_view text) {
    out.push_back('"');
    for (const char c : displayable(text)) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default: out.push_back(c);  // displayable has left no other control
        }
    }
    out.push_back('"');
}

std::string_view text_of(const spdlog::string_view_t& view) { return {view.data(), view.size()}; }

class LineFormatter final : public spdlog::formatter {
public:
    LineFormatter(LogFormat format, std::string program) : format_(format), program_(std::move(program)) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto level_view = spdlog::level::to_string_view(message.level);
        const std::string time = rfc3339(message.time);
        std::string line;
        if (format_ == LogFormat::kJson) {
            line = json_log_line(time, text_of(level_view), program_, text_of(message.payload));
        } else {
            line = fmt::format("{} {} {}: {}", time, text_of(level_view), program_,
                               displayable_line(text_of(message.payload)));
        }
        line.push_back('\n');
        out.append(line.data(), line.data() + line.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<LineFormatter>(format_, program_);
    }

private:
    LogFormat format_;
    std::string program_;
};

}  // namespace

Result<LogFormat> parse_log_format(std::string_view text) {
    if (text == "text") return LogFormat::kText;
    if (text == "json") return LogFormat::kJson;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("'{}' is not a log format (text or json)", displayable(text))};
}

Result<spdlog::level::level_enum> parse_log_level(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, spdlog::level::level_enum>, 6> kLevels{{
        {"trace", spdlog::level::trace},
        {"debug", spdlog::level::debug},
        {"info", spdlog::level::info},
        {"warn", spdlog::level::warn},
        {"error", spdlog::level::err},
        {"off", spdlog::level::off},
    }};
    for (const auto& [name, level] : kLevels) {
        if (name == text) return level;
    }
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("'{}' is not a log level (trace, debug, info, warn, error or off)", displayable(text))};
}

void init_log(const LogOptions& options) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>(options.program, std::move(sink));
    logger->set_formatter(std::make_unique<LineFormatter>(options.format, options.program));
    logger->set_level(options.level);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

std::string json_log_line(std::string_view time, std::string_view level, std::string_view program,
                          std::string_view message) {
    std::string line = "{\"time\":";
    append_json_text(line, time);
    line += ",\"level\":";
    append_json_text(line, level);
    line += ",\"program\":";
    append_json_text(line, program);
    line += ",\"message\":";
    append_json_text(line, message);
    return line += "}";
}

}  // namespace ararat::platform
