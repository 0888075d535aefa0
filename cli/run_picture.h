// What is known of a run while it is watched, and how it is drawn. Pure: text in, text out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ararat/v1/control.pb.h"

namespace ararat::cli {

class RunPicture {
public:
    // Takes a change in; returns the plain lines that tell it (none where nothing worth a line changed).
    std::vector<std::string> take(const v1::RunUpdate& update);
    // The whole picture for a terminal of `width` columns, ended by a newline.
    [[nodiscard]] std::string draw(std::int64_t now_unix_ms, int width, bool color) const;
    [[nodiscard]] const v1::RunView& run() const { return run_; }
    [[nodiscard]] bool ended() const;

private:
    void take_summary(const v1::RunView& summary, std::vector<std::string>& lines);
    void take_task(const v1::TaskView& task, std::vector<std::string>& lines);
    [[nodiscard]] std::string draw_group(const v1::GroupView& group, bool color) const;

    v1::RunView run_;
    std::map<std::string, int> index_;  // task id -> place in run_.tasks()
    std::map<std::string, v1::ProgressView> progress_;
};

}  // namespace ararat::cli
