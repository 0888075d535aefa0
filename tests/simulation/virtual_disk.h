// A disk in memory that forgets as real ones do. What was written stands for who reads it at once; what was
// not synced may be gone after a power loss, each write for itself, whole, torn or not at all.
//
// A process that has died does not know it: whoever still holds the image of before the crash goes on reading
// and writing that, and nobody sees it. So a crash can strike in the middle of a library's call.
//
// Thread promise: one owner.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/dice.h"

namespace ararat::simulation {

enum class CrashKind {
    kProcess,  // kill -9: the kernel keeps what was written
    kPower,    // only what was synced is sure to be there
};

struct VirtualFile {
    struct Change {
        std::uint64_t offset = 0;
        std::string bytes;
        bool is_truncation = false;  // to `offset`
    };
    std::string now;
    std::string durable;
    std::vector<Change> unsynced;
};

using DiskImage = std::map<std::string, VirtualFile>;

class VirtualDisk {
public:
    explicit VirtualDisk(Dice& dice) : dice_(dice), image_(std::make_shared<DiskImage>()) {}
    VirtualDisk(const VirtualDisk&) = delete;
    VirtualDisk& operator=(const VirtualDisk&) = delete;

    // What a process sees for as long as it lives.
    [[nodiscard]] std::shared_ptr<DiskImage> image() const { return image_; }

    // Changes through an image that is no longer the disk's are nobody's.
    void write(DiskImage& image, const std::string& name, std::uint64_t offset, std::string_view bytes);
    void truncate(DiskImage& image, const std::string& name, std::uint64_t size);
    void sync(DiskImage& image, const std::string& name);
    void remove(DiskImage& image, const std::string& name);

    // The crash strikes before the n-th change from now (1: the next one).
    void crash_at(std::uint64_t changes, CrashKind kind);
    void crash(CrashKind kind);
    [[nodiscard]] bool has_crashed() const { return crashed_; }
    // Precondition: it has.
    [[nodiscard]] CrashKind crash_kind() const { return crash_kind_; }
    // The owner has noticed and begins again.
    void begin_again();
    // A disk that says it has synced and has not: what the simulator must notice.
    void lie_about_syncing() { lies_ = true; }

private:
    void count_down();
    [[nodiscard]] VirtualFile survivor(const VirtualFile& file);

    Dice& dice_;
    std::shared_ptr<DiskImage> image_;
    std::uint64_t crash_in_ = 0;  // 0: no crash is due
    CrashKind crash_kind_ = CrashKind::kProcess;
    bool crashed_ = false;
    bool lies_ = false;
};

// Applies a change as a file system does: what lies between the end and the offset is zeros.
void apply_change(std::string& bytes, const VirtualFile::Change& change);

}  // namespace ararat::simulation
