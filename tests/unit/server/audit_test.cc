// The audit methods over a journal that does what the test says.
#include <gtest/gtest.h>

#include <future>

#include "ararat/v1/control.pb.h"
#include "server/methods.h"

namespace ararat::server {
namespace {

// Verifies when it is let, and knows nothing else.
class SlowJournal final : public store::Journal {
public:
    Result<void> append(const std::vector<execution::Record>&, const std::vector<CompiledPlanPtr>&) override {
        ADD_FAILURE() << "nobody asked for an append";
        return {};
    }
    Result<std::vector<store::JournalEntry>> read(std::uint64_t, std::uint64_t) override {
        ADD_FAILURE() << "nobody asked for a read";
        return std::vector<store::JournalEntry>();
    }
    Result<CompiledPlanPtr> plan(const Hash&) override {
        ADD_FAILURE() << "nobody asked for a plan";
        return CompiledPlanPtr();
    }
    Result<store::ChainReport> verify() override {
        begun.set_value();
        let.get_future().wait();
        return store::ChainReport{true, 7, {7, Hash("abc")}, {}};
    }
    Result<store::ChainReport> walk(const store::ChainHead&, const store::Visit&) override {
        ADD_FAILURE() << "nobody asked for a walk";
        return store::ChainReport();
    }
    Result<store::ChainHead> head() override { return store::ChainHead(); }
    Result<void> put_snapshot(const store::Snapshot&) override {
        ADD_FAILURE() << "nobody asked for a snapshot";
        return {};
    }
    Result<std::optional<store::Snapshot>> snapshot() override { return std::optional<store::Snapshot>(); }

    std::promise<void> begun;
    std::promise<void> let;
};

TEST(VerifyAudit, IsDoneForOneCallerAtATime) {
    SlowJournal journal;
    ControlDeps deps;
    deps.journal = &journal;
    MethodTable table;
    add_audit_methods(table, deps);
    Caller viewer;
    viewer.roles = PersonRole::kViewer;
    v1::VerifyAuditResponse first_answer;
    auto first = std::async(std::launch::async, [&] {
        return table.call("VerifyAudit", viewer, v1::VerifyAuditRequest(), first_answer);
    });
    journal.begun.get_future().wait();
    v1::VerifyAuditResponse second_answer;
    const auto second = table.call("VerifyAudit", viewer, v1::VerifyAuditRequest(), second_answer);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kResourceExhausted);
    EXPECT_NE(second.error().message.find("under way"), std::string::npos);
    journal.let.set_value();
    EXPECT_TRUE(first.get().ok());
    EXPECT_EQ(first_answer.records(), 7U);
}

}  // namespace
}  // namespace ararat::server
