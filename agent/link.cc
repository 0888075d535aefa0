#include "agent/link.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/protocol.h"
#include "platform/random.h"

namespace ararat::agent {

namespace {

constexpr Duration kConnectTimeout{10'000};
constexpr Duration kWriterPatience{1'000};

std::shared_ptr<grpc::Channel> make_channel(const std::string& address,
                                            const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    // No state shared between connections: the back-off is the link's, not the library's.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(kMessageBytesMax * 16);
    return grpc::CreateCustomChannel(address, credentials, arguments);
}

}  // namespace

Duration backoff(unsigned failures, const std::function<std::uint64_t(std::uint64_t)>& draw) {
    const Duration bound =
        std::min<Duration>(kBackoffMax, kBackoffFirst * (std::int64_t{1} << std::min(failures, 16U)));
    return Duration{static_cast<std::int64_t>(draw(static_cast<std::uint64_t>(bound.count())))};
}

Link::Link(LinkOptions options)
    : options_(std::move(options)),
      credentials_(trust::orchestrator_credentials(options_.trust, options_.own)),
      turns_(options_.orchestrators.size()) {}

Link::~Link() { stop(); }

void Link::start() {
    thread_ = std::thread([this] { run(); });
}

void Link::greet(std::uint64_t stream, v1::AgentMessage hello) {
    const std::lock_guard lock(mutex_);
    if (!open_ || stream != stream_) return;
    greeted_ = true;
    push_locked(std::move(hello));
}

void Link::send(v1::AgentMessage message) {
    const std::lock_guard lock(mutex_);
    if (!open_ || !greeted_) return;
    push_locked(std::move(message));
}

void Link::push_locked(v1::AgentMessage message) {
    const std::size_t bytes = message.ByteSizeLong();
    if (queued_bytes_ + bytes > kLinkQueueBytesMax) {
        dropped_why_ = "the orchestrator does not read";
        if (context_ != nullptr) context_->TryCancel();
        return;
    }
    queued_bytes_ += bytes;
    queue_.push_back(std::move(message));
    changed_.notify_all();
}

bool Link::has_room() const {
    const std::lock_guard lock(mutex_);
    return open_ && greeted_ && queued_bytes_ < kLinkOutputBytesMax;
}

void Link::welcomed(std::uint64_t stream) {
    const std::lock_guard lock(mutex_);
    // Too late for a stream that has ended, and not meant for the next.
    if (open_ && stream == stream_) welcomed_ = true;
}

void Link::drop(const std::string& why) {
    const std::lock_guard lock(mutex_);
    dropped_why_ = why;
    if (context_ != nullptr) context_->TryCancel();
}

void Link::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (context_ != nullptr) context_->TryCancel();
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

bool Link::pause(Duration time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return stopping_; });
    return !stopping_;
}

void Link::run() {
    while (true) {
        const std::string why = connect_once(options_.orchestrators[turns_.current()]);
        if (options_.events.on_closed) options_.events.on_closed(why);
        bool was_welcome = false;
        {
            const std::lock_guard lock(mutex_);
            was_welcome = std::exchange(welcomed_, false);
        }
        const auto failures = turns_.ended(was_welcome);
        if (!pause(failures ? backoff(*failures, platform::random_below) : Duration{0})) return;
    }
}

std::string Link::connect_once(const std::string& address) {
    const auto channel = make_channel(address, credentials_);
    const auto deadline = std::chrono::system_clock::now() + kConnectTimeout;
    // In short waits, so that stopping does not have to wait for a host that is cut off.
    while (!channel->WaitForConnected(
        std::min(deadline, std::chrono::system_clock::now() + std::chrono::milliseconds(200)))) {
        if (!pause(Duration{0})) return "stopping";
        if (std::chrono::system_clock::now() >= deadline) return address + ": no connection within 10 s";
        if (channel->GetState(true) == GRPC_CHANNEL_TRANSIENT_FAILURE) break;  // the call below learns why
    }
    const auto stub = v1::Agent::NewStub(channel);
    return address + ": " + converse(*stub, address);
}

std::string Link::converse(v1::Agent::Stub& stub, const std::string& address) {
    grpc::ClientContext context;
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return "stopping";
        context_ = &context;
        dropped_why_.clear();
        queue_.clear();
        queued_bytes_ = 0;
        open_ = true;
        greeted_ = false;
        welcomed_ = false;
        number = ++stream_;
        writer_done_ = false;
    }
    const auto stream = stub.Connect(&context);
    options_.events.on_open(number, address);
    std::thread writer([&] {
        write_all(*stream);
        const std::lock_guard lock(mutex_);
        writer_done_ = true;
        changed_.notify_all();
    });
    v1::OrchestratorMessage message;
    while (stream->Read(&message)) options_.events.on_message(std::move(message));
    {
        std::unique_lock lock(mutex_);
        open_ = false;
        changed_.notify_all();
        // A write that waits for a peer that no longer reads ends only with a cancellation; without need
        // that would hide the status the peer ended the stream with.
        const bool ended = changed_.wait_for(lock, kWriterPatience, [this] { return writer_done_; });
        if (!ended) context.TryCancel();
    }
    writer.join();
    const grpc::Status status = stream->Finish();
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
    if (!dropped_why_.empty()) return dropped_why_;
    return status.ok() ? "closed by the orchestrator" : status.error_message();
}

bool Link::wait_to_write(std::unique_lock<std::mutex>& lock,
                         std::chrono::steady_clock::time_point welcome_by) {
    const auto is_ready = [this] { return !open_ || !queue_.empty(); };
    while (!welcomed_ && !is_ready()) {
        if (changed_.wait_until(lock, welcome_by) != std::cv_status::timeout || welcomed_) continue;
        dropped_why_ = "the orchestrator does not welcome this agent";
        context_->TryCancel();
        break;
    }
    changed_.wait(lock, is_ready);
    return open_;
}

void Link::write_all(Stream& stream) {
    const auto welcome_by = std::chrono::steady_clock::now() + options_.welcome_within;
    while (true) {
        v1::AgentMessage message;
        bool drained = false;
        {
            std::unique_lock lock(mutex_);
            if (!wait_to_write(lock, welcome_by)) return;
            message = std::move(queue_.front());
            queue_.pop_front();
            const bool was_full = queued_bytes_ >= kLinkOutputBytesMax;
            queued_bytes_ -= message.ByteSizeLong();
            drained = was_full && queued_bytes_ < kLinkOutputBytesMax;
        }
        if (!stream.Write(message)) return;
        if (drained) options_.events.on_drained();
    }
}

}  // namespace ararat::agent
