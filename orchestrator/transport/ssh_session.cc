#include "transport/ssh_session.h"

#include <libssh/server.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "channel/connection.h"
#include "platform/files.h"
#include "transport/ssh_host_key.h"
#include "transport/ssh_session_impl.h"

namespace ararat::transport {
namespace {

using channel::steady_now;

// libssh may hold what it has read already, which the socket then does not show: no wait is longer.
constexpr Duration kPollSlice{50};

std::string place(const std::string& address, std::uint16_t port) {
    const bool is_ipv6 = address.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

Result<ssh_session> make_handle(const std::string& address, std::uint16_t port, const std::string& user,
                                const std::string& algorithms) {
    ssh_session handle = ssh_new();
    if (handle == nullptr) return Error{ErrorCode::kResourceExhausted, "no memory for an SSH session"};
    const unsigned int port_number = port;
    const bool no = false;
    const long timeout_s = 30;  // a backstop: every call has its own limit
    const bool well =
        ssh_options_set(handle, SSH_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK &&
        ssh_options_set(handle, SSH_OPTIONS_HOST, address.c_str()) == SSH_OK &&
        ssh_options_set(handle, SSH_OPTIONS_PORT, &port_number) == SSH_OK &&
        ssh_options_set(handle, SSH_OPTIONS_USER, user.c_str()) == SSH_OK &&
        ssh_options_set(handle, SSH_OPTIONS_TIMEOUT, &timeout_s) == SSH_OK &&
        ssh_options_set(handle, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") == SSH_OK &&
        ssh_options_set(handle, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") == SSH_OK &&
        (algorithms.empty() || ssh_options_set(handle, SSH_OPTIONS_HOSTKEYS, algorithms.c_str()) == SSH_OK);
    if (!well) {
        Error error{ErrorCode::kInvalidArgument, std::string("SSH: ") + ssh_get_error(handle), address};
        ssh_free(handle);
        return error;
    }
    ssh_set_blocking(handle, 0);
    return handle;
}

Error no_pin(const SshTarget& target) {
    return {ErrorCode::kFailedPrecondition,
            "no host key is pinned: compare the host's key with its console and pin it",
            place(target.address, target.port)};
}

Error at_hop(Error error, const SshTarget& jump) {
    const auto name = jump.name.empty() ? place(jump.address, jump.port) : jump.name;
    // A hop further on may have failed because of one before it, which the message names already.
    if (!error.message.starts_with("jump host ")) error.message = "jump host " + name + ": " + error.message;
    return error;
}

struct KeyFree {
    void operator()(ssh_key key) const { ssh_key_free(key); }
};

}  // namespace

std::vector<std::string> way_to(const SshTarget& target) {
    std::vector<std::string> way;
    for (const SshTarget& jump : target.jumps) way.push_back(jump.address);
    way.push_back(target.address);
    return way;
}

SshSession::Impl::~Impl() {
    if (event_ != nullptr) {
        (void)ssh_event_remove_session(event_, handle_);
        ssh_event_free(event_);
    }
    // Not ssh_disconnect(): it forgets a socket that it was given, without closing it.
    if (ssh_is_connected(handle_) != 0) ssh_silent_disconnect(handle_);
    ssh_free(handle_);
}

Error SshSession::Impl::failure(const std::string& doing) const {
    if (!gave_up.empty()) return Error{ErrorCode::kUnavailable, gave_up};
    // What this session only sees as an end, the hop it goes through can explain.
    if (const auto why = beneath ? beneath->failure() : std::nullopt) {
        const bool names_one = why->message.starts_with("jump host ");  // before that
        return Error{ErrorCode::kUnavailable, names_one ? why->message : hop + ": " + why->message,
                     why->context};
    }
    const char* why = ssh_get_error(handle_);
    std::string text = why != nullptr && *why != '\0' ? why : "the connection broke";
    return Error{ErrorCode::kUnavailable, "SSH " + doing + ": " + text};
}

Result<void> SshSession::Impl::begin_service() {
    event_ = ssh_event_new();
    if (event_ == nullptr || ssh_event_add_session(event_, handle_) != SSH_OK) {
        return Error{ErrorCode::kResourceExhausted, "SSH: no memory for a session"};
    }
    return {};
}

void SshSession::Impl::service() {
    // Its result says nothing that connected() does not.
    (void)ssh_event_dopoll(event_, 0);
}

void SshSession::Impl::watch(Duration ask_after, Duration answer) {
    ask_after_ = ask_after;
    answer_ = answer;
    heard_at_ = steady_now();
    ssh_set_counters(handle_, &socket_bytes_, nullptr);
}

Duration SshSession::Impl::tend() {
    if (ask_after_.count() == 0 || !gave_up.empty()) return Duration::max();
    const auto now = steady_now();
    if (socket_bytes_.in_bytes != bytes_seen_) {
        bytes_seen_ = socket_bytes_.in_bytes;
        heard_at_ = now;
        asked_at_.reset();
    }
    if (!asked_at_ && now - heard_at_ >= ask_after_) {
        asked_at_ = now;
        // Without waiting. libssh keeps one such request at a time: where the last one's answer was not
        // looked at, the first call does that, and only the second asks.
        (void)ssh_send_keepalive(handle_);
        (void)ssh_send_keepalive(handle_);
    }
    if (!asked_at_) return ask_after_ - (now - heard_at_);
    if (now - *asked_at_ < answer_) return answer_ - (now - *asked_at_);
    // Nothing at all has come through the host before it since: it is that one's to give up, or to answer
    // for.
    if (beneath && beneath->heard_at() <= *asked_at_) return kPollSlice;
    gave_up = "SSH: the host has not answered for " + std::to_string((now - heard_at_).count() / 1000) + " s";
    // libssh takes it for the connection's end.
    (void)::shutdown(ssh_get_fd(handle_), SHUT_RDWR);
    service();
    return Duration{0};
}

short SshSession::Impl::poll_events() const {
    const bool writes = (ssh_get_poll_flags(handle_) & SSH_WRITE_PENDING) != 0;
    return writes ? static_cast<short>(POLLIN | POLLOUT) : static_cast<short>(POLLIN);
}

Result<Duration> SshSession::Impl::bounded(Duration within, const char* doing) const {
    const auto left = timeouts_.until - steady_now();
    if (left.count() > 0) return std::min(within, left);
    return Error{ErrorCode::kDeadlineExceeded, std::string("SSH ") + doing + ": no time is left for it"};
}

Result<int> SshSession::Impl::await(const std::function<int()>& call, Duration limit, const char* doing) {
    ARARAT_ASSIGN_OR_RETURN(const auto within, bounded(limit, doing));
    const auto deadline = steady_now() + within;
    while (true) {
        const int returned = call();
        if (returned != SSH_AGAIN) return returned;
        const auto now = steady_now();
        if (now >= deadline) {
            return Error{ErrorCode::kDeadlineExceeded, std::string("SSH ") + doing + ": no answer within " +
                                                           std::to_string(within.count() / 1000) + " s"};
        }
        const auto waited = channel::wait_for_fd(ssh_get_fd(handle_), poll_events(),
                                                 std::min(deadline, now + kPollSlice), *interrupt_);
        if (!waited.ok() && waited.error().code != ErrorCode::kDeadlineExceeded) return waited.error();
    }
}

Result<void> SshSession::Impl::give_socket(platform::UniqueFd socket, const std::string& where) {
    socket_t raw = socket.get();
    if (ssh_options_set(handle_, SSH_OPTIONS_FD, &raw) != SSH_OK) {
        return Error{ErrorCode::kInternal, std::string("SSH: ") + ssh_get_error(handle_), where};
    }
    (void)socket.release();  // ssh_free closes it from here on
    return {};
}

Result<void> SshSession::Impl::handshake(const std::string& where) {
    ARARAT_ASSIGN_OR_RETURN(const int connected,
                            await([this] { return ssh_connect(handle_); }, timeouts_.handshake, "handshake"));
    if (connected == SSH_OK) return {};
    auto error = failure("handshake");
    error.context = where;
    // A host that has no key of the pinned type any more is a changed host, not a broken network.
    if (error.message.find("server host key algo") != std::string::npos) {
        error.code = ErrorCode::kPermissionDenied;
        error.message = "the host has no key of the pinned type any more (" + error.message + ")";
    }
    return error;
}

Result<void> SshSession::Impl::authenticate(const SshTarget& target) {
    ssh_key raw = nullptr;
    if (ssh_pki_import_privkey_file(target.key_file.c_str(), "", nullptr, nullptr, &raw) != SSH_OK) {
        return Error{ErrorCode::kFailedPrecondition, "the private key cannot be read", target.key_file};
    }
    const std::unique_ptr<ssh_key_struct, KeyFree> key(raw);
    const auto call = [&] {
        const int returned = ssh_userauth_publickey(handle_, nullptr, key.get());
        return returned == SSH_AUTH_AGAIN ? SSH_AGAIN : returned;
    };
    ARARAT_ASSIGN_OR_RETURN(const int answer, await(call, timeouts_.authenticate, "authentication"));
    if (answer == SSH_AUTH_SUCCESS) return {};
    if (answer == SSH_AUTH_ERROR && ssh_is_connected(handle_) == 0) return failure("authentication");
    return Error{ErrorCode::kUnauthenticated,
                 "SSH: the host does not accept the key of " + target.key_file + " for " + target.user,
                 target.address};
}

// The connection goes through a channel of the hop's session, which a pump of its own carries from here on.
Result<platform::UniqueFd> SshSession::Impl::go_through(std::unique_ptr<SshSession> session,
                                                        const SshTarget& target) {
    auto forwarded = session->forward(target.address, target.port, timeouts_.connect);
    if (!forwarded.ok()) {
        auto error = forwarded.error();
        error.message = hop + " does not reach the next host: " + error.message;
        error.context = place(target.address, target.port);
        return error;
    }
    ARARAT_ASSIGN_OR_RETURN(auto ended, channel::Interrupt::make());
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0) {
        return platform::errno_error(errno, "socketpair");
    }
    platform::UniqueFd ours(pair[0]);
    platform::UniqueFd theirs(pair[1]);
    session->use(ended);
    session->impl_->watch(timeouts_.ask_after, timeouts_.answer);
    beneath = std::make_unique<SshPump>(SshPumpParts{
        std::move(session), std::move(forwarded).value(), false, std::move(theirs), {}, std::move(ended)});
    beneath->start();
    return ours;
}

SshSession::SshSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SshSession::~SshSession() = default;

Result<std::unique_ptr<SshSession>> SshSession::connect(const SshTarget& target, const SshTimeouts& timeouts,
                                                        std::shared_ptr<channel::Interrupt> interrupt) {
    // Before anything is connected: a pin that is missing is a person's to give.
    for (const SshTarget& jump : target.jumps) {
        if (jump.pinned_keys.empty()) return at_hop(no_pin(jump), jump);
    }
    if (target.pinned_keys.empty()) return no_pin(target);
    std::unique_ptr<SshSession> hop;
    for (const SshTarget& jump : target.jumps) {
        auto reached = connect_from(std::move(hop), jump, timeouts, interrupt);
        if (!reached.ok()) return at_hop(reached.error(), jump);
        hop = std::move(reached).value();
    }
    return connect_from(std::move(hop), target, timeouts, std::move(interrupt));
}

Result<std::unique_ptr<SshSession>> SshSession::connect_from(std::unique_ptr<SshSession> hop,
                                                             const SshTarget& target,
                                                             const SshTimeouts& timeouts,
                                                             std::shared_ptr<channel::Interrupt> interrupt) {
    const auto where = place(target.address, target.port);
    ARARAT_ASSIGN_OR_RETURN(const auto handle, make_handle(target.address, target.port, target.user,
                                                           algorithms_for(target.pinned_keys)));
    auto impl = std::make_unique<Impl>(handle, timeouts, std::move(interrupt));
    impl->name = target.name.empty() ? where : target.name;
    platform::UniqueFd socket;
    if (hop == nullptr) {
        ARARAT_ASSIGN_OR_RETURN(const auto within, impl->bounded(timeouts.connect, "connection"));
        ARARAT_ASSIGN_OR_RETURN(socket, channel::dial(where, within, impl->interrupt()));
    } else {
        impl->hop = "jump host " + hop->impl_->name;
        ARARAT_ASSIGN_OR_RETURN(socket, impl->go_through(std::move(hop), target));
    }
    ARARAT_RETURN_IF_ERROR(impl->give_socket(std::move(socket), where));
    ARARAT_RETURN_IF_ERROR(impl->handshake(where));
    ARARAT_ASSIGN_OR_RETURN(const auto shown, shown_host_key(handle));
    ARARAT_RETURN_IF_ERROR(check_host_key(shown, target.pinned_keys, where));
    impl->fingerprint = shown.fingerprint;
    ARARAT_RETURN_IF_ERROR(impl->authenticate(target));
    ARARAT_RETURN_IF_ERROR(impl->begin_service());
    if (impl->beneath) impl->watch(timeouts.ask_after, timeouts.answer);
    return std::unique_ptr<SshSession>(new SshSession(std::move(impl)));
}

Result<std::string> scan_host_key(const std::string& address, std::uint16_t port, const SshTimeouts& timeouts,
                                  std::shared_ptr<channel::Interrupt> interrupt) {
    ARARAT_ASSIGN_OR_RETURN(const auto handle, make_handle(address, port, "nobody", ""));
    SshSession::Impl impl(handle, timeouts, std::move(interrupt));
    const auto where = place(address, port);
    ARARAT_ASSIGN_OR_RETURN(auto socket, channel::dial(where, timeouts.connect, impl.interrupt()));
    ARARAT_RETURN_IF_ERROR(impl.give_socket(std::move(socket), where));
    ARARAT_RETURN_IF_ERROR(impl.handshake(where));
    ARARAT_ASSIGN_OR_RETURN(const auto shown, shown_host_key(handle));
    return shown.line;
}

Result<SshOutput> SshSession::run(const std::string& command, std::string_view input, Duration within,
                                  std::size_t output_bytes_max) {
    const auto deadline = steady_now() + within;
    ARARAT_ASSIGN_OR_RETURN(const auto exec, start(command, std::string(input), output_bytes_max));
    while (true) {
        const bool moved = exec->step();
        if (exec->ended()) return exec->take();
        if (impl_->interrupt().raised()) return Error{ErrorCode::kCancelled, "SSH: interrupted"};
        const auto left = deadline - steady_now();
        if (left.count() <= 0) {
            return Error{ErrorCode::kDeadlineExceeded, "SSH: the command did not end in time"};
        }
        if (!moved) wait(-1, 0, left);
    }
}

void SshSession::wait(int extra_fd, short extra_events, Duration within) {
    std::array<pollfd, 3> fds = {pollfd{ssh_get_fd(impl_->handle()), impl_->poll_events(), 0},
                                 pollfd{impl_->interrupt().fd(), POLLIN, 0},
                                 pollfd{extra_fd, extra_events, 0}};
    const bool waits = !std::exchange(impl_->news, false);
    const auto most = std::min(within, impl_->tend());
    const auto limit = waits ? std::clamp<std::int64_t>(most.count(), 0, 60'000) : std::int64_t{0};
    (void)::poll(fds.data(), fds.size(), static_cast<int>(limit));
    impl_->service();
    (void)impl_->tend();
}

bool SshSession::connected() const {
    return impl_->gave_up.empty() && ssh_is_connected(impl_->handle()) != 0;
}

Duration SshSession::heard_at() const { return impl_->heard_at(); }

Error SshSession::failure() const { return impl_->failure("session"); }

const std::string& SshSession::host_fingerprint() const { return impl_->fingerprint; }

void SshSession::use(std::shared_ptr<channel::Interrupt> interrupt) { impl_->use(std::move(interrupt)); }

void SshSession::send_keepalive() {
    // A message that needs no answer: unless the peer's TCP takes it, the user time-out ends the connection.
    (void)ssh_send_ignore(impl_->handle(), "");
}

}  // namespace ararat::transport
