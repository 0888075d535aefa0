// Golden conversations: what people, hosts and the clock say, and every record and effect that follows.
// A script holds a plan, then "> words" for each input; the lines after it are the engine's. To write the
// answers anew after a wanted change: ARARAT_UPDATE_GOLDEN=1.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/engine_world.h"

namespace ararat::testing {
namespace {

using execution::Outcome;
using execution::RunAction;

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

class Conversation {
public:
    // The script with the engine's answers in place of those that were there.
    std::string play(const std::string& script) {
        std::istringstream lines(script);
        std::string plan;
        bool started = false;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("#")) {
                out_ << line << '\n';
            } else if (line.starts_with("> ")) {
                if (!started) begin(plan);
                started = true;
                out_ << line << '\n';
                say(line.substr(2));
                answer();
            } else if (!started) {
                plan += line + '\n';
                out_ << line << '\n';
            }
        }
        return out_.str();
    }

private:
    void begin(const std::string& plan) {
        world_.apply_plan(plan);
        world_.take_records();
        world_.take_effects();
    }

    void say(const std::string& words) {
        std::istringstream stream(words);
        std::string verb, a, b, c, d;
        stream >> verb >> a >> b >> c >> d;
        if (verb == "up") return world_.up(a, b);
        if (verb == "down") return world_.down(a);
        if (verb == "tick") return world_.tick(Duration(std::stol(a)));
        if (verb == "why") {
            for (const std::string& line : world_.why(a)) out_ << "   ? " << line << '\n';
            return;
        }
        const Result<void> result = person_or_result(verb, a, b, c, d);
        if (!result.ok())
            out_ << "   ! " << to_string(result.error().code) << ": " << result.error().message << '\n';
    }

    Result<void> person_or_result(const std::string& verb, const std::string& a, const std::string& b,
                                  const std::string& c, const std::string& d) {
        if (verb == "start")
            return world_.give(execution::StartWave{person("ann"), WaveId(a), b == "ignore-window", b});
        if (verb == "retry") return world_.retry(a);
        if (verb == "skip") return world_.skip(a);
        if (verb == "step") return world_.control(RunAction::kStep);
        if (verb == "back-out") return world_.back_out(a);
        if (verb == "go") return world_.go(a);
        if (verb == "pause") return world_.control(RunAction::kPause);
        if (verb == "resume") return world_.control(RunAction::kResume);
        if (verb == "cancel") return world_.control(RunAction::kCancel);
        if (verb == "grant") return world_.decide_gate(a, b, c, {d});
        if (verb == "reject") return world_.decide_gate(a, b, c, {d}, false);
        if (verb == "succeeded")
            return world_.finish(a, Outcome::kSucceeded, false, outputs(b),
                                 c.empty() ? Duration{5} : Duration(std::stol(c)));
        if (verb == "already") return world_.finish(a, Outcome::kSucceeded, true, outputs(b));
        if (verb == "failed") return world_.finish(a, Outcome::kFailed);
        if (verb == "unknown") return world_.finish(a, Outcome::kUnknown);
        if (verb == "refused") return world_.finish(a, Outcome::kRefused);
        if (verb == "cancelled") return world_.finish(a, Outcome::kCancelled);
        ADD_FAILURE() << "no such input: " << verb;
        return {};
    }

    static std::map<std::string, std::string> outputs(const std::string& text) {
        const auto equals = text.find('=');
        if (equals == std::string::npos) return {};
        return {{text.substr(0, equals), text.substr(equals + 1)}};
    }

    void answer() {
        for (const std::string& line : world_.take_records()) out_ << "     " << line << '\n';
        for (const std::string& line : world_.take_effects()) out_ << "  -> " << line << '\n';
    }

    EngineWorld world_;
    std::ostringstream out_;
};

class GoldenConversation : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenConversation, IsWordForWord) {
    const std::filesystem::path path =
        std::filesystem::path(ARARAT_SOURCE_DIR "/tests/golden/engine") / GetParam();
    const std::string script = read(path);
    const std::string played = Conversation().play(script);
    if (std::getenv("ARARAT_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path) << played;
        return;
    }
    EXPECT_EQ(played, script);
    EXPECT_NE(played.find("> "), std::string::npos) << "a script without inputs tests nothing";
}

INSTANTIATE_TEST_SUITE_P(Engine, GoldenConversation,
                         ::testing::Values("warm_cutover.txt", "failed_switch.txt", "lost_answer.txt",
                                           "host_away.txt", "approvals.txt", "skipped.txt",
                                           "step_through.txt", "latest_return.txt"),
                         [](const auto& each) { return each.param.substr(0, each.param.find('.')); });

}  // namespace
}  // namespace ararat::testing
