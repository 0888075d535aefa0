#include "tests/simulation/random_plan.h"

#include <map>
#include <vector>

#include "base/join.h"

namespace ararat::simulation {
namespace {

std::string random_class(Dice& dice) {
    switch (dice.below(4)) {
        case 0: return " class=probeable probe";
        case 1: return " class=probeable check";
        case 2: return dice.percent(40) ? " class=one-shot" : " check";
        default: return "";
    }
}

// Often enough to matter where the window is short, and short enough to fit into it sometimes.
std::string some_times(Dice& dice) {
    std::string text;
    if (dice.percent(70)) text += " undo-takes=" + std::to_string(1 + dice.below(30'000));
    if (dice.percent(30)) text += " takes=" + std::to_string(1 + dice.below(30'000));
    return text;
}

std::string some_answer(Dice& dice) {
    switch (dice.below(4)) {
        case 0: return " late=back-out";
        case 1: return " late=go-on";
        default: return "";
    }
}

std::string some_options(Dice& dice) {
    std::string text = random_class(dice) + some_times(dice);
    if (dice.percent(60)) text += " undo";
    if (dice.percent(30)) text += " verify";
    return text + " tries=" + std::to_string(1 + dice.below(3));
}

std::string group_text(Dice& dice, const std::string& name, const std::string& wave, bool gated,
                       const std::string& needed) {
    std::string text = "group " + name + " " + wave + "\n";
    const std::string answer = some_answer(dice);
    const std::string src = "src" + std::to_string(dice.below(2));
    const std::string tgt = "tgt" + std::to_string(dice.below(2));
    std::string before;
    const std::uint64_t early = 1 + dice.below(4);
    for (std::uint64_t i = 0; i < early; ++i) {
        const std::string id = name + "/p" + std::to_string(i);
        text += "task " + id + " " + name + " " + (dice.percent(50) ? src : tgt) +
                " phase=" + (dice.percent(50) ? "prepare" : "precopy") + some_options(dice);
        if (i > 0 && dice.percent(60)) text += " after=" + name + "/p" + std::to_string(i - 1);
        if (i == 0) text += " opens=" + name;
        text += answer + "\n";
        before += "," + id;
    }
    if (gated) before += "," + wave + "/go";
    if (!needed.empty()) before += "," + needed;
    const std::string quiesce = name + "/quiesce";
    text += "task " + quiesce + " " + name + " " + src + " phase=quiesce undo after=" + before.substr(1) +
            (dice.percent(50) ? " class=probeable probe" : "") + (gated ? " guard=cutover" : "") +
            some_times(dice) + answer + "\n";
    const std::string verify = name + "/verify";
    text += "task " + verify + " " + name + " " + tgt + " phase=verify after=" + quiesce +
            some_options(dice) + answer + "\n";
    text += "task " + name + "/switch " + name + " " + tgt + " phase=switch noreturn after=" + verify +
            (dice.percent(50) ? " class=probeable probe verify" : "") + " tries=2 closes=" + name + answer +
            "\n";
    text += "task " + name + "/after " + name + " " + src + " phase=soak after=" + name + "/switch" +
            random_class(dice) + answer + "\n";
    text += "soak " + name + "/soak " + name + " " + std::to_string(dice.below(5000)) + " after=" + name +
            "/after" + answer + "\n";
    std::string last = name + "/soak";
    if (dice.percent(30)) {
        text += "manual " + name + "/hand " + name + " after=" + last + answer + "\n";
        last = name + "/hand";
    }
    if (dice.percent(40)) {
        text += "task " + name + "/retire " + name + " " + src +
                " phase=decommission guard=decommission after=" + last + "," + name + "/soak," + wave +
                "/bye" + random_class(dice) + answer + "\n";
    }
    return text;
}

std::string wave_text(Dice& dice, const std::string& wave, const std::string& before, std::uint64_t groups,
                      std::string& channels) {
    // Some windows close while the run is on its way.
    const std::string window = dice.percent(15)   ? " window=-60..2 latest=1"
                               : dice.percent(15) ? " window=-60..4 latest=3"
                                                  : " window=-60..100000";
    std::string body = "wave " + wave + window + (before.empty() ? "" : " after=" + before) + "\n";
    const bool gated = dice.percent(60);
    if (gated) body += "gatetask " + wave + "/go " + wave + " go\n";
    body += "gatetask " + wave + "/bye " + wave + " bye\n";
    for (std::uint64_t g = 0; g < groups; ++g) {
        const std::string name = wave + "g" + std::to_string(g);
        channels += "channel " + name + " src0 tgt0\n";
        const bool needs = g > 0 && dice.percent(60);
        // After the switch the other group cannot be backed out any more; before it both can be.
        const std::string step = dice.percent(40) ? "/switch" : dice.percent(50) ? "/verify" : "/quiesce";
        body += group_text(dice, name, wave, gated, needs ? wave + "g" + std::to_string(g - 1) + step : "");
    }
    return body;
}

// One step and nothing around it.
std::string tiny_text(Dice& dice) {
    return "wave w0 window=-60..100000\ngroup g w0\ntask g/only g src0" + some_options(dice) + "\n";
}

}  // namespace

std::set<std::string> random_ssh_hosts(Dice& dice) {
    std::set<std::string> hosts;
    if (dice.percent(50)) return hosts;
    for (const char* name : {"src0", "src1", "tgt1"}) {
        if (dice.percent(60)) hosts.insert(name);
    }
    return hosts;
}

std::string with_shipped_files(const std::string& plan_text, const std::set<std::string>& over_ssh,
                               Dice& dice) {
    std::string text;
    for (const std::string& line : split(plan_text, '\n')) {
        if (line.empty()) continue;
        const auto words = split(line, ' ');
        const bool is_theirs = words[0] == "task" && over_ssh.contains(words.at(3));
        const bool ships = is_theirs && dice.percent(40);
        text += line + (ships ? " ships=script-" + std::to_string(dice.below(3)) : "") + "\n";
    }
    return text;
}

namespace {

// What the groups' quiesces wait for in other groups: group -> the group that it needs.
std::map<std::string, std::string> needs_of(const std::vector<std::string>& lines) {
    std::map<std::string, std::string> needs;
    for (const std::string& line : lines) {
        const auto words = split(line, ' ');
        if (words[0] != "task" || words.at(1) != words.at(2) + "/quiesce") continue;
        for (const std::string& word : words) {
            if (!word.starts_with("after=")) continue;
            for (const std::string& before : split(word.substr(6), ',')) {
                const std::string group = before.substr(0, before.find('/'));
                // A gate is its wave's.
                const bool is_group = group.find('g') != std::string::npos;
                if (is_group && group != words[2]) needs[words[2]] = group;
            }
        }
    }
    return needs;
}

// The switch of a group that can be backed out after it: on the host that its quiesce is on.
std::string undoable(const std::string& line, const std::string& host, Dice& dice) {
    std::string text;
    const auto words = split(line, ' ');
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += (i == 0 ? "" : " ") + (i == 3 ? host : words[i] == "noreturn" ? "undo" : words[i]);
    }
    return text + " undo-takes=" + std::to_string(1 + dice.below(30'000));
}

}  // namespace

std::string with_late_needs(const std::string& plan_text, Dice& dice) {
    auto lines = split(plan_text, '\n');
    std::erase(lines, "");
    auto needs = needs_of(lines);
    std::erase_if(needs, [&](const auto&) { return dice.percent(30); });
    if (needs.empty()) return plan_text;
    std::set<std::string> undoable_groups;
    for (const auto& need : needs) {
        if (dice.percent(70)) undoable_groups.insert(need.second);
    }
    std::map<std::string, std::string> quiesced_on;
    std::string text;
    for (std::string& line : lines) {
        const auto words = split(line, ' ');
        const bool is_of_group = words[0] == "task" || words[0] == "soak" || words[0] == "manual";
        const std::string group = is_of_group ? words.at(2) : "";
        if (is_of_group && words[1] == group + "/quiesce") quiesced_on[group] = words.at(3);
        if (undoable_groups.contains(group) && words[1] == group + "/switch") {
            line = undoable(line, quiesced_on.at(group), dice);
        } else if (undoable_groups.contains(group) && words[0] == "soak") {
            // Long enough for the other group to come past its point of no return.
            line.replace(line.find(words.at(3) + " after="), words[3].size(),
                         std::to_string(dice.below(120'000)));
        }
        const auto need = needs.find(group);
        const bool is_early = !is_of_group || words[1].starts_with(group + "/p");
        const auto after = line.find(" after=");
        if (need != needs.end() && !is_early && line.find(need->second + "/switch") == std::string::npos) {
            line.insert(after + 7, need->second + "/switch,");
        }
        text += line + "\n";
    }
    return text;
}

std::string with_later_windows(const std::string& plan_text, Dice& dice) {
    static const std::string kAlways = " window=-60..100000";
    std::string text;
    for (std::string line : split(plan_text, '\n')) {
        const auto window = line.find(kAlways);
        if (line.starts_with("wave ") && window != std::string::npos && dice.percent(40)) {
            const std::uint64_t opens = dice.below(4);
            const std::uint64_t closes = dice.percent(50) ? opens + 1 + dice.below(3) : 100'000;
            const std::uint64_t latest = closes - (dice.percent(50) ? 0 : 1);
            line.replace(window, kAlways.size(),
                         " window=" + std::to_string(opens) + ".." + std::to_string(closes) +
                             " latest=" + std::to_string(latest));
        }
        if (!line.empty()) text += line + "\n";
    }
    return text;
}

std::string random_plan_text(Dice& dice, const std::set<std::string>& over_ssh) {
    std::string head;
    for (const char* name : {"src0", "src1", "tgt0", "tgt1"})
        head += std::string("host ") + name + (over_ssh.contains(name) ? " ssh\n" : "\n");
    head += "gate go owner,board" + std::string(dice.percent(50) ? " all" : "") + "\ngate bye board\n";
    const std::uint64_t kind = dice.below(100);
    if (kind < 5) return head + tiny_text(dice);
    // One in twenty is as large as a real wave, of up to some 200 steps.
    const bool is_large = kind < 10;
    const std::uint64_t waves = is_large ? 3 : 1 + dice.below(2);
    std::string channels;
    std::string body;
    for (std::uint64_t w = 0; w < waves; ++w) {
        const std::uint64_t groups = is_large ? 4 + dice.below(3) : 1 + dice.below(3);
        body += wave_text(dice, "w" + std::to_string(w), w > 0 ? "w" + std::to_string(w - 1) : "", groups,
                          channels);
    }
    return head + channels + body;
}

}  // namespace ararat::simulation
