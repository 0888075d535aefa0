// Files below one folder, read without ever leaving it: openat2(2) with RESOLVE_BENEATH, so that neither ".."
// nor a symbolic link leads elsewhere, also when somebody swaps one in meanwhile. Needs Linux 5.6.
// Thread promise: const functions may be called from several threads.
// Errors: as files.h; invalid-argument for a path that leaves the folder or is a link where none may be,
// failed-precondition for what is neither a file nor a folder; the context is the path.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::platform {

enum class Links {
    kWithin,   // followed, as long as they stay in the folder
    kRefused,  // no part of the path is one
};

struct FileContent {
    std::string bytes;
    // Which file it is, whatever it is called.
    dev_t device = 0;
    ino_t inode = 0;
};

struct FolderEntry {
    enum class Kind { kFile, kFolder, kLink, kOther };
    std::string name;
    Kind kind = Kind::kOther;
};

class RootFolder {
public:
    // The path itself may be a link: whoever names it means what it leads to.
    [[nodiscard]] static Result<RootFolder> open(const std::string& path);

    [[nodiscard]] const std::string& path() const { return path_; }
    // Refuses files above `bytes_max` (resource-exhausted).
    [[nodiscard]] Result<FileContent> read(const std::string& relative, Links links = Links::kWithin,
                                           std::size_t bytes_max = std::size_t{64} << 20U) const;
    // A folder below this one, as a root of its own.
    [[nodiscard]] Result<RootFolder> folder(const std::string& relative) const;
    // Without "." and "..", sorted by name.
    [[nodiscard]] Result<std::vector<FolderEntry>> entries() const;
    // Where a path below this folder ends, links followed, for people: by now it may be another.
    [[nodiscard]] std::string resolved(const std::string& relative) const;

private:
    RootFolder(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
    [[nodiscard]] Result<UniqueFd> open_below(const std::string& relative, int flags, Links links) const;

    UniqueFd fd_;
    std::string path_;
};

}  // namespace ararat::platform
