#include "agent/supervisor/commands.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "agent/step_spec/step_spec.h"
#include "agent/step_spec/supervisor_rules.h"
#include "agent/supervisor/attempt_folder.h"
#include "agent/supervisor/bridge.h"
#include "agent/supervisor/standard_input.h"
#include "base/protocol.h"
#include "base/sha256.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kWordsMax = 16;
constexpr std::size_t kWordMax = 4096;
constexpr std::size_t kPutBytesMax = std::size_t{512} << 20U;

int fault(const std::string& what, int code = kExitFault) {
    std::fprintf(stderr, "ararat-supervisor: %s\n", what.c_str());
    return code;
}

int print(const Result<AttemptReport>& report) {
    if (!report.ok()) return fault(report.error().text());
    const auto written = platform::write_all(STDOUT_FILENO, encode_report(report.value()));
    return written.ok() ? kExitDone : fault(written.error().text());
}

std::optional<std::uint64_t> to_number(const std::string& text, int base = 10) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

int start(const Words& words, const StartOptions& options) {
    const auto spec = read_to_end(STDIN_FILENO, kSpecBytesMax);
    if (!spec.ok()) return fault(spec.error().text());
    return print(start_attempt(words[1], spec.value(), options));
}

int wait(const Words& words) {
    const auto timeout_ms = to_number(words[3]);
    const auto offset = to_number(words[4]);
    if (!timeout_ms || *timeout_ms > 3'600'000 || !offset)
        return fault("wait ROOT ID TIMEOUT_MS OFFSET", kExitUsage);
    return print(
        wait_for_change(words[1], words[2], Duration{static_cast<std::int64_t>(*timeout_ms)}, *offset));
}

int list(const Words& words) {
    const auto keys = AttemptRoot(words[1]).known_keys();
    if (!keys.ok()) return fault(keys.error().text());
    const auto written = platform::write_all(STDOUT_FILENO, encode_keys(keys.value()));
    return written.ok() ? kExitDone : fault(written.error().text());
}

int end_attempt(const Words& words) {
    const auto epoch = to_number(words[3]);
    if (!epoch) return fault(words[0] + " ROOT ID EPOCH", kExitUsage);
    const AttemptRoot root(words[1]);
    if (words[0] == "never-start") return print(root.never_start(words[2], ruled_out({}), epoch));
    return print(words[0] == "cancel" ? root.cancel(words[2], epoch) : root.forget(words[2], epoch));
}

int put(const Words& words) {
    const std::string& path = words[1];
    const auto mode = to_number(words[2], 8);
    const auto size = to_number(words[4]);
    if (!path.starts_with('/') || !mode || *mode > 07777 || !is_sha256_hex(words[3]) || !size ||
        *size > kPutBytesMax) {
        return fault("put PATH MODE SHA256 SIZE", kExitUsage);
    }
    const auto bytes = read_exactly(STDIN_FILENO, *size);
    if (!bytes.ok()) return fault(bytes.error().text());
    if (sha256_hex(bytes.value()) != words[3])
        return fault(path + ": the bytes received do not have that hash");
    if (auto made = platform::make_dirs(platform::dir_of(path)); !made.ok())
        return fault(made.error().text());
    const auto written = platform::write_file_durable(path, bytes.value(), static_cast<mode_t>(*mode));
    if (!written.ok()) return fault(written.error().text());
    return platform::write_all(STDOUT_FILENO, "ok\n").ok() ? kExitDone : kExitFault;
}

int version() {
    std::printf("%s\n", std::string(kProgramVersion).c_str());
    return kExitDone;
}

int request(const StartOptions& options) {
    const auto count_text = read_word(STDIN_FILENO, 8);
    if (!count_text.ok()) return fault(count_text.error().text());
    const auto count = to_number(count_text.value());
    if (!count || *count == 0 || *count > kWordsMax)
        return fault("request: the number of words is not one", kExitUsage);
    Words words;
    for (std::uint64_t i = 0; i < *count; ++i) {
        auto word = read_word(STDIN_FILENO, kWordMax);
        if (!word.ok()) return fault(word.error().text());
        words.push_back(std::move(word).value());
    }
    if (words[0] == "request") return fault("request: a request cannot hold another", kExitUsage);
    return run_command(words, options);
}

struct Usage {
    std::string_view name;
    std::size_t words;
    std::string_view text;
};
constexpr std::array<Usage, 12> kUsages = {{{"start", 2, "start ROOT"},
                                            {"list", 2, "list ROOT"},
                                            {"status", 3, "status ROOT ID"},
                                            {"wait", 5, "wait ROOT ID TIMEOUT_MS OFFSET"},
                                            {"never-start", 4, "never-start ROOT ID EPOCH"},
                                            {"cancel", 4, "cancel ROOT ID EPOCH"},
                                            {"forget", 4, "forget ROOT ID EPOCH"},
                                            {"put", 5, "put PATH MODE SHA256 SIZE"},
                                            {"request", 1, "request"},
                                            {"exec", 1, "exec"},
                                            {"connect", 2, "connect SOCKET|HOST:PORT"},
                                            {"version", 1, "version"}}};

// What is wrong with the words, or nothing.
std::string usage_fault(const Words& words) {
    if (words.empty())
        return "a command is missing: start, list, status, wait, never-start, cancel, forget, put, request, "
               "exec, connect, version";
    for (const Usage& usage : kUsages) {
        if (usage.name != words[0]) continue;
        if (words.size() != usage.words) return "usage: " + std::string(usage.text);
        const bool takes_id = usage.words >= 3 && usage.name != "put";
        if (takes_id && !AttemptRoot::is_id(words[2]))
            return "\"" + words[2] + "\" is not the id of an attempt";
        return {};
    }
    return "there is no command \"" + words[0] + "\"";
}

}  // namespace

int run_command(const Words& words, const StartOptions& options) {
    if (const std::string wrong = usage_fault(words); !wrong.empty()) return fault(wrong, kExitUsage);
    const std::string& command = words[0];
    if (command == "start") return start(words, options);
    if (command == "status") return print(AttemptRoot(words[1]).settle(words[2]));
    if (command == "wait") return wait(words);
    if (command == "list") return list(words);
    if (command == "never-start" || command == "cancel" || command == "forget") return end_attempt(words);
    if (command == "put") return put(words);
    if (command == "request") return request(options);
    if (command == "exec") return become_program();
    if (command == "connect") return bridge_to_socket(words[1], options.etc_dir);
    return version();
}

}  // namespace ararat::agent
