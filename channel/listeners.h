// Listening sockets: TCP for peers, Unix sockets for local clients and for what a ticket exposes.
// Thread promise: free functions, any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace ararat::channel {

// Non-blocking. Errors: unavailable, with the address.
[[nodiscard]] Result<platform::UniqueFd> listen_tcp(const std::string& address, std::uint16_t port);
[[nodiscard]] std::uint16_t local_port(int fd);

// Makes missing parents (0755) and replaces a socket that is there, but nothing that is not a socket
// (failed-precondition). Nobody can connect before `mode` and owner are set. `owner` empty: whose this
// process is. Errors: not-found where there is no such user.
[[nodiscard]] Result<platform::UniqueFd> listen_unix(const std::string& path, mode_t mode,
                                                     const std::string& owner = {});
// Removes the socket at `path`, and nothing that is not one.
void remove_socket(const std::string& path);

// The next waiting connection, close-on-exec; not valid when there is none.
[[nodiscard]] platform::UniqueFd accept_one(int listener);

}  // namespace ararat::channel
