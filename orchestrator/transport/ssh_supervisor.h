// The shipped supervisor on a host, and how it is spoken to: constant command lines, everything that varies
// NUL-separated on standard input (agent/step_spec/README.md has the contract).
// Thread promise: values and free functions; ensure_* block on the session's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "transport/ssh_session.h"

namespace ararat::transport {

// Where everything of ours is on a host, and whether sudo is needed to get at it.
class SupervisorPlace {
public:
    // `root` absolute, of [A-Za-z0-9/._-]: it becomes part of command lines. Error: invalid-argument.
    [[nodiscard]] static Result<SupervisorPlace> make(const std::string& root, const std::string& user);

    [[nodiscard]] std::string request_command() const { return command("request"); }
    [[nodiscard]] std::string exec_command() const { return command("exec"); }
    [[nodiscard]] std::string steps() const { return root_ + "/steps"; }
    [[nodiscard]] std::string files() const { return root_ + "/files"; }
    [[nodiscard]] std::string journal_id_file() const { return root_ + "/journal_id"; }
    [[nodiscard]] std::string hash_command() const;
    // Reads the SHA-256 that is wanted, a line end, then a request. Answers "other" and a line end where the
    // supervisor there is not that one; else "same ", the journal id, a line end and the request's answer.
    [[nodiscard]] std::string look_command() const;
    // Reads the SHA-256 that is wanted, a line end, then the program.
    [[nodiscard]] std::string ship_command() const;

private:
    SupervisorPlace(std::string root, std::string prefix)
        : root_(std::move(root)), prefix_(std::move(prefix)) {}
    [[nodiscard]] std::string program() const { return root_ + "/bin/ararat-supervisor"; }
    [[nodiscard]] std::string command(const char* sub_command) const {
        return prefix_ + program() + " " + sub_command;
    }

    std::string root_;
    std::string prefix_;  // "" or "sudo -n "
};

// Standard input of request_command(): the words of a sub-command, then what the sub-command itself reads.
[[nodiscard]] std::string request_input(const std::vector<std::string>& words, std::string_view rest = {});
// Standard input of exec_command(), before the program's own.
[[nodiscard]] std::string exec_input(const std::vector<std::string>& argv);
// A put of `bytes`, whose hash is known.
[[nodiscard]] std::string put_input(const std::string& path, const std::string& mode,
                                    const std::string& sha256, std::string_view bytes);

// One request that must succeed. Errors: internal, with what the host said.
[[nodiscard]] Result<std::string> request(SshSession& session, const SupervisorPlace& place,
                                          const std::string& input, Duration within);

// Ships `program` where the host has not got just that. True: it was shipped.
[[nodiscard]] Result<bool> ensure_supervisor(SshSession& session, const SupervisorPlace& place,
                                             std::string_view program);

// The program to ship. Shared by all links: it is some megabytes, and so is hashing it.
struct SupervisorProgram {
    std::string bytes;
    std::string sha256;
    [[nodiscard]] static Result<std::shared_ptr<const SupervisorProgram>> read(const std::string& file);
};

inline constexpr Duration kShortCommand = std::chrono::seconds{20};
inline constexpr Duration kShippingTime = std::chrono::seconds{120};

// What a failed command said, for people: its last line, or its exit code.
[[nodiscard]] std::string reason_of(const SshOutput& output);
// Without the white space at its end.
[[nodiscard]] std::string trimmed(std::string text);

}  // namespace ararat::transport
