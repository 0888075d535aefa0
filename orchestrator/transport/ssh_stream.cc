#include "transport/ssh_stream.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "platform/files.h"
#include "transport/ssh_pump.h"

namespace ararat::transport {
namespace {

// A phase of one host may take most of the time that all have together, but not all of it: else a host that
// is silent would leave none to say so.
SshTimeouts stream_timeouts(Duration until) {
    constexpr Duration kPhase = std::chrono::seconds{10};
    return {.connect = kPhase / 2,
            .handshake = kPhase,
            .authenticate = kPhase,
            .open_channel = kPhase,
            .until = until};
}

}  // namespace

Result<channel::OpenedStream> open_ssh_stream(const SshTarget& target, const std::string& command,
                                              std::string input, const StreamPatience& patience) {
    const auto timeouts = stream_timeouts(patience.until);
    ARARAT_ASSIGN_OR_RETURN(auto session, SshSession::connect(target, timeouts, patience.interrupt));
    ARARAT_ASSIGN_OR_RETURN(auto exec, session->start(command, {}, 0, true));
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return platform::errno_error(errno, "socketpair");
    }
    platform::UniqueFd ours(pair[0]);
    platform::UniqueFd theirs(pair[1]);
    ARARAT_ASSIGN_OR_RETURN(auto interrupt, channel::Interrupt::make());
    session->use(interrupt);
    const auto pump =
        std::make_shared<SshPump>(SshPumpParts{std::move(session), std::move(exec), true, std::move(theirs),
                                               std::move(input), std::move(interrupt)});
    pump->start();
    return channel::OpenedStream{std::move(ours), [pump](channel::StreamEnd end) -> Result<void> {
                                     if (end != channel::StreamEnd::kAborted) return pump->finish();
                                     pump->abort();
                                     return {};
                                 }};
}

}  // namespace ararat::transport
