#include "agent/core/journal_frame.h"

#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "base/sha256.h"

namespace ararat::agent {

namespace {

std::string first_bytes(const Sha256Digest& digest, std::size_t count) {
    return {reinterpret_cast<const char*>(digest.data()), count};
}

std::string length_bytes(std::size_t length) {
    std::string bytes(4, '\0');
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<char>((length >> (8U * (3U - i))) & 0xFFU);
    return bytes;
}

std::size_t to_length(std::string_view bytes) {
    std::size_t length = 0;
    for (const char c : bytes) length = (length << 8U) | static_cast<unsigned char>(c);
    return length;
}

std::string header_of(std::string_view payload) {
    const std::string length = length_bytes(payload.size());
    return length + first_bytes(sha256(length), 4) + first_bytes(sha256(payload), 16);
}

bool all_zero(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char c) { return c == '\0'; });
}

Error damaged(std::size_t offset, const std::string& why) {
    return Error{ErrorCode::kDataLoss,
                 "the journal is damaged at byte " + std::to_string(offset) + ": " + why};
}

}  // namespace

std::string frame(const JournalRecord& record) {
    const std::string payload = encode_record(record);
    ARARAT_CHECK(payload.size() <= kFramePayloadMax, "results are bounded before they are journalled");
    return header_of(payload) + payload;
}

Result<JournalContents> read_frames(std::string_view bytes) {
    JournalContents contents;
    while (contents.good_bytes < bytes.size()) {
        const std::size_t offset = contents.good_bytes;
        const std::string_view rest = bytes.substr(offset);
        if (rest.size() < kFrameHeaderBytes || all_zero(rest)) return contents;
        const std::size_t length = to_length(rest.substr(0, 4));
        const bool length_holds = first_bytes(sha256(rest.substr(0, 4)), 4) == rest.substr(4, 4);
        if (!length_holds || length > kFramePayloadMax)
            return damaged(offset, "a record's length does not hold");
        if (rest.size() < kFrameHeaderBytes + length) return contents;
        const std::string_view payload = rest.substr(kFrameHeaderBytes, length);
        const bool is_last =
            rest.size() == kFrameHeaderBytes + length || all_zero(rest.substr(kFrameHeaderBytes + length));
        if (header_of(payload) != rest.substr(0, kFrameHeaderBytes)) {
            if (is_last) return contents;
            return damaged(offset, "a record does not fit its check");
        }
        auto record = decode_record(payload);
        if (!record.ok()) return damaged(offset, record.error().text());
        contents.records.push_back(std::move(record).value());
        contents.good_bytes += kFrameHeaderBytes + length;
    }
    return contents;
}

}  // namespace ararat::agent
