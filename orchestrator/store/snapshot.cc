#include "store/snapshot.h"

#include <string_view>

#include "base/check.h"
#include "execution/engine_core.h"
#include "platform/pki.h"
#include "store/state_bytes.h"

namespace ararat::store {
namespace {

constexpr std::size_t kSealBytes = 32;

// What has to be the same for the state to be of use, a line each.
std::string heading(const ProjectId& project, const ChainHead& at, const std::string& version) {
    return "ararat snapshot " + std::to_string(kStateFormat) + "\n" + version + "\n" + project.str() + "\n" +
           std::to_string(at.sequence) + "\n" + at.hash.str() + "\n";
}

Error damaged(const std::string& why) { return Error{ErrorCode::kDataLoss, why, "snapshot"}; }

std::string_view take_line(std::string_view& from) {
    const std::string_view line = from.substr(0, from.find('\n'));
    from.remove_prefix(std::min(from.size(), line.size() + 1));
    return line;
}

Result<void> check_seal(std::string_view bytes, const SnapshotTerms& terms) {
    if (bytes.size() < kSealBytes) return damaged("has no whole seal");
    const std::string seal = platform::hmac_sha256(terms.key, bytes.substr(kSealBytes));
    if (platform::equal_in_constant_time(seal, bytes.substr(0, kSealBytes))) return {};
    return damaged("has changed since it was made, or was made with another key");
}

Result<void> check_row(Journal& journal, const ChainHead& at) {
    ARARAT_ASSIGN_OR_RETURN(const auto entries, journal.read(at.sequence, 1));
    if (entries.empty() || entries.front().record.sequence != at.sequence) {
        return damaged("stands at a row that the journal does not have");
    }
    if (entries.front().hash == at.hash) return {};
    return damaged("stands at hash " + at.hash.str() + " but the journal's row has " +
                   entries.front().hash.str());
}

}  // namespace

std::string seal_snapshot(const execution::State& state, const ChainHead& at, const SnapshotTerms& terms) {
    ARARAT_CHECK(!terms.key.empty() && state.sequence == at.sequence, "a snapshot of another record");
    const std::string body =
        heading(state.project, at, terms.version) + execution::fingerprint(state) + "\n" + to_bytes(state);
    return platform::hmac_sha256(terms.key, body) + body;
}

Result<execution::State> open_snapshot(Journal& journal, const Snapshot& snapshot, const ProjectId& project,
                                       const SnapshotTerms& terms) {
    ARARAT_RETURN_IF_ERROR(check_seal(snapshot.bytes, terms));
    std::string_view left = std::string_view(snapshot.bytes).substr(kSealBytes);
    const std::string expected = heading(project, snapshot.at, terms.version);
    if (left.substr(0, expected.size()) != expected) {
        return Error{ErrorCode::kFailedPrecondition, "was made by another version or for another record",
                     "snapshot"};
    }
    left.remove_prefix(expected.size());
    ARARAT_RETURN_IF_ERROR(check_row(journal, snapshot.at));
    const std::string_view fingerprint = take_line(left);
    ARARAT_ASSIGN_OR_RETURN(execution::State state,
                            state_from_bytes(left, [&](const Hash& hash) -> Result<CompiledPlanPtr> {
                                ARARAT_ASSIGN_OR_RETURN(CompiledPlanPtr plan, journal.plan(hash));
                                ARARAT_RETURN_IF_ERROR(execution::check_plan(*plan));
                                return plan;
                            }));
    if (execution::fingerprint(state) != fingerprint)
        return damaged("gives another state than it was made of");
    return state;
}

}  // namespace ararat::store
