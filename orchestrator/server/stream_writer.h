// A server-side stream of messages to one caller: a bounded queue in front of gRPC's callback interface.
// Owner: itself until gRPC calls OnDone, and whoever holds it to call it: gRPC may end the call at any
// moment, so nobody calls a writer through a bare pointer.
// Thread promise: offer(), end() and abandon() from any thread. Hooks are called from gRPC's threads or
// from the caller of offer(), never under the lock, and must not block.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace ararat::server {

template <typename Message>
class StreamWriter final : public grpc::ServerWriteReactor<Message>,
                           public std::enable_shared_from_this<StreamWriter<Message>> {
public:
    struct Hooks {
        std::function<void()> on_drained;  // the queue has become empty: there is room
        std::function<void()> on_over;     // once: nobody reads any more; then the hooks are dropped
    };

    static std::shared_ptr<StreamWriter> open(grpc::CallbackServerContext& context, std::size_t queue_max) {
        std::shared_ptr<StreamWriter> writer(new StreamWriter(context, queue_max));
        writer->self_ = writer;
        return writer;
    }

    // Once, before anything is offered.
    void set_hooks(Hooks hooks) {
        const std::lock_guard lock(mutex_);
        hooks_ = std::make_shared<Hooks>(std::move(hooks));
    }

    // False: the queue is full, or the stream has ended.
    bool offer(Message message) {
        const std::lock_guard lock(mutex_);
        if (ending_ || queue_.size() >= queue_max_) return false;
        queue_.push_back(std::move(message));
        write_next_locked();
        return true;
    }
    // Ends the stream with this status when what is queued has been written. Only the first counts.
    void end(const grpc::Status& status) {
        const std::lock_guard lock(mutex_);
        if (std::exchange(ending_, true)) return;
        status_ = status;
        finish_if_idle_locked();
    }
    // Ends it without waiting for a peer that may not read.
    void abandon() {
        {
            const std::lock_guard lock(mutex_);
            if (done_) return;
            ++cancelling_;
        }
        context_.TryCancel();  // not under the lock: it may call OnCancel on this thread
        const std::lock_guard lock(mutex_);
        --cancelling_;
        cancelled_.notify_all();
    }

    // on_over was called, or is about to be.
    [[nodiscard]] bool over() {
        const std::lock_guard lock(mutex_);
        return over_;
    }

private:
    StreamWriter(grpc::CallbackServerContext& context, std::size_t queue_max)
        : context_(context), queue_max_(queue_max) {}

    void OnWriteDone(bool ok) override {
        std::shared_ptr<Hooks> drained;
        {
            const std::lock_guard lock(mutex_);
            writing_ = false;
            if (!queue_.empty()) queue_.pop_front();
            if (!ok) drop_locked();
            write_next_locked();
            if (queue_.empty() && !ending_) drained = hooks_;
            finish_if_idle_locked();
        }
        if (drained && drained->on_drained) drained->on_drained();
    }
    void OnCancel() override {
        {
            const std::lock_guard lock(mutex_);
            drop_locked();
            finish_if_idle_locked();
        }
        tell_over();
    }
    void OnDone() override {
        {
            std::unique_lock lock(mutex_);
            done_ = true;
            cancelled_.wait(lock, [this] { return cancelling_ == 0; });
        }
        tell_over();
        const auto last = std::move(self_);
    }

    void write_next_locked() {
        if (writing_ || finished_ || queue_.empty()) return;
        writing_ = true;
        this->StartWrite(&queue_.front());
    }
    void drop_locked() {
        ending_ = true;
        if (writing_) {
            queue_.erase(queue_.begin() + 1, queue_.end());
        } else {
            queue_.clear();
        }
    }
    void finish_if_idle_locked() {
        if (!ending_ || writing_ || !queue_.empty() || std::exchange(finished_, true)) return;
        this->Finish(status_);
    }
    void tell_over() {
        std::shared_ptr<Hooks> hooks;
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
            hooks = std::move(hooks_);
            hooks_.reset();
        }
        if (hooks && hooks->on_over) hooks->on_over();
    }

    grpc::CallbackServerContext& context_;  // valid until OnDone has returned
    std::size_t queue_max_;
    std::shared_ptr<StreamWriter> self_;

    std::mutex mutex_;
    std::condition_variable cancelled_;
    std::shared_ptr<Hooks> hooks_;
    int cancelling_ = 0;  // calls of TryCancel under way
    bool writing_ = false;
    bool ending_ = false;    // no more is taken
    bool finished_ = false;  // gRPC was told
    bool over_ = false;
    bool done_ = false;
    grpc::Status status_;
    std::deque<Message> queue_;  // front: being written
};

}  // namespace ararat::server
