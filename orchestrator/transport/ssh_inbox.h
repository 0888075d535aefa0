// Messages for a link's worker, which waits for them together with its session's socket.
// Thread promise: any thread posts; the worker takes.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <variant>

#include "base/result.h"
#include "execution/effect.h"
#include "platform/unique_fd.h"

namespace ararat::transport {

using SshMessage = std::variant<execution::Command, execution::CancelCommand, execution::AcknowledgeResult>;

class SshInbox {
public:
    explicit SshInbox(platform::UniqueFd event) : event_(std::move(event)) {}
    [[nodiscard]] static Result<platform::UniqueFd> make_event();

    // False when it is full: the message is dropped, as it would be on a broken connection.
    bool post(SshMessage message, std::size_t messages_max);
    [[nodiscard]] std::deque<SshMessage> take();
    // Readable while there is something to take.
    [[nodiscard]] int fd() const { return event_.get(); }

private:
    platform::UniqueFd event_;
    std::mutex mutex_;  // guards messages_
    std::deque<SshMessage> messages_;
};

}  // namespace ararat::transport
