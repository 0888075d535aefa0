// An SSH host key as people paste it: "ssh-ed25519 AAAA... comment".
// Thread promise: pure function.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ararat::server {

struct SshPublicKey {
    std::string text;         // "ssh-ed25519 AAAA...", without the comment
    std::string fingerprint;  // "SHA256:..." as OpenSSH writes it
};

// Errors: invalid-argument. The key's type inside the base64 must be the one in front (RFC 4253, 6.6).
[[nodiscard]] Result<SshPublicKey> parse_ssh_public_key(std::string_view line);

}  // namespace ararat::server
