#include "transport/ssh_stream.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "platform/files.h"
#include "transport/ssh_pump.h"

namespace ararat::transport {
namespace {

// Together below the time that the target end waits for its source to open, however many hosts are jumped
// through.
SshTimeouts stream_timeouts(std::size_t connections) {
    const auto share = [connections](int seconds) {
        return Duration{seconds * 1000 / static_cast<std::int64_t>(connections)};
    };
    return {
        .connect = share(5), .handshake = share(10), .authenticate = share(10), .open_channel = share(10)};
}

}  // namespace

Result<channel::OpenedStream> open_ssh_stream(const SshTarget& target, const std::string& command,
                                              std::string input) {
    ARARAT_ASSIGN_OR_RETURN(auto interrupt, channel::Interrupt::make());
    const auto timeouts = stream_timeouts(target.jumps.size() + 1);
    ARARAT_ASSIGN_OR_RETURN(auto session, SshSession::connect(target, timeouts, interrupt));
    ARARAT_ASSIGN_OR_RETURN(auto exec, session->start(command, {}, 0, true));
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return platform::errno_error(errno, "socketpair");
    }
    platform::UniqueFd ours(pair[0]);
    platform::UniqueFd theirs(pair[1]);
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
