#include "cli/context.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <vector>

#include "model/compiled_plan.h"
#include "platform/files.h"

namespace ararat::cli {

namespace {

// One "key = value" a line; strings may stand in double quotes; '#' begins a comment; [profile] sections.
Result<void> read_settings(const std::string& file, const std::string& profile,
                           std::map<std::string, std::string>& settings) {
    const auto text = platform::read_file(file);
    if (!text.ok()) return {};
    std::string section;
    int line_number = 0;
    std::size_t begin = 0;
    while (begin < text->size()) {
        std::size_t end = text->find('\n', begin);
        if (end == std::string::npos) end = text->size();
        std::string line = text->substr(begin, end - begin);
        begin = end + 1;
        ++line_number;
        const auto first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos || line[first] == '#') continue;
        line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
        if (line.front() == '[' && line.back() == ']') {
            section = line.substr(1, line.size() - 2);
            continue;
        }
        const auto equals = line.find('=');
        if (equals == std::string::npos) {
            return Error{ErrorCode::kInvalidArgument, "expected 'key = value'",
                         fmt::format("{}:{}", file, line_number)};
        }
        if (!section.empty() && section != profile) continue;
        std::string key = line.substr(0, line.find_last_not_of(" \t", equals - 1) + 1);
        const auto start = line.find_first_not_of(" \t", equals + 1);
        std::string value = start == std::string::npos ? std::string{} : line.substr(start);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        settings.emplace(std::move(key), std::move(value));
    }
    return {};
}

std::optional<std::string> environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

void Context::fail(const Error& error) { fail(exit_code_of(error.code), error.text()); }

void Context::fail(ExitCode code, const std::string& text) {
    fmt::print(stderr, "ararat: {}\n", text);
    exit_code = code;
}

void Context::say(const std::string& text) const {
    if (!quiet) fmt::print(stderr, "{}\n", text);
}

bool Context::stdout_is_terminal() const { return ::isatty(STDOUT_FILENO) == 1; }

bool Context::use_color() const {
    if (color == "always") return true;
    if (color == "never" || environment("NO_COLOR")) return false;
    return stdout_is_terminal();
}

std::string Context::time(std::int64_t unix_ms) const {
    if (unix_ms == 0) return "-";
    if (time_format == "raw") return std::to_string(unix_ms);
    if (time_format == "iso") return iso_time(unix_ms);
    const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::system_clock::now().time_since_epoch())
                                    .count();
    const std::int64_t distance = now_ms - unix_ms;
    const std::int64_t seconds = (distance < 0 ? -distance : distance) / 1000;
    std::string amount;
    if (seconds < 60) {
        amount = fmt::format("{}s", seconds);
    } else if (seconds < 3600) {
        amount = fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
    } else if (seconds < 86400) {
        amount = fmt::format("{}h{:02}m", seconds / 3600, seconds % 3600 / 60);
    } else {
        amount = fmt::format("{}d{:02}h", seconds / 86400, seconds % 86400 / 3600);
    }
    return distance < 0 ? "in " + amount : amount + " ago";
}

std::string Context::window_time(std::int64_t unix_ms) const {
    const bool is_any_time = unix_ms == to_unix_ms(kAnyTimeStart) || unix_ms == to_unix_ms(kAnyTimeEnd);
    return is_any_time && time_format != "raw" ? "any time" : time(unix_ms);
}

std::string iso_time(std::int64_t unix_ms) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(static_cast<std::time_t>(unix_ms / 1000)));
}

Result<void> load_settings(Context& context) {
    std::map<std::string, std::string> settings;
    if (context.profile.empty()) context.profile = environment("ARARAT_PROFILE").value_or("");
    std::vector<std::string> files{".ararat.toml"};
    if (const auto config = environment("XDG_CONFIG_HOME")) {
        files.push_back(*config + "/ararat/config.toml");
    } else if (const auto home = environment("HOME")) {
        files.push_back(*home + "/.config/ararat/config.toml");
    }
    files.emplace_back("/etc/ararat/config.toml");
    for (const auto& file : files) ARARAT_RETURN_IF_ERROR(read_settings(file, context.profile, settings));

    const auto fill = [&](std::string& value, const char* key, const char* variable, const char* fallback) {
        if (!value.empty()) return;
        if (const auto set = environment(variable)) {
            value = *set;
        } else if (const auto found = settings.find(key); found != settings.end()) {
            value = found->second;
        } else {
            value = fallback;
        }
    };
    fill(context.server, "server", "ARARAT_SERVER", "127.0.0.1:7402");
    fill(context.identity, "identity", "ARARAT_IDENTITY", "");
    fill(context.ca, "ca", "ARARAT_CA", "");

    static const std::map<std::string, OutputFormat> kFormats{
        {"table", OutputFormat::kTable}, {"wide", OutputFormat::kWide},       {"json", OutputFormat::kJson},
        {"yaml", OutputFormat::kYaml},   {"jsonl", OutputFormat::kJsonLines}, {"csv", OutputFormat::kCsv},
        {"name", OutputFormat::kName}};
    if (const auto found = kFormats.find(context.output); found != kFormats.end()) {
        context.format = found->second;
    }
    return {};
}

}  // namespace ararat::cli
