// Two endpoints on loopback with real certificates, as two agents of one project, and what tests need
// around them. Everything they make is under one temporary directory.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "channel/endpoint.h"
#include "platform/files.h"
#include "platform/pki.h"
#include "platform/unique_fd.h"

namespace ararat::channel::test {

// Boot time that moves only when told to.
class ManualClock final : public platform::Clock {
public:
    Instant now() override { return {}; }
    Duration boottime() override {
        const std::lock_guard lock(mutex_);
        return time_;
    }
    void advance(Duration by) {
        const std::lock_guard lock(mutex_);
        time_ += by;
    }

private:
    std::mutex mutex_;
    Duration time_{std::chrono::hours{1}};
};

// Events of one endpoint; waits for one instead of sleeping.
class EventLog {
public:
    void add(const ChannelEvent& event);
    // False after 30 seconds without one whose text holds `part`.
    [[nodiscard]] bool wait_for(ChannelEvent::Kind kind, const std::string& part = {});
    [[nodiscard]] std::string all() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<ChannelEvent> events_;
};

// What an endpoint reports of its bytes.
struct ProgressLog {
    std::mutex mutex;
    std::vector<std::uint64_t> bytes;
};

struct Host {
    std::string name;
    std::string folder;
    std::string identity;
    std::shared_ptr<EventLog> events = std::make_shared<EventLog>();
    std::shared_ptr<ProgressLog> progress = std::make_shared<ProgressLog>();
    std::unique_ptr<Endpoint> endpoint;
    [[nodiscard]] std::string local_socket() const { return folder + "/agent.sock"; }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(endpoint->port()); }
};

enum class Dials { kTarget, kSource };

class Estate {
public:
    Estate();
    // An agent of the project with a running endpoint. `of_another_ca`: its certificate is one's own making.
    Host start(const std::string& name, std::shared_ptr<platform::Clock> clock = nullptr,
               bool of_another_ca = false);
    [[nodiscard]] std::string folder(const std::string& name) const;

private:
    platform::TemporaryDirectory directory_;
    platform::CertificateAuthority ca_;
    platform::CertificateAuthority other_ca_;
};

struct TicketPair {
    Ticket source;
    Ticket target;
};
// Both ends' tickets for a channel between the two hosts.
[[nodiscard]] TicketPair tree_tickets(const Host& source, const Host& target, Dials dials,
                                      const std::string& path);
[[nodiscard]] TicketPair socket_tickets(const Host& source, const Host& target, Dials dials,
                                        const std::string& path, const std::string& expose);

// A server on a Unix socket; `serve` runs on its thread for one connection after another.
class LocalServer {
public:
    LocalServer(std::string path, std::function<void(int fd)> serve);
    ~LocalServer();
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;

private:
    std::string path_;
    platform::UniqueFd listener_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

void send_all(int fd, const std::string& bytes);
// Until the end of the stream, or a reset.
[[nodiscard]] std::string receive_all(int fd);
// False once the other side has gone.
[[nodiscard]] bool send_some(int fd, const std::string& bytes);

// rsync as the target's mover runs it. The result of the process.
struct Rsync {
    int exit_code = -1;
    std::string output;
    std::string errors;
};
[[nodiscard]] Rsync rsync(const Host& target, const Ticket& ticket, const std::string& into,
                          const std::vector<std::string>& more = {});
// Names, types, contents and links of a tree, as text.
[[nodiscard]] std::string listing(const std::string& path);

}  // namespace ararat::channel::test
