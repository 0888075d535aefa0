// What this process and its children do to files below one folder, in the order in which they do it. Linking
// file_calls.cc puts it before the C library's write, pwrite, fsync, fdatasync and rename for the whole
// program.
// Thread promise: calls are noted from any thread and process; the rest is for one thread.
#pragma once

#include <string>
#include <vector>

namespace ararat::testing {

// From now on, and with nothing noted yet.
void watch_file_calls(const std::string& folder);

// "write NAME", "sync NAME", "rename NAME NAME", by their paths in the folder ("." is itself); what is random
// in a temporary file's name is left out, and of writes to one file in a row there is one.
[[nodiscard]] std::vector<std::string> file_calls();

}  // namespace ararat::testing
