#include "tests/support/failing_disk.h"

#include <sqlite3.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

namespace {

std::atomic<int> sync_errno{0};
std::atomic<int> syncs_failed{0};
std::atomic<int> write_errno{0};

int sync_with(long call, int fd) {
    const int fails = sync_errno;
    if (fails == 0) return static_cast<int>(syscall(call, fd));
    if (syncs_failed++ > 0) {
        constexpr std::string_view kAgain = "synced again\n";
        static_cast<void>(!::write(STDERR_FILENO, kAgain.data(), kAgain.size()));
    }
    errno = fails;
    return -1;
}

ssize_t write_of_sqlite(int fd, const void* bytes, std::size_t size) {
    if (write_errno == 0) return ::write(fd, bytes, size);
    errno = write_errno;
    return -1;
}

ssize_t pwrite_of_sqlite(int fd, const void* bytes, std::size_t size, off_t at) {
    if (write_errno == 0) return ::pwrite(fd, bytes, size, at);
    errno = write_errno;
    return -1;
}

}  // namespace

extern "C" int fsync(int fd) { return sync_with(SYS_fsync, fd); }
extern "C" int fdatasync(int fd) { return sync_with(SYS_fdatasync, fd); }

namespace ararat::testing {

void fail_syncs(int error_number) { sync_errno = error_number; }

void fail_sqlite_writes(int error_number) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, "write", reinterpret_cast<sqlite3_syscall_ptr>(write_of_sqlite));
    vfs->xSetSystemCall(vfs, "pwrite", reinterpret_cast<sqlite3_syscall_ptr>(pwrite_of_sqlite));
    vfs->xSetSystemCall(vfs, "pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(pwrite_of_sqlite));
    write_errno = error_number;
}

}  // namespace ararat::testing
