// The file that `ararat plan --out` writes and `ararat apply` takes.
#pragma once

#include <string>

#include "ararat/v1/plan.pb.h"
#include "base/result.h"

namespace ararat::cli {

// A short magic line, the message's SHA-256, then the message: a damaged file is refused, not half read.
[[nodiscard]] Result<void> save_plan(const std::string& file, const v1::SavedPlan& plan);
[[nodiscard]] Result<v1::SavedPlan> load_plan(const std::string& file);

}  // namespace ararat::cli
