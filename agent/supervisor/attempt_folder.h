// The folder of one attempt under a root, as described in agent/step_spec/README.md: who may start, what
// state it is in, and its end. Every change is made under the root's lock.
// Thread promise: one process, one thread; any number of processes at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/step_spec/step_result.h"
#include "agent/supervisor/process_mark.h"
#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

class AttemptRoot {
public:
    explicit AttemptRoot(std::string path) : path_(std::move(path)) {}

    // Waits at most 10 s for whoever holds it.
    [[nodiscard]] Result<platform::UniqueFd> lock() const;
    // 0 where none was seen yet.
    [[nodiscard]] Result<std::uint64_t> epoch() const;
    // Durable. Attempts forgotten in older epochs go: a late command for them is refused by its epoch.
    [[nodiscard]] Result<void> raise_epoch(std::uint64_t epoch) const;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string folder(const std::string& id) const { return path_ + "/" + id; }
    // Where an attempt is prepared, before it gets its name.
    [[nodiscard]] std::string fresh_folder(const std::string& id) const { return path_ + "/.new-" + id; }
    // 32 hexadecimal characters.
    [[nodiscard]] static bool is_id(const std::string& id);

    // State and result, without output. "Lost" here means that the supervisor has gone; what it had started
    // may still run: settle() before it is told to anyone.
    [[nodiscard]] Result<AttemptReport> report(const std::string& id) const;
    // As report(); a lost attempt's processes have ended when it returns. Errors: deadline-exceeded where
    // they do not.
    [[nodiscard]] Result<AttemptReport> settle(const std::string& id) const;
    // The same, for who holds the lock.
    [[nodiscard]] Result<AttemptReport> settle_locked(const std::string& id) const;
    // An attempt that is unknown will never start: it gets `result` as its tombstone. No effect on one that
    // is known. The epoch as in cancel().
    [[nodiscard]] Result<AttemptReport> never_start(const std::string& id, const StepResult& result,
                                                    std::optional<std::uint64_t> asked_in = {}) const;
    // Marks it, and tells its supervisor. An unknown attempt gets a tombstone: it will never start. An epoch
    // older than one that was obeyed is refused; without one the caller has judged that.
    [[nodiscard]] Result<AttemptReport> cancel(const std::string& id,
                                               std::optional<std::uint64_t> asked_in = {}) const;
    // Its result was recorded elsewhere: what is big goes, the result stays as a tombstone. No effect while
    // it runs. The epoch as in cancel().
    [[nodiscard]] Result<AttemptReport> forget(const std::string& id,
                                               std::optional<std::uint64_t> asked_in = {}) const;
    // The keys of all that was started here and is not forgotten, kKnownKeysMax at most.
    [[nodiscard]] Result<std::vector<std::string>> known_keys() const;

private:
    // The refusal of a command of this epoch; nothing: it is obeyed, and no older one will be.
    [[nodiscard]] Result<std::optional<AttemptReport>> obey(std::optional<std::uint64_t> asked_in) const;
    [[nodiscard]] Result<AttemptReport> never_start_locked(const std::string& id,
                                                           const StepResult& result) const;
    std::string path_;
};

// Of the attempt's supervisor; none where nobody has written it down.
[[nodiscard]] Result<std::optional<ProcessMark>> supervisor_of(const std::string& folder);

inline constexpr const char* kForgottenFile = "/forgotten";
inline constexpr const char* kTruncatedFile = "/truncated";

}  // namespace ararat::agent
