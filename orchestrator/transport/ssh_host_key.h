// Host keys: what a server shows against what is pinned.
// Thread promise: free functions; the session's thread.
#pragma once

#include <libssh/libssh.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace ararat::transport {

struct ShownKey {
    std::string line;         // "ssh-ed25519 AAAA..."
    std::string fingerprint;  // "SHA256:..."
};
// Precondition: the key exchange is done.
[[nodiscard]] Result<ShownKey> shown_host_key(ssh_session session);

// "SHA256:..." of a "TYPE BASE64 [comment]" line.
[[nodiscard]] Result<std::string> fingerprint_of_line(const std::string& line);

// Well if `shown` is one of `pinned`. Errors: permission-denied naming both fingerprints; invalid-argument
// for a pin that is no key.
[[nodiscard]] Result<void> check_host_key(const ShownKey& shown, const std::vector<std::string>& pinned,
                                          const std::string& where);

// libssh's list of the signature algorithms that keys of the pinned types sign with, so that a server with
// keys of several types shows the one that was pinned.
[[nodiscard]] std::string algorithms_for(const std::vector<std::string>& pinned);

}  // namespace ararat::transport
