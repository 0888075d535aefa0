#include "server/addresses_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "platform/files.h"

namespace ararat::server {

Result<void> write_addresses(const std::string& path, const ProjectId& project,
                             const std::string& public_host, const OrchestratorPorts& ports) {
    const auto address = [&](std::uint16_t port) { return fmt::format("{}:{}", public_host, port); };
    const nlohmann::json written = {{"pid", ::getpid()},
                                    {"project", project.str()},
                                    {"control", address(ports.control)},
                                    {"agents", address(ports.agents)},
                                    {"enrol", address(ports.enrol)},
                                    {"data", ports.data == 0 ? std::string() : address(ports.data)}};
    return platform::write_file_durable(path, written.dump(2) + "\n", 0644);
}

}  // namespace ararat::server
