// The agent's journal on disk: an append-only file of frames (core/journal_frame.h), each batch on the disk
// before anything is done about it. A failed write or fsync ends the process: what the kernel has then
// thrown away cannot be asked for again.
// Owner: the agent's loop. Thread promise: one owner.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/journal_record.h"
#include "base/result.h"
#include "platform/files.h"

namespace ararat::agent {

class JournalFile {
public:
    struct Opened;
    // Makes the journal where there is none. A torn tail is cut off. Errors: data-loss with file and offset;
    // failed-precondition when another agent has it open.
    [[nodiscard]] static Result<Opened> open(const std::string& path);

    // One write and one fsync for all of them. Errors: resource-exhausted when there is no room: then it is
    // as it was before. Whatever else fails ends the process.
    [[nodiscard]] Result<void> append(const std::vector<JournalRecord>& records);
    [[nodiscard]] std::uint64_t size() const { return log_->size(); }
    // Replaces the whole journal by these records.
    [[nodiscard]] Result<void> rewrite(const std::vector<JournalRecord>& records);

private:
    JournalFile(std::string path, platform::UniqueFd lock, platform::DurableLog log)
        : path_(std::move(path)), lock_(std::move(lock)), log_(std::move(log)) {}

    std::string path_;
    platform::UniqueFd lock_;
    std::optional<platform::DurableLog> log_;
};

struct JournalFile::Opened {
    JournalFile file;
    std::vector<JournalRecord> records;
    std::uint64_t torn_bytes = 0;  // dropped
};

}  // namespace ararat::agent
