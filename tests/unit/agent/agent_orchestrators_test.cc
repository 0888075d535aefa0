// The real agent with several orchestrators, each played by the test: which one it serves, and why not the
// others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "played_orchestrator.h"

namespace ararat::agent {
namespace {

using testing::HasSubstr;

void wait_for_log(const AgentProcess& agent, const std::string& words) {
    for (int i = 0; i < 60'000 && agent.read("log").find(words) == std::string::npos; ++i) usleep(1000);
    EXPECT_THAT(agent.read("log"), HasSubstr(words));
}

std::string connected_to(const PlayedOrchestrator& orchestrator) {
    return "connected to the orchestrator at " + orchestrator.address();
}

void does_a_step(PlayedOrchestrator& orchestrator, const std::string& task, std::uint64_t epoch) {
    orchestrator.start(shell_step(task, "true", epoch));
    EXPECT_EQ(orchestrator.wait_finished(task).outcome(), v1::OUTCOME_SUCCEEDED);
    orchestrator.acknowledge(key_of(task), epoch);
}

TEST(AgentOrchestrators, TheSecondIsServedWhileTheFirstIsAwayAndTheFirstWhenTheSecondEnds) {
    const PlayedProject project("p");
    PlayedOrchestrator first(project), second(project);
    first.close();
    AgentProcess agent(project, first.address() + ", " + second.address());
    agent.start();
    second.welcome(1);
    does_a_step(second, "one", 1);
    wait_for_log(agent, connected_to(second));
    EXPECT_THAT(agent.read("log"), HasSubstr("no connection to the orchestrator: " + first.address()));
    first.open();
    does_a_step(second, "two", 1);
    EXPECT_THAT(agent.read("log"), testing::Not(HasSubstr(connected_to(first)))) << "it stays where it is";
    second.close();
    EXPECT_EQ(first.welcome(2).epoch_seen(), 1U);
    does_a_step(first, "three", 2);
    wait_for_log(agent, connected_to(first));
}

TEST(AgentOrchestrators, AStrangerIsPassedOverWithAReason) {
    const PlayedProject project("p"), other("p");
    PlayedOrchestrator stranger(other), agent_in_disguise(project, platform::agent_identity("p", "host-2")),
        right(project);
    AgentProcess agent(project,
                       stranger.address() + " " + agent_in_disguise.address() + " " + right.address());
    agent.start();
    right.welcome();
    does_a_step(right, "one", 1);
    wait_for_log(agent, connected_to(right));
    const std::string log = agent.read("log");
    EXPECT_THAT(log, testing::ContainsRegex(stranger.address() + ": .*[Cc]ertificate.*verify failed"));
    EXPECT_THAT(log, testing::ContainsRegex(agent_in_disguise.address() + ": .*is not an orchestrator"));
}

// As an orchestrator that stands by answers: the agent has obeyed a later epoch than its own.
TEST(AgentOrchestrators, OneThatDoesNotLeadIsLeftForTheNext) {
    const PlayedProject project("p");
    PlayedOrchestrator stand_by(project), leader(project);
    stand_by.turn_away("another one leads");
    AgentProcess agent(project, stand_by.address() + " " + leader.address());
    agent.start();
    leader.welcome(3);
    does_a_step(leader, "one", 3);
    EXPECT_THAT(agent.read("log"), HasSubstr(stand_by.address() + ": another one leads"));
}

TEST(AgentOrchestrators, TheServiceManagerIsToldWhichOneIsServed) {
    const PlayedProject project("p");
    PlayedOrchestrator first(project), second(project);
    first.close();
    AgentProcess agent(project, first.address() + " " + second.address());
    const PlayedSystemd systemd(agent.path("notify"));
    agent.start({{"NOTIFY_SOCKET", agent.path("notify")}});
    second.welcome();
    EXPECT_THAT(systemd.next(), HasSubstr("STATUS=not connected: " + first.address()));
    EXPECT_EQ(systemd.next(), "STATUS=connected to the orchestrator at " + second.address());
}

// Its words are shown; they are no orders to the service manager, whose protocol has one on each line.
TEST(AgentOrchestrators, WhatAPeerSaysTellsTheServiceManagerNothing) {
    const PlayedProject project("p");
    PlayedOrchestrator rude(project);
    rude.turn_away("go away\nMAINPID=1\x1B[31m" + std::string(1000, 'x'));
    AgentProcess agent(project, rude.address());
    const PlayedSystemd systemd(agent.path("notify"));
    agent.start({{"NOTIFY_SOCKET", agent.path("notify")}});
    const std::string told = systemd.next();
    EXPECT_THAT(told, HasSubstr("STATUS=not connected: " + rude.address() + ": go away MAINPID=1"));
    EXPECT_EQ(told.find_first_of("\n\x1B"), std::string::npos) << told;
    EXPECT_LT(told.size(), 600U);
}

TEST(AgentOrchestrators, ABadAddressEndsTheAgentAtItsStart) {
    const PlayedProject project("p");
    AgentProcess agent(project, "o1:7401, o2:seven");
    agent.start();
    EXPECT_EQ(agent.wait_end(), 3);
    EXPECT_THAT(agent.read("log"), HasSubstr("agent.conf:1: \"o2:seven\" does not end in a port"));
}

}  // namespace
}  // namespace ararat::agent
