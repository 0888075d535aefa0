#include "channel/rsh_client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "channel/connection.h"
#include "channel/local_frames.h"

namespace ararat::channel {
namespace {

constexpr std::size_t kBufferBytes = 128 * 1024;

int fail(const std::string& why, int code = kRshNoStream) {
    (void)std::fprintf(stderr, "ararat data channel: %s\n", why.c_str());
    return code;
}

// Whether asking again would bring the same answer.
bool is_final(ErrorCode code) {
    return code == ErrorCode::kPermissionDenied || code == ErrorCode::kInvalidArgument ||
           code == ErrorCode::kFailedPrecondition;
}

enum class Moved { kSome, kBlocked, kEnd, kFailed };

// One direction: what was read and not yet written.
class Flow {
public:
    Flow(int from, int to) : from_(from), to_(to), buffer_(kBufferBytes) {}

    [[nodiscard]] bool empty() const { return begin_ == end_; }
    [[nodiscard]] pollfd wants() const {
        if (!empty()) return {to_, POLLOUT, 0};
        return {ended_ ? -1 : from_, POLLIN, 0};
    }
    // Nothing more can be carried this way.
    void stop() {
        begin_ = end_;
        ended_ = true;
    }
    // Reads into the empty buffer, or writes from it.
    Moved step() {
        if (!empty()) {
            const auto put = ::write(to_, buffer_.data() + begin_, end_ - begin_);
            if (put < 0) return errno == EAGAIN || errno == EINTR ? Moved::kBlocked : Moved::kFailed;
            begin_ += static_cast<std::size_t>(put);
            return Moved::kSome;
        }
        const auto got = ::read(from_, buffer_.data(), buffer_.size());
        if (got < 0) return errno == EAGAIN || errno == EINTR ? Moved::kBlocked : Moved::kFailed;
        if (got == 0) {
            ended_ = true;
            return Moved::kEnd;
        }
        begin_ = 0;
        end_ = static_cast<std::size_t>(got);
        return Moved::kSome;
    }

private:
    int from_;
    int to_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;
};

// Until the far side ends. The end of our input is passed on, the other direction goes on. Neither
// direction ever waits for the other: two full pipes would then wait for each other for good.
int carry(int socket) {
    for (const int fd : {0, 1, socket}) {
        const int flags = ::fcntl(fd, F_GETFL);
        if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return 1;
    }
    Flow down(socket, 1);
    Flow up(0, socket);
    while (true) {
        std::array<pollfd, 2> fds = {down.wants(), up.wants()};
        if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return 1;
        if (fds[0].revents != 0) {
            const auto moved = down.step();
            if (moved == Moved::kEnd) return 0;
            if (moved == Moved::kFailed) return 1;
        }
        // A failed write here means that the far side has gone, which reading from it will tell.
        if (fds[1].revents != 0) {
            const auto moved = up.step();
            if (moved == Moved::kEnd) (void)::shutdown(socket, SHUT_WR);
            if (moved == Moved::kFailed) up.stop();
        }
    }
}

}  // namespace

int run_rsh_client(const RshRequest& request) {
    // A reader that went away is an error code here, not a signal.
    (void)::signal(SIGPIPE, SIG_IGN);
    const auto socket = dial_local(request.local_socket);
    if (!socket.ok()) return fail("the agent does not answer: " + socket.error().text());
    const auto sent = write_local_request(socket->get(), {request.run, request.channel, request.arguments});
    if (!sent.ok()) return fail(sent.error().text());
    const auto answer = read_local_answer(socket->get());
    if (!answer.ok()) return fail(answer.error().text());
    if (!answer->refused.empty()) {
        return fail(answer->refused, is_final(answer->code) ? kRshRefused : kRshNoStream);
    }
    return carry(socket->get());
}

}  // namespace ararat::channel
