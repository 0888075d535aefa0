// Copying and comparing a tree: rsync, whose remote shell is the local end of the data channel. The
// source end serves the ticket's path and nothing else, whatever is asked of it.
#include <algorithm>
#include <sstream>

#include "agent/verbs/child.h"
#include "agent/verbs/judge.h"
#include "agent/verbs/verb.h"
#include "base/result.h"

namespace ararat::agent {

namespace {

bool is_plain_word(const std::string& word) {
    return !word.empty() && word[0] != '-' && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-/:@+").find(c) != std::string_view::npos;
    });
}

// rsync splits the remote shell's command at spaces, so its words must be plain.
Result<std::vector<std::string>> rsync_command(const Operation& operation, const VerbContext& context,
                                               const std::vector<std::string>& options) {
    const std::string channel = field_or(operation, "channel");
    const std::string path = field_or(operation, "path");
    for (const std::string& word : {channel, context.run, context.rsh_program}) {
        if (!is_plain_word(word)) {
            return Error{ErrorCode::kInvalidArgument,
                         "\"" + word + "\" cannot name a channel, run or program"};
        }
    }
    if (!path.starts_with('/'))
        return Error{ErrorCode::kInvalidArgument, "\"" + path + "\" is not an absolute path"};
    std::vector<std::string> argv = {"rsync", "-aHAX", "--numeric-ids", "--no-human-readable"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back("--rsh=" + context.rsh_program + " rsh " + context.run + " " + channel);
    argv.emplace_back("source:/");
    argv.push_back(path.ends_with('/') ? path : path + "/");
    return argv;
}

// "Number of files: 12 (reg: 10, dir: 2)" -> "12", by what stands before the colon.
std::string statistic(const std::string& text, std::string_view name) {
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
        std::string digits;
        for (const char c : line.substr(name.size() + 1)) {
            if (c >= '0' && c <= '9')
                digits.push_back(c);
            else if (!digits.empty() && c != ',')
                break;
        }
        return digits;
    }
    return {};
}

void take_statistics(const std::string& text, VerbResult& result) {
    result.outputs["files"] = statistic(text, "Number of files");
    result.outputs["bytes"] = statistic(text, "Total file size");
    result.outputs["transferred"] = statistic(text, "Total transferred file size");
    std::erase_if(result.outputs, [](const auto& output) { return output.second.empty(); });
}

// An itemised change: eleven characters that say what and why, or "*deleting", then the name.
bool is_itemized(std::string_view line) {
    if (line.starts_with("*deleting ")) return true;
    return line.size() > 12 && line[11] == ' ' &&
           std::string_view("<>ch.").find(line[0]) != std::string_view::npos &&
           std::string_view("fdLDS").find(line[1]) != std::string_view::npos;
}

}  // namespace

VerbResult perform_copy_tree(const Operation& operation, const VerbContext& context) {
    std::vector<std::string> options = {"--stats"};
    if (field_or(operation, "delete", "true") == "true") options.emplace_back("--delete");
    if (field_or(operation, "checksum", "false") == "true") options.emplace_back("--checksum");
    const auto argv = rsync_command(operation, context, options);
    if (!argv.ok()) return verb_failed(argv.error().text());
    VerbResult result = run_child(argv.value(), context);
    // 24: files vanished while they were read, which is what a tree in use does.
    if (result.exit_code == 24) result.exit_code = 0;
    if (result.exit_code != 0) return result;
    take_statistics(result.text, result);
    result.detail = result.outputs["files"] + " files, " + result.outputs["bytes"] + " bytes, " +
                    result.outputs["transferred"] + " bytes transferred";
    return result;
}

VerbResult perform_verify_tree(const Operation& operation, const VerbContext& context) {
    const auto argv = rsync_command(operation, context,
                                    {"--stats", "--delete", "--dry-run", "--checksum", "--itemize-changes"});
    if (!argv.ok()) return verb_failed(argv.error().text());
    // Counted as it comes: a list of a million differences is never held.
    std::uint64_t differing = 0;
    std::string line, first, statistics;
    VerbContext counting = context;
    counting.output = [&](std::string_view bytes) {
        context.output(bytes);
        for (const char c : bytes) {
            if (c != '\n') {
                if (line.size() < 4096) line.push_back(c);
                continue;
            }
            if (is_itemized(line)) {
                if (differing++ == 0) first = line;
            } else if (statistics.size() < kJudgedBytesMax) {
                statistics += line + "\n";
            }
            line.clear();
        }
    };
    VerbResult result = run_child(argv.value(), counting);
    if (result.exit_code != 0) return result;
    take_statistics(statistics, result);
    result.outputs.erase("transferred");
    result.outputs["differing"] = std::to_string(differing);
    result.text = "differing=" + std::to_string(differing) + "\n";
    result.detail = std::to_string(differing) + " of " + result.outputs["files"] + " files differ";
    if (differing > 0) {
        result.exit_code = 1;
        result.detail += ", first: " + first;
    }
    return result;
}

}  // namespace ararat::agent
