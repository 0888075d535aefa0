#include "transport/handshake.h"

#include <gtest/gtest.h>

#include "base/protocol.h"
#include "transport/estate_directory.h"

namespace ararat::transport {
namespace {

HandshakeTerms terms() {
    HandshakeTerms terms;
    terms.project = "exit";
    terms.peer = platform::agent_identity("exit", "ark-db1");
    terms.position = {7, 100, "h100"};
    terms.hash_at_seen = "h100";
    terms.required_capabilities = {"verb.run"};
    return terms;
}

v1::Hello hello() {
    v1::Hello hello;
    hello.set_protocol(kProtocolVersion);
    hello.set_version("0.1.0");
    hello.add_capabilities("verb.run");
    hello.add_capabilities("verb.of-the-future");
    hello.set_journal_id("j1");
    hello.set_host("ark-db1");
    hello.set_epoch_seen(7);
    hello.set_sequence_seen(100);
    return hello;
}

void expect_refused(const Result<void>& judged, ErrorCode code, const std::string& words) {
    ASSERT_FALSE(judged.ok());
    EXPECT_EQ(judged.error().code, code);
    EXPECT_NE(judged.error().message.find(words), std::string::npos) << judged.error().message;
}

TEST(Handshake, TakesAnAgentThatFitsAndIgnoresCapabilitiesItDoesNotKnow) {
    EXPECT_TRUE(check_hello(hello(), terms()).ok());
}

TEST(Handshake, RefusesAHostThatIsNotTheCertificates) {
    auto other = hello();
    other.set_host("ark-db2");
    expect_refused(check_hello(other, terms()), ErrorCode::kPermissionDenied, "ark-db2");
}

TEST(Handshake, RefusesWhoIsNoAgent) {
    auto by_person = terms();
    by_person.peer = platform::person_identity("exit", "ark-db1", {"admin"});
    expect_refused(check_hello(hello(), by_person), ErrorCode::kPermissionDenied, "agent's certificate");
}

TEST(Handshake, RefusesAnotherProject) {
    auto elsewhere = terms();
    elsewhere.peer = platform::agent_identity("other", "ark-db1");
    expect_refused(check_hello(hello(), elsewhere), ErrorCode::kPermissionDenied, "other");
}

TEST(Handshake, RefusesAnotherProtocolNamingBoth) {
    auto newer = hello();
    newer.set_protocol(kProtocolVersion + 1);
    expect_refused(check_hello(newer, terms()), ErrorCode::kFailedPrecondition,
                   "protocol " + std::to_string(kProtocolVersion + 1));
}

TEST(Handshake, RefusesAnAgentThatLacksWhatThePlanNeeds) {
    auto more = terms();
    more.required_capabilities = {"channel.tree", "verb.power-off", "verb.run"};
    expect_refused(check_hello(hello(), more), ErrorCode::kFailedPrecondition,
                   "channel.tree, verb.power-off");
}

TEST(Handshake, RefusesAHostThatThePlanDrivesOtherwise) {
    auto by_ssh = terms();
    by_ssh.via = HostVia::kSsh;
    expect_refused(check_hello(hello(), by_ssh), ErrorCode::kFailedPrecondition, "without an agent");
}

TEST(Handshake, NoticesAJournalThatFellBehindItsAgents) {
    auto rolled_back = terms();
    rolled_back.position = {7, 99, "h99"};
    expect_refused(check_hello(hello(), rolled_back), ErrorCode::kDataLoss, "rolled back");
    rolled_back.position = {6, 200, "h200"};
    expect_refused(check_hello(hello(), rolled_back), ErrorCode::kFailedPrecondition, "epoch 7");
}

// A restored journal may outgrow the agent's mark: then only the record at the mark tells.
TEST(Handshake, NoticesAJournalWithAnotherPast) {
    auto outgrown = terms();
    outgrown.position = {9, 500, "h500"};
    auto seen = hello();
    seen.set_chain_hash("h100");
    EXPECT_TRUE(check_hello(seen, outgrown).ok());
    seen.set_chain_hash("another");
    expect_refused(check_hello(seen, outgrown), ErrorCode::kDataLoss,
                   "journal record 100 with hash another, here it has h100");
    outgrown.hash_at_seen.clear();
    expect_refused(check_hello(seen, outgrown), ErrorCode::kDataLoss, "here it has none");
    outgrown.required_capabilities = {"verb.that-is-missing"};
    expect_refused(check_hello(seen, outgrown), ErrorCode::kDataLoss, "here it has none");
    auto silent = hello();  // an older agent tells no hash
    EXPECT_TRUE(check_hello(silent, terms()).ok());
}

// What it has seen since the backup belongs to the history that a person has given up.
TEST(Handshake, TakesAnAgentFromBeforeAnAcceptedLoss) {
    auto restored = terms();
    restored.position = {1'000'005, 90, "h90", 1'000'005};
    EXPECT_TRUE(check_hello(hello(), restored).ok()) << "it has seen record 100";
    restored.position.sequence = 200;
    auto other_past = hello();
    other_past.set_chain_hash("of the lost history");
    EXPECT_TRUE(check_hello(other_past, restored).ok());
    restored.position = {1'000'009, 90, "h90", 1'000'005};
    EXPECT_TRUE(check_hello(hello(), restored).ok()) << "it was away for some starts";
    auto since = hello();
    since.set_epoch_seen(1'000'005);
    expect_refused(check_hello(since, restored), ErrorCode::kDataLoss, "rolled back");
    since.set_epoch_seen(1'000'010);
    expect_refused(check_hello(since, restored), ErrorCode::kDataLoss, "rolled back");
    since.set_sequence_seen(90);
    restored.hash_at_seen = "h90";
    expect_refused(check_hello(since, restored), ErrorCode::kFailedPrecondition, "another one leads");
}

TEST(Handshake, RefusesMissingFields) {
    auto nameless = hello();
    nameless.clear_journal_id();
    expect_refused(check_hello(nameless, terms()), ErrorCode::kInvalidArgument, "journal_id");
    auto far_port = hello();
    far_port.set_data_port(70'000);
    expect_refused(check_hello(far_port, terms()), ErrorCode::kInvalidArgument, "data_port");
}

TEST(EstateDirectory, RequiresWhatTheTasksAndChannelsOfAHostNeed) {
    CompiledPlan plan;
    plan.hosts = {{HostId("a"), SiteId("ark"), "198.18.1.1", HostVia::kAgent, "root", 22, {}},
                  {HostId("b"), SiteId("primary"), "198.18.2.1", HostVia::kAgent, "root", 22, {}}};
    Task copy;
    copy.executor = HostId("b");
    copy.perform = Operation{.verb = Verb::kCopyTree};
    copy.verify = Operation{.verb = Verb::kVerifyTree};
    plan.tasks = {copy};
    Channel channel;
    channel.source = HostId("a");
    channel.target = HostId("b");
    plan.channels = {channel};

    EstateDirectory estate;
    estate.follow(plan);
    EXPECT_EQ(estate.required_capabilities(HostId("a")), std::vector<std::string>{"channel.tree"});
    EXPECT_EQ(estate.required_capabilities(HostId("b")),
              (std::vector<std::string>{"channel.tree", "verb.copy-tree", "verb.verify-tree"}));
    EXPECT_TRUE(estate.required_capabilities(HostId("c")).empty());
    EXPECT_EQ(estate.host(HostId("b"))->address, "198.18.2.1");
    EXPECT_FALSE(estate.host(HostId("c")).has_value());
}

TEST(EstateDirectory, NamesACapabilityForEachVerbAsTheProtocolLists) {
    for (int value = 0; value <= static_cast<int>(Verb::kPowerOff); ++value) {
        const std::string name = capability_of(static_cast<Verb>(value));
        EXPECT_NE(std::find(kCapabilities.begin(), kCapabilities.end(), name), kCapabilities.end()) << name;
    }
}

}  // namespace
}  // namespace ararat::transport
