#include "platform/fail_point.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

namespace ararat::platform {

namespace {

struct Armed {
    std::string name;
    std::atomic<long> left{0};
    bool on = false;

    Armed() {
        const char* set = std::getenv("ARARAT_FAIL_POINTS");
        if (set == nullptr) return;
        const char* colon = std::strrchr(set, ':');
        if (colon == nullptr) return;
        name.assign(set, colon);
        left = std::strtol(colon + 1, nullptr, 10);
        on = left > 0;
    }
};

}  // namespace

namespace {

Armed& armed() {
    static Armed it;
    return it;
}

}  // namespace

bool fail_points_armed() { return armed().on; }

void fail_point(const char* name) {
    if (!armed().on || armed().name != name) return;
    if (armed().left.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

void fail_point(const std::string& name) { fail_point(name.c_str()); }

}  // namespace ararat::platform
