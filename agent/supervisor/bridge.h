// Carrying bytes between standard input and output and something else, for the SSH transport.
#pragma once

#include <string>

namespace ararat::agent {

// `target`: the path of a Unix socket, or host:port. Exit code.
[[nodiscard]] int bridge_to_socket(const std::string& target, const std::string& etc_dir);
// Reads the argument vector from standard input, then becomes that program; returns only on a fault.
[[nodiscard]] int become_program();

}  // namespace ararat::agent
