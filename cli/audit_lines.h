// An exported journal, line by line (audit.proto): written as it comes from the orchestrator, and held
// against its own hashes later, without one. Thread promise: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ararat/v1/audit.pb.h"
#include "ararat/v1/control.pb.h"
#include "base/result.h"
#include "base/sha256.h"

namespace ararat::cli {

// From where a chain is followed.
struct ChainPoint {
    std::uint64_t sequence = 0;
    std::string hash;
};
// Before the first record of a project.
[[nodiscard]] ChainPoint chain_origin(const std::string& project);

// One line of JSON without its end.
[[nodiscard]] Result<std::string> line_of(const v1::AuditLine& line);

// Entries as lines; each is held against the one before it. Errors: data-loss: what the orchestrator says of
// a record does not give its hash.
class AuditWriter {
public:
    explicit AuditWriter(ChainPoint after) : at_(std::move(after)) {}
    [[nodiscard]] Result<std::string> line_of(const v1::AuditEntry& entry);
    [[nodiscard]] const ChainPoint& at() const { return at_; }

private:
    ChainPoint at_;
};

// Lines, from the first on. Errors, data-loss: why this line does not hold; nothing after it is of any worth.
class AuditReader {
public:
    [[nodiscard]] Result<void> take(const std::string& line);
    // After the last one. Errors: data-loss: lines are missing.
    [[nodiscard]] Result<void> finish() const;
    [[nodiscard]] const v1::AuditBegin& begin() const { return begin_; }
    [[nodiscard]] const ChainPoint& at() const { return at_; }

private:
    [[nodiscard]] Result<void> take_begin(const v1::AuditLine& line);
    [[nodiscard]] Result<void> take_entry(const v1::AuditRecord& entry);
    [[nodiscard]] Result<void> take_end(const v1::AuditEnd& end);

    v1::AuditBegin begin_;
    ChainPoint at_;
    bool has_begun_ = false;
    bool has_ended_ = false;
};

}  // namespace ararat::cli
