// What the steps of a run printed: of one step as it is, of all of them line by line with the step's name in
// front.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/client.h"
#include "cli/context.h"

namespace ararat::cli {

// Chunks of output in, text to print out; knows how far each step was read. Pure.
class LogText {
public:
    // Without prefixes the bytes stay as they are. With them they are lines: what is no text, or would move a
    // terminal's cursor, is replaced.
    explicit LogText(bool prefixed) : prefixed_(prefixed) {}

    // Whole lines; what has no end yet is kept for the next chunk of this attempt.
    std::string take(const v1::LogChunk& chunk);
    // What never got its line's end.
    std::string rest();
    // For a call that goes on from here.
    [[nodiscard]] std::vector<v1::LogPosition> positions() const;

private:
    struct Step {
        v1::LogPosition position;
        std::string line;  // begun
    };
    static std::string prefix_of(const v1::AttemptKey& key);
    std::string end_line(Step& step);

    bool prefixed_;
    std::map<std::string, Step> steps_;
};

struct LogRequest {
    std::string run;
    std::string task;  // empty: every step
    bool follow = false;
};
// Returns after the last byte there is or, following, when the step or the run has ended. Following, it comes
// back by itself when the orchestrator is away for up to a minute, and repeats nothing.
[[nodiscard]] Result<void> print_logs(Client& client, const LogRequest& request);

}  // namespace ararat::cli
