#include "cli/words.h"

#include <algorithm>

namespace ararat::cli {

namespace {

// "TASK_STATE_RETRY_WAIT" without its prefix, lower case, with hyphens.
std::string without_prefix(const std::string& name, std::size_t prefix) {
    std::string text = name.size() > prefix ? name.substr(prefix) : name;
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    });
    return text;
}

}  // namespace

std::string word(v1::TaskState state) { return without_prefix(v1::TaskState_Name(state), 11); }
std::string word(v1::GroupState state) { return without_prefix(v1::GroupState_Name(state), 12); }
std::string word(v1::RunStatus status) { return without_prefix(v1::RunStatus_Name(status), 11); }

bool is_active(v1::TaskState state) {
    switch (state) {
        case v1::TASK_STATE_OPEN:
        case v1::TASK_STATE_DISPATCHED:
        case v1::TASK_STATE_RUNNING:
        case v1::TASK_STATE_PROBING:
        case v1::TASK_STATE_RETRY_WAIT:
        case v1::TASK_STATE_HELD:
        case v1::TASK_STATE_UNDOING:
        case v1::TASK_STATE_UNDO_FAILED: return true;
        default: return false;
    }
}

bool is_ended(v1::RunStatus status) {
    return status == v1::RUN_STATUS_SUCCEEDED || status == v1::RUN_STATUS_BACKED_OUT ||
           status == v1::RUN_STATUS_FAILED || status == v1::RUN_STATUS_CANCELLED;
}

ExitCode exit_code_of(v1::RunStatus status) {
    switch (status) {
        case v1::RUN_STATUS_SUCCEEDED: return ExitCode::kDone;
        case v1::RUN_STATUS_BACKED_OUT: return ExitCode::kBackedOut;
        case v1::RUN_STATUS_FAILED:
        case v1::RUN_STATUS_CANCELLED:
        case v1::RUN_STATUS_HELD: return ExitCode::kRunFailed;
        default: return ExitCode::kDone;
    }
}

}  // namespace ararat::cli
