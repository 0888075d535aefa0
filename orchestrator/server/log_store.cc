#include "server/log_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <set>

#include "base/join.h"
#include "platform/files.h"
#include "platform/log.h"
#include "platform/unique_fd.h"

namespace ararat::server {
namespace {

constexpr std::size_t kKnownFilesMax = 10'000;
constexpr const char* kSuffix = ".log";
constexpr const char* kTruncatedSuffix = ".truncated";

std::string as_file_name(std::string name) {
    std::replace(name.begin(), name.end(), '/', '+');
    return name;
}

std::string_view word_of(execution::Purpose purpose) {
    switch (purpose) {
        case execution::Purpose::kForward: return "forward";
        case execution::Purpose::kProbe: return "probe";
        case execution::Purpose::kUndo: return "undo";
    }
    return "forward";
}

std::string ending_of(const execution::AttemptKey& key) {
    return fmt::format("-{}-{}{}", word_of(key.purpose), key.attempt, kSuffix);
}

bool is_log(const std::string& name) { return name.ends_with(kSuffix); }

// "0003-undo-1.log" back to purpose and attempt.
std::optional<execution::AttemptKey> key_of(std::string name, execution::AttemptKey key) {
    name.resize(name.size() - std::string_view(kSuffix).size());
    const auto parts = split(name, '-');
    if (parts.size() != 3) return std::nullopt;
    for (const auto purpose :
         {execution::Purpose::kForward, execution::Purpose::kProbe, execution::Purpose::kUndo}) {
        if (parts[1] == word_of(purpose)) key.purpose = purpose;
    }
    const auto& digits = parts[2];
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), key.attempt);
    if (read.ec != std::errc()) return std::nullopt;
    return key;
}

Result<std::vector<std::string>> logs_in(const std::string& directory) {
    auto names = platform::list_dir(directory);
    if (!names.ok() && names.error().code == ErrorCode::kNotFound) return std::vector<std::string>{};
    if (names.ok()) std::erase_if(names.value(), [](const std::string& name) { return !is_log(name); });
    return names;
}

}  // namespace

std::string LogStore::directory_of(const RunId& run, const TaskId& task) const {
    return fmt::format("{}/{}/{}", root_, as_file_name(run.str()), as_file_name(task.str()));
}

Result<std::string> LogStore::file_for(const execution::AttemptKey& key) {
    if (const auto known = files_.find(key); known != files_.end()) return known->second;
    const std::string directory = directory_of(key.run, key.task);
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(directory, 0700));
    ARARAT_ASSIGN_OR_RETURN(const auto names, logs_in(directory));
    const std::string ending = ending_of(key);
    const auto there = std::find_if(names.begin(), names.end(),
                                    [&](const std::string& name) { return name.ends_with(ending); });
    std::string path = there != names.end() ? directory + "/" + *there
                                            : fmt::format("{}/{:04}{}", directory, names.size() + 1, ending);
    if (files_.size() >= kKnownFilesMax) files_.clear();
    files_[key] = path;
    return path;
}

void LogStore::append(const transport::OutputChunk& chunk) {
    std::string path;
    {
        const std::lock_guard lock(mutex_);
        const auto file = file_for(chunk.key);
        if (!file.ok()) {
            spdlog::error("output of {} is lost: {}", to_string(chunk.key), file.error().text());
            return;
        }
        path = file.value();
        unsynced_[chunk.key] = path;
    }
    const std::uint64_t room = chunk.offset < kLogBytesMax ? kLogBytesMax - chunk.offset : 0;
    const std::size_t count = std::min<std::size_t>(chunk.data.size(), room);
    const platform::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd || ::pwrite(fd.get(), chunk.data.data(), count, static_cast<off_t>(chunk.offset)) < 0) {
        spdlog::error("output of {} is lost: {}", to_string(chunk.key),
                      platform::errno_error(errno, "write", path).text());
        return;
    }
    if (chunk.truncated || count < chunk.data.size()) {
        const std::string marker = path + kTruncatedSuffix;
        const platform::UniqueFd made(
            ::open(marker.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    }
    notify(chunk.key);
}

void LogStore::sync(const std::vector<execution::AttemptKey>& keys) {
    std::map<execution::AttemptKey, std::string> files;
    {
        const std::lock_guard lock(mutex_);
        for (const execution::AttemptKey& key : keys) {
            if (auto found = unsynced_.extract(key)) files.insert(std::move(found));
        }
    }
    std::set<std::string> directories;
    for (const auto& [key, path] : files) {
        const platform::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!fd || ::fdatasync(fd.get()) != 0) {
            spdlog::error("output of {} may be lost: {}", to_string(key),
                          platform::errno_error(errno, "sync", path).text());
        }
        directories.insert(platform::dir_of(path));
    }
    for (const std::string& directory : directories) {
        if (const auto synced = platform::fsync_dir(directory); !synced.ok()) {
            spdlog::error("output may be lost: {}", synced.error().text());
        }
    }
}

Result<std::optional<LogPiece>> LogStore::read(const RunId& run, const TaskId& task, LogCursor& cursor,
                                               std::size_t bytes_max) const {
    const std::string directory = directory_of(run, task);
    ARARAT_ASSIGN_OR_RETURN(const auto names, logs_in(directory));
    for (; cursor.file < names.size(); cursor = LogCursor{cursor.file + 1, 0, false}) {
        const std::string path = directory + "/" + names[cursor.file];
        const auto key = key_of(names[cursor.file], {project_, run, task, execution::Purpose::kForward, 1});
        if (!key) continue;
        const platform::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!fd) return platform::errno_error(errno, "open", path);
        LogPiece piece{*key, cursor.offset, std::string(bytes_max, '\0'), false};
        const ssize_t count =
            ::pread(fd.get(), piece.data.data(), bytes_max, static_cast<off_t>(cursor.offset));
        if (count < 0) return platform::errno_error(errno, "read", path);
        piece.data.resize(static_cast<std::size_t>(count));
        cursor.offset += piece.data.size();
        if (count == 0 && !cursor.truncation_told && platform::file_exists(path + kTruncatedSuffix)) {
            cursor.truncation_told = true;
            piece.truncated = true;
            return std::optional(std::move(piece));
        }
        if (count > 0) return std::optional(std::move(piece));
        if (cursor.file + 1 == names.size()) break;  // the newest attempt: more may come
    }
    return std::optional<LogPiece>();
}

Result<LogCursor> LogStore::cursor_at(const execution::AttemptKey& key, std::uint64_t offset) const {
    ARARAT_ASSIGN_OR_RETURN(const auto names, logs_in(directory_of(key.run, key.task)));
    const std::string ending = ending_of(key);
    for (std::size_t file = 0; file < names.size(); ++file) {
        if (names[file].ends_with(ending)) return LogCursor{file, offset, false};
    }
    return LogCursor{};
}

LogStore::Subscription LogStore::subscribe(const RunId& run, const TaskId& task, Added added) {
    auto subscription = std::make_shared<Added>(std::move(added));
    const std::lock_guard lock(mutex_);
    subscribers_.emplace(std::pair{run, task}, subscription);
    return subscription;
}

void LogStore::notify(const execution::AttemptKey& key) {
    std::vector<Subscription> called;
    {
        const std::lock_guard lock(mutex_);
        for (const TaskId& task : {key.task, TaskId()}) {
            const auto range = subscribers_.equal_range({key.run, task});
            for (auto it = range.first; it != range.second;) {
                if (auto subscription = it->second.lock()) {
                    called.push_back(std::move(subscription));
                    ++it;
                } else {
                    it = subscribers_.erase(it);
                }
            }
        }
    }
    for (const Subscription& subscription : called) (*subscription)(key.task);
}

}  // namespace ararat::server
