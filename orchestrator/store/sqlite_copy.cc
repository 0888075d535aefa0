// A copy of the database while it is in use, through SQLite's backup interface: it reads through the one
// connection, and what that connection commits meanwhile goes into the copy as well.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "platform/files.h"
#include "store/sqlite.h"

namespace ararat::store {
namespace {

// 1 MiB at a time: a commit that waits for it waits for some milliseconds.
constexpr int kPagesAtATime = 256;

struct Closed {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};
using Handle = std::unique_ptr<sqlite3, Closed>;

Result<void> make_new_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return platform::errno_error(errno, "open", path);
    ::close(fd);
    return {};
}

// The copy's own journal mode and cache are nobody's business: the whole file is synced at the end.
Result<void> sync_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return platform::errno_error(errno, "open", path);
    const int synced = ::fsync(fd);
    const int error_number = errno;
    ::close(fd);
    if (synced != 0) return platform::errno_error(error_number, "fsync", path);
    return platform::fsync_dir(platform::dir_of(path));
}

}  // namespace

Result<void> Connection::copy_pages(sqlite3* target) {
    sqlite3_backup* backup = nullptr;
    {
        const auto locked = lock();
        backup = sqlite3_backup_init(target, "main", handle_, "main");
    }
    if (backup == nullptr) return Error{ErrorCode::kUnavailable, sqlite3_errmsg(target), "copy"};
    int stepped = SQLITE_OK;
    while (stepped == SQLITE_OK) {
        const auto locked = lock();
        stepped = sqlite3_backup_step(backup, kPagesAtATime);
    }
    const auto locked = lock();
    sqlite3_backup_finish(backup);
    if (stepped == SQLITE_DONE) return {};
    const bool full = (stepped & 0xff) == SQLITE_FULL;
    return Error{full ? ErrorCode::kResourceExhausted : ErrorCode::kUnavailable, sqlite3_errstr(stepped),
                 "copy"};
}

Result<void> Connection::copy_to(const std::string& path) {
    ARARAT_RETURN_IF_ERROR(make_new_file(path));
    const auto copy = [&]() -> Result<void> {
        sqlite3* opened = nullptr;
        const int result = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
        const Handle target(opened);
        if (result != SQLITE_OK) return Error{ErrorCode::kUnavailable, sqlite3_errstr(result), path};
        ARARAT_RETURN_IF_ERROR(copy_pages(target.get()));
        // One file that can be carried about and read where nothing may be written.
        if (sqlite3_exec(target.get(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr) !=
            SQLITE_OK) {
            return Error{ErrorCode::kUnavailable, sqlite3_errmsg(target.get()), path};
        }
        return {};
    };
    auto copied = copy();
    if (copied.ok()) copied = sync_file(path);
    if (!copied.ok()) static_cast<void>(platform::remove_file(path));
    return copied;
}

}  // namespace ararat::store
