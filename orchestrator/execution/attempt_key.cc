#include "execution/attempt_key.h"

#include "base/check.h"

namespace ararat::execution {

std::string to_string(Purpose purpose) {
    switch (purpose) {
        case Purpose::kForward: return "forward";
        case Purpose::kProbe: return "probe";
        case Purpose::kUndo: return "undo";
    }
    ARARAT_CHECK(false, "a Purpose outside its enum");
}

std::string to_string(const AttemptKey& key) {
    return key.project.str() + '|' + key.run.str() + '|' + key.task.str() + '|' + to_string(key.purpose) +
           '|' + std::to_string(key.attempt);
}

}  // namespace ararat::execution
