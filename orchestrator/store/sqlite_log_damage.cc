#include "store/sqlite_log_damage.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "platform/files.h"

namespace ararat::store {
namespace {

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::size_t kSumAt = 16;            // in a frame's header
constexpr std::uint32_t kMagic = 0x377f0682;  // the lowest bit: checksums over big-endian words
constexpr std::uint32_t kPageBytesMin = 512;
constexpr std::uint32_t kPageBytesMax = 65'536;
constexpr std::size_t kLogBytesMax = std::size_t{1} << 30U;

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
    // Goes on from what is stored there.
    void take(std::string_view bytes, std::size_t at) {
        sums_ = {word_at(bytes, at), word_at(bytes, at + 4)};
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
    struct Break {
        std::size_t frame = 0;  // the first that does not hold; frames(): all do
        Checksum before;        // of all that holds
    };
    // How far the checksums run from the first frame on.
    [[nodiscard]] Break first_break() const {
        Checksum sum(is_big_endian());
        sum.add(bytes_.substr(0, 24));
        for (std::size_t frame = 0; frame < frames(); ++frame) {
            const Checksum before = sum;
            add(sum, frame);
            if (!is_of_this_log(frame) || !sum.stands_at(at(frame), kSumAt)) return {frame, before};
        }
        return {frames(), sum};
    }
    // Whether a commit that has ended at the break or behind it has a frame that goes on from its checksum:
    // it was synced, for the next was written. A commit frame alone may be of a torn commit, the last one's
    // or an earlier one's: SQLite goes on before the torn one with the same salts, and what it does not write
    // over stays, chained within itself to its end and no further.
    [[nodiscard]] bool has_acknowledged(const Break& from) const {
        if (from.frame + 1 >= frames()) return false;
        if (ends_commit(from) && is_followed(from)) return true;
        for (std::size_t frame = from.frame + 1; frame + 1 < frames(); ++frame) {
            if (!is_of_this_log(frame) || !is_commit(frame)) continue;
            if (chains(stored_at(frame), frame + 1)) return true;
        }
        return false;
    }
    // Older frames, from before the log was begun anew, have other salts.
    [[nodiscard]] std::size_t commits() const {
        std::size_t commits = 0;
        for (std::size_t frame = 0; frame < frames(); ++frame) {
            if (is_of_this_log(frame) && is_commit(frame)) ++commits;
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
    [[nodiscard]] bool is_commit(std::size_t frame) const { return word_at(at(frame), 4) != 0; }
    [[nodiscard]] Checksum stored_at(std::size_t frame) const {
        Checksum sum(is_big_endian());
        sum.take(at(frame), kSumAt);
        return sum;
    }
    void add(Checksum& sum, std::size_t frame) const {
        sum.add(at(frame).substr(0, 8));
        sum.add(at(frame).substr(kFrameHeaderBytes));
    }
    [[nodiscard]] bool chains(Checksum before, std::size_t frame) const {
        add(before, frame);
        return is_of_this_log(frame) && before.stands_at(at(frame), kSumAt);
    }
    // Also where the one bit that was left of the mark has turned.
    [[nodiscard]] bool ends_commit(const Break& broken) const {
        if (is_commit(broken.frame)) return true;
        std::string head(at(broken.frame).substr(0, 8));
        for (unsigned bit = 0; bit < 32; ++bit) {
            std::string turned = head;
            turned[4 + bit / 8] = static_cast<char>(1U << bit % 8);
            Checksum sum = broken.before;
            sum.add(turned);
            sum.add(at(broken.frame).substr(kFrameHeaderBytes));
            if (sum.stands_at(at(broken.frame), kSumAt)) return true;
        }
        return false;
    }
    // From the checksum that the frame at the break stores, or from its true one where that has changed.
    [[nodiscard]] bool is_followed(const Break& broken) const {
        Checksum computed = broken.before;
        add(computed, broken.frame);
        return chains(stored_at(broken.frame), broken.frame + 1) || chains(computed, broken.frame + 1);
    }

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
        if (log.commits() > 1) return "the header of its write-ahead log does not hold";
    }
    return {};
}

}  // namespace

std::string damage_of_log(std::string_view log) {
    if (log.size() <= kHeaderBytes) return {};
    const Log read(log);
    if (!read.header_holds()) return damage_of_header(read);
    const Log::Break broken = read.first_break();
    if (!read.has_acknowledged(broken)) return {};
    return "frame " + std::to_string(broken.frame + 1) +
           " of its write-ahead log does not hold, and commits that were acknowledged follow it";
}

std::string damage_of_log_beside(const std::string& database) {
    const auto log = platform::read_file(database + "-wal", kLogBytesMax);
    return log.ok() ? damage_of_log(*log) : std::string();
}

}  // namespace ararat::store
