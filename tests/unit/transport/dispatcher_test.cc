#include "transport/dispatcher.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace ararat::transport {
namespace {

using execution::AttemptKey;

// Keeps what it is sent, in words.
class FakeLink final : public HostLink {
public:
    FakeLink(HostId host, std::vector<std::string>& heard) : host_(std::move(host)), heard_(heard) {}

    [[nodiscard]] const HostId& host() const override { return host_; }
    [[nodiscard]] bool connected() const override { return up; }
    [[nodiscard]] Result<DataEnd> data_end() const override {
        if (!up) return Error{ErrorCode::kUnavailable, "not connected"};
        return DataEnd{"ararat://exit/agent/" + host_.str(), address.value_or(host_.str() + ":7411")};
    }
    void send(const execution::Command& command) override { note("start " + to_string(command.key)); }
    void send(const execution::CancelCommand& cancel) override { note("cancel " + to_string(cancel.key)); }
    void send(const execution::AcknowledgeResult& acknowledge) override {
        note("acknowledge " + to_string(acknowledge.key));
    }
    void send(const TicketGrant& grant) override {
        note((grant.is_source ? "source " : "target ") + grant.ticket.channel.id.str() + " with " +
             grant.peer + (grant.peer_address.empty() ? " accepts" : " dials " + grant.peer_address));
        secret = grant.secret;
    }
    void send(const execution::CloseTicket& close) override { note("close " + close.channel.id.str()); }
    void stop() override {}

    bool up = true;
    std::optional<std::string> address;
    std::string secret;

private:
    void note(const std::string& words) { heard_.push_back(host_.str() + ": " + words); }

    HostId host_;
    std::vector<std::string>& heard_;
};

struct Estate {
    std::vector<std::string> heard;
    std::map<HostId, std::shared_ptr<FakeLink>> links;
    Dispatcher dispatcher{"a key of the orchestrator's own", [this](const HostId& host) {
                              const auto found = links.find(host);
                              return found == links.end() ? nullptr : found->second;
                          }};

    FakeLink& add(const char* host) {
        return *(links[HostId(host)] = std::make_shared<FakeLink>(HostId(host), heard));
    }
    std::vector<std::string> take() { return std::exchange(heard, {}); }
};

execution::OpenTicket ticket(ListenSide listen = ListenSide::kSource) {
    execution::OpenTicket made;
    made.run = RunId("wave-1.1");
    made.channel.id = ChannelId("shop/files/tree");
    made.channel.source = HostId("ark");
    made.channel.target = HostId("pri");
    made.channel.listen = listen;
    return made;
}

AttemptKey key(std::uint32_t attempt) {
    return {ProjectId("exit"), RunId("wave-1.1"), TaskId("shop/web/stop"), execution::Purpose::kForward,
            attempt};
}

using Words = std::vector<std::string>;

TEST(Dispatcher, GivesBothEndsTheirTicketAndTheAcceptingEndFirst) {
    Estate estate;
    estate.add("ark");
    estate.add("pri");
    estate.dispatcher.dispatch({ticket()});
    EXPECT_EQ(estate.take(),
              (Words{"ark: source shop/files/tree with ararat://exit/agent/pri accepts",
                     "pri: target shop/files/tree with ararat://exit/agent/ark dials ark:7411"}));
    estate.dispatcher.dispatch({ticket(ListenSide::kTarget)});
    EXPECT_EQ(estate.take(),
              (Words{"pri: target shop/files/tree with ararat://exit/agent/ark accepts",
                     "ark: source shop/files/tree with ararat://exit/agent/pri dials pri:7411"}));
}

TEST(Dispatcher, BothEndsHoldTheSameSecretAndAnotherGenerationHoldsAnother) {
    Estate estate;
    auto& source = estate.add("ark");
    auto& target = estate.add("pri");
    estate.dispatcher.dispatch({ticket()});
    EXPECT_EQ(source.secret.size(), 32U);
    EXPECT_EQ(source.secret, target.secret);
    const std::string first = source.secret;
    auto next = ticket();
    next.generation = 2;
    estate.dispatcher.dispatch({next});
    EXPECT_NE(source.secret, first);
    EXPECT_NE(ticket_secret("another key", ticket()), first);
}

TEST(Dispatcher, BringsTheTicketWhenTheMissingEndIsThereAndRenewsItUntilItIsClosed) {
    Estate estate;
    estate.add("ark");
    estate.add("pri").up = false;
    EXPECT_EQ(estate.dispatcher.why_waiting(RunId("wave-1.1"), ticket().channel.id), "") << "no such ticket";
    estate.dispatcher.dispatch({ticket()});
    EXPECT_EQ(estate.take(), Words{});
    EXPECT_EQ(estate.dispatcher.why_waiting(RunId("wave-1.1"), ticket().channel.id),
              "the target's end, pri: not connected");
    estate.links.at(HostId("pri"))->up = true;
    EXPECT_EQ(estate.dispatcher.why_waiting(RunId("wave-1.1"), ticket().channel.id), "");
    estate.dispatcher.renew_leases();
    EXPECT_EQ(estate.take().size(), 2U);
    estate.dispatcher.dispatch({execution::CloseTicket{RunId("wave-1.1"), ticket().channel, 1, 1}});
    EXPECT_EQ(estate.take(), (Words{"ark: close shop/files/tree", "pri: close shop/files/tree"}));
    estate.dispatcher.renew_leases();
    EXPECT_EQ(estate.take(), Words{});
}

TEST(Dispatcher, SaysThatAnEndCannotBeDialled) {
    Estate estate;
    estate.add("ark").address = "";
    estate.add("pri");
    estate.dispatcher.dispatch({ticket()});
    EXPECT_EQ(estate.take(), Words{});
    EXPECT_EQ(estate.dispatcher.why_waiting(RunId("wave-1.1"), ticket().channel.id),
              "the source's end, ark: it has no address that the other end could dial");
}

TEST(Dispatcher, AnOlderGenerationsCloseLeavesTheNewerTicketOpen) {
    Estate estate;
    estate.add("ark");
    estate.add("pri");
    auto second = ticket();
    second.generation = 2;
    estate.dispatcher.dispatch({second, execution::CloseTicket{RunId("wave-1.1"), ticket().channel, 1, 1}});
    estate.take();
    estate.dispatcher.renew_leases();
    EXPECT_EQ(estate.take().size(), 2U);
}

TEST(Dispatcher, KnowsWhereAnAttemptWasSentAlsoWhenTheHostWasAway) {
    Estate estate;
    execution::Command command;
    command.host = HostId("ark");
    command.key = key(1);
    estate.dispatcher.dispatch({command});
    EXPECT_TRUE(estate.dispatcher.sent_there(HostId("ark"), key(1)));
    EXPECT_FALSE(estate.dispatcher.sent_there(HostId("pri"), key(1)));
    EXPECT_FALSE(estate.dispatcher.sent_there(HostId("ark"), key(2)));
}

TEST(Dispatcher, SendsEachEffectToItsHostInOrder) {
    Estate estate;
    estate.add("ark");
    execution::Command command;
    command.host = HostId("ark");
    command.key = key(1);
    estate.dispatcher.dispatch({command, execution::CancelCommand{HostId("ark"), key(1), 1},
                                execution::AcknowledgeResult{HostId("ark"), key(1), 1},
                                execution::AcknowledgeResult{HostId("gone"), key(1), 1}});
    const std::string name = to_string(key(1));
    EXPECT_EQ(estate.take(),
              (Words{"ark: start " + name, "ark: cancel " + name, "ark: acknowledge " + name}));
}

// What an agent says of a channel counts where it is one of its ends, and nowhere else.
TEST(Dispatcher, KnowsWhoCarriesAChannel) {
    Estate estate;
    const auto carries = [&](const char* host, const char* run, std::uint32_t generation) {
        return estate.dispatcher.carries(HostId(host), RunId(run), ChannelId("shop/files/tree"), generation);
    };
    EXPECT_FALSE(carries("ark", "wave-1.1", 1));
    const execution::OpenTicket opened = ticket();
    estate.dispatcher.dispatch({opened});
    EXPECT_TRUE(carries("ark", "wave-1.1", 1));
    EXPECT_TRUE(carries("pri", "wave-1.1", 1));
    EXPECT_FALSE(carries("stranger", "wave-1.1", 1));
    EXPECT_FALSE(carries("ark", "wave-2.1", 1));
    EXPECT_FALSE(carries("ark", "wave-1.1", 2));
    estate.dispatcher.dispatch({execution::CloseTicket{opened.run, opened.channel, 1, 0}});
    EXPECT_TRUE(carries("pri", "wave-1.1", 1)) << "its last report may come after the end";
    EXPECT_FALSE(carries("stranger", "wave-1.1", 1));
    for (std::size_t i = 0; i < kClosedTicketsMax; ++i) {
        estate.dispatcher.dispatch({execution::CloseTicket{RunId(std::to_string(i)), opened.channel, 1, 0}});
    }
    EXPECT_FALSE(carries("pri", "wave-1.1", 1)) << "what is kept is bounded";
}

}  // namespace
}  // namespace ararat::transport
