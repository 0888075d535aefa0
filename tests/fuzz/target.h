// What is fuzzed. A target takes any bytes and breaks an invariant where the product does with them what it
// must not; refusing them is always right. The same functions are driven by libFuzzer (entry.cc) and, without
// clang, by regress.cc.
// Thread promise: one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace ararat::fuzzing {

// Files of plans as one text: see split_sources.
void fuzz_plan(std::string_view bytes);
// Text with ${...} in it, and the scalar types of plans.
void fuzz_scalars(std::string_view bytes);
// What the orchestrator reads: plans and records of its journal, and what agents say.
void fuzz_wire(std::string_view bytes);
// What an agent is told.
void fuzz_command(std::string_view bytes);
// The agent's journal, raw and with valid checks around damaged contents.
void fuzz_journal(std::string_view bytes);
// What a host answers over SSH.
void fuzz_ssh(std::string_view bytes);
// What a peer says first on a data channel, and the rsync command it asks for.
void fuzz_channel(std::string_view bytes);

struct Target {
    std::string_view name;  // of its program and of its folder below corpus/
    void (*run)(std::string_view bytes);
};
[[nodiscard]] std::span<const Target> all_targets();

// The first byte, '0' onwards, says which of `count` ways the rest is taken. Precondition: not empty.
struct Choice {
    std::size_t way = 0;
    std::string_view rest;
};
[[nodiscard]] inline Choice choose(std::string_view bytes, std::size_t count) {
    return {static_cast<unsigned char>(bytes.front() - '0') % count, bytes.substr(1)};
}

// Pieces, each with its length in two bytes before it; the last may be cut short.
[[nodiscard]] std::vector<std::string_view> pieces_of(std::string_view bytes);
[[nodiscard]] std::string joined_pieces(const std::vector<std::string>& pieces);

}  // namespace ararat::fuzzing
