#include "transport/ssh_conversation.h"

#include <poll.h>

#include <algorithm>

#include "channel/connection.h"

namespace ararat::transport {
namespace {

using channel::steady_now;

constexpr Duration kKeepalive = std::chrono::seconds{10};
constexpr std::size_t kAnswerBytesMax = std::size_t{4} << 20U;

}  // namespace

Error SshConversation::run() {
    auto next_keepalive = steady_now() + kKeepalive;
    while (!parts_.interrupt.raised()) {
        for (const auto& message : parts_.inbox.take()) {
            std::visit([this](const auto& one) { requests_.on_message(one); }, message);
        }
        if (const auto started = start_operations(); !started.ok()) return started.error();
        const auto moved = step_operations();
        if (!moved.ok()) return moved.error();
        if (!parts_.session.connected()) return parts_.session.failure();
        const auto now = steady_now();
        if (now >= next_keepalive) {
            parts_.session.send_keepalive();
            next_keepalive = now + kKeepalive;
        }
        if (*moved) continue;
        auto until = next_keepalive;
        for (const auto& operation : operations_) until = std::min(until, operation.deadline);
        parts_.session.wait(parts_.inbox.fd(), POLLIN, std::max(until - now, Duration{1}));
    }
    return Error{ErrorCode::kCancelled, "stopped"};
}

Result<void> SshConversation::start_operations() {
    while (auto request = requests_.next()) {
        ARARAT_ASSIGN_OR_RETURN(
            auto exec, parts_.session.start(parts_.place.request_command(), request->input, kAnswerBytesMax));
        const auto deadline = steady_now() + request->within;
        operations_.push_back({std::move(exec), deadline, std::move(*request)});
    }
    return {};
}

Result<bool> SshConversation::step_operations() {
    bool moved = false;
    const auto now = steady_now();
    for (auto at = operations_.begin(); at != operations_.end();) {
        moved = at->exec->step() || moved;
        if (at->exec->ended()) {
            auto ended = std::move(*at);
            at = operations_.erase(at);
            moved = true;
            ARARAT_ASSIGN_OR_RETURN(auto output, ended.exec->take());
            ARARAT_RETURN_IF_ERROR(requests_.on_output(ended.request, std::move(output)));
        } else if (now >= at->deadline) {
            return Error{ErrorCode::kUnavailable, "the host does not answer any more"};
        } else {
            ++at;
        }
    }
    return moved;
}

}  // namespace ararat::transport
