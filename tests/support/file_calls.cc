#include "tests/support/file_calls.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace {

constexpr std::size_t kCallsMax = 1000;
constexpr std::size_t kLineMax = 512;

// Shared with children, who write what is to be seen here.
struct Noted {
    std::array<char, kLineMax> folder;
    std::atomic<std::size_t> count;
    std::array<std::array<char, kLineMax>, kCallsMax> lines;
};
Noted* noted = nullptr;

std::string inside(std::string_view path) {
    const std::string_view folder = noted->folder.data();
    if (!path.starts_with(folder)) return {};
    path.remove_prefix(folder.size());
    if (path.empty()) return ".";
    if (path.front() != '/') return {};
    return std::string(path.substr(1, path.find(".tmp-") == path.npos ? path.npos : path.find(".tmp-") + 3));
}

std::string name_of(int fd) {
    std::array<char, kLineMax> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = readlink(link.c_str(), path.data(), path.size() - 1);
    return size > 0 ? inside({path.data(), static_cast<std::size_t>(size)}) : std::string();
}

void note(const char* what, const std::string& name, const std::string& other = {}) {
    if (name.empty()) return;
    const std::size_t at = noted->count.fetch_add(1);
    if (at >= kCallsMax) return;
    std::snprintf(noted->lines.at(at).data(), kLineMax, "%s %s%s%s", what, name.c_str(),
                  other.empty() ? "" : " ", other.c_str());
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, std::size_t size) {
    if (noted != nullptr) note("write", name_of(fd));
    return syscall(SYS_write, fd, bytes, size);
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
    if (noted != nullptr) note("write", name_of(fd));
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

int fsync(int fd) {
    if (noted != nullptr) note("sync", name_of(fd));
    return static_cast<int>(syscall(SYS_fsync, fd));
}

int fdatasync(int fd) {
    if (noted != nullptr) note("sync", name_of(fd));
    return static_cast<int>(syscall(SYS_fdatasync, fd));
}

int rename(const char* from, const char* to) noexcept {
    if (noted != nullptr) note("rename", inside(from), inside(to));
    return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

}  // extern "C"

namespace ararat::testing {

void watch_file_calls(const std::string& folder) {
    if (noted == nullptr) {
        void* shared =
            mmap(nullptr, sizeof(Noted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED) return;
        noted = static_cast<Noted*>(shared);
    }
    noted->count = 0;
    std::snprintf(noted->folder.data(), kLineMax, "%s", folder.c_str());
}

std::vector<std::string> file_calls() {
    std::vector<std::string> calls;
    for (std::size_t i = 0; i < noted->count && i < kCallsMax; ++i) {
        const std::string line = noted->lines.at(i).data();
        if (line.starts_with("write ") && !calls.empty() && calls.back() == line) continue;
        calls.push_back(line);
    }
    return calls;
}

}  // namespace ararat::testing
