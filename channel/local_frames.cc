#include "channel/local_frames.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>

#include "channel/connection.h"
#include "platform/files.h"

namespace ararat::channel {
namespace {

// Exactly these bytes and none of what follows: the stream's own bytes begin right behind a message.
Result<void> receive(int fd, std::span<char> bytes, Duration deadline, const Interrupt* interrupt) {
    while (!bytes.empty()) {
        if (interrupt != nullptr) ARARAT_RETURN_IF_ERROR(wait_for_fd(fd, POLLIN, deadline, *interrupt));
        const auto got = ::recv(fd, bytes.data(), bytes.size(), 0);
        if (got == 0) return Error{ErrorCode::kUnavailable, "the other side closed the connection"};
        if (got < 0 && errno != EINTR && errno != EAGAIN) return platform::errno_error(errno, "recv");
        if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<std::string> receive_frame(int fd, Duration deadline, const Interrupt* interrupt) {
    std::array<char, kFrameHeaderBytes> header{};
    ARARAT_RETURN_IF_ERROR(receive(fd, header, deadline, interrupt));
    ARARAT_ASSIGN_OR_RETURN(const auto size, frame_size({header.data(), header.size()}));
    std::string payload(size, '\0');
    ARARAT_RETURN_IF_ERROR(receive(fd, payload, deadline, interrupt));
    return payload;
}

// A message is far smaller than a fresh socket's buffer, so this does not block in practice.
Result<void> send_frame(int fd, std::string_view payload) {
    const auto frame = framed(payload);
    std::string_view rest = frame;
    while (!rest.empty()) {
        const auto put = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR) return platform::errno_error(errno, "send");
        if (put > 0) rest.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

}  // namespace

Result<LocalRequest> read_local_request(int fd, Duration within, const Interrupt& interrupt) {
    ARARAT_ASSIGN_OR_RETURN(const auto bytes, receive_frame(fd, steady_now() + within, &interrupt));
    return decode_local_request(bytes);
}

Result<void> write_local_answer(int fd, const Answer& answer) { return send_frame(fd, encode(answer)); }

Result<void> write_local_request(int fd, const LocalRequest& request) {
    return send_frame(fd, encode(request));
}

Result<Answer> read_local_answer(int fd) {
    ARARAT_ASSIGN_OR_RETURN(const auto bytes, receive_frame(fd, Duration::max(), nullptr));
    return decode_answer(bytes);
}

}  // namespace ararat::channel
