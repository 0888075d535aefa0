#include "channel/ticket_book.h"

#include <gtest/gtest.h>

#include "channel/endpoint.h"

namespace ararat::channel {
namespace {

constexpr Duration kNow{5'000};

Ticket ticket_of(std::uint32_t generation, Duration lease = Duration{0}) {
    Ticket ticket;
    ticket.key = {"wave-1.1", "files/share/tree", generation};
    ticket.is_source = true;
    ticket.path = "/srv/share";
    ticket.secret = std::string(32, 's');
    ticket.peer = "ararat://southwark/agent/pri-fs1";
    ticket.lease = lease;
    return ticket;
}

TEST(TicketBook, AClosedGenerationIsNotOpenedAgain) {
    TicketBook book;
    ASSERT_TRUE(book.open(ticket_of(1), kNow).ok());
    const auto closed = book.close(ticket_of(1).key);
    ASSERT_NE(closed, nullptr);
    EXPECT_TRUE(closed->closed());
    EXPECT_EQ(book.find("wave-1.1", "files/share/tree"), nullptr);
    const auto again = book.open(ticket_of(1), kNow);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_TRUE(book.open(ticket_of(2), kNow).ok());
}

TEST(TicketBook, ACloseThatOvertakesItsOpenWins) {
    TicketBook book;
    EXPECT_EQ(book.close(ticket_of(1).key), nullptr);
    EXPECT_FALSE(book.open(ticket_of(1), kNow).ok());
}

TEST(TicketBook, AHigherGenerationReplacesALowerOneForGood) {
    TicketBook book;
    const auto first = book.open(ticket_of(1), kNow).value().entry;
    const auto second = book.open(ticket_of(2), kNow);
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(second->replaced, first);
    EXPECT_TRUE(first->closed());
    EXPECT_FALSE(book.open(ticket_of(1), kNow).ok());
    EXPECT_EQ(book.close(ticket_of(1).key), nullptr) << "a late close of the old one";
    EXPECT_FALSE(second->entry->closed());
}

TEST(TicketBook, ALeaseEndsUnlessRenewed) {
    TicketBook book;
    const auto entry = book.open(ticket_of(1, Duration{1'000}), kNow).value().entry;
    EXPECT_TRUE(book.expire(kNow + Duration{999}).empty());
    const auto renewed = book.open(ticket_of(1, Duration{1'000}), kNow + Duration{900});
    ASSERT_TRUE(renewed.ok());
    EXPECT_TRUE(renewed->renewed);
    EXPECT_TRUE(book.expire(kNow + Duration{1'899}).empty());
    const auto expired = book.expire(kNow + Duration{1'900});
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_EQ(expired[0], entry);
    EXPECT_TRUE(entry->closed());
    EXPECT_TRUE(book.open(ticket_of(1, Duration{1'000}), kNow).ok()) << "the orchestrator came back";
}

TEST(TicketBook, ARenewalChangesNothingButTheLease) {
    TicketBook book;
    ASSERT_TRUE(book.open(ticket_of(1), kNow).ok());
    auto other = ticket_of(1);
    other.path = "/etc";
    EXPECT_EQ(book.open(other, kNow).error().code, ErrorCode::kFailedPrecondition);
    other = ticket_of(1);
    other.peer = "ararat://southwark/agent/mallory";
    EXPECT_FALSE(book.open(other, kNow).ok());
    EXPECT_TRUE(book.open(ticket_of(1), kNow).ok());
}

TEST(TicketBook, HoldsABoundedNumber) {
    TicketBook book;
    auto ticket = ticket_of(1);
    for (int i = 0; i < kTicketsMax; ++i) {
        ticket.key.run = "run-" + std::to_string(i);
        ASSERT_TRUE(book.open(ticket, kNow).ok());
    }
    ticket.key.run = "one-more";
    EXPECT_EQ(book.open(ticket, kNow).error().code, ErrorCode::kResourceExhausted);
    ticket.key.run = "run-0";
    ASSERT_NE(book.close(ticket.key), nullptr);
    ticket.key.run = "one-more";
    EXPECT_TRUE(book.open(ticket, kNow).ok());
}

TEST(TicketBook, RefusesTicketsThatCannotBeRight) {
    const auto refused = [](auto change) {
        auto ticket = ticket_of(1);
        change(ticket);
        return !check_ticket(ticket).ok();
    };
    ASSERT_TRUE(check_ticket(ticket_of(1)).ok());
    EXPECT_TRUE(refused([](Ticket& t) { t.secret = "short"; }));
    EXPECT_TRUE(refused([](Ticket& t) { t.peer.clear(); }));
    EXPECT_TRUE(refused([](Ticket& t) { t.path = "relative"; }));
    EXPECT_TRUE(refused([](Ticket& t) { t.key.generation = 0; }));
    EXPECT_TRUE(refused([](Ticket& t) { t.key.run.clear(); }));
    EXPECT_TRUE(refused([](Ticket& t) { t.peer_address = "nowhere"; }));
    EXPECT_TRUE(refused([](Ticket& t) { t.lease = Duration{-1}; }));
    const auto exposing = [](Ticket& t) {
        t.kind = TicketKind::kSocket;
        t.is_source = false;
    };
    EXPECT_TRUE(refused([&](Ticket& t) { exposing(t), t.expose = ""; }));
    EXPECT_TRUE(refused([&](Ticket& t) { exposing(t), t.expose = "/" + std::string(107, 'x'); }));
    EXPECT_FALSE(refused([&](Ticket& t) { exposing(t), t.expose = "/run/x"; }));
}

TEST(TicketEntry, AdmitsABoundedNumberAndNoneOnceClosed) {
    TicketEntry entry(ticket_of(1), kNow);
    std::vector<std::shared_ptr<Interrupt>> all;
    for (int i = 0; i < kStreamsPerTicketMax + kParkedConnections; ++i) {
        all.push_back(Interrupt::make().value());
        ASSERT_TRUE(entry.join(all.back()).ok());
    }
    const auto one_more = Interrupt::make().value();
    EXPECT_EQ(entry.join(one_more).error().code, ErrorCode::kResourceExhausted);
    entry.leave(all.back());
    EXPECT_TRUE(entry.join(one_more).ok());
    entry.close();
    EXPECT_TRUE(one_more->raised());
    EXPECT_TRUE(all.front()->raised());
    EXPECT_FALSE(all.back()->raised()) << "it had left";
    EXPECT_EQ(entry.join(all.back()).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ararat::channel
