// Users and groups by name, read from /etc/passwd and /etc/group themselves: the C library's name service has
// no place in a static file. Thread promise: any thread.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace ararat::platform {

// A name that begins with a digit is a number. Errors: not-found; invalid-argument (no number).
[[nodiscard]] Result<uid_t> user_id(const std::string& name, const std::string& etc_dir = "/etc");
[[nodiscard]] Result<gid_t> group_id(const std::string& name, const std::string& etc_dir = "/etc");

}  // namespace ararat::platform
