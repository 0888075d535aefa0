#include "server/method_table.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "base/join.h"

namespace ararat::server {
namespace {

constexpr RoleSet kAnyone = RoleSet(PersonRole::kViewer) | PersonRole::kLead | PersonRole::kEngineer |
                            PersonRole::kApprover | PersonRole::kAdmin;
constexpr RoleSet kMovers = RoleSet(PersonRole::kLead) | PersonRole::kEngineer;
constexpr RoleSet kEngineers = PersonRole::kEngineer;
constexpr RoleSet kApprovers = PersonRole::kApprover;  // not admins: who runs the system decides no gate
constexpr RoleSet kAdmins = PersonRole::kAdmin;

// THE table of who may do what. A method that is missing here is for nobody.
constexpr std::pair<std::string_view, RoleSet> kRules[] = {
    {"GetVersion", kAnyone},   {"GetCurrentPlan", kAnyone},   {"UploadChunk", kEngineers},
    {"ApplyPlan", kEngineers}, {"ListWaves", kAnyone},        {"StartWave", kMovers},
    {"ControlRun", kMovers},   {"RetryTask", kEngineers},     {"SkipTask", kEngineers},
    {"BackOut", kMovers},      {"CompleteManual", kMovers},   {"ListRuns", kAnyone},
    {"DescribeRun", kAnyone},  {"WatchRun", kAnyone},         {"Why", kAnyone},
    {"ReadLogs", kAnyone},     {"ListApprovals", kAnyone},    {"DecideApproval", kApprovers},
    {"ListHosts", kAnyone},    {"CreateEnrolToken", kAdmins}, {"PinHostKey", kAdmins},
    {"InstallAgent", kAdmins}, {"ListAudit", kAnyone},        {"VerifyAudit", kAnyone},
    {"WatchEvents", kAnyone},  {"GiveGo", kMovers},
};

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDepthMax = 32;

Result<void> check_enums_at(const Message& message, const std::string& path, int depth);

Result<void> check_field(const Message& message, const FieldDescriptor& field, const std::string& path,
                         int depth) {
    const auto& reflection = *message.GetReflection();
    const int count = field.is_repeated() ? reflection.FieldSize(message, &field) : 1;
    for (int index = 0; index < count; ++index) {
        const std::string here =
            path + field.name() + (field.is_repeated() ? fmt::format("[{}]", index) : std::string());
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
            const Message& inner = field.is_repeated() ? reflection.GetRepeatedMessage(message, &field, index)
                                                       : reflection.GetMessage(message, &field);
            ARARAT_RETURN_IF_ERROR(check_enums_at(inner, here + ".", depth + 1));
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
            const int value = field.is_repeated() ? reflection.GetRepeatedEnumValue(message, &field, index)
                                                  : reflection.GetEnumValue(message, &field);
            if (field.enum_type()->FindValueByNumber(value) == nullptr) {
                return Error{ErrorCode::kInvalidArgument, fmt::format("{} is not known here", value), here};
            }
        }
    }
    return {};
}

Result<void> check_enums_at(const Message& message, const std::string& path, int depth) {
    if (depth > kDepthMax) return Error{ErrorCode::kInvalidArgument, "nested too deeply", path};
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
        ARARAT_RETURN_IF_ERROR(check_field(message, *field, path, depth));
    }
    return {};
}

}  // namespace

RoleSet roles_for(std::string_view method) {
    for (const auto& [name, roles] : kRules) {
        if (name == method) return roles;
    }
    return {};
}

Result<void> check_enums(const Message& message) { return check_enums_at(message, "", 0); }

Result<Caller> caller_of(const platform::Identity& identity, std::string certificate_pem,
                         const std::string& project) {
    if (identity.kind != platform::IdentityKind::kPerson) {
        return Error{ErrorCode::kPermissionDenied, "only a person's certificate may call this service"};
    }
    if (identity.project != project) {
        return Error{ErrorCode::kPermissionDenied,
                     fmt::format("the certificate is of project {}, not {}", identity.project, project)};
    }
    Caller caller;
    caller.principal.name = identity.name;
    caller.certificate_pem = std::move(certificate_pem);
    for (const std::string& role : identity.roles) {
        caller.principal.roles.insert(RoleId(role));
        for (const auto& [name, value] : kPersonRoles) {
            if (name == role) caller.roles = caller.roles | value;
        }
    }
    return caller;
}

MethodTable::Entry& MethodTable::declare(std::string_view name) {
    const auto [entry, is_new] = entries_.try_emplace(std::string(name));
    ARARAT_CHECK(is_new, "a method stands in the table twice");
    entry->second.roles = roles_for(name);
    return entry->second;
}

Result<void> MethodTable::authorise(std::string_view name, const Caller& caller) const {
    const auto entry = entries_.find(name);
    if (entry == entries_.end() || !entry->second.roles.intersects(caller.roles)) {
        std::vector<std::string_view> needed;
        for (const auto& [word, role] : kPersonRoles) {
            if (entry != entries_.end() && entry->second.roles.contains(role)) needed.push_back(word);
        }
        return Error{ErrorCode::kPermissionDenied,
                     fmt::format("{} may not call {}: it needs the role {}", caller.principal.name, name,
                                 needed.empty() ? "of nobody" : join(needed, " or "))};
    }
    if (check_change_ && !entry->second.roles.contains(PersonRole::kViewer)) return check_change_();
    return {};
}

Result<void> MethodTable::call(std::string_view name, const Caller& caller, const Message& request,
                               Message& response) const {
    ARARAT_RETURN_IF_ERROR(authorise(name, caller));
    const Entry& entry = entries_.find(name)->second;
    ARARAT_CHECK(entry.handle != nullptr, "a stream is not called");
    ARARAT_CHECK(request.GetDescriptor() == entry.request,
                 "a method is called with another method's request");
    ARARAT_RETURN_IF_ERROR(check_enums(request));
    return entry.handle(caller, request, response);
}

std::vector<std::string> MethodTable::names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

}  // namespace ararat::server
