#include "agent/journal_file.h"

#include <cstdio>
#include <cstdlib>

#include "agent/core/journal_frame.h"
#include "platform/random.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kJournalBytesMax = std::size_t{1} << 30U;

std::string frames_of(const std::vector<JournalRecord>& records) {
    std::string bytes;
    for (const JournalRecord& record : records) bytes += frame(record);
    return bytes;
}

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "ararat-agent: the journal cannot be written: %s\n", error.text().c_str());
    std::abort();
}

}  // namespace

Result<JournalFile::Opened> JournalFile::open(const std::string& path) {
    ARARAT_ASSIGN_OR_RETURN(platform::UniqueFd lock, platform::lock_file(path + ".lock"));
    if (!platform::file_exists(path)) {
        // Whole or not at all: a journal without its id would be taken for a damaged one.
        const std::string first = frame(JournalCreated{platform::random_hex(16)});
        ARARAT_RETURN_IF_ERROR(platform::write_file_durable(path, first, 0600));
    }
    ARARAT_ASSIGN_OR_RETURN(const std::string bytes, platform::read_file(path, kJournalBytesMax));
    auto contents = read_frames(bytes);
    if (!contents.ok()) return Error{contents.error().code, contents.error().message, path};
    if (contents->records.empty() || !std::holds_alternative<JournalCreated>(contents->records.front())) {
        return Error{ErrorCode::kDataLoss, "the journal does not begin with its id", path};
    }
    ARARAT_ASSIGN_OR_RETURN(platform::DurableLog log, platform::DurableLog::open(path));
    const std::uint64_t torn = bytes.size() - contents->good_bytes;
    if (torn > 0) {
        ARARAT_RETURN_IF_ERROR(log.truncate(contents->good_bytes));
    }
    return Opened{JournalFile(path, std::move(lock), std::move(log)), std::move(contents->records), torn};
}

Result<void> JournalFile::append(const std::vector<JournalRecord>& records) {
    if (records.empty()) return {};
    Result<void> appended = log_->append(frames_of(records));
    if (!appended.ok() && appended.error().code != ErrorCode::kResourceExhausted) give_up(appended.error());
    return appended;
}

Result<void> JournalFile::rewrite(const std::vector<JournalRecord>& records) {
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(path_, frames_of(records), 0600));
    auto log = platform::DurableLog::open(path_);
    // The old descriptor points at a file without a name: going on with it would lose what is appended.
    if (!log.ok()) give_up(log.error());
    log_.emplace(std::move(log).value());
    return {};
}

}  // namespace ararat::agent
