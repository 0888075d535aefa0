#include "planning/operation_expansion.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/join.h"
#include "base/units.h"
#include "planning/param_types.h"
#include "planning/scalar_types.h"
#include "planning/template_text.h"

namespace ararat::planning {
namespace {

Error bad(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

using Fields = std::map<std::string, std::string>;

Result<void> require(const Fields& fields, const char* key, bool (*good)(std::string_view),
                     const char* meant) {
    const auto found = fields.find(key);
    if (found == fields.end() || has_late_reference(found->second) || good(found->second)) return {};
    return bad("'" + found->second + "' is not a good " + key + " (meant: " + meant + ")");
}

bool is_service_state(std::string_view text) {
    return text == "started" || text == "stopped" || text == "restarted" || text == "reloaded" ||
           text == "masked";
}
bool is_url(std::string_view text) {
    constexpr std::string_view kHttp = "http://";
    return text.size() > kHttp.size() && text.substr(0, kHttp.size()) == kHttp &&
           text.find_first_of(" \t\r\n") == std::string_view::npos;
}
bool is_host_header(std::string_view text) {
    return text.empty() || text.find_first_of(" \t\r\n") == std::string_view::npos;
}
bool is_status(std::string_view text) {
    const auto value = read_integer(text);
    return value.ok() && *value >= 100 && *value <= 599;
}
bool is_port(std::string_view text) {
    const auto value = read_integer(text);
    return value.ok() && *value >= 1 && *value <= 65535;
}
bool is_address(std::string_view text) { return check_address(text).ok(); }
bool is_path(std::string_view text) { return check_absolute_path(text).ok(); }
bool is_mode(std::string_view text) {
    return (text.size() == 3 || text.size() == 4) &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '7'; });
}
bool is_owner(std::string_view text) {
    const std::size_t colon = text.find(':');
    return colon != std::string_view::npos && is_plain_name(text.substr(0, colon)) &&
           is_plain_name(text.substr(colon + 1));
}
bool is_flag(std::string_view text) { return read_boolean(text).ok(); }

// The program is named in full or shipped: nothing depends on a search path.
Result<void> check_argv(const std::vector<std::string>& argv) {
    if (argv.empty()) return bad("an argument vector without a program");
    const std::string& program = argv.front();
    if (program.rfind("/", 0) == 0 || program.rfind("${file.", 0) == 0) return {};
    return bad("program '" + program + "' is neither an absolute path nor a shipped file");
}

Result<void> check_tree(const Operation& operation, const OperationValues& values) {
    const auto channel = operation.fields.find("channel");
    if (channel != operation.fields.end() && values.tree_channels.count(channel->second) == 0) {
        return bad("'" + channel->second +
                   "' is not a channel of kind tree of this component (meant: ${channel.NAME})");
    }
    ARARAT_RETURN_IF_ERROR(require(operation.fields, "path", is_path, "an absolute path without '..'"));
    ARARAT_RETURN_IF_ERROR(require(operation.fields, "delete", is_flag, "true or false"));
    return require(operation.fields, "checksum", is_flag, "true or false");
}

Result<void> check_http(const Fields& fields) {
    ARARAT_RETURN_IF_ERROR(require(fields, "url", is_url, "http://HOST[:PORT]/PATH"));
    ARARAT_RETURN_IF_ERROR(require(fields, "host_header", is_host_header, "one host name"));
    return require(fields, "status", is_status, "100 to 599");
}

Result<void> check_write_file(const Fields& fields) {
    ARARAT_RETURN_IF_ERROR(require(fields, "path", is_path, "an absolute path without '..'"));
    ARARAT_RETURN_IF_ERROR(require(fields, "mode", is_mode, "octal, such as 0644"));
    return require(fields, "owner", is_owner, "USER:GROUP");
}

Result<void> check_verb(const Operation& operation, const OperationValues& values) {
    const Fields& fields = operation.fields;
    switch (operation.verb) {
        case Verb::kRun: return check_argv(operation.argv);
        case Verb::kService:
            ARARAT_RETURN_IF_ERROR(require(fields, "unit", is_plain_name, "the name of a systemd unit"));
            return require(fields, "state", is_service_state,
                           "started, stopped, restarted, reloaded or masked");
        case Verb::kHttpProbe: return check_http(fields);
        case Verb::kTcpProbe:
            ARARAT_RETURN_IF_ERROR(require(fields, "address", is_address, "a host name or an IP address"));
            return require(fields, "port", is_port, "1 to 65535");
        case Verb::kWriteFile: return check_write_file(fields);
        case Verb::kRestoreFile: return require(fields, "path", is_path, "an absolute path without '..'");
        case Verb::kCopyTree:
        case Verb::kVerifyTree: return check_tree(operation, values);
        case Verb::kFacts:
        case Verb::kPowerOff: return {};
    }
    return {};
}

// Optional fields that came out empty were not given.
void drop_empty(Operation& operation) {
    for (const char* key :
         {"contains", "host_header", "status", "mode", "owner", "delete", "checksum", "estimate"}) {
        const auto found = operation.fields.find(key);
        if (found != operation.fields.end() && found->second.empty()) operation.fields.erase(found);
    }
}

class Expansion {
public:
    explicit Expansion(const OperationValues& values) : values_(values) {}

    Result<void> replace(std::string& text) const {
        ARARAT_ASSIGN_OR_RETURN(text, expand(text, [this](const std::string& name) { return lookup(name); }));
        return {};
    }
    Result<void> replace(Fields& texts) const {
        for (auto& [key, text] : texts) ARARAT_RETURN_IF_ERROR(replace(text));
        return {};
    }
    Result<void> replace(const std::string& text, const char* key, Duration& duration) const {
        if (text.empty()) return {};
        std::string value = text;
        ARARAT_RETURN_IF_ERROR(replace(value));
        const auto parsed = parse_duration(value);
        if (!parsed.ok() || *parsed <= Duration{0}) {
            return bad("'" + value + "' is not a good " + key + " (meant: a duration above zero)");
        }
        duration = *parsed;
        return {};
    }

private:
    Result<std::string> lookup(const std::string& name) const {
        if (name.rfind("file.", 0) == 0) return "${" + name + "}";
        const auto found = values_.params.find(name);
        if (found != values_.params.end()) return found->second;
        return bad("'${" + name + "}' is not a parameter of this action");
    }

    const OperationValues& values_;
};

}  // namespace

Result<Operation> expand_operation(const OperationTemplate& from, const OperationValues& values) {
    Operation operation = from.operation;
    const Expansion expansion(values);
    for (std::string& argument : operation.argv) ARARAT_RETURN_IF_ERROR(expansion.replace(argument));
    ARARAT_RETURN_IF_ERROR(expansion.replace(operation.fields));
    ARARAT_RETURN_IF_ERROR(expansion.replace(operation.environment));
    ARARAT_RETURN_IF_ERROR(expansion.replace(operation.expect.output_equals));
    ARARAT_RETURN_IF_ERROR(expansion.replace(operation.expect.output_contains));
    ARARAT_RETURN_IF_ERROR(expansion.replace(from.timeout, "timeout", operation.timeout));
    ARARAT_RETURN_IF_ERROR(expansion.replace(from.every, "interval", operation.until.every));
    ARARAT_RETURN_IF_ERROR(expansion.replace(from.within, "time limit", operation.until.within));
    drop_empty(operation);
    ARARAT_RETURN_IF_ERROR(check_verb(operation, values));
    return operation;
}

}  // namespace ararat::planning
