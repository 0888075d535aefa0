// Files whose durability matters: what returns well is on the disk, its directory entry included.
// Paths are taken as they are; nothing expands them.
// Thread promise: free functions may be called from any thread; a DurableLog has one owner.
// Errors: not-found, permission-denied, already-exists, resource-exhausted (disk full), else internal; the
// context is the path.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::platform {

// An Error from errno: "open: No such file or directory", context `path`.
[[nodiscard]] Error errno_error(int error_number, std::string_view what, std::string_view path = {});

// Refuses files above `bytes_max` (resource-exhausted).
[[nodiscard]] Result<std::string> read_file(const std::string& path,
                                            std::size_t bytes_max = std::size_t{64} << 20U);
// Replaces the file as a whole: temporary file beside it, fsync, rename, fsync of the directory. A reader
// sees the old bytes or the new ones, also after a power cut.
[[nodiscard]] Result<void> write_file_durable(const std::string& path, std::string_view bytes,
                                              mode_t mode = 0644);
// As above, but refuses to replace a file that is there (already-exists).
[[nodiscard]] Result<void> create_file_durable(const std::string& path, std::string_view bytes,
                                               mode_t mode = 0600);
// Makes the directory and its missing parents; well if it is there already. `mode` is for what it makes.
[[nodiscard]] Result<void> make_dirs(const std::string& path, mode_t mode = 0755);
[[nodiscard]] Result<void> fsync_dir(const std::string& path);
[[nodiscard]] bool file_exists(const std::string& path);
// The same where "no" must not be said for want of descriptors or rights: only what the system says is not
// there (ENOENT) is not there, all else is an error.
[[nodiscard]] Result<bool> is_there(const std::string& path);
// Well if it was not there.
[[nodiscard]] Result<void> remove_file(const std::string& path);
// A directory and everything in it; never follows a symbolic link, never leaves the file system it is on.
[[nodiscard]] Result<void> remove_tree(const std::string& path);
// Names in a directory without "." and "..", sorted.
[[nodiscard]] Result<std::vector<std::string>> list_dir(const std::string& path);
// Where an absolute path is once every link in it is followed; what is not there yet is taken as it is
// written. Errors: a link that leads nowhere, for what is made through it would be made at its end.
[[nodiscard]] Result<std::string> real_path(const std::string& path);
// The directory part ("." where there is none) and the last part.
[[nodiscard]] std::string dir_of(const std::string& path);
[[nodiscard]] std::string base_of(const std::string& path);
// Writes all bytes to a descriptor, over partial writes and EINTR.
[[nodiscard]] Result<void> write_all(int fd, std::string_view bytes);

// A file that only grows, each append on disk before it returns.
class DurableLog {
public:
    [[nodiscard]] static Result<DurableLog> open(const std::string& path, mode_t mode = 0600);

    // Errors: data-loss when nobody knows what of it is on the disk; after the others it is as it was before.
    Result<void> append(std::string_view bytes);
    // Cuts back to `size` bytes, for a torn tail found on opening.
    Result<void> truncate(std::uint64_t size);
    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    DurableLog(UniqueFd fd, std::string path, std::uint64_t size)
        : fd_(std::move(fd)), path_(std::move(path)), size_(size) {}

    UniqueFd fd_;
    std::string path_;
    std::uint64_t size_ = 0;
};

// A lock that keeps a second process out of a data directory; released when the process ends, however it
// ends. Errors: failed-precondition when another process holds it.
[[nodiscard]] Result<UniqueFd> lock_file(const std::string& path);

// A fresh directory under $TMPDIR or /tmp, removed with its contents on destruction.
class TemporaryDirectory {
public:
    [[nodiscard]] static Result<TemporaryDirectory> make(std::string_view prefix = "ararat");
    ~TemporaryDirectory();
    TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    explicit TemporaryDirectory(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace ararat::platform
