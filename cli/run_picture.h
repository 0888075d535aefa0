// What is known of a run while it is watched, and how it is drawn. Pure: messages in, text out; time is an
// argument.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ararat/v1/control.pb.h"
#include "cli/terminal_text.h"

namespace ararat::cli {

struct TerminalSize {
    int columns = 100;
    int rows = 40;
};

class RunPicture {
public:
    // Takes a change in; returns the plain lines that tell it (none where nothing worth a line changed).
    std::vector<std::string> take(const v1::RunUpdate& update, std::int64_t now_unix_ms);
    // The orchestrator does not answer: what is drawn is what was known last.
    void set_away(bool away) { away_ = away; }
    // The whole picture: header, move groups, data under way, steps under way, what is waited for and why. No
    // line is wider than the terminal, and there are fewer lines than it has rows; each ends with a newline.
    [[nodiscard]] std::string draw(std::int64_t now_unix_ms, TerminalSize size, bool color) const;
    [[nodiscard]] const v1::RunView& run() const { return run_; }
    [[nodiscard]] bool ended() const;

private:
    // A wait is told in lines only when it has lasted: most pass in no time.
    struct Wait {
        std::string words;
        std::int64_t since_unix_ms = 0;
        bool told = false;
    };

    void take_snapshot(const v1::RunView& snapshot, std::vector<std::string>& lines);
    void take_summary(const v1::RunView& summary, std::vector<std::string>& lines);
    void take_task(const v1::TaskView& task, std::vector<std::string>& lines);
    void note_waits(std::int64_t now_unix_ms);
    void tell_waits(std::int64_t now_unix_ms, std::vector<std::string>& lines);
    void draw_groups(std::vector<Line>& lines, std::int64_t now_unix_ms, int columns) const;
    void draw_data(std::vector<Line>& lines, int columns) const;
    void draw_steps(std::vector<Line>& lines, std::int64_t now_unix_ms) const;
    void draw_waits(std::vector<Line>& lines) const;

    v1::RunView run_;
    bool away_ = false;
    std::map<std::string, int> index_;  // task id -> place in run_.tasks()
    std::map<std::string, v1::ProgressView> progress_;
    std::map<std::string, Wait> waits_;  // by task
};

}  // namespace ararat::cli
