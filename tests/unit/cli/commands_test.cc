#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "played_control.h"

namespace ararat::cli {
namespace {

using ::testing::ElementsAre;

TEST(AgentInstall, LeavesToThePlanWhatIsNotSaid) {
    PlayedControl control;
    EXPECT_EQ(control.run("agent install ark-db1 --via ssh").code, ExitCode::kDone);
    EXPECT_EQ(control.run("agent install ark-db1 --via ssh --user ops --port 2222").code, ExitCode::kDone);
    EXPECT_THAT(control.heard, ElementsAre("InstallAgent host: \"ark-db1\"",
                                           "InstallAgent host: \"ark-db1\" user: \"ops\" port: 2222"));
}

}  // namespace
}  // namespace ararat::cli
