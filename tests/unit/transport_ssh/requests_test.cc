// What goes over one session, without one: which request is next, and what the engine is told.
#include "transport/ssh_requests.h"

#include <gtest/gtest.h>

#include <variant>

#include "transport/ssh_preparation.h"

namespace ararat::transport {
namespace {

using agent::AttemptReport;
using agent::AttemptState;

const SupervisorPlace kPlace = SupervisorPlace::make("/var/lib/ararat-ssh", "root").value();
const HostId kHost("ark-fs1");

execution::Command command(const std::string& task) {
    execution::Command command;
    command.host = kHost;
    command.key = {ProjectId("southwark"), RunId("wave-1.1"), TaskId(task), execution::Purpose::kForward, 1};
    command.epoch = 3;
    command.stages.push_back({"perform", Operation{}});
    command.stages.back().operation.argv = {"true"};
    return command;
}

SshOutput well(AttemptState state) {
    AttemptReport report;
    report.state = state;
    if (state == AttemptState::kFinished) report.result = agent::StepResult{};
    return {0, agent::encode_report(report), "", false};
}

std::string word_of(const SshRequests::Request& request) {
    const auto begin = request.input.find('\0') + 1;
    return request.input.substr(begin, request.input.find('\0', begin) - begin);
}

struct Session {
    std::vector<execution::Input> heard;
    InputSink inputs = [this](execution::Input input) { heard.push_back(std::move(input)); };
    OutputSink output;
    SshRequests requests{{kHost, kPlace, inputs, output}};

    std::vector<SshRequests::Request> all_next() {
        std::vector<SshRequests::Request> next;
        while (auto request = requests.next()) next.push_back(std::move(*request));
        return next;
    }
};

TEST(SshRequests, AsManyAreUnderWayAsAHostAllowsAndWaitsLeaveRoom) {
    Session session;
    for (int i = 0; i < 20; ++i) session.requests.on_message(command("files/" + std::to_string(i)));
    auto starts = session.all_next();
    ASSERT_EQ(starts.size(), 8U);
    std::vector<SshRequests::Request> waits;
    while (!starts.empty()) {
        const SshRequests::Request start = starts.back();
        starts.pop_back();
        ASSERT_TRUE(session.requests.on_output(start, well(AttemptState::kRunning)).ok());
        for (auto& next : session.all_next()) (next.waits ? waits : starts).push_back(std::move(next));
    }
    EXPECT_EQ(waits.size(), 6U) << "the other running ones take turns";
    EXPECT_EQ(session.heard.size(), 20U) << "each has started";
    // A cancellation does not stand in line behind the waits.
    session.requests.on_message(execution::CancelCommand{kHost, command("files/0").key, 3});
    const auto cancel = session.requests.next();
    ASSERT_TRUE(cancel);
    EXPECT_EQ(word_of(*cancel), "cancel");
}

TEST(SshRequests, WhatIsCancelledAndNotFollowedIsFollowedFromThere) {
    Session session;
    const auto key = command("files/copy").key;
    session.requests.on_message(execution::CancelCommand{kHost, key, 3});
    const auto cancel = session.requests.next();
    ASSERT_TRUE(cancel);
    ASSERT_TRUE(session.requests.on_output(*cancel, well(AttemptState::kRunning)).ok());
    const auto look = session.requests.next();
    ASSERT_TRUE(look);
    EXPECT_EQ(word_of(*look), "status");
    ASSERT_TRUE(session.requests.on_output(*look, well(AttemptState::kFinished)).ok());
    ASSERT_EQ(session.heard.size(), 1U);
    EXPECT_EQ(std::get<execution::StepFinished>(session.heard[0]).key, key);
}

TEST(SshRequests, AResultIsToldAgainUntilItIsAcknowledgedAndThenForgotten) {
    Session session;
    session.requests.on_message(command("files/copy"));
    const auto start = session.requests.next();
    ASSERT_TRUE(start);
    ASSERT_TRUE(session.requests.on_output(*start, well(AttemptState::kFinished)).ok());
    session.requests.on_message(command("files/copy"));
    EXPECT_EQ(session.heard.size(), 2U);
    session.requests.on_message(execution::AcknowledgeResult{kHost, command("files/copy").key, 3});
    const auto forget = session.requests.next();
    ASSERT_TRUE(forget);
    EXPECT_EQ(word_of(*forget), "forget");
    EXPECT_FALSE(session.requests.next());
}

const SupervisorProgram kProgram{"program", std::string(64, 'a')};

SshOutput looked(const std::string& journal_id, const std::vector<std::string>& keys = {}) {
    return {0, "same " + journal_id + "\n" + agent::encode_keys(keys), "", false};
}

TEST(SshPreparation, ShipsNamesAndAsksWhatIsHeld) {
    SshPreparation preparation(kPlace, kProgram, "fresh");
    EXPECT_EQ(preparation.next()->line, kPlace.look_command());
    ASSERT_TRUE(preparation.on_output({0, "other\n", "", false}).ok());
    EXPECT_EQ(preparation.next()->line, kPlace.ship_command());
    ASSERT_TRUE(preparation.on_output({0, "shipped\n", "", false}).ok());
    ASSERT_TRUE(preparation.on_output(looked("")).ok());
    EXPECT_TRUE(preparation.next()->input.ends_with("fresh"));
    ASSERT_TRUE(preparation.on_output({0, "ok\n", "", false}).ok());
    const auto key = command("files/copy").key;
    ASSERT_TRUE(preparation.on_output(looked("another's", {execution::to_string(key), "rubbish"})).ok());
    EXPECT_FALSE(preparation.next());
    const auto up = host_up(kHost, preparation.host());
    EXPECT_EQ(up.journal_id, "another's") << "somebody else was there first";
    EXPECT_EQ(up.known, std::vector{key});
}

TEST(SshPreparation, AHostThatKeepsNothingIsNotUsed) {
    SshPreparation forgetful(kPlace, kProgram, "fresh");
    ASSERT_TRUE(forgetful.on_output({0, "other\n", "", false}).ok());
    ASSERT_TRUE(forgetful.on_output({0, "shipped\n", "", false}).ok());
    EXPECT_FALSE(forgetful.on_output({0, "other\n", "", false}).ok());

    SshPreparation nameless(kPlace, kProgram, "fresh");
    ASSERT_TRUE(nameless.on_output(looked("")).ok());
    ASSERT_TRUE(nameless.on_output({0, "ok\n", "", false}).ok());
    EXPECT_FALSE(nameless.on_output(looked("")).ok());

    SshPreparation other(kPlace, kProgram, "fresh");
    EXPECT_FALSE(other.on_output({0, "Welcome to ark-fs1!\n", "", false}).ok());
    SshPreparation broken(kPlace, kProgram, "fresh");
    EXPECT_FALSE(broken.on_output({127, "", "sh: sha256sum: not found", false}).ok());
}

}  // namespace
}  // namespace ararat::transport
