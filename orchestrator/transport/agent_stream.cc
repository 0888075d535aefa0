#include "transport/agent_stream.h"

#include <utility>

#include "transport/grpc_status.h"

namespace ararat::transport {

std::shared_ptr<AgentStream> AgentStream::open(grpc::CallbackServerContext& context,
                                               AgentStreamListener& listener) {
    const std::shared_ptr<AgentStream> stream(new AgentStream(context, listener));
    stream->self_ = stream;
    stream->StartRead(&stream->incoming_);
    return stream;
}

bool AgentStream::offer(v1::OrchestratorMessage message) {
    const std::size_t bytes = message.ByteSizeLong();
    {
        const std::lock_guard lock(mutex_);
        if (finishing_) return false;
        if (queue_.size() < kOutboundMessagesMax && queued_bytes_ + bytes <= kOutboundBytesMax) {
            queue_.push_back(std::move(message));
            queued_bytes_ += bytes;
            write_next_locked();
            return true;
        }
    }
    abandon();
    return false;
}

void AgentStream::finish(const grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    finish_locked(status);
}

void AgentStream::abandon() {
    {
        const std::lock_guard lock(mutex_);
        if (done_) return;
        finish_locked(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the connection was given up"));
        ++cancelling_;
    }
    context_.TryCancel();  // not under the lock: it may call OnCancel on this thread
    const std::lock_guard lock(mutex_);
    --cancelling_;
    cancelled_.notify_all();
}

void AgentStream::OnReadDone(bool ok) {
    if (!ok) {
        lose("the connection ended");
        return;
    }
    if (!greeted_) {
        greet();
    } else if (const auto heard = listener_.on_message(*this, incoming_); !heard.ok()) {
        finish(to_status(heard.error()));  // before lose(), whose own status would say that all is well
        lose(heard.error().text());
    }
    const std::lock_guard lock(mutex_);
    if (!finishing_) StartRead(&incoming_);
}

// Reads come one after the other, so greeted_ is touched by one thread at a time; lose() looks under the
// lock.
void AgentStream::greet() {
    v1::OrchestratorMessage message;
    const auto judged =
        incoming_.has_hello()
            ? listener_.on_hello(*this, incoming_.hello(), *message.mutable_welcome())
            : Result<void>(Error{ErrorCode::kFailedPrecondition, "the first message must be a hello"});
    if (!judged.ok()) {
        finish(to_status(judged.error()));
        return;
    }
    const std::lock_guard lock(mutex_);
    greeted_ = true;
    if (finishing_) return;
    queued_bytes_ += message.ByteSizeLong();
    queue_.push_front(std::move(message));  // before whatever was offered while the hello was judged
    write_next_locked();
}

void AgentStream::OnWriteDone(bool ok) {
    {
        const std::lock_guard lock(mutex_);
        writing_ = false;
        if (!queue_.empty()) {
            queued_bytes_ -= queue_.front().ByteSizeLong();
            queue_.pop_front();
        }
        if (finishing_) {
            if (!std::exchange(finished_, true)) Finish(status_);
        } else if (ok) {
            write_next_locked();
        }
    }
    if (!ok) lose("writing to the agent failed");
}

void AgentStream::OnCancel() { lose("the connection was cut"); }

void AgentStream::OnDone() {
    {
        std::unique_lock lock(mutex_);
        done_ = true;
        cancelled_.wait(lock, [this] { return cancelling_ == 0; });
    }
    listener_.on_done(*this);
    const std::shared_ptr<AgentStream> last = std::move(self_);
}

void AgentStream::write_next_locked() {
    if (!greeted_ || writing_ || finishing_ || queue_.empty()) return;
    writing_ = true;
    StartWrite(&queue_.front());
}

void AgentStream::finish_locked(const grpc::Status& status) {
    if (std::exchange(finishing_, true)) return;
    status_ = status;
    if (writing_) return;  // OnWriteDone finishes
    queue_.clear();
    finished_ = true;
    Finish(status_);
}

void AgentStream::lose(const std::string& reason) {
    bool was_greeted = false;
    {
        const std::lock_guard lock(mutex_);
        was_greeted = greeted_;
        finish_locked(grpc::Status::OK);
    }
    if (was_greeted) listener_.on_lost(*this, reason);
}

}  // namespace ararat::transport
