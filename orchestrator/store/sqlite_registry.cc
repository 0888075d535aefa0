#include "store/sqlite_registry.h"

#include <algorithm>

#include "base/sha256.h"

namespace ararat::store {
namespace {

constexpr const char* kAgent = "agent";
constexpr const char* kPerson = "person";

std::string join_roles(const std::vector<std::string>& roles) {
    std::string joined;
    for (const std::string& role : roles) joined += (joined.empty() ? "" : " ") + role;
    return joined;
}

// Role ids hold no spaces.
std::vector<std::string> split_roles(const std::string& joined) {
    std::vector<std::string> roles;
    std::size_t begin = 0;
    while (begin < joined.size()) {
        const std::size_t end = std::min(joined.find(' ', begin), joined.size());
        roles.push_back(joined.substr(begin, end - begin));
        begin = end + 1;
    }
    return roles;
}

Result<void> check_who(const Enrolment& enrolment, const std::string& host) {
    const bool is_agent = enrolment.kind == EnrolKind::kAgent;
    if (is_agent ? enrolment.name == host : host.empty()) return {};
    return Error{ErrorCode::kPermissionDenied,
                 std::string("the token is for ") + (is_agent ? kAgent : kPerson) + " " + enrolment.name +
                     ", not for " + (host.empty() ? "a person" : "an agent on " + host)};
}

}  // namespace

Result<void> SqliteRegistry::add_token(const std::string& token, const Enrolment& enrolment) {
    const auto lock = connection_->lock();
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(*connection_));
    const std::string hash = sha256_hex(token);
    {
        ARARAT_ASSIGN_OR_RETURN(
            auto select, connection_->prepare("SELECT 1 FROM tokens WHERE project = ? AND sha256 = ?"));
        ARARAT_ASSIGN_OR_RETURN(const bool there, select->text(project_.str()).text(hash).step());
        if (there) return Error{ErrorCode::kAlreadyExists, "this token was given out before"};
    }
    ARARAT_ASSIGN_OR_RETURN(
        auto insert,
        connection_->prepare("INSERT INTO tokens (project, sha256, name, kind, roles, expires_unix_ms, "
                             "used_unix_ms) VALUES (?, ?, ?, ?, ?, ?, 0)"));
    insert->text(project_.str()).text(hash).text(enrolment.name);
    insert->text(enrolment.kind == EnrolKind::kAgent ? kAgent : kPerson).text(join_roles(enrolment.roles));
    ARARAT_RETURN_IF_ERROR(insert->number(to_unix_ms(enrolment.expires)).run());
    return transaction->commit();
}

Result<Enrolment> SqliteRegistry::use_token(const std::string& token, const std::string& host, Instant now) {
    const auto lock = connection_->lock();
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(*connection_));
    const std::string hash = sha256_hex(token);
    Enrolment enrolment;
    {
        ARARAT_ASSIGN_OR_RETURN(
            auto select, connection_->prepare("SELECT name, kind, roles, expires_unix_ms, used_unix_ms FROM "
                                              "tokens WHERE project = ? AND sha256 = ?"));
        ARARAT_ASSIGN_OR_RETURN(const bool there, select->text(project_.str()).text(hash).step());
        if (!there) return Error{ErrorCode::kNotFound, "there is no such token"};
        enrolment.name = select->bytes_at(0);
        enrolment.kind = select->bytes_at(1) == kAgent ? EnrolKind::kAgent : EnrolKind::kPerson;
        enrolment.roles = split_roles(select->bytes_at(2));
        enrolment.expires = from_unix_ms(select->number_at(3));
        if (select->number_at(4) != 0) {
            return Error{ErrorCode::kFailedPrecondition,
                         "the token for " + enrolment.name + " was used before"};
        }
        if (now >= enrolment.expires) {
            return Error{ErrorCode::kDeadlineExceeded, "the token for " + enrolment.name + " has expired"};
        }
    }
    ARARAT_RETURN_IF_ERROR(check_who(enrolment, host));
    ARARAT_ASSIGN_OR_RETURN(
        auto update,
        connection_->prepare("UPDATE tokens SET used_unix_ms = ? WHERE project = ? AND sha256 = ?"));
    ARARAT_RETURN_IF_ERROR(update->number(to_unix_ms(now)).text(project_.str()).text(hash).run());
    ARARAT_RETURN_IF_ERROR(transaction->commit());
    return enrolment;
}

Result<void> SqliteRegistry::pin_host_key(const HostId& host, const std::string& public_key) {
    const auto lock = connection_->lock();
    ARARAT_ASSIGN_OR_RETURN(auto transaction, Transaction::begin(*connection_));
    ARARAT_ASSIGN_OR_RETURN(
        auto put,
        connection_->prepare("INSERT INTO host_keys (project, host, public_key) VALUES (?, ?, ?) ON CONFLICT "
                             "(project, host) DO UPDATE SET public_key = excluded.public_key"));
    ARARAT_RETURN_IF_ERROR(put->text(project_.str()).text(host.str()).text(public_key).run());
    return transaction->commit();
}

Result<std::optional<std::string>> SqliteRegistry::host_key(const HostId& host) {
    const auto lock = connection_->lock();
    ARARAT_ASSIGN_OR_RETURN(
        auto select, connection_->prepare("SELECT public_key FROM host_keys WHERE project = ? AND host = ?"));
    ARARAT_ASSIGN_OR_RETURN(const bool there, select->text(project_.str()).text(host.str()).step());
    if (!there) return std::optional<std::string>{};
    return std::optional<std::string>{select->bytes_at(0)};
}

}  // namespace ararat::store
