#include "server/methods.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace ararat::server {
namespace {

constexpr std::size_t kIdLengthMax = 255;

bool is_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/' ||
           c == '@';
}

}  // namespace

Result<void> require_text(const char* field, const std::string& value, std::size_t length_max) {
    if (value.size() > length_max) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("has {} bytes, more than {}", value.size(), length_max), field};
    }
    if (const auto fault = find_text_fault(value)) {
        return Error{ErrorCode::kInvalidArgument, "contains " + fault->text(), field};
    }
    return {};
}

Result<void> require_id(const char* field, const std::string& value) {
    if (value.empty()) return Error{ErrorCode::kInvalidArgument, "is missing", field};
    if (value.size() > kIdLengthMax || !std::all_of(value.begin(), value.end(), is_id_character)) {
        return Error{ErrorCode::kInvalidArgument, "is no identifier", field};
    }
    return {};
}

void add_control_methods(MethodTable& table, const ControlDeps& deps) {
    add_plan_methods(table, deps);
    add_wave_methods(table, deps);
    add_run_methods(table, deps);
    add_approval_methods(table, deps);
    add_host_methods(table, deps);
    add_audit_methods(table, deps);
    if (deps.engine != nullptr)
        table.set_change_check([engine = deps.engine] { return engine->check_writable(); });
    for (const char* stream : {"WatchRun", "ReadLogs", "InstallAgent", "WatchEvents"})
        table.add_stream(stream);
}

}  // namespace ararat::server
