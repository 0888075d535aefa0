// What a write-ahead log says of itself. Method: logs written here as SQLite's file format describes them, on
// which a power loss and what comes after it are a few lines.
#include "store/sqlite_log_damage.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

namespace ararat::store {
namespace {

constexpr std::size_t kPageBytes = 512;
constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameBytes = 24 + kPageBytes;
constexpr std::uint32_t kPages = 16;  // of which a single bit that turns leaves none

class LogText {
public:
    LogText() {
        for (const std::uint32_t word : {0x377f0683U, 3'007'000U, std::uint32_t{kPageBytes}, 1U}) put(word);
        bytes_ += "saltSALT";
        sums_.push_back(next({}, bytes_));
        put(sums_[0][0]);
        put(sums_[0][1]);
    }
    void commit(std::size_t frames) {
        for (std::size_t i = 1; i <= frames; ++i) write_frame(i == frames ? kPages : 0);
    }
    // As SQLite does after a crash: it goes on behind the last commit that holds, with the same salts.
    void recover_to(std::size_t frame) { sums_.resize(frame + 1); }
    // The write of this frame never reached the disk.
    void lose(std::size_t frame) { bytes_.replace(at(frame), kFrameBytes, kFrameBytes, '\0'); }
    void turn(std::size_t frame, std::size_t bit) {
        char& byte = bytes_[at(frame) + bit / 8];
        byte = static_cast<char>(byte ^ (1 << bit % 8));
    }
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    using Sums = std::array<std::uint32_t, 2>;

    static std::string text(std::uint32_t word) {
        std::string bytes;
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(word >> shift);
        return bytes;
    }
    static Sums next(Sums sums, const std::string& bytes) {
        const auto word = [&](std::size_t i) {
            std::uint32_t value = 0;
            for (std::size_t k = i; k < i + 4; ++k) value = value << 8 | static_cast<unsigned char>(bytes[k]);
            return value;
        };
        for (std::size_t i = 0; i < bytes.size(); i += 8) {
            sums[0] += word(i) + sums[1];
            sums[1] += word(i + 4) + sums[0];
        }
        return sums;
    }
    static std::size_t at(std::size_t frame) { return kHeaderBytes + frame * kFrameBytes; }
    void put(std::uint32_t word) { bytes_ += text(word); }
    // Over what may stand there from before.
    void write_frame(std::uint32_t pages) {
        const std::size_t frame = sums_.size() - 1;
        const std::string head = text(static_cast<std::uint32_t>(frame % kPages + 1)) + text(pages);
        const std::string page(kPageBytes, static_cast<char>('a' + ++written_ % 26));
        sums_.push_back(next(sums_.back(), head + page));
        const std::string whole =
            head + bytes_.substr(16, 8) + text(sums_.back()[0]) + text(sums_.back()[1]) + page;
        if (bytes_.size() < at(frame + 1)) bytes_.resize(at(frame + 1));
        bytes_.replace(at(frame), kFrameBytes, whole);
    }

    std::string bytes_;
    std::vector<Sums> sums_;  // after the header and after each frame
    std::size_t written_ = 0;
};

TEST(LogDamage, WhatIsWholeHasNone) {
    LogText log;
    EXPECT_EQ(damage_of_log(log.bytes()), "");
    log.commit(3);
    log.commit(1);
    EXPECT_EQ(damage_of_log(log.bytes()), "");
}

TEST(LogDamage, EachBitOfAHeaderBeforeTheLastCommitIsMissed) {
    for (const std::size_t last : {1U, 3U}) {
        LogText log;
        for (const std::size_t frames : {2U, 1U, 4U}) log.commit(frames);
        log.commit(last);
        for (std::size_t frame = 0; frame < 7; ++frame) {
            for (std::size_t bit = 0; bit < std::size_t{24} * 8; ++bit) {
                LogText turned = log;
                turned.turn(frame, bit);
                EXPECT_NE(damage_of_log(turned.bytes()), "") << "frame " << frame << ", bit " << bit;
            }
        }
    }
}

TEST(LogDamage, ALastCommitThatIsTornIsNone) {
    LogText log;
    log.commit(2);
    log.commit(4);
    for (std::size_t frame = 2; frame < 6; ++frame) {
        LogText torn = log;
        torn.lose(frame);
        EXPECT_EQ(damage_of_log(torn.bytes()), "") << "frame " << frame;
    }
}

// What a torn commit leaves far behind keeps the log's salts, and chains within itself.
TEST(LogDamage, AnEarlierTornCommitBehindATornOneIsNone) {
    LogText log;
    log.commit(2);
    log.commit(10);
    log.lose(2);
    log.recover_to(2);
    log.commit(1);
    EXPECT_EQ(damage_of_log(log.bytes()), "");
    log.commit(3);
    for (std::size_t frame = 3; frame < 6; ++frame) {
        LogText torn = log;
        torn.lose(frame);
        EXPECT_EQ(damage_of_log(torn.bytes()), "") << "frame " << frame;
    }
}

TEST(LogDamage, ABlockThatIsGoneBeforeCommitsThatFollowOneAnotherIsMissed) {
    LogText log;
    for (int i = 0; i < 6; ++i) log.commit(2);
    log.lose(3);
    log.lose(4);
    EXPECT_NE(damage_of_log(log.bytes()), "");
}

}  // namespace
}  // namespace ararat::store
