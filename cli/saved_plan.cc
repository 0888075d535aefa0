#include "cli/saved_plan.h"

#include "base/sha256.h"
#include "platform/files.h"

namespace ararat::cli {

namespace {
constexpr std::string_view kMagic = "ararat-plan-1\n";
constexpr std::size_t kHexSize = 64;
}  // namespace

Result<void> save_plan(const std::string& file, const v1::SavedPlan& plan) {
    const std::string body = plan.SerializeAsString();
    return platform::write_file_durable(file, std::string(kMagic) + sha256_hex(body) + "\n" + body, 0644);
}

Result<v1::SavedPlan> load_plan(const std::string& file) {
    ARARAT_ASSIGN_OR_RETURN(const std::string bytes, platform::read_file(file));
    const std::size_t start = kMagic.size() + kHexSize + 1;
    if (bytes.size() < start || bytes.compare(0, kMagic.size(), kMagic) != 0) {
        return Error{ErrorCode::kInvalidArgument, "this is not a saved plan (made by 'ararat plan --out')",
                     file};
    }
    const std::string body = bytes.substr(start);
    v1::SavedPlan plan;
    if (sha256_hex(body) != bytes.substr(kMagic.size(), kHexSize) || !plan.ParseFromString(body)) {
        return Error{ErrorCode::kDataLoss, "the saved plan is damaged: make it again", file};
    }
    return plan;
}

}  // namespace ararat::cli
