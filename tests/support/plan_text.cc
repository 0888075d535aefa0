#include "tests/support/plan_text.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "base/check.h"
#include "base/sha256.h"

namespace ararat::testing {
namespace {

using Options = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

template <typename Id>
std::vector<Id> ids(const Options& options, const std::string& name) {
    std::vector<Id> found;
    const auto option = options.find(name);
    if (option == options.end()) return found;
    for (const std::string& part : split(option->second, ',')) found.emplace_back(part);
    std::sort(found.begin(), found.end());
    return found;
}

template <typename Value>
Value one_of(const std::map<std::string, Value>& values, const Options& options, const std::string& name,
             Value otherwise) {
    const auto option = options.find(name);
    if (option == options.end()) return otherwise;
    const auto value = values.find(option->second);
    ARARAT_CHECK(value != values.end(), option->second.c_str());
    return value->second;
}

const std::map<std::string, Phase> kPhases{
    {"prepare", Phase::kPrepare}, {"precopy", Phase::kPrecopy}, {"start", Phase::kStart},
    {"quiesce", Phase::kQuiesce}, {"verify", Phase::kVerify},   {"final-sync", Phase::kFinalSync},
    {"switch", Phase::kSwitch},   {"soak", Phase::kSoak},       {"decommission", Phase::kDecommission}};
const std::map<std::string, ActionClass> kClasses{{"idempotent", ActionClass::kIdempotent},
                                                  {"probeable", ActionClass::kProbeable},
                                                  {"one-shot", ActionClass::kOneShot}};
const std::map<std::string, Guard> kGuards{
    {"cutover", Guard::kCutover}, {"power-off", Guard::kPowerOff}, {"decommission", Guard::kDecommission}};

const std::map<std::string, WhenLate> kAnswers{
    {"hold", WhenLate::kHold}, {"back-out", WhenLate::kBackOut}, {"go-on", WhenLate::kGoOn}};

Operation operation(const std::string& name, const std::string& stage, const Options& options) {
    Operation made;
    made.argv = {"/test/" + stage, name};
    if (options.contains("arg")) made.argv.push_back(options.at("arg"));
    return made;
}

class Builder {
public:
    void line(const std::string& text) {
        std::istringstream stream(text);
        std::vector<std::string> words;
        Options options;
        for (std::string word; stream >> word;) {
            const auto equals = word.find('=');
            if (equals != std::string::npos) {
                options[word.substr(0, equals)] = word.substr(equals + 1);
            } else {
                words.push_back(word);
            }
        }
        for (std::size_t i = 1; i < words.size(); ++i) options.emplace(words[i], "");
        if (words.empty() || words[0][0] == '#') return;
        item(words, options);
    }

    CompiledPlan plan;

private:
    void item(const std::vector<std::string>& words, const Options& options) {
        const std::string& kind = words[0];
        ARARAT_CHECK(words.size() >= 2, kind.c_str());
        if (kind == "host") {
            const HostVia via = options.contains("ssh") ? HostVia::kSsh : HostVia::kAgent;
            plan.hosts.push_back(
                EstateHost{HostId(words[1]), SiteId("site"), "198.18.0.1", via, "root", 22, {}});
        } else if (kind == "channel") {
            Channel channel;
            channel.id = ChannelId(words[1]);
            channel.source = HostId(words.at(2));
            channel.target = HostId(words.at(3));
            plan.channels.push_back(channel);
        } else if (kind == "gate") {
            Gate gate{GateId(words[1]), {}, options.contains("all")};
            for (const std::string& role : split(words.at(2), ',')) gate.roles.emplace_back(role);
            plan.gates.push_back(gate);
        } else if (kind == "wave") {
            wave(words[1], options);
        } else if (kind == "group") {
            plan.groups.push_back(MoveGroup{MoveGroupId(words[1]), WaveId(words.at(2)), {}, {}});
            for (Wave& each : plan.waves) {
                if (each.id.str() == words.at(2)) each.groups.emplace_back(words[1]);
            }
        } else {
            task(words, options);
        }
    }

    static Instant minutes(const std::string& text) {
        return kTestStart + std::chrono::minutes(std::stol(text));
    }

    void wave(const std::string& name, const Options& options) {
        Wave made;
        made.id = WaveId(name);
        made.window_start = minutes("-60");
        made.window_end = minutes("180");
        if (options.contains("window")) {
            const std::string& window = options.at("window");
            const auto dots = window.find("..");
            made.window_start = minutes(window.substr(0, dots));
            made.window_end = minutes(window.substr(dots + 2));
        }
        made.latest_start = options.contains("latest") ? minutes(options.at("latest")) : made.window_end;
        made.start_auto = options.contains("auto");
        made.after = ids<WaveId>(options, "after");
        plan.waves.push_back(made);
    }

    void task(const std::vector<std::string>& words, const Options& options) {
        Task made;
        made.id = TaskId(words[1]);
        made.step = words[1];
        made.after = ids<TaskId>(options, "after");
        made.phase = one_of(kPhases, options, "phase", Phase::kPrepare);
        if (words[0] == "gatetask") {
            made.kind = TaskKind::kGate;
            made.wave = WaveId(words.at(2));
            made.gate = GateId(words.at(3));
            plan.tasks.push_back(made);
            return;
        }
        made.group = MoveGroupId(words.at(2));
        made.when_late = one_of(kAnswers, options, "late", WhenLate::kHold);
        if (options.contains("takes")) made.expected = Duration(std::stol(options.at("takes")));
        if (options.contains("undo-takes"))
            made.undo_expected = Duration(std::stol(options.at("undo-takes")));
        for (const MoveGroup& group : plan.groups) {
            if (group.id == made.group) made.wave = group.wave;
        }
        if (words[0] == "manual") {
            made.kind = TaskKind::kManual;
            made.text = "do it by hand";
        } else if (words[0] == "soak") {
            made.kind = TaskKind::kSoak;
            made.soak = Duration(std::stol(words.at(3)));
        } else {
            ARARAT_CHECK(words[0] == "task", words[0].c_str());
            step(made, words.at(3), options);
        }
        plan.tasks.push_back(made);
    }

    void step(Task& made, const std::string& host, const Options& options) {
        made.executor = HostId(host);
        for (const EstateHost& each : plan.hosts) {
            if (each.id.str().starts_with("src") && made.source.empty()) made.source = each.id;
            if (each.id.str().starts_with("tgt") && made.target.empty()) made.target = each.id;
        }
        made.action = "test";
        made.action_class = one_of(kClasses, options, "class", ActionClass::kIdempotent);
        made.guard = one_of(kGuards, options, "guard", Guard::kNone);
        made.perform = operation(made.id.str(), "perform", options);
        if (options.contains("check")) made.check = operation(made.id.str(), "check", {});
        if (options.contains("verify")) made.verify = operation(made.id.str(), "verify", {});
        if (options.contains("probe")) made.probe = operation(made.id.str(), "probe", {});
        if (options.contains("undo")) made.undo = operation(made.id.str(), "undo", {});
        made.point_of_no_return = options.contains("noreturn");
        if (options.contains("tries")) made.retry.attempts_max = std::stoi(options.at("tries"));
        if (options.contains("ships")) {
            const Hash hash(sha256_hex(options.at("ships")));
            plan.files[hash] = options.at("ships");
            made.files.push_back({"shipped", hash});
        }
        made.opens = ids<ChannelId>(options, "opens");
        made.closes = ids<ChannelId>(options, "closes");
    }
};

}  // namespace

CompiledPlan parse_plan_text(const std::string& text, const std::string& author) {
    Builder builder;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) builder.line(line);
    builder.plan.project = ProjectId("exit");
    builder.plan.author = author;
    builder.plan.timezone = "UTC";
    const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
    std::sort(builder.plan.hosts.begin(), builder.plan.hosts.end(), by_id);
    std::sort(builder.plan.channels.begin(), builder.plan.channels.end(), by_id);
    std::sort(builder.plan.gates.begin(), builder.plan.gates.end(), by_id);
    std::sort(builder.plan.groups.begin(), builder.plan.groups.end(), by_id);
    seal(builder.plan);
    return builder.plan;
}

}  // namespace ararat::testing
