// The hash chain over the journal's rows; the rule is in store/journal.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/sha256.h"
#include "model/ids.h"

namespace ararat::wire {

[[nodiscard]] Sha256Digest chain_start(const ProjectId& project);
[[nodiscard]] Sha256Digest chain_next(const Sha256Digest& previous, std::uint64_t sequence,
                                      std::string_view record_bytes);

}  // namespace ararat::wire
