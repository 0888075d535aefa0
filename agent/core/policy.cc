#include "agent/core/policy.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/join.h"

namespace ararat::agent {

namespace {

constexpr std::array<Verb, 10> kVerbs = {
    Verb::kRun,         Verb::kService,  Verb::kHttpProbe,  Verb::kTcpProbe, Verb::kWriteFile,
    Verb::kRestoreFile, Verb::kCopyTree, Verb::kVerifyTree, Verb::kFacts,    Verb::kPowerOff};

std::optional<Verb> verb_of(std::string_view name) {
    const auto* found = std::ranges::find_if(kVerbs, [&](Verb verb) { return name == verb_name(verb); });
    if (found == kVerbs.end()) return std::nullopt;
    return *found;
}

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

bool is_below(const std::string& path, const std::string& root) {
    return root == "/" || path == root || path.starts_with(root + "/");
}

bool leaves_its_folder(const std::string& path) {
    const std::vector<std::string> parts = split(path, '/');
    return std::ranges::find(parts, "..") != parts.end();
}

bool touches_a_path(Verb verb) {
    return verb == Verb::kWriteFile || verb == Verb::kRestoreFile || verb == Verb::kCopyTree ||
           verb == Verb::kVerifyTree;
}

}  // namespace

const char* verb_name(Verb verb) {
    switch (verb) {
        case Verb::kRun: return "run";
        case Verb::kService: return "service";
        case Verb::kHttpProbe: return "http-probe";
        case Verb::kTcpProbe: return "tcp-probe";
        case Verb::kWriteFile: return "write-file";
        case Verb::kRestoreFile: return "restore-file";
        case Verb::kCopyTree: return "copy-tree";
        case Verb::kVerifyTree: return "verify-tree";
        case Verb::kFacts: return "facts";
        case Verb::kPowerOff: return "power-off";
    }
    return "unknown";
}

Result<Policy> Policy::parse(std::string_view text) {
    Policy policy;
    policy.allow_all_ = false;
    std::size_t number = 0;
    for (std::string line : split(text, '\n')) {
        ++number;
        line = line.substr(0, line.find('#'));
        while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
            line.pop_back();
        if (line.empty()) continue;
        const std::size_t space = line.find(' ');
        const std::string word = line.substr(0, space);
        const std::string value = space == std::string::npos ? std::string() : line.substr(space + 1);
        const auto verb = verb_of(value);
        if (word == "verb" && verb) {
            policy.verbs_.insert(*verb);
        } else if (word == "program" && (value == "shipped" || value.starts_with('/'))) {
            policy.programs_.insert(value);
        } else if (word == "path" && value.starts_with('/')) {
            policy.paths_.push_back(without_slash(value));
        } else {
            return Error{ErrorCode::kInvalidArgument,
                         "line " + std::to_string(number) + ": \"" + line + "\" is no rule"};
        }
    }
    return policy;
}

std::string Policy::refusal(const StepSpec& spec) const {
    if (allow_all_) return {};
    for (const StageSpec& stage : spec.stages) {
        if (std::string why = refusal(stage.operation); !why.empty()) {
            return "this host's allow-list refuses stage " + stage.name + ": " + why;
        }
    }
    return {};
}

std::string Policy::refusal(const Operation& operation) const {
    if (!verbs_.contains(operation.verb)) return std::string("verb ") + verb_name(operation.verb);
    if (operation.verb == Verb::kRun && !programs_.empty()) {
        const std::string program = operation.argv.empty() ? std::string() : operation.argv[0];
        const bool shipped = program.starts_with("${file.");
        if (!programs_.contains(shipped ? "shipped" : program)) return "program " + program;
    }
    if (touches_a_path(operation.verb) && !paths_.empty()) {
        const auto found = operation.fields.find("path");
        const std::string path =
            found == operation.fields.end() ? std::string() : without_slash(found->second);
        const bool below =
            std::ranges::any_of(paths_, [&](const std::string& root) { return is_below(path, root); });
        if (!below || leaves_its_folder(path)) return "path " + path;
    }
    return {};
}

}  // namespace ararat::agent
