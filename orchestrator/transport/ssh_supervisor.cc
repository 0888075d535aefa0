#include "transport/ssh_supervisor.h"

#include <algorithm>
#include <cctype>

#include "base/sha256.h"
#include "platform/files.h"

namespace ararat::transport {
namespace {

constexpr std::size_t kProgramBytesMax = std::size_t{64} << 20U;

bool is_plain(const std::string& path) {
    return path.size() > 1 && path.front() == '/' && path.find("..") == std::string::npos &&
           std::all_of(path.begin(), path.end(), [](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.' || c == '_' ||
                      c == '-';
           });
}

}  // namespace

std::string trimmed(std::string text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
    return text;
}

Result<SupervisorPlace> SupervisorPlace::make(const std::string& root, const std::string& user) {
    if (!is_plain(root)) {
        return Error{ErrorCode::kInvalidArgument, "'" + root + "' cannot be the folder on a host"};
    }
    return SupervisorPlace(root, user == "root" ? "" : "sudo -n ");
}

std::string SupervisorPlace::hash_command() const {
    return prefix_ + "sh -c 'sha256sum " + program() + " 2>/dev/null || echo none'";
}

std::string SupervisorPlace::look_command() const {
    // sh reads its line byte by byte: what follows it is the supervisor's.
    return prefix_ + "sh -c 'IFS= read -r want && have=$(sha256sum " + program() +
           " 2>/dev/null); [ \"${have%% *}\" = \"$want\" ] || { echo other; exit 0; }; echo \"same $(cat " +
           journal_id_file() + " 2>/dev/null)\"; exec " + program() + " request'";
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

namespace {

Result<void> ship(SshSession& session, const SupervisorPlace& place, std::string_view program,
                  const std::string& sha256) {
    ARARAT_ASSIGN_OR_RETURN(
        const auto shipped,
        session.run(place.ship_command(), sha256 + "\n" + std::string(program), kShippingTime));
    if (shipped.exit_code == 0) return {};
    return Error{ErrorCode::kInternal, "the supervisor cannot be shipped: " + reason_of(shipped)};
}

}  // namespace

Result<std::shared_ptr<const SupervisorProgram>> SupervisorProgram::read(const std::string& file) {
    ARARAT_ASSIGN_OR_RETURN(auto bytes, platform::read_file(file, kProgramBytesMax));
    auto sha256 = sha256_hex(bytes);
    return std::make_shared<const SupervisorProgram>(SupervisorProgram{std::move(bytes), std::move(sha256)});
}

Result<bool> ensure_supervisor(SshSession& session, const SupervisorPlace& place, std::string_view program) {
    const auto wanted = sha256_hex(program);
    ARARAT_ASSIGN_OR_RETURN(const auto there, session.run(place.hash_command(), {}, kShortCommand));
    if (there.exit_code != 0) {
        return Error{ErrorCode::kInternal, "the host runs no commands: " + reason_of(there)};
    }
    if (there.standard_output.starts_with(wanted)) return false;
    ARARAT_RETURN_IF_ERROR(ship(session, place, program, wanted));
    return true;
}

}  // namespace ararat::transport
