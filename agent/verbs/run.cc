#include "agent/verbs/child.h"
#include "agent/verbs/verb.h"

namespace ararat::agent {

VerbResult perform_run(const Operation& operation, const VerbContext& context) {
    return run_child(operation.argv, context);
}

}  // namespace ararat::agent
