// What a peer that has passed TLS says before any byte is carried. The rsync command is judged here by a list
// of what it must never hold, which shares nothing with the list of what it may.
#include <algorithm>
#include <array>

#include "channel/frames.h"
#include "channel/rsync_command.h"
#include "tests/fuzz/target.h"

namespace ararat::fuzzing {
namespace {

constexpr const char* kTree = "/srv/data";

// A message read is the message that would be written: no byte of it was passed over.
template <typename Message>
void expect_same(const Result<Message>& message, std::string_view bytes) {
    if (message.ok()) ARARAT_CHECK(channel::encode(*message) == bytes, "a message was read as another one");
}

void try_rsync(const std::vector<std::string>& proposed) {
    static constexpr std::array<std::string_view, 12> kNever = {
        "--daemon", "--rsh",      "--rsync-path", "--files-from",          "--include-from", "--exclude-from",
        "--filter", "--log-file", "--copy-links", "--remove-source-files", "--copy-dest",    "--config",
    };
    const auto command = channel::rsync_server_command(proposed, kTree);
    if (!command.ok()) return;
    ARARAT_CHECK(command->size() >= 5 && command->front() == "rsync", "another program would be run");
    ARARAT_CHECK((*command)[1] == "--server" && (*command)[2] == "--sender", "this end would be written to");
    ARARAT_CHECK(command->back() == std::string(kTree) + "/", "another path would be served");
    for (std::size_t i = 1; i + 2 < command->size(); ++i) {
        const std::string& word = (*command)[i];
        ARARAT_CHECK(word.size() > 1 && word.front() == '-', "a second path would be served");
        ARARAT_CHECK(word.find('\0') == std::string::npos, "a word ends before its end");
        ARARAT_CHECK(word.find('/') == std::string::npos, "an option names a path");
        for (const std::string_view never : kNever)
            ARARAT_CHECK(!word.starts_with(never), "an option that reads or writes elsewhere");
        const std::string letters = word.starts_with("--") ? "" : word.substr(0, word.find("e."));
        ARARAT_CHECK(letters.find_first_of("LkKsRMfT") == std::string::npos, "a letter that leaves the tree");
    }
}

}  // namespace

void fuzz_channel(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto [way, rest] = choose(bytes, 5);
    switch (way) {
        case 0: expect_same(channel::decode_hello(rest), rest); break;
        case 1: expect_same(channel::decode_answer(rest), rest); break;
        case 2: expect_same(channel::decode_local_request(rest), rest); break;
        case 3: {
            const auto arguments = channel::decode_request(rest);
            if (!arguments.ok()) break;
            ARARAT_CHECK(channel::encode_request(*arguments) == rest, "a request was read as another one");
            try_rsync(*arguments);
            break;
        }
        default: {
            if (rest.size() < channel::kFrameHeaderBytes) break;
            const auto size = channel::frame_size(rest.substr(0, channel::kFrameHeaderBytes));
            if (size.ok()) ARARAT_CHECK(*size <= channel::kFrameBytesMax, "a frame above its limit");
        }
    }
}

}  // namespace ararat::fuzzing
