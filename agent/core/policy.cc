#include "agent/core/policy.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
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

std::string path_of(const Operation& operation) {
    const auto found = operation.fields.find("path");
    return found == operation.fields.end() ? std::string() : without_slash(found->second);
}

// As it is written and as it is on disk: the first keeps ".." and relative paths out, the second links.
bool is_below_one(const std::string& path, const std::vector<std::string>& roots,
                  const PathsOnDisk& on_disk) {
    const auto place = on_disk.find(path);
    if (place == on_disk.end() || leaves_its_folder(path)) return false;
    return std::ranges::any_of(roots, [&](const std::string& root) {
        const auto root_place = on_disk.find(root);
        return root_place != on_disk.end() && is_below(path, root) &&
               is_below(place->second, root_place->second);
    });
}

bool is_variable(const std::string& name) {
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
           std::ranges::all_of(
               name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
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

bool Policy::add_rule(const std::string& word, const std::string& value) {
    const bool is_path = value.starts_with('/');
    if (word == "verb") {
        const auto verb = verb_of(value);
        if (verb) verbs_.insert(*verb);
        return verb.has_value();
    }
    std::set<std::string>* names = nullptr;
    if (word == "program" && (value == "shipped" || is_path)) names = &programs_;
    if (word == "environment" && is_variable(value)) names = &environment_;
    if (names != nullptr) {
        names->insert(value);
        return true;
    }
    std::vector<std::string>* places = nullptr;
    if (word == "path" && is_path) places = &paths_;
    if (word == "serve" && is_path) places = &serve_;
    if (word == "expose" && is_path) places = &expose_;
    if (word == "dial" && (is_path || value.find(':') != std::string::npos)) places = &dial_;
    if (places != nullptr) places->push_back(without_slash(value));
    return places != nullptr;
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
        const std::string value = space == std::string::npos ? std::string() : line.substr(space + 1);
        if (!policy.add_rule(line.substr(0, space), value)) {
            return Error{ErrorCode::kInvalidArgument,
                         "line " + std::to_string(number) + ": \"" + line + "\" is no rule"};
        }
    }
    return policy;
}

std::vector<std::string> Policy::paths_of(const StepSpec& spec) const {
    if (allow_all_ || paths_.empty()) return {};
    std::vector<std::string> paths = paths_;
    for (const StageSpec& stage : spec.stages) {
        if (touches_a_path(stage.operation.verb)) paths.push_back(path_of(stage.operation));
    }
    return paths;
}

std::vector<std::string> Policy::paths_of(const TicketRequest& ticket) const {
    if (allow_all_) return {};
    std::vector<std::string> paths;
    for (const std::vector<std::string>* rules : {&serve_, &dial_, &expose_}) {
        std::ranges::copy_if(*rules, std::back_inserter(paths),
                             [](const std::string& rule) { return rule.starts_with('/'); });
    }
    for (const std::string& path : {ticket.path, ticket.expose}) {
        if (path.starts_with('/')) paths.push_back(without_slash(path));
    }
    return paths;
}

std::string Policy::refusal(const StepSpec& spec, const PathsOnDisk& on_disk) const {
    if (allow_all_) return {};
    for (const StageSpec& stage : spec.stages) {
        if (std::string why = refusal(stage.operation, on_disk); !why.empty()) {
            return "this host's allow-list refuses stage " + stage.name + ": " + why;
        }
    }
    return {};
}

std::string Policy::refusal(const Operation& operation, const PathsOnDisk& on_disk) const {
    if (!verbs_.contains(operation.verb)) return std::string("verb ") + verb_name(operation.verb);
    if (operation.verb == Verb::kRun && !programs_.empty()) {
        const std::string program = operation.argv.empty() ? std::string() : operation.argv[0];
        const bool shipped = program.starts_with("${file.");
        if (!programs_.contains(shipped ? "shipped" : program)) return "program " + program;
    }
    // One variable is enough to run any program (LD_PRELOAD), whatever the program's name is.
    for (const auto& [name, value] : operation.environment) {
        if (!environment_.contains(name)) return "environment " + name;
    }
    if (touches_a_path(operation.verb) && !paths_.empty()) {
        const std::string path = path_of(operation);
        if (!is_below_one(path, paths_, on_disk)) return "path " + path;
    }
    return {};
}

std::string Policy::refusal(const TicketRequest& ticket, const PathsOnDisk& on_disk) const {
    if (allow_all_) return {};
    const std::string start = "this host's allow-list refuses to ";
    if (!ticket.is_source) {
        const std::string socket = without_slash(ticket.expose);
        // A tree's target is a step's path, which its copy-tree step is judged by.
        if (ticket.is_tree || is_below_one(socket, expose_, on_disk)) return {};
        return start + "expose " + ticket.expose;
    }
    const std::string path = without_slash(ticket.path);
    if (ticket.is_tree) return is_below_one(path, serve_, on_disk) ? std::string() : start + "serve " + path;
    const bool is_socket = path.starts_with('/');
    const bool dials =
        is_socket ? is_below_one(path, dial_, on_disk) : std::ranges::find(dial_, ticket.path) != dial_.end();
    return dials ? std::string() : start + "dial " + ticket.path;
}

}  // namespace ararat::agent
