#include "transport/ssh_preparation.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "agent/step_spec/step_result.h"
#include "base/join.h"
#include "base/protocol.h"
#include "base/sha256.h"
#include "platform/random.h"

namespace ararat::transport {
namespace {

constexpr std::size_t kJournalIdBytes = 16;

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

std::optional<SshPreparation::Command> SshPreparation::next() const {
    switch (stage_) {
        case Stage::kLooking:
            return Command{place_.look_command(),
                           program_.sha256 + "\n" + request_input({"list", place_.steps()}), kShortCommand};
        case Stage::kShipping:
            return Command{place_.ship_command(), program_.sha256 + "\n" + program_.bytes, kShippingTime};
        case Stage::kNaming:
            return Command{
                place_.request_command(),
                put_input(place_.journal_id_file(), "0600", sha256_hex(fresh_journal_id_), fresh_journal_id_),
                kShortCommand};
        case Stage::kOver: break;
    }
    return std::nullopt;
}

Result<void> SshPreparation::on_output(const SshOutput& output) {
    if (output.exit_code != 0) {
        const char* words =
            stage_ == Stage::kShipping ? "the supervisor cannot be shipped: " : "on the host: ";
        return Error{ErrorCode::kInternal, words + reason_of(output)};
    }
    if (stage_ == Stage::kLooking) return on_look(output);
    (stage_ == Stage::kShipping ? host_.shipped : named_) = true;
    stage_ = Stage::kLooking;
    return {};
}

Result<void> SshPreparation::on_look(const SshOutput& output) {
    const std::string_view text = output.standard_output;
    const auto line = text.substr(0, text.find('\n'));
    if (line == "other") {
        if (host_.shipped || named_) {
            return Error{ErrorCode::kInternal, "the host has not kept the supervisor that was shipped"};
        }
        stage_ = Stage::kShipping;
        return {};
    }
    if (!line.starts_with("same ") || line.size() == text.size()) {
        return Error{ErrorCode::kDataLoss, "the host answers with something else than was asked for"};
    }
    ARARAT_ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                            agent::decode_keys(text.substr(line.size() + 1)));
    host_.known.clear();
    for (const std::string& key_text : texts) {
        // What is no key of ours is left alone.
        if (auto key = key_of(key_text)) host_.known.push_back(std::move(*key));
    }
    host_.journal_id = trimmed(std::string(line.substr(line.find(' ') + 1)));
    stage_ = Stage::kOver;
    host_.is_fresh = named_ && host_.journal_id == fresh_journal_id_ && host_.known.empty();
    if (!host_.journal_id.empty()) return {};
    if (named_) return Error{ErrorCode::kInternal, "the host's journal id cannot be read back"};
    // Read back afterwards: somebody else may have been there at the same moment.
    stage_ = Stage::kNaming;
    return {};
}

Result<PreparedHost> prepare_host(SshSession& session, const SupervisorPlace& place,
                                  const SupervisorProgram& program) {
    SshPreparation preparation(place, program, platform::random_hex(kJournalIdBytes));
    while (const auto command = preparation.next()) {
        ARARAT_ASSIGN_OR_RETURN(const auto output,
                                session.run(command->line, command->input, command->within));
        ARARAT_RETURN_IF_ERROR(preparation.on_output(output));
    }
    return preparation.host();
}

execution::HostUp host_up(const HostId& host, PreparedHost prepared) {
    return {host, prepared.journal_id, std::string(kProgramVersion), std::move(prepared.known),
            prepared.is_fresh};
}

}  // namespace ararat::transport
