#include "agent/supervisor/expected_bytes.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>

#include "agent/step_spec/field_codec.h"
#include "platform/files.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kBytesMax = 4096;
constexpr std::size_t kTotalMax = std::size_t{1} << 60U;

}  // namespace

Result<void> write_expected_bytes(const std::string& folder, const ExpectedBytes& expected) {
    FieldWriter writer;
    writer.text(expected.channel);
    writer.text(std::to_string(expected.bytes));
    const std::string path = folder + "/expected";
    const std::string aside = path + ".new";
    platform::UniqueFd fd(open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return platform::errno_error(errno, "create", aside);
    ARARAT_RETURN_IF_ERROR(platform::write_all(fd.get(), writer.take()));
    if (rename(aside.c_str(), path.c_str()) != 0) return platform::errno_error(errno, "rename", aside);
    return {};
}

std::optional<ExpectedBytes> read_expected_bytes(const std::string& folder) {
    const auto bytes = platform::read_file(folder + "/expected", kBytesMax);
    if (!bytes.ok()) return std::nullopt;
    FieldReader reader(bytes.value());
    ExpectedBytes expected;
    expected.channel = reader.text();
    expected.bytes = reader.count(kTotalMax);
    if (!reader.complete()) return std::nullopt;
    return expected;
}

}  // namespace ararat::agent
