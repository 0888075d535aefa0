#include "channel/stream_threads.h"

#include <pthread.h>
#include <signal.h>

#include <system_error>

namespace ararat::channel {
namespace {

// A peer that has gone must be an error of the write, not the end of the process. OpenSSL writes without
// MSG_NOSIGNAL, and a library does not change the program's signal dispositions.
void block_sigpipe() {
    sigset_t pipe;
    (void)::sigemptyset(&pipe);
    (void)::sigaddset(&pipe, SIGPIPE);
    (void)::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

Result<void> StreamThreads::start(Work work) {
    ARARAT_ASSIGN_OR_RETURN(auto interrupt, Interrupt::make());
    const std::lock_guard lock(mutex_);
    if (stopped_) return Error{ErrorCode::kCancelled, "the endpoint has stopped"};
    if (streams_.size() >= kStreamThreadsMax) {
        return Error{ErrorCode::kResourceExhausted, "too many streams on this host"};
    }
    auto& stream = streams_.emplace_back();
    stream.interrupt = std::move(interrupt);
    try {
        stream.thread = std::thread([&stream, run = std::move(work)] {
            block_sigpipe();
            run(stream.interrupt);
            stream.ended.store(true, std::memory_order_release);
        });
    } catch (const std::system_error& fault) {
        streams_.pop_back();
        return Error{ErrorCode::kResourceExhausted, std::string("no thread for a stream: ") + fault.what()};
    }
    return {};
}

void StreamThreads::reap() {
    std::list<Stream> ended;
    {
        const std::lock_guard lock(mutex_);
        for (auto at = streams_.begin(); at != streams_.end();) {
            const auto next = std::next(at);
            if (at->ended.load(std::memory_order_acquire)) ended.splice(ended.end(), streams_, at);
            at = next;
        }
    }
    for (auto& stream : ended) stream.thread.join();
}

void StreamThreads::stop() {
    std::list<Stream> all;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        for (auto& stream : streams_) stream.interrupt->raise();
        all.splice(all.end(), streams_);
    }
    for (auto& stream : all) stream.thread.join();
}

std::size_t StreamThreads::count() const {
    const std::lock_guard lock(mutex_);
    return streams_.size();
}

}  // namespace ararat::channel
