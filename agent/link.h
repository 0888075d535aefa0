// The agent's connection to the orchestrator: one bidirectional stream over mutual TLS, made again with
// random exponential back-off for as long as the agent runs, to the next of several orchestrators each time.
// It carries messages and decides nothing. Owner: the agent. Threads: one that connects and reads, one that
// writes; callbacks come from those and must only post. send() may be called from any thread and does not
// block.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/core/orchestrator_turns.h"
#include "ararat/v1/agent.grpc.pb.h"
#include "base/instant.h"
#include "platform/clock.h"
#include "trust/orchestrator_credentials.h"

namespace ararat::agent {

struct LinkEvents {
    // A fresh stream, to this orchestrator: now greet().
    std::function<void(std::uint64_t stream, const std::string& orchestrator)> on_open;
    std::function<void(v1::OrchestratorMessage)> on_message;
    std::function<void(std::string)> on_closed;  // why; also for a stream that could not be opened
    std::function<void()> on_drained;            // the queue has room again
};

struct LinkOptions {
    std::vector<std::string> orchestrators;  // at least one; tried in turn
    trust::OrchestratorTrust trust;
    trust::OwnIdentity own;
    LinkEvents events;
    // A peer that takes the stream and never answers is left for the next one.
    Duration welcome_within{15'000};
};

// Messages that wait to be written, at most. Output is held back by its sender long before.
inline constexpr std::size_t kLinkQueueBytesMax = std::size_t{64} << 20U;
inline constexpr std::size_t kLinkOutputBytesMax = std::size_t{1} << 20U;
inline constexpr Duration kBackoffFirst{200};
inline constexpr Duration kBackoffMax{30'000};

// Full jitter: uniform in [0, min(max, first * 2^failures)). Pure; `draw` returns a number below its bound.
[[nodiscard]] Duration backoff(unsigned failures, const std::function<std::uint64_t(std::uint64_t)>& draw);

class Link {
public:
    explicit Link(LinkOptions options);
    ~Link();  // stop()
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void start();
    // The first message of this stream; no effect when it is not the present one any more.
    void greet(std::uint64_t stream, v1::AgentMessage hello);
    // Dropped where no stream was greeted: the agent says it again when one is. A queue that overflows ends
    // the stream.
    void send(v1::AgentMessage message);
    // Whether output may be added.
    [[nodiscard]] bool has_room() const;
    // The peer welcomed this agent on this stream: back-off begins anew.
    void welcomed(std::uint64_t stream);
    // Ends the stream, for example because the orchestrator has been silent for too long.
    void drop(const std::string& why);
    void stop();

private:
    using Stream = grpc::ClientReaderWriter<v1::AgentMessage, v1::OrchestratorMessage>;

    void run();
    // One connection, from dialling to its end. Returns why it ended.
    std::string connect_once(const std::string& address);
    std::string converse(v1::Agent::Stub& stub, const std::string& address);
    void write_all(Stream& stream);
    // Waits for something to write; gives the stream up where no welcome comes. False: it has ended.
    bool wait_to_write(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point welcome_by);
    void push_locked(v1::AgentMessage message);
    // False: stopping.
    bool pause(Duration time);

    LinkOptions options_;
    std::shared_ptr<grpc::ChannelCredentials> credentials_;
    OrchestratorTurns turns_;  // the connecting thread's
    std::thread thread_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<v1::AgentMessage> queue_;
    std::size_t queued_bytes_ = 0;
    grpc::ClientContext* context_ = nullptr;  // of the open stream
    std::string dropped_why_;
    std::uint64_t stream_ = 0;  // counts streams
    bool open_ = false;
    bool greeted_ = false;
    bool welcomed_ = false;
    bool writer_done_ = true;
    bool stopping_ = false;
};

}  // namespace ararat::agent
