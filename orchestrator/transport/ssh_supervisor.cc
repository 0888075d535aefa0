#include "transport/ssh_supervisor.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "agent/step_spec/step_result.h"
#include "base/join.h"
#include "base/sha256.h"
#include "platform/random.h"

namespace ararat::transport {
namespace {

constexpr Duration kShortCommand = std::chrono::seconds{20};
constexpr Duration kShipping = std::chrono::seconds{120};
constexpr std::size_t kJournalIdBytes = 16;

bool is_plain(const std::string& path) {
    return path.size() > 1 && path.front() == '/' && path.find("..") == std::string::npos &&
           std::all_of(path.begin(), path.end(), [](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.' || c == '_' ||
                      c == '-';
           });
}

std::string trimmed(std::string text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
    return text;
}

// The key whose to_string() this is.
std::optional<execution::AttemptKey> key_of(const std::string& text) {
    const std::vector<std::string> parts = split(text, '|');
    if (parts.size() != 5) return std::nullopt;
    execution::AttemptKey key{ProjectId(parts[0]), RunId(parts[1]), TaskId(parts[2]),
                              execution::Purpose::kForward, 0};
    for (const auto purpose :
         {execution::Purpose::kForward, execution::Purpose::kProbe, execution::Purpose::kUndo}) {
        if (to_string(purpose) == parts[3]) key.purpose = purpose;
    }
    std::from_chars(parts[4].data(), parts[4].data() + parts[4].size(), key.attempt);
    if (to_string(key) != text) return std::nullopt;
    return key;
}

}  // namespace

Result<SupervisorPlace> SupervisorPlace::make(const std::string& root, const std::string& user) {
    if (!is_plain(root)) {
        return Error{ErrorCode::kInvalidArgument, "'" + root + "' cannot be the folder on a host"};
    }
    return SupervisorPlace(root, user == "root" ? "" : "sudo -n ");
}

std::string SupervisorPlace::hash_command() const {
    return prefix_ + "sh -c 'sha256sum " + program() + " 2>/dev/null || echo none'";
}

std::string SupervisorPlace::journal_id_command() const {
    return prefix_ + "sh -c 'cat " + journal_id_file() + " 2>/dev/null || true'";
}

std::string SupervisorPlace::ship_command() const {
    // The file gets its name only when its hash is right; a broken transfer leaves nothing behind.
    const auto bin = root_ + "/bin";
    return prefix_ + "sh -c 'umask 022; mkdir -p " + bin + " && chmod 711 " + root_ + " && f=" + bin +
           "/.incoming.$$ && trap \"rm -f $f\" EXIT && IFS= read -r want && cat >$f && have=$(sha256sum $f) "
           "&& "
           "[ \"${have%% *}\" = \"$want\" ] && chmod 755 $f && mv -f $f " +
           program() + " && echo shipped'";
}

std::string request_input(const std::vector<std::string>& words, std::string_view rest) {
    std::string input = std::to_string(words.size());
    input.push_back('\0');
    for (const auto& word : words) {
        input += word;
        input.push_back('\0');
    }
    input += rest;
    return input;
}

std::string exec_input(const std::vector<std::string>& argv) {
    std::string block;
    for (const auto& word : argv) {
        block += word;
        block.push_back('\0');
    }
    std::string input = std::to_string(block.size());
    input.push_back('\0');
    return input + block;
}

std::string put_input(const std::string& path, const std::string& mode, const std::string& sha256,
                      std::string_view bytes) {
    return request_input({"put", path, mode, sha256, std::to_string(bytes.size())}, bytes);
}

std::string reason_of(const SshOutput& output) {
    auto text = trimmed(output.standard_error);
    const auto line = text.rfind('\n');
    if (line != std::string::npos) text = text.substr(line + 1);
    return text.empty() ? "exit code " + std::to_string(output.exit_code) : text;
}

Result<std::string> request(SshSession& session, const SupervisorPlace& place, const std::string& input,
                            Duration within) {
    ARARAT_ASSIGN_OR_RETURN(auto output, session.run(place.request_command(), input, within));
    if (output.exit_code != 0) return Error{ErrorCode::kInternal, "on the host: " + reason_of(output)};
    return std::move(output.standard_output);
}

Result<bool> ensure_supervisor(SshSession& session, const SupervisorPlace& place, std::string_view program) {
    const auto wanted = sha256_hex(program);
    ARARAT_ASSIGN_OR_RETURN(const auto there, session.run(place.hash_command(), {}, kShortCommand));
    if (there.exit_code != 0) {
        return Error{ErrorCode::kInternal, "the host runs no commands: " + reason_of(there)};
    }
    if (there.standard_output.starts_with(wanted)) return false;
    ARARAT_ASSIGN_OR_RETURN(const auto shipped, session.run(place.ship_command(),
                                                            wanted + "\n" + std::string(program), kShipping));
    if (shipped.exit_code != 0) {
        return Error{ErrorCode::kInternal, "the supervisor cannot be shipped: " + reason_of(shipped)};
    }
    return true;
}

Result<std::string> ensure_journal_id(SshSession& session, const SupervisorPlace& place) {
    const auto read = [&]() -> Result<std::string> {
        ARARAT_ASSIGN_OR_RETURN(auto output, session.run(place.journal_id_command(), {}, kShortCommand));
        return trimmed(std::move(output.standard_output));
    };
    ARARAT_ASSIGN_OR_RETURN(auto id, read());
    if (id.empty()) {
        const auto fresh = platform::random_hex(kJournalIdBytes);
        const auto input = put_input(place.journal_id_file(), "0600", sha256_hex(fresh), fresh);
        ARARAT_RETURN_IF_ERROR(request(session, place, input, kShortCommand));
        ARARAT_ASSIGN_OR_RETURN(id, read());
    }
    if (id.empty()) return Error{ErrorCode::kInternal, "the host's journal id cannot be read back"};
    return id;
}

Result<std::vector<execution::AttemptKey>> known_attempts(SshSession& session, const SupervisorPlace& place) {
    ARARAT_ASSIGN_OR_RETURN(const std::string answer,
                            request(session, place, request_input({"list", place.steps()}), kShortCommand));
    ARARAT_ASSIGN_OR_RETURN(const std::vector<std::string> texts, agent::decode_keys(answer));
    std::vector<execution::AttemptKey> keys;
    for (const std::string& text : texts) {
        // What is no key of ours is left alone.
        if (auto key = key_of(text)) keys.push_back(std::move(*key));
    }
    return keys;
}

}  // namespace ararat::transport
