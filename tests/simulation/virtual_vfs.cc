#include "tests/simulation/virtual_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "base/check.h"

namespace ararat::simulation {
namespace {

struct Mounted {
    VirtualDisk* disk = nullptr;
    std::uint64_t random = 1;
};
Mounted& mounted() {
    static Mounted it;
    return it;
}

// What SQLite allocates for an open file; made and destroyed in its memory.
struct OpenFile {
    sqlite3_file base;
    VirtualDisk* disk;
    std::shared_ptr<DiskImage>* image;
    std::string* name;
};
OpenFile& open_file(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

int close_file(sqlite3_file* file) {
    delete open_file(file).image;
    delete open_file(file).name;
    return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
    const OpenFile& open = open_file(file);
    const std::string& bytes = (**open.image)[*open.name].now;
    const auto at = static_cast<std::size_t>(offset);
    const std::size_t have =
        at >= bytes.size() ? 0 : std::min(bytes.size() - at, static_cast<std::size_t>(count));
    if (have > 0) std::memcpy(into, bytes.data() + at, have);
    if (have == static_cast<std::size_t>(count)) return SQLITE_OK;
    std::memset(static_cast<char*>(into) + have, 0, static_cast<std::size_t>(count) - have);
    return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    const OpenFile& open = open_file(file);
    open.disk->write(**open.image, *open.name, static_cast<std::uint64_t>(offset),
                     {static_cast<const char*>(from), static_cast<std::size_t>(count)});
    return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    const OpenFile& open = open_file(file);
    open.disk->truncate(**open.image, *open.name, static_cast<std::uint64_t>(size));
    return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
    const OpenFile& open = open_file(file);
    open.disk->sync(**open.image, *open.name);
    return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    const OpenFile& open = open_file(file);
    *size = static_cast<sqlite3_int64>((**open.image)[*open.name].now.size());
    return SQLITE_OK;
}

int always_ok(sqlite3_file*, int) { return SQLITE_OK; }
int not_reserved(sqlite3_file*, int* reserved) {
    *reserved = 0;
    return SQLITE_OK;
}
int no_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int no_promises(sqlite3_file*) { return 0; }

const sqlite3_io_methods& io_methods() {
    static sqlite3_io_methods methods = [] {
        sqlite3_io_methods made{};
        made.iVersion = 1;  // no shared memory: the write-ahead log's index is in the heap
        made.xClose = close_file;
        made.xRead = read_file;
        made.xWrite = write_file;
        made.xTruncate = truncate_file;
        made.xSync = sync_file;
        made.xFileSize = file_size;
        made.xLock = always_ok;
        made.xUnlock = always_ok;
        made.xCheckReservedLock = not_reserved;
        made.xFileControl = no_control;
        made.xSectorSize = sector_size;
        made.xDeviceCharacteristics = no_promises;
        return made;
    }();
    return methods;
}

int vfs_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    VirtualDisk* disk = mounted().disk;
    ARARAT_CHECK(disk != nullptr, "a database is opened before its disk is mounted");
    OpenFile& open = open_file(file);
    open.disk = disk;
    // A process that has died opens nothing that anybody sees.
    open.image =
        new std::shared_ptr<DiskImage>(disk->has_crashed() ? std::make_shared<DiskImage>() : disk->image());
    open.name = new std::string(name == nullptr ? "temporary" : name);
    open.base.pMethods = &io_methods();
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs*, const char* name, int) {
    VirtualDisk& disk = *mounted().disk;
    if (!disk.has_crashed()) disk.remove(*disk.image(), name);
    return SQLITE_OK;
}

int vfs_access(sqlite3_vfs*, const char* name, int, int* result) {
    *result = mounted().disk->image()->contains(name) ? 1 : 0;
    return SQLITE_OK;
}

int vfs_full_name(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

// Its own sequence: what SQLite draws does not move the simulation's dice.
int vfs_randomness(sqlite3_vfs*, int count, char* out) {
    for (int i = 0; i < count; ++i) {
        mounted().random = mounted().random * 6364136223846793005ULL + 1442695040888963407ULL;
        out[i] = static_cast<char>(mounted().random >> 56U);
    }
    return count;
}

int vfs_sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int vfs_time(sqlite3_vfs*, double* days) {
    *days = 2458134.0;  // a day in January 2018
    return SQLITE_OK;
}

void register_once() {
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs made{};
        made.iVersion = 1;
        made.szOsFile = sizeof(OpenFile);
        made.mxPathname = 512;
        made.zName = kVirtualVfs;
        made.xOpen = vfs_open;
        made.xDelete = vfs_delete;
        made.xAccess = vfs_access;
        made.xFullPathname = vfs_full_name;
        made.xRandomness = vfs_randomness;
        made.xSleep = vfs_sleep;
        made.xCurrentTime = vfs_time;
        return made;
    }();
    static const int registered = sqlite3_vfs_register(&vfs, 0);
    ARARAT_CHECK(registered == SQLITE_OK, "SQLite does not take the virtual file system");
}

}  // namespace

void mount_virtual_vfs(VirtualDisk& disk) {
    register_once();
    mounted().disk = &disk;
    mounted().random = 1;
}

}  // namespace ararat::simulation
