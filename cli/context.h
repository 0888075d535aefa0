// What every command gets: the global options, where to print, and how to end.
// Owned by main for the length of the process; one thread.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "cli/exit_code.h"

namespace ararat::cli {

enum class OutputFormat { kTable, kWide, kJson, kYaml, kJsonLines, kCsv, kName };
enum class TimeFormat { kRelative, kIso, kRaw };

struct Context {
    // Settings: flag, then ARARAT_*, then ./.ararat.toml, then the user's and the machine's file.
    std::string server;    // host:port of the orchestrator's control listener
    std::string identity;  // PREFIX of PREFIX.crt and PREFIX.key
    std::string ca;        // file; empty: ca.crt beside the identity
    std::string profile;
    std::string output = "table";
    std::string time_format = "relative";
    std::string color = "auto";
    int timeout_s = 30;
    bool yes = false;
    bool no_input = false;
    bool quiet = false;
    bool verbose = false;

    OutputFormat format = OutputFormat::kTable;
    ExitCode exit_code = ExitCode::kDone;

    // Prints "ararat: TEXT" to standard error and remembers the exit code.
    void fail(const Error& error);
    void fail(ExitCode code, const std::string& text);
    // Progress for people, to standard error; silent with --quiet.
    void say(const std::string& text) const;
    [[nodiscard]] bool stdout_is_terminal() const;
    [[nodiscard]] bool use_color() const;
    // Time as asked for by --time-format; `now_ms` is for relative ones.
    [[nodiscard]] std::string time(std::int64_t unix_ms) const;
    // The edge of a wave's window; "any time" where no calendar restricts the wave.
    [[nodiscard]] std::string window_time(std::int64_t unix_ms) const;
};

// "2018-01-15T20:00:00Z"
[[nodiscard]] std::string iso_time(std::int64_t unix_ms);

// Fills what no flag set from the environment and the settings files.
[[nodiscard]] Result<void> load_settings(Context& context);

}  // namespace ararat::cli
