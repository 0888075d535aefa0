// A file with a given content, mode and owner, and its way back. The last component of the path is never
// followed where it is a symbolic link. What was there before is kept, once for each task of a run, so that
// a second try does not take the first one's result for the original.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>

#include "agent/step_spec/field_codec.h"
#include "agent/verbs/verb.h"
#include "base/sha256.h"
#include "platform/files.h"
#include "platform/users.h"

namespace ararat::agent {

namespace {

using platform::errno_error;
using platform::UniqueFd;

constexpr std::string_view kSavedVersion = "ararat-saved-file/1";
constexpr std::size_t kSavedMax = std::size_t{64} << 20U;

struct FileState {
    bool exists = false;
    mode_t mode = 0644;
    uid_t uid = 0;
    gid_t gid = 0;
    std::string content;
    friend bool operator==(const FileState&, const FileState&) = default;
};

struct FilePlace {
    UniqueFd folder;
    std::string path, name;
};

Result<FilePlace> open_place(const std::string& path) {
    const bool leaves = path.find("/../") != std::string::npos || path.ends_with("/..");
    if (!path.starts_with('/') || path.ends_with('/') || leaves) {
        return Error{ErrorCode::kInvalidArgument, "not the absolute path of a file", path};
    }
    FilePlace place;
    place.path = path;
    place.name = platform::base_of(path);
    place.folder.reset(open(platform::dir_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!place.folder.valid()) return errno_error(errno, "open folder", platform::dir_of(path));
    return place;
}

Result<FileState> read_state(const FilePlace& place) {
    FileState state;
    UniqueFd fd(
        openat(place.folder.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid() && errno == ENOENT) return state;
    if (!fd.valid() && errno == ELOOP) {
        return Error{ErrorCode::kFailedPrecondition, "is a symbolic link, which is never written through",
                     place.path};
    }
    if (!fd.valid()) return errno_error(errno, "open", place.path);
    struct stat status {};
    if (fstat(fd.get(), &status) != 0) return errno_error(errno, "stat", place.path);
    if (!S_ISREG(status.st_mode))
        return Error{ErrorCode::kFailedPrecondition, "is not a regular file", place.path};
    state.exists = true;
    state.mode = status.st_mode & 07777U;
    state.uid = status.st_uid;
    state.gid = status.st_gid;
    ARARAT_ASSIGN_OR_RETURN(state.content,
                            platform::read_file("/proc/self/fd/" + std::to_string(fd.get()), kSavedMax));
    return state;
}

// Writes beside the file, makes it durable, then renames it into place.
Result<void> write_state(const FilePlace& place, const FileState& state) {
    const std::string temporary = "." + place.name + ".ararat-" + std::to_string(getpid());
    unlinkat(place.folder.get(), temporary.c_str(), 0);
    UniqueFd fd(openat(place.folder.get(), temporary.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.valid()) return errno_error(errno, "create", place.path);
    auto fill = [&]() -> Result<void> {
        ARARAT_RETURN_IF_ERROR(platform::write_all(fd.get(), state.content));
        const bool owner_differs = state.uid != geteuid() || state.gid != getegid();
        if (owner_differs && fchown(fd.get(), state.uid, state.gid) != 0)
            return errno_error(errno, "chown", place.path);
        if (fchmod(fd.get(), state.mode) != 0) return errno_error(errno, "chmod", place.path);
        if (fsync(fd.get()) != 0) return errno_error(errno, "fsync", place.path);
        if (renameat(place.folder.get(), temporary.c_str(), place.folder.get(), place.name.c_str()) != 0) {
            return errno_error(errno, "rename", place.path);
        }
        return {};
    };
    if (auto filled = fill(); !filled.ok()) {
        unlinkat(place.folder.get(), temporary.c_str(), 0);
        return filled.error();
    }
    if (fsync(place.folder.get()) != 0) return errno_error(errno, "fsync folder", place.path);
    return {};
}

Result<mode_t> to_mode(const std::string& text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
    if (error != std::errc() || end != text.data() + text.size() || value > 07777U || text.empty()) {
        return Error{ErrorCode::kInvalidArgument, "\"" + text + "\" is not a file mode"};
    }
    return mode_t{value};
}

Result<FileState> wanted_state(const Operation& operation, const std::string& etc_dir) {
    FileState wanted;
    wanted.exists = true;
    wanted.content = field_or(operation, "content");
    ARARAT_ASSIGN_OR_RETURN(wanted.mode, to_mode(field_or(operation, "mode", "0644")));
    const std::string owner = field_or(operation, "owner", "root:root");
    const std::size_t colon = owner.find(':');
    const std::string user = owner.substr(0, colon);
    ARARAT_ASSIGN_OR_RETURN(wanted.uid, platform::user_id(user, etc_dir));
    ARARAT_ASSIGN_OR_RETURN(
        wanted.gid, platform::group_id(colon == std::string::npos ? user : owner.substr(colon + 1), etc_dir));
    return wanted;
}

std::string saved_path(const VerbContext& context, const std::string& path) {
    return context.saved_dir + "/" + sha256_hex(context.saved_name + "|" + path).substr(0, 32);
}

Result<void> save(const std::string& where, const FileState& state) {
    FieldWriter writer;
    writer.text(kSavedVersion);
    writer.number(state.exists ? 1 : 0);
    writer.number(state.mode);
    writer.number(state.uid);
    writer.number(state.gid);
    writer.blob(state.content);
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(platform::dir_of(where), 0700));
    const auto created = platform::create_file_durable(where, writer.take(), 0600);
    if (!created.ok() && created.error().code != ErrorCode::kAlreadyExists) return created.error();
    return {};
}

Result<std::optional<FileState>> load_saved(const std::string& where) {
    if (!platform::file_exists(where)) return std::optional<FileState>();
    ARARAT_ASSIGN_OR_RETURN(const std::string bytes, platform::read_file(where, kSavedMax + 4096));
    FieldReader reader(bytes);
    FileState state;
    reader.expect(kSavedVersion);
    state.exists = reader.count(1) == 1;
    state.mode = static_cast<mode_t>(reader.count(07777U));
    state.uid = static_cast<uid_t>(reader.number());
    state.gid = static_cast<gid_t>(reader.number());
    state.content = reader.blob();
    if (!reader.complete()) return Error{ErrorCode::kDataLoss, "the saved file is damaged", where};
    return std::optional<FileState>(std::move(state));
}

Result<std::string> write_and_keep(const Operation& operation, const VerbContext& context) {
    const std::string path = field_or(operation, "path");
    ARARAT_ASSIGN_OR_RETURN(const FilePlace place, open_place(path));
    ARARAT_ASSIGN_OR_RETURN(const FileState wanted, wanted_state(operation, context.etc_dir));
    ARARAT_ASSIGN_OR_RETURN(const FileState before, read_state(place));
    ARARAT_RETURN_IF_ERROR(save(saved_path(context, path), before));
    if (before == wanted) return path + " is as it should be";
    ARARAT_RETURN_IF_ERROR(write_state(place, wanted));
    return path + " written";
}

Result<std::string> restore(const Operation& operation, const VerbContext& context) {
    const std::string path = field_or(operation, "path");
    const std::string where = saved_path(context, path);
    ARARAT_ASSIGN_OR_RETURN(const std::optional<FileState> saved, load_saved(where));
    if (!saved) return path + " was not written by this task";
    ARARAT_ASSIGN_OR_RETURN(const FilePlace place, open_place(path));
    if (saved->exists) {
        ARARAT_RETURN_IF_ERROR(write_state(place, *saved));
    } else {
        ARARAT_RETURN_IF_ERROR(platform::remove_file(path));
        ARARAT_RETURN_IF_ERROR(platform::fsync_dir(platform::dir_of(path)));
    }
    ARARAT_RETURN_IF_ERROR(platform::remove_file(where));
    return path + (saved->exists ? " restored" : " removed, as it was not there before");
}

VerbResult to_verb_result(const Result<std::string>& done) {
    if (!done.ok()) return verb_failed(done.error().text());
    VerbResult result;
    result.detail = done.value();
    return result;
}

}  // namespace

VerbResult perform_write_file(const Operation& operation, const VerbContext& context) {
    return to_verb_result(write_and_keep(operation, context));
}

VerbResult perform_restore_file(const Operation& operation, const VerbContext& context) {
    return to_verb_result(restore(operation, context));
}

}  // namespace ararat::agent
