// An agent that does nothing and answers at once, for benchmarks with very many of them: its own connection
// over mutual TLS, but no thread (gRPC's callback API). Thread promise: its methods from any thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "ararat/v1/agent.grpc.pb.h"
#include "test_world.h"

namespace ararat::server {

// What all agents of one measurement have seen.
struct AgentCounts {
    std::atomic<int> welcomed{0};
    std::atomic<int> acknowledged{0};
    std::atomic<int> ended{0};
};

class BenchAgent final : public grpc::ClientBidiReactor<v1::AgentMessage, v1::OrchestratorMessage> {
public:
    BenchAgent(TestWorld& world, std::string host, AgentCounts& counts);
    ~BenchAgent() override;  // ends the stream and waits for its end
    BenchAgent(const BenchAgent&) = delete;
    BenchAgent& operator=(const BenchAgent&) = delete;

    void connect();
    void send_heartbeat();

private:
    void OnReadDone(bool ok) override;
    void OnWriteDone(bool ok) override;
    void OnDone(const grpc::Status& status) override;
    void say(v1::AgentMessage message);

    const std::string host_;
    AgentCounts& counts_;
    std::unique_ptr<v1::Agent::Stub> stub_;
    grpc::ClientContext context_;
    v1::OrchestratorMessage heard_;

    std::mutex mutex_;
    std::condition_variable done_changed_;
    std::deque<v1::AgentMessage> unsaid_;  // the first is being written
    bool connected_ = false;
    bool done_ = false;
};

}  // namespace ararat::server
