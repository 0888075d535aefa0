// Audit: the journal as it is, and whether its chain holds.
#include <algorithm>
#include <memory>
#include <mutex>

#include "server/methods.h"
#include "wire/convert.h"

namespace ararat::server {
namespace {

constexpr std::uint32_t kEntriesMax = 1'000;
constexpr std::size_t kResponseBytesMax = 900'000;  // below the limit for one message

Result<v1::ListAuditResponse> list_audit(const ControlDeps& deps, const v1::ListAuditRequest& request) {
    const std::uint32_t limit = request.limit() == 0 ? kEntriesMax : std::min(request.limit(), kEntriesMax);
    ARARAT_ASSIGN_OR_RETURN(const auto entries,
                            deps.journal->read(std::max<std::uint64_t>(request.from_sequence(), 1), limit));
    v1::ListAuditResponse response;
    std::size_t bytes = 0;
    for (const store::JournalEntry& entry : entries) {
        v1::AuditEntry made;
        *made.mutable_record() = wire::to_proto(entry.record);
        made.set_hash(entry.hash.str());
        bytes += made.ByteSizeLong() + 8;
        if (bytes > kResponseBytesMax && response.entries_size() > 0) break;  // the caller asks for the rest
        *response.add_entries() = std::move(made);
    }
    return response;
}

// Anyone may ask, and a walk over a long journal keeps a disk and a thread busy: one at a time.
Result<v1::VerifyAuditResponse> verify_audit(const ControlDeps& deps, std::mutex& under_way) {
    const std::unique_lock lock(under_way, std::try_to_lock);
    if (!lock.owns_lock()) {
        return Error{ErrorCode::kResourceExhausted,
                     "another verification is under way: try again when it is over"};
    }
    ARARAT_ASSIGN_OR_RETURN(const store::ChainReport report, deps.journal->verify());
    v1::VerifyAuditResponse response;
    response.set_ok(report.ok);
    response.set_records(report.records);
    response.set_head(report.head.hash.str());
    response.set_problem(report.problem);
    return response;
}

}  // namespace

void add_audit_methods(MethodTable& table, const ControlDeps& deps) {
    table.add<v1::ListAuditRequest, v1::ListAuditResponse>(
        "ListAudit", [deps](const Caller&, const auto& request) { return list_audit(deps, request); });
    table.add<v1::VerifyAuditRequest, v1::VerifyAuditResponse>(
        "VerifyAudit", [deps, under_way = std::make_shared<std::mutex>()](const Caller&, const auto&) {
            return verify_audit(deps, *under_way);
        });
}

}  // namespace ararat::server
