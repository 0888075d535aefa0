// A journal over a real one that refuses to append when told to, as a full disk does.
#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "store/journal.h"

namespace ararat::server {

class StubbornJournal final : public store::Journal {
public:
    explicit StubbornJournal(store::Journal& inner) : inner_(inner) {}
    StubbornJournal(std::unique_ptr<store::Journal> inner, const std::atomic<bool>& refuse_too)
        : owned_(std::move(inner)), inner_(*owned_), refuse_too_(&refuse_too) {}
    Result<void> append(const std::vector<execution::Record>& records,
                        const std::vector<CompiledPlanPtr>& plans) override {
        if (refuse || (refuse_too_ && *refuse_too_))
            return Error{ErrorCode::kResourceExhausted, "no space left on the device"};
        return inner_.append(records, plans);
    }
    Result<std::vector<store::JournalEntry>> read(std::uint64_t from, std::uint64_t limit) override {
        return inner_.read(from, limit);
    }
    Result<CompiledPlanPtr> plan(const Hash& hash) override { return inner_.plan(hash); }
    Result<store::ChainReport> verify() override { return inner_.verify(); }
    Result<store::ChainReport> walk(const store::ChainHead& from, const store::Visit& visit) override {
        return inner_.walk(from, visit);
    }
    Result<store::ChainHead> head() override { return inner_.head(); }
    Result<void> put_snapshot(const store::Snapshot& snapshot) override {
        return inner_.put_snapshot(snapshot);
    }
    Result<std::optional<store::Snapshot>> snapshot() override { return inner_.snapshot(); }

    std::atomic<bool> refuse{false};

private:
    std::unique_ptr<store::Journal> owned_;
    store::Journal& inner_;
    const std::atomic<bool>* refuse_too_ = nullptr;
};

}  // namespace ararat::server
