#include "channel/rsync_command.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace ararat::channel {
namespace {

// Single letters a sender may be given: what is read and how it is compared. Left out on purpose:
// L, k, K (follow symbolic links out of the tree), s (arguments over the protocol, unchecked), R.
constexpr std::string_view kLetters = "vqnlHogDtpAXrcWSzxOJUNu";
constexpr std::size_t kArgumentsMax = 24;
constexpr std::size_t kArgumentLengthMax = 256;

constexpr std::array<std::string_view, 6> kFlags = {
    "--numeric-ids", "--partial", "--inplace", "--ignore-times", "--size-only", "--use-qsort",
};

// Options with a value of digits or of a plain word.
constexpr std::array<std::string_view, 8> kDigits = {
    "--timeout=",   "--bwlimit=",        "--checksum-seed=", "--modify-window=",
    "--max-alloc=", "--compress-level=", "--block-size=",    "-B",
};
constexpr std::array<std::string_view, 4> kWords = {
    "--checksum-choice=",
    "--compress-choice=",
    "--info=",
    "--debug=",
};

Error refused(const std::string& why) {
    return Error{ErrorCode::kPermissionDenied, "the data channel refuses " + why};
}

bool all_of(std::string_view text, bool (*good)(char)) {
    return !text.empty() && std::all_of(text.begin(), text.end(), good);
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ',' || c == '-'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// "-lHogDtpAXre.iLsfxCIvu": letters, then "e." and the protocol's own feature letters.
bool is_allowed_cluster(std::string_view argument) {
    if (argument.size() < 2 || argument[0] != '-' || argument[1] == '-') return false;
    auto letters = argument.substr(1);
    const auto features = letters.find("e.");
    if (features != std::string_view::npos) {
        if (!all_of(letters.substr(features + 2), is_letter)) return false;
        letters = letters.substr(0, features);
    }
    return std::all_of(letters.begin(), letters.end(),
                       [](char c) { return kLetters.find(c) != std::string_view::npos; });
}

bool has_allowed_value(std::string_view argument) {
    const auto matches = [&](std::string_view name, bool (*good)(char)) {
        return argument.starts_with(name) && all_of(argument.substr(name.size()), good);
    };
    return std::any_of(kDigits.begin(), kDigits.end(), [&](auto name) { return matches(name, is_digit); }) ||
           std::any_of(kWords.begin(), kWords.end(), [&](auto name) { return matches(name, is_word); });
}

// --log-format only tells the sender whether the receiver wants itemized lines.
bool is_allowed(std::string_view argument) {
    return std::find(kFlags.begin(), kFlags.end(), argument) != kFlags.end() ||
           argument == "--log-format=X" || argument == "--log-format=%i" || has_allowed_value(argument) ||
           is_allowed_cluster(argument);
}

}  // namespace

Result<std::vector<std::string>> rsync_server_command(const std::vector<std::string>& proposed,
                                                      const std::string& tree_path) {
    if (tree_path.empty() || tree_path.front() != '/') {
        return refused("a tree whose path is not absolute: '" + tree_path + "'");
    }
    if (proposed.size() < 5 || proposed.size() > kArgumentsMax) {
        return refused("a command of " + std::to_string(proposed.size()) + " arguments");
    }
    if (proposed[0] != "rsync") return refused("the program '" + proposed[0].substr(0, 64) + "'");
    if (proposed[1] != "--server" || proposed[2] != "--sender") {
        return refused("an rsync that is not '--server --sender': this end is read only");
    }
    if (proposed[proposed.size() - 2] != ".") return refused("more than one path");

    std::vector<std::string> command = {"rsync", "--server", "--sender"};
    for (std::size_t i = 3; i + 2 < proposed.size(); ++i) {
        const auto& argument = proposed[i];
        if (argument.size() > kArgumentLengthMax || !is_allowed(argument)) {
            return refused("rsync's argument '" + argument.substr(0, 64) + "'");
        }
        command.push_back(argument);
    }
    command.emplace_back(".");
    command.push_back(tree_path.back() == '/' ? tree_path : tree_path + "/");
    return command;
}

}  // namespace ararat::channel
