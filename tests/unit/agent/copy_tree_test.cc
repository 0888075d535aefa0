// A copy through a real data channel whose local end goes away in the middle, as an agent does that is
// upgraded.
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "agent/verbs/verb.h"
#include "endpoint_pair.h"
#include "platform/clock.h"

namespace ararat::agent {
namespace {

using namespace channel::test;

TEST(CopyTree, OutlivesARestartOfTheAgentInTheMiddle) {
    Estate estate;
    auto source = estate.start("ark-fs1");
    auto target = estate.start("pri-fs1");
    const std::string from = estate.folder("from");
    const std::string into = estate.folder("into");
    for (int i = 0; i < 20; ++i) {
        std::ofstream(from + "/file-" + std::to_string(i))
            << std::string(200'000, static_cast<char>('a' + i));
    }
    auto pair = tree_tickets(source, target, Dials::kTarget, from);
    pair.source.bytes_per_second_max = pair.target.bytes_per_second_max = 2'000'000;
    ASSERT_TRUE(source.endpoint->open_ticket(pair.source).ok());
    ASSERT_TRUE(target.endpoint->open_ticket(pair.target).ok());

    platform::SystemClock clock;
    Interrupt interrupt(-1, clock);
    std::string printed;
    VerbContext context{interrupt,
                        [&](std::string_view bytes) { printed += bytes; },
                        {{"PATH", "/usr/bin:/bin"}, {"ARARAT_AGENT_SOCKET", target.local_socket()}},
                        {},
                        {},
                        pair.target.key.run,
                        AGENT,
                        "/etc",
                        clock.boottime() + Duration{120'000}};
    Operation copy;
    copy.verb = Verb::kCopyTree;
    copy.fields = {{"channel", pair.target.key.channel}, {"path", into}};
    VerbResult result;
    std::thread copying([&] { result = perform_verb(copy, context); });
    for (int i = 0; i < 6'000 && source.endpoint->progress()[0].bytes < 500'000; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    target.endpoint.reset();
    target = estate.start("pri-fs1");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    pair.target.peer_address = source.address();
    EXPECT_TRUE(target.endpoint->open_ticket(pair.target).ok());
    copying.join();
    EXPECT_EQ(result.exit_code, 0) << result.detail << printed;
    EXPECT_NE(printed.find("started again"), std::string::npos);
    EXPECT_EQ(listing(into), listing(from));
}

}  // namespace
}  // namespace ararat::agent
