#include "transport/ssh_host_link.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "channel/connection.h"
#include "platform/log.h"
#include "platform/random.h"
#include "transport/ssh_conversation.h"
#include "transport/ssh_inbox.h"
#include "transport/ssh_preparation.h"

namespace ararat::transport {
namespace {

using channel::steady_now;

constexpr Duration kBackoffFirst{500};
constexpr Duration kBackoffMax = std::chrono::seconds{10};
// A refused key is looked at again after so long, or as soon as another one is pinned.
constexpr Duration kRefusedPause = std::chrono::minutes{5};
constexpr Duration kPinPoll = std::chrono::seconds{1};

// All keys on the way, in an order that is always the same.
std::vector<std::string> pins_of(const SshTarget& target) {
    auto pins = target.pinned_keys;
    for (const SshTarget& jump : target.jumps) {
        pins.emplace_back();  // where a host has none, the others keep their places
        pins.insert(pins.end(), jump.pinned_keys.begin(), jump.pinned_keys.end());
    }
    return pins;
}

}  // namespace

class SshHostLink::Worker {
public:
    Worker(SshHostLinkOptions options, SupervisorPlace place, std::shared_ptr<channel::Interrupt> interrupt,
           platform::UniqueFd event)
        : options_(std::move(options)),
          place_(std::move(place)),
          interrupt_(std::move(interrupt)),
          inbox_(std::move(event)) {}
    ~Worker() { stop(); }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start() {
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    }
    void stop() {
        interrupt_->raise();
        if (thread_.joinable()) thread_.join();
    }
    void post(SshMessage message) {
        // Dropped while not connected: the engine tells again what is in flight after HostUp.
        if (up_ && !inbox_.post(std::move(message), kSshQueueMax)) {
            spdlog::warn("{}: a message was dropped, too many are waiting", options_.host.str());
        }
    }
    [[nodiscard]] bool up() const { return up_; }
    [[nodiscard]] const SshHostLinkOptions& options() const { return options_; }
    [[nodiscard]] SshReach reach() const {
        return {options_.host, pinned_target(), place_.request_command(), place_.exec_command()};
    }

private:
    // With the keys that are pinned at this moment.
    [[nodiscard]] SshTarget pinned_target() const {
        auto target = options_.target;
        pin(target, options_.host);
        for (auto& jump : target.jumps) pin(jump, HostId(jump.name));
        return target;
    }
    void pin(SshTarget& target, const HostId& host) const {
        target.pinned_keys.clear();
        if (auto key = options_.pinned_key(host); !key.empty()) target.pinned_keys.push_back(std::move(key));
    }
    void run();
    // One connection from its beginning to its end; why it ended.
    Error connect_and_serve();
    Result<std::unique_ptr<SshSession>> connect();
    void report_down(const Error& why);
    void pause_after(const Error& why);
    // False: interrupted.
    bool pause_for(Duration time);

    SshHostLinkOptions options_;
    SupervisorPlace place_;
    std::shared_ptr<channel::Interrupt> interrupt_;
    SshInbox inbox_;
    std::atomic<bool> up_{false};
    std::thread thread_;
    // Worker's thread only.
    std::string last_reason_;
    std::vector<std::string> tried_pins_;
    Duration backoff_ = kBackoffFirst;
};

void SshHostLink::Worker::run() {
    // libssh writes to sockets that may be gone.
    sigset_t pipe;
    (void)::sigemptyset(&pipe);
    (void)::sigaddset(&pipe, SIGPIPE);
    (void)::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    while (!interrupt_->raised()) {
        const auto why = connect_and_serve();
        if (interrupt_->raised()) return;
        report_down(why);
        pause_after(why);
    }
}

bool SshHostLink::Worker::pause_for(Duration time) {
    const auto waited = channel::wait_for_fd(-1, 0, steady_now() + time, *interrupt_);
    return !waited.ok() && waited.error().code == ErrorCode::kDeadlineExceeded;
}

Result<std::unique_ptr<SshSession>> SshHostLink::Worker::connect() {
    const auto target = pinned_target();
    tried_pins_ = pins_of(target);
    while (options_.pacer && !target.pinned_keys.empty()) {
        const auto delay = options_.pacer->admit(way_to(target), steady_now());
        if (delay.count() == 0) break;
        if (!pause_for(delay)) return Error{ErrorCode::kCancelled, "stopped"};
    }
    return SshSession::connect(target, SshTimeouts{}, interrupt_);
}

Error SshHostLink::Worker::connect_and_serve() {
    auto session = connect();
    if (!session.ok()) return session.error();
    auto prepared = prepare_host(**session, place_, *options_.supervisor);
    if (!prepared.ok()) return prepared.error();
    spdlog::info("{} is up over SSH ({}{})", options_.host.str(), (*session)->host_fingerprint(),
                 prepared->shipped ? ", supervisor shipped" : "");
    (void)inbox_.take();  // meant for an earlier session
    last_reason_.clear();
    backoff_ = kBackoffFirst;
    up_ = true;
    options_.inputs(host_up(options_.host, std::move(prepared).value()));
    SshConversation conversation(
        {options_.host, **session, place_, inbox_, *interrupt_, options_.inputs, options_.output});
    auto why = conversation.run();
    up_ = false;
    return why;
}

// Once for each reason: a host that stays away must not fill the log.
void SshHostLink::Worker::report_down(const Error& why) {
    const auto reason = why.text();
    if (reason == last_reason_) return;
    last_reason_ = reason;
    if (why.code == ErrorCode::kPermissionDenied) {
        spdlog::critical("ALERT {}: {}", options_.host.str(), reason);
    } else {
        spdlog::warn("{} is down: {}", options_.host.str(), reason);
    }
    options_.inputs(execution::HostDown{options_.host, reason});
}

void SshHostLink::Worker::pause_after(const Error& why) {
    const bool waits_for_pin =
        why.code == ErrorCode::kPermissionDenied || why.code == ErrorCode::kFailedPrecondition;
    if (waits_for_pin) {
        const auto until = steady_now() + kRefusedPause;
        while (steady_now() < until && pause_for(kPinPoll)) {
            if (pins_of(pinned_target()) != tried_pins_) return;
        }
        return;
    }
    // Half to all of the back-off, so that hosts behind one broken link do not all come back at once.
    const auto half = backoff_.count() / 2;
    const auto spread = platform::random_below(static_cast<std::uint64_t>(half) + 1);
    backoff_ = std::min(backoff_ * 2, kBackoffMax);
    (void)pause_for(Duration{half + static_cast<std::int64_t>(spread)});
}

SshHostLink::SshHostLink(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
SshHostLink::~SshHostLink() = default;

Result<std::shared_ptr<SshHostLink>> SshHostLink::make(SshHostLinkOptions options) {
    if (!options.inputs || !options.pinned_key || !options.supervisor) {
        return Error{ErrorCode::kInvalidArgument,
                     "a link needs a sink, a source of pinned keys, a supervisor"};
    }
    ARARAT_ASSIGN_OR_RETURN(auto place, SupervisorPlace::make(options.remote_root, options.target.user));
    ARARAT_ASSIGN_OR_RETURN(auto interrupt, channel::Interrupt::make());
    ARARAT_ASSIGN_OR_RETURN(auto event, SshInbox::make_event());
    auto worker = std::make_unique<Worker>(std::move(options), std::move(place), std::move(interrupt),
                                           std::move(event));
    return std::shared_ptr<SshHostLink>(new SshHostLink(std::move(worker)));
}

void SshHostLink::start() { worker_->start(); }
void SshHostLink::stop() { worker_->stop(); }
const HostId& SshHostLink::host() const { return worker_->options().host; }
bool SshHostLink::connected() const { return worker_->up(); }

Result<DataEnd> SshHostLink::data_end() const {
    const auto& proxy = worker_->options().proxy;
    if (!proxy) return Error{ErrorCode::kFailedPrecondition, "no data channel's end for it", host().str()};
    if (!connected()) return Error{ErrorCode::kUnavailable, "the host is not connected", host().str()};
    return proxy->end();
}

void SshHostLink::send(const execution::Command& command) { worker_->post(command); }
void SshHostLink::send(const execution::CancelCommand& cancel) { worker_->post(cancel); }
void SshHostLink::send(const execution::AcknowledgeResult& acknowledge) { worker_->post(acknowledge); }

void SshHostLink::send(const TicketGrant& grant) {
    const auto& proxy = worker_->options().proxy;
    if (!proxy) return;
    const auto opened = proxy->open_ticket(grant, worker_->reach());
    if (!opened.ok()) {
        spdlog::error("{}: ticket of {}: {}", host().str(), grant.ticket.channel.id.str(),
                      opened.error().text());
    }
}

void SshHostLink::send(const execution::CloseTicket& close) {
    if (const auto& proxy = worker_->options().proxy; proxy) proxy->close_ticket(close);
}

}  // namespace ararat::transport
