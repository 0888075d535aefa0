// A private sshd on loopback with its own keys, run by the current user, and what an SSH host link needs
// around it. Everything is under one temporary directory; the server ends with the object.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "execution/input.h"
#include "platform/files.h"
#include "platform/process.h"
#include "transport/host_link.h"
#include "transport/ssh_host_link.h"
#include "transport/ssh_session.h"

namespace ararat::transport::test {

// Nothing where openssh-server is not installed.
[[nodiscard]] std::optional<std::string> find_sshd();

class SshServer {
public:
    SshServer();
    // Kills the listener; sessions end with their clients. start() brings it back on the same port.
    void kill();
    void start();
    // Cuts the connections that are there; the listener stays.
    void kill_sessions() const;
    // As a host that dies without a word: its kernel's side of a connection stays, and nothing answers. To be
    // killed afterwards.
    void freeze_sessions() const;
    // Further lines of sshd_config; the server starts anew with them.
    void add_config(const std::string& lines);
    // Another host key, as after a reinstallation or with somebody in between.
    void change_host_key();

    [[nodiscard]] SshTarget target() const;  // with the host's key pinned
    [[nodiscard]] std::string host_key() const;
    [[nodiscard]] const std::string& folder() const { return directory_.path(); }
    // For the host's files: /var/lib/ararat-ssh of a real one.
    [[nodiscard]] std::string remote_root() const { return folder() + "/remote"; }
    [[nodiscard]] std::string other_user_key() const;
    [[nodiscard]] std::string log() const;

private:
    void signal_sessions(int signal) const;
    void make_key(const std::string& path) const;

    platform::TemporaryDirectory directory_;
    std::uint16_t port_ = 0;
    std::optional<platform::ChildProcess> process_;
};

// What a link posts, in order.
class Mailbox {
public:
    [[nodiscard]] InputSink inputs();
    [[nodiscard]] OutputSink output();

    // The next input of this kind, others are kept; nothing after 30 seconds.
    template <typename T>
    [[nodiscard]] std::optional<T> next() {
        std::unique_lock lock(mutex_);
        std::optional<T> found;
        (void)changed_.wait_for(lock, std::chrono::seconds{30}, [&] {
            for (auto at = inputs_.begin(); at != inputs_.end(); ++at) {
                if (!std::holds_alternative<T>(*at)) continue;
                found = std::get<T>(*at);
                inputs_.erase(at);
                return true;
            }
            return false;
        });
        return found;
    }
    template <typename T>
    [[nodiscard]] std::size_t count() const {
        const std::lock_guard lock(mutex_);
        std::size_t number = 0;
        for (const auto& input : inputs_) number += std::holds_alternative<T>(input) ? 1 : 0;
        return number;
    }
    // The attempt's output so far, put together by offsets.
    [[nodiscard]] std::string output_of(const execution::AttemptKey& key) const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<execution::Input> inputs_;
    std::map<execution::AttemptKey, std::string> output_;
};

[[nodiscard]] SshHostLinkOptions link_options(const SshServer& server, Mailbox& mailbox);
// One stage that runs a script with sh.
[[nodiscard]] execution::Command script(const std::string& task, const std::string& text,
                                        std::uint64_t epoch = 1);
void wait_for_file(const std::string& path);

// Each test that needs a server begins with it.
#define ARARAT_NEEDS_SSHD() \
    if (!::ararat::transport::test::find_sshd()) GTEST_SKIP() << "openssh-server is not installed"

}  // namespace ararat::transport::test
