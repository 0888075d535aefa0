#include "store/sqlite_log_damage.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace ararat::store {
namespace {

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kMagic = 0x377f0682;  // the lowest bit: checksums over big-endian words
constexpr std::uint32_t kPageBytesMin = 512;
constexpr std::uint32_t kPageBytesMax = 65'536;

std::uint32_t word_at(std::string_view bytes, std::size_t at, bool big_endian = true) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[at + i]);
        word |= static_cast<std::uint32_t>(byte) << (8 * (big_endian ? 3 - i : i));
    }
    return word;
}

class Checksum {
public:
    explicit Checksum(bool big_endian) : big_endian_(big_endian) {}
    // Precondition: a multiple of 8 bytes.
    void add(std::string_view bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += 8) {
            sums_[0] += word_at(bytes, at, big_endian_) + sums_[1];
            sums_[1] += word_at(bytes, at + 4, big_endian_) + sums_[0];
        }
    }
    [[nodiscard]] bool stands_at(std::string_view bytes, std::size_t at) const {
        return word_at(bytes, at) == sums_[0] && word_at(bytes, at + 4) == sums_[1];
    }

private:
    bool big_endian_;
    std::array<std::uint32_t, 2> sums_{};
};

class Log {
public:
    explicit Log(std::string_view bytes)
        : bytes_(bytes), page_bytes_(word_at(bytes, 8)), salts_(bytes.substr(16, 8)) {}

    [[nodiscard]] bool header_holds() const {
        if ((word_at(bytes_, 0) & ~1U) != kMagic) return false;
        Checksum sum(is_big_endian());
        sum.add(bytes_.substr(0, 24));
        return sum.stands_at(bytes_, 24);
    }
    [[nodiscard]] std::size_t frames() const {
        return (bytes_.size() - kHeaderBytes) / (kFrameHeaderBytes + page_bytes_);
    }
    // Of the frames from the first on, as many as the checksums run through.
    [[nodiscard]] std::size_t frames_that_hold() const {
        Checksum sum(is_big_endian());
        sum.add(bytes_.substr(0, 24));
        for (std::size_t frame = 0; frame < frames(); ++frame) {
            const std::string_view bytes = at(frame);
            sum.add(bytes.substr(0, 8));
            sum.add(bytes.substr(kFrameHeaderBytes));
            if (!is_of_this_log(frame) || !sum.stands_at(bytes, 16)) return frame;
        }
        return frames();
    }
    // Older frames, from before the log was begun anew, have other salts.
    [[nodiscard]] std::size_t commits_from(std::size_t frame) const {
        std::size_t commits = 0;
        for (; frame < frames(); ++frame) {
            if (is_of_this_log(frame) && word_at(at(frame), 4) != 0) ++commits;
        }
        return commits;
    }
    void take_page_bytes(std::uint32_t bytes) { page_bytes_ = bytes; }
    void take_salts_of_first_frame() { salts_ = at(0).substr(8, 8); }

private:
    [[nodiscard]] bool is_big_endian() const { return (word_at(bytes_, 0) & 1U) != 0; }
    [[nodiscard]] std::string_view at(std::size_t frame) const {
        const std::size_t bytes = kFrameHeaderBytes + page_bytes_;
        return bytes_.substr(kHeaderBytes + frame * bytes, bytes);
    }
    [[nodiscard]] bool is_of_this_log(std::size_t frame) const { return at(frame).substr(8, 8) == salts_; }

    std::string_view bytes_;
    std::uint32_t page_bytes_;
    std::string_view salts_;
};

// The header is one sector, written and synced before any frame of its log.
std::string damage_of_header(Log log) {
    for (std::uint32_t bytes = kPageBytesMin; bytes <= kPageBytesMax; bytes *= 2) {
        log.take_page_bytes(bytes);
        if (log.frames() == 0) continue;
        log.take_salts_of_first_frame();
        // With the wrong size of a page nothing but chance agrees.
        if (log.commits_from(0) > 1) return "the header of its write-ahead log does not hold";
    }
    return {};
}

}  // namespace

std::string damage_of_log(std::string_view log) {
    if (log.size() <= kHeaderBytes) return {};
    const Log read(log);
    if (!read.header_holds()) return damage_of_header(read);
    const std::size_t good = read.frames_that_hold();
    if (read.commits_from(good) < 2) return {};
    return "frame " + std::to_string(good + 1) +
           " of its write-ahead log does not hold, and commits that were acknowledged follow it";
}

}  // namespace ararat::store
