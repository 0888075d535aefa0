// One agent's connection: the reactor of gRPC's callback interface. It judges the first message, then
// passes on what the agent says and writes what the link offers, one message at a time from a bounded
// queue. It decides nothing about steps.
//
//   greeting --hello is well--> open --peer gone | finish()--> finished
//      +--------- refused with words ------------------------------^
//
// Owner: itself, until gRPC calls OnDone, and whoever holds it to call it: gRPC may end the call at any
// moment, so nobody calls a stream through a bare pointer.
// Thread promise: offer(), finish() and abandon() from any thread; the On... methods are gRPC's.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "ararat/v1/agent.grpc.pb.h"
#include "base/result.h"

namespace ararat::transport {

class AgentStream;

// Who listens to a stream: called from gRPC's threads, never under the stream's lock.
class AgentStreamListener {
public:
    virtual ~AgentStreamListener() = default;
    // An error refuses the agent with its words. Well: the stream is in use, and `welcome` is filled.
    virtual Result<void> on_hello(AgentStream& stream, const v1::Hello& hello, v1::Welcome& welcome) = 0;
    // An error ends the stream with its words: the agent says what it may not.
    virtual Result<void> on_message(AgentStream& stream, const v1::AgentMessage& message) = 0;
    // The connection is of no more use. Comes at least once for a stream whose hello was well.
    virtual void on_lost(AgentStream& stream, const std::string& reason) = 0;
    // The last call about this stream.
    virtual void on_done(AgentStream& stream) = 0;
};

inline constexpr std::size_t kOutboundMessagesMax = 10'000;
inline constexpr std::size_t kOutboundBytesMax = std::size_t{64} << 20U;

class AgentStream final : public grpc::ServerBidiReactor<v1::AgentMessage, v1::OrchestratorMessage>,
                          public std::enable_shared_from_this<AgentStream> {
public:
    // Begins reading. `listener` outlives the stream.
    static std::shared_ptr<AgentStream> open(grpc::CallbackServerContext& context,
                                             AgentStreamListener& listener);

    // False: ended, or the queue is full; then the connection is given up, for the agent to come anew.
    // Nothing is written before the welcome.
    bool offer(v1::OrchestratorMessage message);
    // Ends the stream with this status, after the message that is being written. Only the first counts.
    void finish(const grpc::Status& status);
    // Ends it without waiting for a peer that may be gone.
    void abandon();

private:
    AgentStream(grpc::CallbackServerContext& context, AgentStreamListener& listener)
        : context_(context), listener_(listener) {}

    void OnReadDone(bool ok) override;
    void OnWriteDone(bool ok) override;
    void OnCancel() override;
    void OnDone() override;

    void greet();
    void write_next_locked();
    void finish_locked(const grpc::Status& status);
    void lose(const std::string& reason);

    grpc::CallbackServerContext& context_;  // valid until OnDone has returned
    AgentStreamListener& listener_;
    v1::AgentMessage incoming_;  // gRPC's between StartRead and OnReadDone

    std::shared_ptr<AgentStream> self_;

    std::mutex mutex_;
    std::condition_variable cancelled_;
    int cancelling_ = 0;  // calls of TryCancel under way
    bool done_ = false;
    bool greeted_ = false;
    bool writing_ = false;
    bool finishing_ = false;  // finish() was asked for
    bool finished_ = false;   // gRPC was told
    grpc::Status status_;
    std::deque<v1::OrchestratorMessage> queue_;  // front: being written
    std::size_t queued_bytes_ = 0;
};

}  // namespace ararat::transport
