#include "agent/config.h"

#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "agent/core/orchestrator_addresses.h"
#include "base/join.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

std::string trimmed(const std::string& text) {
    static constexpr const char* kSpace = " \t\r";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Sets a value; returns what is wrong with it, or nothing.
using Setter = std::function<std::string(const std::string&)>;

Setter absolute_path(std::string& target) {
    return [&target](const std::string& value) -> std::string {
        if (!value.starts_with('/')) return "\"" + value + "\" is not an absolute path";
        target = value;
        return {};
    };
}

Setter word(std::string& target) {
    return [&target](const std::string& value) -> std::string {
        target = value;
        return {};
    };
}

std::string set_orchestrators(AgentConfig& config, const std::string& value) {
    auto addresses = parse_orchestrators(value);
    if (!addresses.ok()) return addresses.error().message;
    config.orchestrators = std::move(addresses).value();
    return {};
}

std::string set_port(AgentConfig& config, const std::string& value) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), port);
    if (error != std::errc() || end != value.data() + value.size() || port > 65535) {
        return "\"" + value + "\" is not a port";
    }
    config.data_port = static_cast<std::uint16_t>(port);
    return {};
}

std::map<std::string, Setter> setters_of(AgentConfig& config) {
    return {{"orchestrator", [&](const std::string& value) { return set_orchestrators(config, value); }},
            {"data_dir", absolute_path(config.data_dir)},
            {"certificate", absolute_path(config.certificate_file)},
            {"key", absolute_path(config.key_file)},
            {"ca", absolute_path(config.ca_file)},
            {"data_address", word(config.data_address)},
            {"data_port", [&](const std::string& value) { return set_port(config, value); }},
            {"socket", absolute_path(config.socket)},
            {"supervisor", absolute_path(config.supervisor)},
            {"allow_list", absolute_path(config.allow_list)},
            {"log_format", word(config.log_format)},
            {"log_level", word(config.log_level)}};
}

void fill_defaults(AgentConfig& config) {
    if (config.certificate_file.empty()) config.certificate_file = config.data_dir + "/agent.crt";
    if (config.key_file.empty()) config.key_file = config.data_dir + "/agent.key";
    if (config.ca_file.empty()) config.ca_file = config.data_dir + "/ca.crt";
}

}  // namespace

Result<AgentConfig> parse_config(const std::string& text, const std::string& file_name) {
    AgentConfig config;
    const std::map<std::string, Setter> setters = setters_of(config);
    std::set<std::string> seen;
    std::vector<std::string> faults;
    std::size_t number = 0;
    for (const std::string& whole : split(text, '\n')) {
        ++number;
        const std::string line = trimmed(whole.substr(0, whole.find('#')));
        if (line.empty()) continue;
        const std::size_t equals = line.find('=');
        const std::string name = trimmed(line.substr(0, equals));
        const auto setter = setters.find(name);
        std::string fault;
        if (equals == std::string::npos) {
            fault = "\"" + line + "\" is not NAME = VALUE";
        } else if (setter == setters.end()) {
            fault = "there is no setting \"" + name + "\"";
        } else if (!seen.insert(name).second) {
            fault = "\"" + name + "\" is given twice";
        } else {
            fault = setter->second(trimmed(line.substr(equals + 1)));
        }
        if (!fault.empty()) faults.push_back(file_name + ":" + std::to_string(number) + ": " + fault);
    }
    if (!seen.contains("orchestrator")) faults.push_back(file_name + ": orchestrator is missing");
    if (!faults.empty()) return Error{ErrorCode::kInvalidArgument, join(faults, "\n")};
    fill_defaults(config);
    return config;
}

Result<AgentConfig> load_config(const std::string& path) {
    ARARAT_ASSIGN_OR_RETURN(const std::string text, platform::read_file(path, std::size_t{1} << 20U));
    return parse_config(text, path);
}

}  // namespace ararat::agent
