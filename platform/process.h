// Child processes, started from an argument vector: no shell, no inherited descriptors but the three
// standard ones. Thread promise: any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::platform {

struct ProcessResult {
    int exit_code = 0;  // 128 + signal where one ended it
    bool timed_out = false;
    bool output_truncated = false;
    std::string standard_output;
    std::string standard_error;
    [[nodiscard]] bool ok() const { return exit_code == 0 && !timed_out; }
};

struct ProcessOptions {
    std::string standard_input;
    std::optional<Duration> timeout;                       // then SIGKILL to its whole process group
    std::size_t output_bytes_max = std::size_t{1} << 20U;  // of each stream; the rest is read and dropped
    std::map<std::string, std::string> environment;        // added to ours
    std::string directory;                                 // empty: ours
};

// Runs to its end. argv[0] is looked up in PATH where it holds no slash. Errors: invalid-argument (empty
// argv, NUL in an argument), not-found, permission-denied, else internal. A program that fails is no Error.
[[nodiscard]] Result<ProcessResult> run_process(const std::vector<std::string>& argv,
                                                const ProcessOptions& options = {});
[[nodiscard]] Result<ProcessResult> run_process(const std::vector<std::string>& argv,
                                                std::string_view standard_input, Duration timeout,
                                                std::size_t output_bytes_max);

// A running child in a process group of its own. Destroying it kills the group and reaps.
class ChildProcess {
public:
    struct Stdio {  // not valid: /dev/null
        UniqueFd in, out, error;
    };
    // Takes the descriptors; the child has them as 0, 1 and 2.
    [[nodiscard]] static Result<ChildProcess> start(const std::vector<std::string>& argv, Stdio stdio,
                                                    const ProcessOptions& options = {});
    ~ChildProcess();
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    // Readable when it has ended.
    [[nodiscard]] int pidfd() const { return pidfd_.get(); }
    // To the whole group; no effect once reaped.
    void signal(int signal_number);
    // Waits for its end; exit code as in ProcessResult. Only once.
    [[nodiscard]] int wait();
    // As wait(), nothing if it still runs.
    [[nodiscard]] std::optional<int> try_wait();

private:
    ChildProcess(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

    pid_t pid_ = -1;
    UniqueFd pidfd_;
};

// A pipe, close-on-exec.
struct Pipe {
    UniqueFd read_end, write_end;
};
[[nodiscard]] Result<Pipe> make_pipe();

}  // namespace ararat::platform
