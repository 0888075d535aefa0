// How records stand in the journal's file, and what a damaged file is.
//   frame = payload length (4 bytes, big endian), check of the length (first 4 bytes of its SHA-256),
//           check of the payload (first 16 bytes of its SHA-256), payload
// A file that ends within a frame, or in zeros, or whose last payload does not fit its check, was torn by a
// crash: that record had not been acted upon and is dropped. Anything else is damage, named by its offset and
// never skipped: what comes after it might be what says that a step has run.
// Thread promise: pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/journal_record.h"
#include "base/result.h"

namespace ararat::agent {

inline constexpr std::size_t kFrameHeaderBytes = 24;
inline constexpr std::size_t kFramePayloadMax = std::size_t{8} << 20U;

[[nodiscard]] std::string frame(const JournalRecord& record);

struct JournalContents {
    std::vector<JournalRecord> records;
    std::size_t good_bytes = 0;  // what follows was torn
};
// Errors: data-loss with the offset.
[[nodiscard]] Result<JournalContents> read_frames(std::string_view bytes);

}  // namespace ararat::agent
