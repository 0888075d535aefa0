// The libssh side of SshSession and SshExec; included by their sources only.
#pragma once

#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "platform/unique_fd.h"
#include "transport/ssh_pump.h"
#include "transport/ssh_session.h"

namespace ararat::transport {

class SshSession::Impl {
public:
    Impl(ssh_session handle, SshTimeouts timeouts, std::shared_ptr<channel::Interrupt> interrupt)
        : handle_(handle), timeouts_(timeouts), interrupt_(std::move(interrupt)) {}
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    // A socket of ours for libssh: its connection attempt can be limited and interrupted, libssh's cannot.
    Result<void> give_socket(platform::UniqueFd socket, const std::string& where);
    // The socket of a connection that goes through another host.
    Result<platform::UniqueFd> go_through(std::unique_ptr<SshSession> session, const SshTarget& target);
    // Precondition: a socket was given.
    Result<void> handshake(const std::string& where);
    Result<void> authenticate(const SshTarget& target);

    // `within`, as far as SshTimeouts::until leaves it. Error: deadline-exceeded, nothing is left.
    [[nodiscard]] Result<Duration> bounded(Duration within, const char* doing) const;
    // Repeats a non-blocking libssh call until it stops answering SSH_AGAIN. `doing` names the phase in the
    // error when time runs out.
    Result<int> await(const std::function<int()>& call, Duration within, const char* doing);
    [[nodiscard]] Error failure(const std::string& doing) const;
    // Precondition: connected. From here on service() works.
    Result<void> begin_service();
    // Lets libssh handle what has come and send what is waiting, also while no command runs: else a dead
    // connection would not be noticed, nor a pending write ever taken off the list of what to poll for.
    void service();
    // From here on the host is asked whether it is there, for TCP ends before it; see SshTimeouts.
    void watch(Duration ask_after, Duration answer);
    // Asks, or ends the session, when it is time. How long the next wait may be at most.
    Duration tend();
    // What poll(2) should wait for on the connection.
    [[nodiscard]] short poll_events() const;

    [[nodiscard]] Duration heard_at() const { return heard_at_; }
    [[nodiscard]] ssh_session handle() const { return handle_; }
    [[nodiscard]] const SshTimeouts& timeouts() const { return timeouts_; }
    [[nodiscard]] channel::Interrupt& interrupt() const { return *interrupt_; }
    void use(std::shared_ptr<channel::Interrupt> interrupt) { interrupt_ = std::move(interrupt); }

    // Something has come for one of the channels since wait() was last called. Any call of libssh may have
    // taken it from the socket, which shows nothing of it then: a wait for the socket would be for ever.
    bool news = false;
    std::string fingerprint;
    // What carries the connection where it goes through another host; null: the network itself.
    std::unique_ptr<SshPump> beneath;
    std::string hop;      // "jump host NAME", which it goes through
    std::string name;     // of the host itself, for errors
    std::string gave_up;  // why the session was ended here; empty: it was not

private:
    ssh_session handle_;
    ssh_event event_ = nullptr;
    ssh_counter_struct socket_bytes_{};
    std::uint64_t bytes_seen_ = 0;
    Duration ask_after_{0};  // 0: it is not watched
    Duration answer_{0};
    Duration heard_at_{0};  // by the steady clock
    std::optional<Duration> asked_at_;
    SshTimeouts timeouts_;
    std::shared_ptr<channel::Interrupt> interrupt_;
};

class SshExec::Impl {
public:
    Impl(SshSession::Impl& owner, ssh_channel opened, std::string bytes, std::size_t output_max,
         bool keep_open)
        : session(owner),
          channel(opened),
          input(std::move(bytes)),
          output_bytes_max(output_max),
          keep_input_open(keep_open) {
        listen();
    }
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    bool write_input();
    bool read_stream(bool is_error);
    void look_for_end();
    // Lets the session know of whatever comes for this channel.
    void listen();

    SshSession::Impl& session;
    ssh_channel channel;
    ssh_channel_callbacks_struct callbacks{};
    std::string input;
    std::size_t output_bytes_max;
    bool keep_input_open;
    std::size_t written = 0;
    bool input_ended = false;
    bool output_ended = false;
    bool error_ended = false;
    bool broken = false;
    bool ended = false;
    SshOutput output;
};

}  // namespace ararat::transport
