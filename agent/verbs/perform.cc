#include "agent/verbs/verb.h"

namespace ararat::agent {

VerbResult perform_verb(const Operation& operation, const VerbContext& context) {
    switch (operation.verb) {
        case Verb::kRun: return perform_run(operation, context);
        case Verb::kService: return perform_service(operation, context);
        case Verb::kHttpProbe: return perform_http_probe(operation, context);
        case Verb::kTcpProbe: return perform_tcp_probe(operation, context);
        case Verb::kWriteFile: return perform_write_file(operation, context);
        case Verb::kRestoreFile: return perform_restore_file(operation, context);
        case Verb::kCopyTree: return perform_copy_tree(operation, context);
        case Verb::kVerifyTree: return perform_verify_tree(operation, context);
        case Verb::kFacts: return perform_facts(operation, context);
        case Verb::kPowerOff: return perform_power_off(operation, context);
    }
    return verb_failed("this agent does not know the verb");
}

std::string field_or(const Operation& operation, std::string_view name, std::string_view otherwise) {
    const auto found = operation.fields.find(std::string(name));
    if (found == operation.fields.end() || found->second.empty()) return std::string(otherwise);
    return found->second;
}

VerbResult verb_failed(std::string detail, int exit_code) {
    VerbResult result;
    result.exit_code = exit_code;
    result.detail = std::move(detail);
    return result;
}

VerbResult verb_interrupted(WaitOutcome outcome, std::string_view what) {
    VerbResult result;
    result.exit_code = 1;
    result.timed_out = outcome == WaitOutcome::kTimedOut;
    result.cancelled = outcome == WaitOutcome::kCancelled;
    result.detail = std::string(what) + (result.cancelled ? ": cancelled" : ": timed out");
    return result;
}

}  // namespace ararat::agent
