// The agent's journal. Mutated bytes hardly ever pass the checks, so that the decoder behind them would not
// be reached: one way takes the bytes as a file, the others frame them with good checks first, and then spoil
// the file at a place of their choice.
#include <algorithm>

#include "agent/core/agent_core.h"
#include "agent/core/journal_frame.h"
#include "base/sha256.h"
#include "tests/fuzz/target.h"

namespace ararat::fuzzing {
namespace {

using agent::JournalRecord;

std::string first_bytes(const Sha256Digest& digest, std::size_t count) {
    return {reinterpret_cast<const char*>(digest.data()), count};
}

// As journal_frame.h describes it, for payloads that encode_record would never make.
std::string framed(std::string_view payload) {
    std::string length;
    for (unsigned shift = 32; shift > 0; shift -= 8)
        length += static_cast<char>((payload.size() >> (shift - 8U)) & 0xFFU);
    std::string bytes = length + first_bytes(sha256(length), 4) + first_bytes(sha256(payload), 16);
    return bytes.append(payload);
}

// What was accepted is what would be written, byte for byte; the state made of it can be written down again.
void expect_same(const agent::JournalContents& contents, std::string_view bytes) {
    ARARAT_CHECK(contents.good_bytes <= bytes.size(), "more was read than there is");
    std::string again;
    agent::AgentCore core{agent::CoreOptions{}};
    for (const JournalRecord& record : contents.records) {
        again += agent::frame(record);
        core.apply(record);
    }
    ARARAT_CHECK(again == bytes.substr(0, contents.good_bytes), "a record was read as another one");
    (void)core.recover();
    agent::AgentCore second{agent::CoreOptions{}};
    for (const JournalRecord& record : core.snapshot()) second.apply(record);
    ARARAT_CHECK(second.snapshot() == core.snapshot(), "a snapshot does not give its state");
}

void expect_prefix(const Result<agent::JournalContents>& got, const std::vector<JournalRecord>& whole) {
    if (!got.ok()) return;
    ARARAT_CHECK(got->records.size() <= whole.size(), "a spoilt journal holds more than the whole one");
    ARARAT_CHECK(std::equal(got->records.begin(), got->records.end(), whole.begin()),
                 "a spoilt journal holds other records");
}

// `place`: four bytes that say where.
void try_spoilt(const std::string& file, const agent::JournalContents& whole, std::string_view place) {
    std::size_t at = 0;
    for (const char c : place) at = at * 256 + static_cast<unsigned char>(c);
    const auto cut = agent::read_frames(std::string_view(file).substr(0, at % (file.size() + 1)));
    ARARAT_CHECK(cut.ok(), "a torn journal is taken for a damaged one");
    expect_prefix(cut, whole.records);
    std::string flipped = file;
    char& victim = flipped[(at / 8) % file.size()];
    victim = static_cast<char>(static_cast<unsigned char>(victim) ^ (1U << (at % 8)));
    const auto contents = agent::read_frames(flipped);
    expect_prefix(contents, whole.records);
    // Only the last record may go without a word: it may have been torn.
    if (contents.ok())
        ARARAT_CHECK(contents->records.size() + 1 >= whole.records.size(), "records were lost in silence");
}

}  // namespace

void fuzz_journal(std::string_view bytes) {
    if (bytes.size() < 5) return;
    const auto [way, rest] = choose(bytes, 2);
    if (way == 0) {
        const auto contents = agent::read_frames(rest);
        if (contents.ok()) expect_same(*contents, rest);
        return;
    }
    std::string file;
    for (const std::string_view payload : pieces_of(rest.substr(4))) file += framed(payload);
    if (file.empty()) return;
    const auto contents = agent::read_frames(file);
    if (!contents.ok()) return;
    expect_same(*contents, file);
    try_spoilt(file, *contents, rest.substr(0, 4));
}

}  // namespace ararat::fuzzing
