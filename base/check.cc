#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace ararat {

void check_failed(const char* condition, const char* message, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: invariant broken: %s (%s)\n", file, line, message, condition);
    std::abort();
}

}  // namespace ararat
