// A project in a temporary directory, a plan of two hosts, an orchestrator in this process, people who
// call it and agents that answer it: real gRPC over mutual TLS on loopback.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ararat/v1/agent.grpc.pb.h"
#include "ararat/v1/control.grpc.pb.h"
#include "ararat/v1/enrol.grpc.pb.h"
#include "model/compiled_plan.h"
#include "platform/files.h"
#include "platform/identity.h"
#include "platform/pki.h"
#include "server/orchestrator.h"

namespace ararat::server {

// wave-1: copy (on pri) -> check (on pri), and a gate before `check` when asked for.
[[nodiscard]] CompiledPlan small_plan(bool with_gate);

// Key, certificate and CA of somebody.
struct Credentials {
    std::string key_pem;
    std::string certificate_pem;
    std::string ca_pem;
};

class TestWorld {
public:
    TestWorld();
    ~TestWorld();

    void start_orchestrator(const std::function<void(OrchestratorOptions&)>& change = {});
    void stop_orchestrator();
    [[nodiscard]] Orchestrator& orchestrator() { return *orchestrator_; }
    [[nodiscard]] const std::string& directory() const { return directory_.path(); }

    [[nodiscard]] Credentials credentials(const platform::Identity& identity) const;
    [[nodiscard]] Credentials person(const std::string& name, const std::vector<std::string>& roles) const;
    [[nodiscard]] std::shared_ptr<grpc::Channel> channel(std::uint16_t port,
                                                         const Credentials& credentials) const;
    [[nodiscard]] std::unique_ptr<v1::Control::Stub> control(const Credentials& credentials) const;
    [[nodiscard]] platform::CertificateAuthority ca() const;

    // Uploads and applies it as this person. OK and the hash, or the status.
    grpc::Status apply(v1::Control::Stub& stub, const CompiledPlan& plan, const std::string& base = {}) const;

private:
    platform::TemporaryDirectory directory_;
    std::unique_ptr<Orchestrator> orchestrator_;
};

// An agent with a memory: does each attempt once, however often it is told, and answers at once or when
// let. Reconnects by itself when told to.
class FakeAgent {
public:
    FakeAgent(const TestWorld& world, std::string host);
    ~FakeAgent();

    // Returns when the welcome is there, or the stream has ended.
    grpc::Status connect(std::function<void(v1::Hello&)> change_hello = {});
    // Ends the stream; the status it ended with.
    grpc::Status disconnect();

    // With its next connection it sends output of this attempt at once, and knows the step as done already.
    void speak_first_of(const std::string& run, const std::string& task, const std::string& output);
    void hold_results(bool hold);                              // results wait until they are let
    void answer_with(v1::Outcome outcome);                     // from the next attempt on
    [[nodiscard]] std::map<std::string, int> effects() const;  // by key text
    [[nodiscard]] int starts_heard() const;
    // From each result's sending to the next command's arrival: one for each step but the first.
    [[nodiscard]] std::vector<std::chrono::nanoseconds> gaps() const;
    [[nodiscard]] std::vector<std::string> tickets() const;
    // Waits for it, or fails the test.
    void wait_until(const std::function<bool()>& condition);
    void send(const v1::AgentMessage& message);
    [[nodiscard]] const v1::Welcome& welcome() const { return welcome_; }
    // The status, once the orchestrator has ended the stream.
    [[nodiscard]] grpc::Status wait_for_end();

private:
    void read();
    void on_start(const v1::StartStep& start);
    void finish_locked(const v1::AttemptKey& key);

    std::string host_;
    std::unique_ptr<v1::Agent::Stub> stub_;
    std::unique_ptr<grpc::ClientContext> context_;
    std::unique_ptr<grpc::ClientReaderWriter<v1::AgentMessage, v1::OrchestratorMessage>> stream_;
    std::thread reader_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    v1::Welcome welcome_;
    bool welcomed_ = false;
    bool ended_ = false;
    grpc::Status end_status_;
    bool hold_ = false;
    v1::Outcome outcome_ = v1::OUTCOME_SUCCEEDED;
    int starts_ = 0;
    std::chrono::steady_clock::time_point finished_at_;
    std::vector<std::chrono::nanoseconds> gaps_;
    std::map<std::string, int> effects_;
    std::map<std::string, v1::StepFinished> unacknowledged_;  // the journal, as far as it matters here
    std::vector<v1::AttemptKey> held_;
    std::vector<std::string> tickets_;
    std::vector<v1::AgentMessage> first_words_;
};

}  // namespace ararat::server
