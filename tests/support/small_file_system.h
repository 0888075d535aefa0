// A file system of a few pages of its own, for tests that fill it or make it read-only: a mount in a
// namespace that only the thread that made it, and threads it starts, can see.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <optional>
#include <string>
#include <utility>

#include "platform/files.h"

namespace ararat::testing {

class SmallFileSystem {
public:
    // None where this process may not mount: such tests are skipped.
    [[nodiscard]] static std::optional<SmallFileSystem> make(std::size_t bytes) {
        static const bool apart =
            ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        auto place = platform::TemporaryDirectory::make("small");
        if (!apart || !place.ok()) return std::nullopt;
        const std::string options = "mode=0700,size=" + std::to_string(bytes);
        if (::mount("tmpfs", place->path().c_str(), "tmpfs", 0, options.c_str()) != 0) return std::nullopt;
        return SmallFileSystem(std::move(place).value());
    }
    SmallFileSystem(SmallFileSystem&&) = default;
    SmallFileSystem& operator=(SmallFileSystem&&) = delete;
    ~SmallFileSystem() {
        if (!place_.path().empty()) ::umount2(place_.path().c_str(), MNT_DETACH);
    }

    [[nodiscard]] const std::string& path() const { return place_.path(); }
    // False: a file of it is open for writing.
    [[nodiscard]] bool make_read_only() const {
        return ::mount("none", path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    }

private:
    explicit SmallFileSystem(platform::TemporaryDirectory place) : place_(std::move(place)) {}

    platform::TemporaryDirectory place_;
};

}  // namespace ararat::testing
