#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <sstream>

#include "agent/verbs/verb.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

std::string pretty_name(const std::string& etc_dir) {
    const auto bytes = platform::read_file(etc_dir + "/os-release", std::size_t{64} << 10U);
    if (!bytes.ok()) return "unknown";
    std::istringstream lines(bytes.value());
    std::string line;
    static constexpr std::string_view kName = "PRETTY_NAME=";
    while (std::getline(lines, line)) {
        if (!line.starts_with(kName)) continue;
        std::string value = line.substr(kName.size());
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        return value;
    }
    return "unknown";
}

}  // namespace

// Field `path`: whose file system's free space is meant (the root's, where it is not given).
VerbResult perform_facts(const Operation& operation, const VerbContext& context) {
    VerbResult result;
    utsname names{};
    if (uname(&names) == 0) {
        result.outputs["kernel"] = names.release;
        result.outputs["architecture"] = names.machine;
        result.outputs["hostname"] = names.nodename;
    }
    result.outputs["os"] = pretty_name(context.etc_dir);
    result.outputs["cpus"] = std::to_string(sysconf(_SC_NPROCESSORS_ONLN));
    struct sysinfo memory {};
    if (sysinfo(&memory) == 0) {
        result.outputs["memory_bytes"] =
            std::to_string(static_cast<std::uint64_t>(memory.totalram) * memory.mem_unit);
        result.outputs["uptime_seconds"] = std::to_string(memory.uptime);
    }
    const std::string path = field_or(operation, "path", "/");
    struct statvfs disk {};
    if (statvfs(path.c_str(), &disk) != 0) {
        return verb_failed(platform::errno_error(errno, "statvfs", path).text());
    }
    result.outputs["disk_free_bytes"] =
        std::to_string(static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize);
    result.outputs["disk_bytes"] = std::to_string(static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize);
    result.outputs["time_unix_ms"] = std::to_string(to_unix_ms(context.interrupt.clock().now()));
    for (const auto& [name, value] : result.outputs) result.text += name + "=" + value + "\n";
    context.output(result.text);
    return result;
}

}  // namespace ararat::agent
