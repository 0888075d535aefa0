#include <algorithm>

#include "tests/fuzz/target.h"

namespace ararat::fuzzing {

std::vector<std::string_view> pieces_of(std::string_view bytes) {
    std::vector<std::string_view> pieces;
    while (bytes.size() >= 2) {
        const auto high = static_cast<unsigned char>(bytes[0]);
        const auto low = static_cast<unsigned char>(bytes[1]);
        const std::size_t size = static_cast<std::size_t>(high) * 256 + low;
        bytes.remove_prefix(2);
        pieces.push_back(bytes.substr(0, size));
        bytes.remove_prefix(std::min(size, bytes.size()));
    }
    return pieces;
}

std::string joined_pieces(const std::vector<std::string>& pieces) {
    std::string bytes;
    for (const std::string& piece : pieces) {
        ARARAT_CHECK(piece.size() < 65'536, "a piece has two bytes for its length");
        bytes += static_cast<char>(piece.size() / 256);
        bytes += static_cast<char>(piece.size() % 256);
        bytes += piece;
    }
    return bytes;
}

}  // namespace ararat::fuzzing
