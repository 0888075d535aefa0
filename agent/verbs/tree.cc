// Copying and comparing a tree: rsync, whose remote shell is the local end of the data channel. The
// source end serves the ticket's path and nothing else, whatever is asked of it.
// The channel goes through the agents of both hosts, and a step must outlive their restarts: rsync is started
// again where the channel broke, and goes on where it was.
#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "agent/verbs/child.h"
#include "agent/verbs/judge.h"
#include "agent/verbs/verb.h"
#include "base/result.h"

namespace ararat::agent {

namespace {

constexpr Duration kRetryFirst{200};
constexpr Duration kRetryMax{10'000};
constexpr Duration kOutageMax{300'000};
// A try that lasted so long had a channel: what came before it is over.
constexpr Duration kGoodTry{30'000};

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

// What a comparison prints, counted as it comes: a list of a million differences is never held.
struct Comparison {
    void add(std::string_view bytes) {
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
    }
    std::uint64_t differing = 0;
    std::string line, first, statistics;
};

// The first thing that rsync complained of: the last one is that its processes lost each other, which follows
// from any of them ending.
class Complaint {
public:
    explicit Complaint(const VerbContext& context) : context_(context) {
        context_.output = [this, &context](std::string_view bytes) {
            context.output(bytes);
            add(bytes);
        };
    }
    Complaint(const Complaint&) = delete;
    Complaint& operator=(const Complaint&) = delete;

    // Whose output is looked through.
    [[nodiscard]] const VerbContext& context() const { return context_; }
    VerbResult told(VerbResult result) const {
        const bool failed = result.exit_code != 0 && !result.timed_out && !result.cancelled;
        if (failed && !first_.empty()) result.detail = first_;
        return result;
    }

private:
    void add(std::string_view bytes) {
        for (const char c : bytes) {
            if (c != '\n') {
                if (line_.size() < kLineMax && static_cast<unsigned char>(c) >= 0x20) line_.push_back(c);
                continue;
            }
            const bool is_cause = line_.starts_with("rsync: ") && !line_.starts_with("rsync: connection ");
            if (first_.empty() && is_cause) first_ = line_;
            line_.clear();
        }
    }

    static constexpr std::size_t kLineMax = 500;
    VerbContext context_;
    std::string line_, first_;
};

// rsync's words for a connection that broke: socket I/O, the protocol's stream, a time-out; and the remote
// shell's own for a stream that could not be opened (yet).
bool channel_broke(const VerbResult& result) {
    constexpr std::array<int, 4> kCodes = {10, 12, 30, 255};
    return !result.timed_out && !result.cancelled &&
           std::ranges::find(kCodes, result.exit_code) != kCodes.end();
}

// Until a try ends otherwise than by a broken channel, or the channel has been broken for kOutageMax: longer
// than an agent is away for an upgrade, and short enough for the step's own retries and back-out to follow.
VerbResult with_patience(const VerbContext& context, const std::function<VerbResult()>& try_once) {
    Interrupt& interrupt = context.interrupt;
    Duration broken_since = interrupt.now();
    Duration pause = kRetryFirst;
    while (true) {
        const Duration begun = interrupt.now();
        VerbResult result = try_once();
        const Duration ended = interrupt.now();
        if (!channel_broke(result)) return result;
        if (ended - begun >= kGoodTry) {
            broken_since = ended;
            pause = kRetryFirst;
        }
        const Duration next = ended + pause;
        if (next - broken_since >= kOutageMax || next >= context.deadline) return result;
        context.output("the data channel broke (exit code " + std::to_string(result.exit_code) +
                       "), rsync is started again\n");
        const WaitOutcome waited = interrupt.sleep_until(next);
        if (waited == WaitOutcome::kCancelled) return verb_interrupted(waited, "rsync");
        pause = std::min(pause * 2, kRetryMax);
    }
}

// Only an estimate, for progress: where it fails, the copy itself says why.
void estimate(const std::vector<std::string>& copy, const Operation& operation, const VerbContext& context) {
    std::vector<std::string> argv = copy;
    argv.insert(argv.begin() + 1, "--dry-run");
    VerbContext silent = context;
    silent.output = [](std::string_view) {};
    const VerbResult counted = run_child(argv, silent);
    const std::string bytes = statistic(counted.text, "Total transferred file size");
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), value);
    if (counted.exit_code != 0 || bytes.empty() || error != std::errc()) return;
    context.expect_bytes(field_or(operation, "channel"), value);
}

}  // namespace

VerbResult perform_copy_tree(const Operation& operation, const VerbContext& context) {
    std::vector<std::string> options = {"--stats"};
    if (field_or(operation, "delete", "true") == "true") options.emplace_back("--delete");
    if (field_or(operation, "checksum", "false") == "true") options.emplace_back("--checksum");
    const auto argv = rsync_command(operation, context, options);
    if (!argv.ok()) return verb_failed(argv.error().text());
    if (field_or(operation, "estimate", "false") == "true" && context.expect_bytes) {
        estimate(argv.value(), operation, context);
    }
    VerbResult result = with_patience(context, [&] {
        const Complaint complaint(context);
        return complaint.told(run_child(argv.value(), complaint.context()));
    });
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
    Comparison seen;
    VerbContext counting = context;
    counting.output = [&](std::string_view bytes) {
        context.output(bytes);
        seen.add(bytes);
    };
    VerbResult result = with_patience(context, [&] {
        seen = Comparison();
        const Complaint complaint(counting);
        return complaint.told(run_child(argv.value(), complaint.context()));
    });
    if (result.exit_code != 0) return result;
    take_statistics(seen.statistics, result);
    result.outputs.erase("transferred");
    result.outputs["differing"] = std::to_string(seen.differing);
    result.text = "differing=" + std::to_string(seen.differing) + "\n";
    result.detail = std::to_string(seen.differing) + " of " + result.outputs["files"] + " files differ";
    if (seen.differing > 0) {
        result.exit_code = 1;
        result.detail += ", first: " + seen.first;
    }
    return result;
}

}  // namespace ararat::agent
