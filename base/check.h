// A broken invariant stops the process, in release builds too: a wrong guess about state is what
// loses data. Bad input is never an invariant; it is an Error.
#pragma once

namespace ararat {

[[noreturn]] void check_failed(const char* condition, const char* message, const char* file, int line);

}  // namespace ararat

#define ARARAT_CHECK(condition, message)                 \
    (static_cast<bool>(condition) ? static_cast<void>(0) \
                                  : ::ararat::check_failed(#condition, message, __FILE__, __LINE__))
