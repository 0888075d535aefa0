#include "wire/chain.h"

#include <string>

namespace ararat::wire {

Sha256Digest chain_start(const ProjectId& project) { return sha256(project.str()); }

Sha256Digest chain_next(const Sha256Digest& previous, std::uint64_t sequence, std::string_view record_bytes) {
    std::string bytes(reinterpret_cast<const char*>(previous.data()), previous.size());
    bytes.reserve(bytes.size() + 8 + record_bytes.size());
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>((sequence >> shift) & 0xffU);
    bytes += record_bytes;
    return sha256(bytes);
}

}  // namespace ararat::wire
