#include "tests/simulation/virtual_disk.h"

#include <utility>

namespace ararat::simulation {
namespace {

constexpr std::uint64_t kSector = 512;

}  // namespace

void apply_change(std::string& bytes, const VirtualFile::Change& change) {
    if (change.is_truncation) {
        bytes.resize(change.offset);
        return;
    }
    if (bytes.size() < change.offset + change.bytes.size()) bytes.resize(change.offset + change.bytes.size());
    bytes.replace(change.offset, change.bytes.size(), change.bytes);
}

void VirtualDisk::write(DiskImage& image, const std::string& name, std::uint64_t offset,
                        std::string_view bytes) {
    count_down();
    VirtualFile& file = image[name];
    file.unsynced.push_back({offset, std::string(bytes), false});
    apply_change(file.now, file.unsynced.back());
}

void VirtualDisk::truncate(DiskImage& image, const std::string& name, std::uint64_t size) {
    count_down();
    VirtualFile& file = image[name];
    file.unsynced.push_back({size, {}, true});
    apply_change(file.now, file.unsynced.back());
}

void VirtualDisk::sync(DiskImage& image, const std::string& name) {
    count_down();
    if (lies_) return;
    VirtualFile& file = image[name];
    file.durable = file.now;
    file.unsynced.clear();
}

void VirtualDisk::remove(DiskImage& image, const std::string& name) {
    count_down();
    image.erase(name);
}

void VirtualDisk::crash_at(std::uint64_t changes, CrashKind kind) {
    crash_in_ = changes;
    crash_kind_ = kind;
}

void VirtualDisk::count_down() {
    if (crash_in_ == 0 || crashed_) return;
    if (--crash_in_ == 0) crash(crash_kind_);
}

void VirtualDisk::crash(CrashKind kind) {
    if (crashed_) return;
    crashed_ = true;
    crash_kind_ = kind;
    auto left = std::make_shared<DiskImage>();
    for (const auto& [name, file] : *image_) {
        (*left)[name] = kind == CrashKind::kPower ? survivor(file) : file;
    }
    image_ = std::move(left);
}

VirtualFile VirtualDisk::survivor(const VirtualFile& file) {
    VirtualFile left;
    left.durable = file.durable;
    for (VirtualFile::Change change : file.unsynced) {
        if (dice_.percent(50)) continue;
        if (!change.is_truncation && dice_.percent(25)) {
            // Torn between two sectors, or within one.
            const std::uint64_t size = change.bytes.size();
            const std::uint64_t kept = size > kSector && dice_.percent(50)
                                           ? kSector * dice_.below(size / kSector)
                                           : dice_.below(size + 1);
            change.bytes.resize(kept);
        }
        apply_change(left.durable, change);
    }
    left.now = left.durable;
    return left;
}

void VirtualDisk::begin_again() {
    crashed_ = false;
    crash_in_ = 0;
}

}  // namespace ararat::simulation
