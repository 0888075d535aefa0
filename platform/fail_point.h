// Named points at which a test lets the process die as by kill -9. Without ARARAT_FAIL_POINTS in the
// environment a point costs one load. With ARARAT_FAIL_POINTS="engine.committed:17" the process kills itself
// the seventeenth time it passes "engine.committed". Thread promise: any thread.
#pragma once

#include <string>

namespace ararat::platform {

void fail_point(const char* name);
// The same, for a name that has to be made up first.
void fail_point(const std::string& name);
// Whether any point is armed: only then is a name worth making up.
[[nodiscard]] bool fail_points_armed();

}  // namespace ararat::platform
