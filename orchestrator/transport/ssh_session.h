// One SSH connection to a host, over libssh: pinned host key, key authentication, commands on channels.
// No configuration files, no agent forwarding, no proxy commands, no known_hosts: what is trusted is an
// argument. The command line of every command is a constant of the caller; whatever varies travels on its
// standard input.
// Thread promise: one session belongs to one thread (libssh allows no other); interrupt() may be called
// from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "channel/interrupt.h"

namespace ararat::transport {

struct SshTarget {
    std::string address;  // name or IP address
    std::uint16_t port = 22;
    std::string user = "root";
    std::string key_file;                  // private key, OpenSSH or PEM form, without a passphrase
    std::vector<std::string> pinned_keys;  // "ssh-ed25519 AAAA...": the server must show one of these
    std::string name = {};                 // in the plan, for errors; empty: the address
    // Hosts that the connection goes through, the nearest first; empty: none. Each is logged in to and shows
    // its pinned key like the target itself. Their own `jumps` do not count.
    std::vector<SshTarget> jumps = {};
};

// Its address and those before it, in the order in which they are connected to.
[[nodiscard]] std::vector<std::string> way_to(const SshTarget& target);

// One limit for each phase, so that a peer that goes silent in any of them is noticed. A way through other
// hosts has them for each.
// A host behind others that does not answer is given up only while the one before it does: else that one is,
// and named.
struct SshTimeouts {
    Duration connect{std::chrono::seconds{10}};
    Duration handshake{std::chrono::seconds{20}};
    Duration authenticate{std::chrono::seconds{15}};
    Duration open_channel{std::chrono::seconds{20}};
    // A host behind others is asked whether it is there after this much silence; without an answer in time
    // the session ends. (A host that is connected to directly is TCP's to notice.)
    Duration ask_after{std::chrono::seconds{10}};
    Duration answer{std::chrono::seconds{20}};
    // By channel::steady_now(): no phase lasts longer, of whichever host.
    Duration until = Duration::max();
};

struct SshOutput {
    int exit_code = -1;  // -1: the server did not say (killed by a signal)
    std::string standard_output;
    std::string standard_error;  // its first 4 KiB
    bool truncated = false;      // standard output was longer than the limit
};

class SshExec;

class SshSession {
public:
    // Errors: permission-denied (the host's key is not the pinned one; both fingerprints are named),
    // failed-precondition (no key is pinned), unauthenticated (our key was refused), deadline-exceeded,
    // cancelled, unavailable. What fails at a jump host begins with "jump host" and its name.
    [[nodiscard]] static Result<std::unique_ptr<SshSession>> connect(
        const SshTarget& target, const SshTimeouts& timeouts, std::shared_ptr<channel::Interrupt> interrupt);
    ~SshSession();
    SshSession(const SshSession&) = delete;
    SshSession& operator=(const SshSession&) = delete;

    // Runs a command to its end. A command that fails is no Error; a broken session is (unavailable), as is
    // time running out (deadline-exceeded).
    [[nodiscard]] Result<SshOutput> run(const std::string& command, std::string_view input, Duration within,
                                        std::size_t output_bytes_max = std::size_t{1} << 20U);
    // Starts a command, writes `input` to it as the peer takes it, then ends its input (unless
    // `keep_input_open`). Several run side by side on one session; servers allow ten.
    [[nodiscard]] Result<std::unique_ptr<SshExec>> start(const std::string& command, std::string input,
                                                         std::size_t output_bytes_max,
                                                         bool keep_input_open = false);

    // A connection from this session's host to another address, whose bytes go straight through.
    [[nodiscard]] Result<std::unique_ptr<SshExec>> forward(const std::string& address, std::uint16_t port,
                                                           Duration within);

    // Waits until the connection has something to say, `extra_fd` (-1: none) is ready for `extra_events`, the
    // session's Interrupt is raised or the time is over.
    void wait(int extra_fd, short extra_events, Duration within);
    [[nodiscard]] bool connected() const;
    // When something last came from the host, by channel::steady_now(), as of the last wait(). Precondition:
    // it goes through another host, or others go through it.
    [[nodiscard]] Duration heard_at() const;
    // Why it ended. Precondition: it is not connected.
    [[nodiscard]] Error failure() const;
    // "SHA256:..." of the key the host showed.
    [[nodiscard]] const std::string& host_fingerprint() const;
    void send_keepalive();
    // Who interrupts it from here on: for a session that is handed to another thread.
    void use(std::shared_ptr<channel::Interrupt> interrupt);

    class Impl;  // libssh stays in the source files

private:
    explicit SshSession(std::unique_ptr<Impl> impl);
    // `hop` null: from this machine.
    static Result<std::unique_ptr<SshSession>> connect_from(std::unique_ptr<SshSession> hop,
                                                            const SshTarget& target,
                                                            const SshTimeouts& timeouts,
                                                            std::shared_ptr<channel::Interrupt> interrupt);
    std::unique_ptr<Impl> impl_;
};

// A running command. Same thread as its session, which must outlive it.
class SshExec {
public:
    ~SshExec();
    SshExec(const SshExec&) = delete;
    SshExec& operator=(const SshExec&) = delete;

    // Moves what can be moved without waiting. True: something moved.
    bool step();
    // The command has ended and everything it wrote was read, or the session broke.
    [[nodiscard]] bool ended() const;
    // Precondition: ended(). Error: unavailable, when the session broke first.
    [[nodiscard]] Result<SshOutput> take();

    // For bridges, with keep_input_open: bytes straight through, instead of step().
    // Bytes taken (0: not now), or an error when the channel is gone.
    [[nodiscard]] Result<std::size_t> write_some(std::string_view bytes);
    void end_input();
    // Bytes of standard output (0: not now; then at_end() tells whether more may come).
    [[nodiscard]] Result<std::size_t> read_some(char* buffer, std::size_t size);
    [[nodiscard]] bool at_end() const;

    class Impl;

private:
    friend class SshSession;
    explicit SshExec(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The key a server shows, as "ssh-ed25519 AAAA...", without authenticating: for a person to compare with
// what the host's console says, and then to pin.
[[nodiscard]] Result<std::string> scan_host_key(const std::string& address, std::uint16_t port,
                                                const SshTimeouts& timeouts,
                                                std::shared_ptr<channel::Interrupt> interrupt);

}  // namespace ararat::transport
