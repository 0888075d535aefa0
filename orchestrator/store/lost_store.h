// What stands for a database of which nothing can be read: it has no record, and says why. Internal to store.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/journal.h"
#include "store/registry.h"
#include "wire/chain.h"

namespace ararat::store {

class LostJournal final : public Journal {
public:
    LostJournal(const ProjectId& project, std::string why)
        : head_{0, Hash(to_hex(wire::chain_start(project)))}, why_(std::move(why)) {}

    Result<void> append(const std::vector<execution::Record>&, const std::vector<CompiledPlanPtr>&) override {
        return lost();
    }
    Result<std::vector<JournalEntry>> read(std::uint64_t, std::uint64_t) override {
        return std::vector<JournalEntry>{};
    }
    Result<CompiledPlanPtr> plan(const Hash&) override { return lost(); }
    Result<ChainReport> verify() override { return ChainReport{false, 0, head_, why_}; }
    Result<ChainReport> walk(const ChainHead&, const Visit&) override { return verify(); }
    Result<ChainHead> head() override { return head_; }
    Result<void> put_snapshot(const Snapshot&) override { return lost(); }
    Result<std::optional<Snapshot>> snapshot() override { return std::optional<Snapshot>{}; }

private:
    [[nodiscard]] Error lost() const { return {ErrorCode::kDataLoss, why_, "journal"}; }

    ChainHead head_;
    std::string why_;
};

class LostRegistry final : public Registry {
public:
    explicit LostRegistry(Error why) : why_(std::move(why)) {}
    Result<void> add_token(const std::string&, const Enrolment&) override { return why_; }
    Result<Enrolment> use_token(const std::string&, const std::string&, Instant) override { return why_; }
    Result<void> pin_host_key(const HostId&, const std::string&) override { return why_; }
    Result<std::optional<std::string>> host_key(const HostId&) override { return why_; }

private:
    Error why_;
};

}  // namespace ararat::store
