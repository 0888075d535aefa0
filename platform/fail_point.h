// Named points at which a test lets the process die as by kill -9. Without ARARAT_FAIL_POINTS in the environment
// a point costs one load. With ARARAT_FAIL_POINTS="engine.committed:17" the process kills itself the
// seventeenth time it passes "engine.committed".
// Thread promise: any thread.
#pragma once

namespace ararat::platform {

void fail_point(const char* name);

}  // namespace ararat::platform
