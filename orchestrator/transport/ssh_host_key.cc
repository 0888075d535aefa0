#include "transport/ssh_host_key.h"

#include <memory>
#include <sstream>

namespace ararat::transport {
namespace {

using KeyHandle = std::unique_ptr<ssh_key_struct, decltype(&ssh_key_free)>;

struct KeyLine {
    std::string type;
    std::string base64;
};

// A comment after the key plays no part.
KeyLine split_line(const std::string& line) {
    KeyLine split;
    std::istringstream words(line);
    words >> split.type >> split.base64;
    return split;
}

Result<std::string> fingerprint_of(ssh_key key) {
    unsigned char* hash = nullptr;
    std::size_t size = 0;
    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != SSH_OK) {
        return Error{ErrorCode::kInternal, "the host key has no fingerprint"};
    }
    char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
    ssh_clean_pubkey_hash(&hash);
    if (text == nullptr) return Error{ErrorCode::kInternal, "the host key has no fingerprint"};
    std::string fingerprint(text);
    ssh_string_free_char(text);
    return fingerprint;
}

}  // namespace

Result<ShownKey> shown_host_key(ssh_session session) {
    ssh_key raw = nullptr;
    if (ssh_get_server_publickey(session, &raw) != SSH_OK) {
        return Error{ErrorCode::kUnavailable, "the server showed no host key"};
    }
    const KeyHandle key(raw, &ssh_key_free);
    char* base64 = nullptr;
    if (ssh_pki_export_pubkey_base64(key.get(), &base64) != SSH_OK) {
        return Error{ErrorCode::kInternal, "the server's host key cannot be read"};
    }
    ShownKey shown;
    shown.line = std::string(ssh_key_type_to_char(ssh_key_type(key.get()))) + " " + base64;
    ssh_string_free_char(base64);
    ARARAT_ASSIGN_OR_RETURN(shown.fingerprint, fingerprint_of(key.get()));
    return shown;
}

Result<std::string> fingerprint_of_line(const std::string& line) {
    const auto split = split_line(line);
    const auto type = ssh_key_type_from_name(split.type.c_str());
    ssh_key raw = nullptr;
    if (type == SSH_KEYTYPE_UNKNOWN ||
        ssh_pki_import_pubkey_base64(split.base64.c_str(), type, &raw) != SSH_OK) {
        return Error{ErrorCode::kInvalidArgument, "not an SSH public key: '" + line.substr(0, 80) + "'"};
    }
    const KeyHandle key(raw, &ssh_key_free);
    return fingerprint_of(key.get());
}

Result<void> check_host_key(const ShownKey& shown, const std::vector<std::string>& pinned,
                            const std::string& where) {
    const auto mine = split_line(shown.line);
    std::string fingerprints;
    for (const auto& line : pinned) {
        const auto pin = split_line(line);
        if (pin.type == mine.type && pin.base64 == mine.base64) return {};
        ARARAT_ASSIGN_OR_RETURN(const auto fingerprint, fingerprint_of_line(line));
        fingerprints += (fingerprints.empty() ? "" : ", ") + fingerprint;
    }
    return Error{ErrorCode::kPermissionDenied,
                 "the host's key is not the pinned one: it shows " + shown.fingerprint + ", pinned is " +
                     fingerprints + "; nothing was sent to it",
                 where};
}

std::string algorithms_for(const std::vector<std::string>& pinned) {
    std::string list;
    for (const auto& line : pinned) {
        const auto type = split_line(line).type;
        const auto algorithms = type == "ssh-rsa" ? std::string("rsa-sha2-512,rsa-sha2-256") : type;
        if (list.find(algorithms) != std::string::npos) continue;
        list += (list.empty() ? "" : ",") + algorithms;
    }
    return list;
}

}  // namespace ararat::transport
