// Who may call what, and what answers: one entry for each method of Control. Nothing is reachable that is
// not in the table, and an entry without roles is for nobody. gRPC, and later HTTP, are thin adapters.
// Thread promise: add() before threads start; call() and authorise() from any thread.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/result.h"
#include "execution/input.h"
#include "platform/identity.h"

namespace ararat::server {

// What a person may do in a project. Gates name further roles of their own ("change-board"), which open no
// method: who decides needs `approver` and the gate's role.
enum class PersonRole : std::uint8_t { kViewer = 1, kLead = 2, kEngineer = 4, kApprover = 8, kAdmin = 16 };

class RoleSet {
public:
    constexpr RoleSet() = default;
    constexpr RoleSet(PersonRole role) : bits_(static_cast<std::uint8_t>(role)) {}
    [[nodiscard]] constexpr bool intersects(RoleSet other) const { return (bits_ & other.bits_) != 0; }
    [[nodiscard]] constexpr bool contains(PersonRole role) const { return intersects(RoleSet(role)); }
    friend constexpr RoleSet operator|(RoleSet left, RoleSet right) {
        RoleSet both;
        both.bits_ = static_cast<std::uint8_t>(left.bits_ | right.bits_);
        return both;
    }

private:
    std::uint8_t bits_ = 0;
};

inline constexpr std::pair<std::string_view, PersonRole> kPersonRoles[] = {
    {"viewer", PersonRole::kViewer},     {"lead", PersonRole::kLead},   {"engineer", PersonRole::kEngineer},
    {"approver", PersonRole::kApprover}, {"admin", PersonRole::kAdmin},
};

// Who calls, as the connection's certificate says.
struct Caller {
    execution::Principal principal;
    RoleSet roles;  // those of `principal` that are PersonRoles
    std::string certificate_pem;
};
// Errors: permission-denied: not a person, or of another project.
[[nodiscard]] Result<Caller> caller_of(const platform::Identity& identity, std::string certificate_pem,
                                       const std::string& project);

// Every enum in the message, at any depth, has a value this program knows. Errors: invalid-argument with
// the field's path.
[[nodiscard]] Result<void> check_enums(const google::protobuf::Message& message);

class MethodTable {
public:
    template <typename Request, typename Response>
    void add(std::string_view name, std::function<Result<Response>(const Caller&, const Request&)> handle) {
        Entry& entry = declare(name);
        entry.request = Request::descriptor();
        entry.handle = [handle = std::move(handle)](const Caller& caller,
                                                    const google::protobuf::Message& request,
                                                    google::protobuf::Message& response) -> Result<void> {
            ARARAT_ASSIGN_OR_RETURN(auto made, handle(caller, dynamic_cast<const Request&>(request)));
            response.GetReflection()->Swap(&response, &made);
            return {};
        };
    }
    // A stream: its adapter answers, the table says who may.
    void add_stream(std::string_view name) { declare(name); }

    // Asked before every method that is not open to viewers: those change something. An error: why nothing is
    // changed now.
    void set_change_check(std::function<Result<void>()> check) { check_change_ = std::move(check); }

    // Errors: permission-denied (no role for it, no such method), invalid-argument, the change check's, else
    // the handler's.
    [[nodiscard]] Result<void> call(std::string_view name, const Caller& caller,
                                    const google::protobuf::Message& request,
                                    google::protobuf::Message& response) const;
    [[nodiscard]] Result<void> authorise(std::string_view name, const Caller& caller) const;
    [[nodiscard]] std::vector<std::string> names() const;

private:
    struct Entry {
        RoleSet roles;
        const google::protobuf::Descriptor* request = nullptr;  // null: a stream
        std::function<Result<void>(const Caller&, const google::protobuf::Message&,
                                   google::protobuf::Message&)>
            handle;
    };
    Entry& declare(std::string_view name);

    std::map<std::string, Entry, std::less<>> entries_;
    std::function<Result<void>()> check_change_;
};

// The roles that a method needs, any one of them; empty for a method nobody listed.
[[nodiscard]] RoleSet roles_for(std::string_view method);

}  // namespace ararat::server
