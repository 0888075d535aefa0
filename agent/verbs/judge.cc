#include "agent/verbs/judge.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kShownMax = 200;

std::string shown(const std::string& text) {
    const std::string brief = trimmed(text);
    return brief.size() <= kShownMax ? brief : brief.substr(0, kShownMax) + "...";
}

}  // namespace

std::string trimmed(const std::string& text) {
    static constexpr const char* kSpace = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Judgement judge(const Expectation& expectation, const VerbResult& result) {
    if (result.cancelled) return {false, "cancelled"};
    const std::string said = result.detail.empty() ? std::string() : ": " + result.detail;
    if (result.timed_out) return {false, "timed out" + said};
    if (result.exit_code != expectation.exit_code) {
        return {false, "exit code " + std::to_string(result.exit_code) + ", expected " +
                           std::to_string(expectation.exit_code) + said};
    }
    if (!expectation.output_equals.empty() && trimmed(result.text) != expectation.output_equals) {
        return {false,
                "printed \"" + shown(result.text) + "\", expected \"" + expectation.output_equals + "\""};
    }
    if (!expectation.output_contains.empty() &&
        result.text.find(expectation.output_contains) == std::string::npos) {
        return {false, "printed \"" + shown(result.text) + "\", which lacks \"" +
                           expectation.output_contains + "\""};
    }
    return {true, {}};
}

}  // namespace ararat::agent
