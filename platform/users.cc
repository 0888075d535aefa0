#include "platform/users.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "platform/files.h"

namespace ararat::platform {
namespace {

constexpr std::uint32_t kIdMax = 0xFFFFFFFEU;

Result<std::uint32_t> to_id(const std::string& text, const char* what) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > kIdMax || text.empty()) {
        return Error{ErrorCode::kInvalidArgument, std::string("\"") + text + "\" is not " + what};
    }
    return value;
}

struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<uid_t> user_id(const std::string& name, const std::string& etc_dir) {
    if (!name.empty() && name[0] >= '0' && name[0] <= '9') return to_id(name, "a user");
    const std::string path = etc_dir + "/passwd";
    const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "re"));
    if (!file) return errno_error(errno, "open", path);
    while (true) {
        const passwd* entry = fgetpwent(file.get());
        if (entry == nullptr) break;
        if (name == entry->pw_name) return entry->pw_uid;
    }
    return Error{ErrorCode::kNotFound, "no user \"" + name + "\""};
}

Result<gid_t> group_id(const std::string& name, const std::string& etc_dir) {
    if (!name.empty() && name[0] >= '0' && name[0] <= '9') return to_id(name, "a group");
    const std::string path = etc_dir + "/group";
    const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "re"));
    if (!file) return errno_error(errno, "open", path);
    while (true) {
        const group* entry = fgetgrent(file.get());
        if (entry == nullptr) break;
        if (name == entry->gr_name) return entry->gr_gid;
    }
    return Error{ErrorCode::kNotFound, "no group \"" + name + "\""};
}

}  // namespace ararat::platform
