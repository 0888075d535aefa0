#include "server/backup.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/identifier.h"
#include "base/sha256.h"
#include "platform/files.h"
#include "platform/log.h"
#include "platform/random.h"
#include "store/backup.h"
#include "store/rebuild.h"
#include "store/sqlite_store.h"

namespace ararat::server {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kLookEvery{500};
// A database of some gigabytes on a slow disk.
constexpr std::chrono::minutes kAnswerWithin{30};
// An orchestrator that has not taken the request by then does not know of backups, or hangs.
constexpr std::chrono::seconds kTakenWithin{10};

std::string request_file(const DataPaths& paths) { return paths.root + "/backup.request"; }
std::string answer_file(const DataPaths& paths) { return paths.root + "/backup.answer"; }

Result<std::vector<store::BackupFile>> files_of(const DataPaths& paths, bool with_keys) {
    std::vector<std::string> names{"project", "host"};
    if (with_keys) {
        for (const char* name : {"orchestrator.crt", "orchestrator.key", "ticket.key"})
            names.emplace_back(name);
        for (const char* folder : {"ca", "people"}) {
            ARARAT_ASSIGN_OR_RETURN(const auto within, platform::list_dir(paths.root + "/" + folder));
            for (const std::string& name : within) names.push_back(std::string(folder) + "/" + name);
        }
    }
    std::vector<store::BackupFile> files;
    for (const std::string& name : names) {
        ARARAT_ASSIGN_OR_RETURN(std::string bytes, platform::read_file(paths.root + "/" + name));
        files.push_back({name, std::move(bytes)});
    }
    return files;
}

// Under another name until it is whole: a file that has the wanted name is a backup.
// `of_when`, when the copy is there: what was done since is not in it.
Result<void> make(const DataPaths& paths, const CopyDatabase& copy, const BackupRequest& request,
                  const std::function<Instant()>& of_when) {
    if (platform::file_exists(request.file)) {
        return Error{ErrorCode::kAlreadyExists, "is there already", request.file};
    }
    const std::string partial = request.file + ".partial";
    ARARAT_RETURN_IF_ERROR(platform::remove_file(partial));
    ARARAT_ASSIGN_OR_RETURN(const auto files, files_of(paths, request.with_keys));
    auto made = copy(partial);
    if (made.ok()) made = store::make_backup(partial, of_when(), files);
    if (made.ok() && ::rename(partial.c_str(), request.file.c_str()) != 0) {
        made = platform::errno_error(errno, "rename", request.file);
    }
    if (made.ok()) return platform::fsync_dir(platform::dir_of(request.file));
    static_cast<void>(platform::remove_file(partial));
    return made;
}

Result<ProjectId> project_of(const DataPaths& paths) {
    ARARAT_ASSIGN_OR_RETURN(const std::string project, platform::read_file(paths.project()));
    return ProjectId(project.substr(0, project.find_first_of("\r\n")));
}

Result<void> save_here(const DataPaths& paths, const BackupRequest& request, Instant now) {
    ARARAT_ASSIGN_OR_RETURN(const ProjectId id, project_of(paths));
    ARARAT_ASSIGN_OR_RETURN(const store::Store store, store::open_sqlite(paths.database(), id));
    if (store.is_damaged) {
        return Error{ErrorCode::kDataLoss, store.problem + "; backup rebuild makes one of what holds",
                     paths.database()};
    }
    return make(paths, store.copy_to, request, [now] { return now; });
}

Result<void> read_answer(const DataPaths& paths, const std::string& id, bool& answered) {
    const auto text = platform::read_file(answer_file(paths));
    if (!text) return {};
    const json answer = json::parse(*text, nullptr, false);
    if (answer.is_discarded() || answer.value("id", "") != id) return {};
    answered = true;
    static_cast<void>(platform::remove_file(answer_file(paths)));
    const std::string error = answer.value("error", "");
    if (error.empty()) return {};
    return Error{ErrorCode::kUnavailable, "the orchestrator made none: " + error};
}

Result<void> ask_orchestrator(const DataPaths& paths, const BackupRequest& request) {
    const std::string id = sha256_hex(platform::random_bytes(16)).substr(0, 16);
    const json asked = {{"id", id}, {"file", request.file}, {"with_keys", request.with_keys}};
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(request_file(paths), asked.dump(), 0600));
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < kAnswerWithin) {
        bool answered = false;
        const auto answer = read_answer(paths, id, answered);
        if (answered) return answer;
        const bool waits = platform::file_exists(request_file(paths));
        if (waits && std::chrono::steady_clock::now() - begin > kTakenWithin) break;
        std::this_thread::sleep_for(kLookEvery / 5);
    }
    static_cast<void>(platform::remove_file(request_file(paths)));
    return Error{ErrorCode::kUnavailable, "the orchestrator that serves this directory does not answer",
                 paths.root};
}

// What a backup may put into a directory, and nothing above or beside it.
bool may_hold(const std::string& name) {
    for (const char* known : {"project", "host", "orchestrator.crt", "orchestrator.key", "ticket.key"}) {
        if (name == known) return true;
    }
    const std::size_t slash = name.find('/');
    const std::string folder = name.substr(0, slash);
    if (slash == std::string::npos || (folder != "ca" && folder != "people")) return false;
    const std::string file = name.substr(slash + 1);
    return !file.empty() && file.front() != '.' &&
           file.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
}

// `project` last: it says that the directory is whole.
Result<void> put_files(const std::vector<store::BackupFile>& files, const DataPaths& paths) {
    std::string project;
    for (const store::BackupFile& file : files) {
        if (!may_hold(file.name)) {
            return Error{ErrorCode::kInvalidArgument, "holds a file that no backup has: " + file.name};
        }
    }
    for (const store::BackupFile& file : files) {
        const std::string path = paths.root + "/" + file.name;
        if (path == paths.project()) {
            project = file.bytes;
            continue;
        }
        ARARAT_RETURN_IF_ERROR(platform::make_dirs(platform::dir_of(path), 0700));
        ARARAT_RETURN_IF_ERROR(platform::create_file_durable(path, file.bytes, 0600));
    }
    return platform::create_file_durable(paths.project(), project, 0644);
}

}  // namespace

Result<void> save_backup(const DataPaths& paths, BackupRequest request, Instant now) {
    if (!platform::file_exists(paths.project())) {
        return Error{ErrorCode::kNotFound, "is no orchestrator's data directory", paths.root};
    }
    request.file = std::filesystem::absolute(request.file).string();
    const auto lock = platform::lock_file(paths.lock());
    if (lock.ok()) return save_here(paths, request, now);
    if (lock.error().code != ErrorCode::kFailedPrecondition) return lock.error();
    return ask_orchestrator(paths, request);
}

Result<std::string> rebuild_backup(const DataPaths& paths, BackupRequest request, Instant now) {
    ARARAT_ASSIGN_OR_RETURN(const ProjectId project, project_of(paths));
    request.file = std::filesystem::absolute(request.file).string();
    ARARAT_ASSIGN_OR_RETURN(const auto lock, platform::lock_file(paths.lock()));
    std::string problem;
    Instant last = now;  // where there is no record
    const auto copy = [&](const std::string& target) -> Result<void> {
        ARARAT_ASSIGN_OR_RETURN(const auto rebuilt, store::rebuild_sqlite(paths.database(), project, target));
        if (!rebuilt.problem.empty()) {
            problem = fmt::format("after record {}: {}", rebuilt.head.sequence, rebuilt.problem);
        }
        if (rebuilt.head.sequence > 0) last = rebuilt.last;
        return {};
    };
    ARARAT_RETURN_IF_ERROR(make(paths, copy, request, [&] { return last; }));
    return problem;
}

Result<void> restore_backup(const std::string& file, const DataPaths& paths) {
    ARARAT_ASSIGN_OR_RETURN(const store::BackupReport report, store::inspect_backup(file));
    if (!report.problem.empty()) return Error{ErrorCode::kDataLoss, report.problem, file};
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(paths.root, 0700));
    ARARAT_ASSIGN_OR_RETURN(const auto there, platform::list_dir(paths.root));
    if (!there.empty()) {
        return Error{ErrorCode::kFailedPrecondition, "is not empty: it has " + there.front(), paths.root};
    }
    ARARAT_ASSIGN_OR_RETURN(const auto files, store::unpack_backup(file, paths.database()));
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(paths.logs(), 0700));
    return put_files(files, paths);
}

BackupDesk::BackupDesk(DataPaths paths, CopyDatabase copy, platform::Clock& clock)
    : paths_(std::move(paths)), copy_(std::move(copy)), clock_(clock), thread_([this] { run(); }) {}

BackupDesk::~BackupDesk() { stop(); }

void BackupDesk::stop() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    stopping_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void BackupDesk::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_.wait_for(lock, kLookEvery, [this] { return stop_; })) {
        if (!platform::file_exists(request_file(paths_))) continue;
        lock.unlock();
        answer();
        lock.lock();
    }
}

void BackupDesk::answer() {
    const auto text = platform::read_file(request_file(paths_));
    static_cast<void>(platform::remove_file(request_file(paths_)));
    if (!text) return spdlog::warn("a backup was asked for: {}", text.error().text());
    const json asked = json::parse(*text, nullptr, false);
    if (asked.is_discarded() || !asked.is_object())
        return spdlog::warn("a backup was asked for in no known way");
    const BackupRequest request{asked.value("file", ""), asked.value("with_keys", false)};
    const auto made = make(paths_, copy_, request, [now = clock_.now()] { return now; });
    if (made.ok()) {
        spdlog::info("a backup was made: {}{}", request.file, request.with_keys ? ", with keys" : "");
    } else {
        spdlog::warn("no backup was made: {}", made.error().text());
    }
    const json answer = {{"id", asked.value("id", "")}, {"error", made.ok() ? "" : made.error().text()}};
    const auto told = platform::write_file_durable(answer_file(paths_), answer.dump(), 0600);
    if (!told.ok()) spdlog::warn("nobody was told of it: {}", told.error().text());
}

}  // namespace ararat::server
