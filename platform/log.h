// The program's own log: stderr, as text for people or one JSON object a line for machines. It is not the
// record of a run: that is the journal, which never goes through here.
// Use spdlog::info("agent {} connected", host) and its like. Values that came from outside belong in
// arguments, never in the format; control characters in a message are replaced before it is written.
// Thread promise: init_log once, before threads start; logging from any thread.
#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace ararat::platform {

enum class LogFormat { kText, kJson };

struct LogOptions {
    std::string program;  // "ararat-agent": the "program" field of each line
    LogFormat format = LogFormat::kText;
    spdlog::level::level_enum level = spdlog::level::info;
};

// "text" | "json"; "trace" | "debug" | "info" | "warn" | "error" | "off".
[[nodiscard]] Result<LogFormat> parse_log_format(std::string_view text);
[[nodiscard]] Result<spdlog::level::level_enum> parse_log_level(std::string_view text);

void init_log(const LogOptions& options);

// One JSON log line as init_log's JSON format writes it, without the line end.
[[nodiscard]] std::string json_log_line(std::string_view time, std::string_view level,
                                        std::string_view program, std::string_view message);

}  // namespace ararat::platform
