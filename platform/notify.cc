#include "platform/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/utf8.h"
#include "platform/log.h"
#include "platform/unique_fd.h"

namespace ararat::platform {

void notify_service_manager(std::string_view state) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un name{};
    if (path == nullptr || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof name.sun_path)
        return;
    name.sun_family = AF_UNIX;
    const std::size_t length = std::strlen(path);
    std::memcpy(name.sun_path, path, length);
    if (path[0] == '@') name.sun_path[0] = '\0';  // an abstract socket
    const platform::UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto name_length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    if (::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&name),
                 name_length) < 0) {
        spdlog::warn("cannot tell the service manager {}: {}", state, std::strerror(errno));
    }
}

void notify_status(std::string_view words) {
    // Cut first: what is left of a character that was cut is shown as such.
    notify_service_manager("STATUS=" + displayable_line(words.substr(0, kStatusBytesMax)));
}

}  // namespace ararat::platform
