#include "agent/core/orchestrator_turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/core/orchestrator_addresses.h"

namespace ararat::agent {
namespace {

using testing::ElementsAre;

TEST(OrchestratorTurns, GoThroughARoundWithoutRestAndRestOnceAfterIt) {
    OrchestratorTurns turns(3);
    for (unsigned round = 0; round < 3; ++round) {
        EXPECT_EQ(turns.current(), 0U);
        EXPECT_EQ(turns.ended(false), std::nullopt);
        EXPECT_EQ(turns.current(), 1U);
        EXPECT_EQ(turns.ended(false), std::nullopt);
        EXPECT_EQ(turns.current(), 2U);
        EXPECT_EQ(turns.ended(false), round) << "the rests grow by the round";
    }
}

TEST(OrchestratorTurns, GoOnFromTheOneThatWasLostAndTryTheOthersBeforeTheyRestAgain) {
    OrchestratorTurns turns(3);
    EXPECT_EQ(turns.ended(false), std::nullopt);
    EXPECT_EQ(turns.ended(true), 0U) << "every agent of it comes at this moment";
    EXPECT_EQ(turns.current(), 2U);
    EXPECT_EQ(turns.ended(false), std::nullopt);
    EXPECT_EQ(turns.current(), 0U) << "after the last comes the first";
    EXPECT_EQ(turns.ended(false), std::nullopt);
    EXPECT_EQ(turns.current(), 1U) << "the one that was lost has its turn in this round too";
    EXPECT_EQ(turns.ended(false), 1U);
}

TEST(OrchestratorTurns, AWelcomeForgetsWhatHadFailedBefore) {
    OrchestratorTurns turns(1);
    for (unsigned i = 0; i < 5; ++i) EXPECT_EQ(turns.ended(false), i);
    EXPECT_EQ(turns.ended(true), 0U);
    EXPECT_EQ(turns.ended(false), 1U);
    EXPECT_EQ(turns.current(), 0U);
}

TEST(OrchestratorAddresses, AreTakenInTheirOrder) {
    EXPECT_THAT(parse_orchestrators("o1:7401 o2.example:7401").value(),
                ElementsAre("o1:7401", "o2.example:7401"));
    EXPECT_THAT(parse_orchestrators("[::1]:7401, 198.18.0.1:1,o1:65535").value(),
                ElementsAre("[::1]:7401", "198.18.0.1:1", "o1:65535"));
}

TEST(OrchestratorAddresses, ABadOneIsNamed) {
    const auto fault_of = [](const std::string& text) { return parse_orchestrators(text).error().message; };
    EXPECT_EQ(fault_of("o1:7401 o2"), "\"o2\" is not of the form host:port");
    EXPECT_EQ(fault_of("o1:0,o2:70000"),
              "\"o1:0\" does not end in a port of 1 to 65535; \"o2:70000\" does not end in a port of 1 to "
              "65535");
    EXPECT_EQ(fault_of("::1:7401"), "\"::1:7401\" is not of the form host:port, or for IPv6 [address]:port");
    EXPECT_EQ(fault_of("https://o1:7401"), "\"https://o1:7401\" is not of the form host:port");
    EXPECT_EQ(fault_of("o1:7401 o2:7401 o1:7401"), "\"o1:7401\" is given twice");
    EXPECT_EQ(fault_of(" , "), "no orchestrator is named");
}

}  // namespace
}  // namespace ararat::agent
