#include "channel/listeners.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "platform/files.h"
#include "platform/users.h"

namespace ararat::channel {
namespace {

constexpr int kBacklog = 128;
constexpr gid_t kSameGroup = static_cast<gid_t>(-1);

bool is_socket(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

}  // namespace

Result<platform::UniqueFd> listen_tcp(const std::string& address, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const auto port_text = std::to_string(port);
    const auto where = address + ":" + port_text;
    const int looked_up = ::getaddrinfo(address.c_str(), port_text.c_str(), &hints, &found);
    if (looked_up != 0) return Error{ErrorCode::kUnavailable, ::gai_strerror(looked_up), where};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    platform::UniqueFd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (!fd.valid() || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd.get(), kBacklog) != 0) {
        auto error = platform::errno_error(errno, "listen", where);
        error.code = ErrorCode::kUnavailable;
        return error;
    }
    return fd;
}

std::uint16_t local_port(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
    return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

Result<platform::UniqueFd> listen_unix(const std::string& path, mode_t mode, const std::string& owner) {
    uid_t user = ::geteuid();
    if (!owner.empty()) {
        ARARAT_ASSIGN_OR_RETURN(user, platform::user_id(owner));
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return Error{ErrorCode::kInvalidArgument, "a Unix socket's path has 1 to 107 bytes", path};
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(platform::dir_of(path), 0755));
    if (platform::file_exists(path) && !is_socket(path)) {
        return Error{ErrorCode::kFailedPrecondition, "there is something that is not a socket", path};
    }
    remove_socket(path);
    platform::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // Before listen() every connection is refused, so the mode is set before anyone gets in.
    if (!fd.valid() || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::chmod(path.c_str(), mode) != 0 ||
        (user != ::geteuid() && ::lchown(path.c_str(), user, kSameGroup) != 0) ||
        ::listen(fd.get(), kBacklog) != 0) {
        return platform::errno_error(errno, "listen", path);
    }
    return fd;
}

void remove_socket(const std::string& path) {
    if (is_socket(path)) (void)::unlink(path.c_str());
}

platform::UniqueFd accept_one(int listener) {
    return platform::UniqueFd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
}

}  // namespace ararat::channel
