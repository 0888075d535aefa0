// An orchestrator played by a test: it speaks the protocol over mutual TLS, and every message of the agent
// must be waited for by name. With it the real agent, as a process that can be killed.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "ararat/v1/agent.grpc.pb.h"
#include "ararat/v1/enrol.grpc.pb.h"
#include "platform/files.h"
#include "platform/pki.h"
#include "platform/process.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

// A project's CA and the certificates made with it.
class PlayedProject {
public:
    explicit PlayedProject(const std::string& name);
    struct Certified {
        std::string key_pem, certificate_pem;
    };
    [[nodiscard]] Certified certify(const platform::Identity& identity) const;

    std::string name;
    platform::CertificateAuthority ca;
};

class PlayedOrchestrator final : public v1::Agent::Service {
public:
    explicit PlayedOrchestrator(const PlayedProject& project);
    PlayedOrchestrator(const PlayedProject& project, const platform::Identity& identity);
    ~PlayedOrchestrator() override;

    // Listens; the same port every time.
    void open();
    // Every stream ends, and nobody listens.
    void close();
    // Every hello from now on is answered with this refusal.
    void turn_away(const std::string& why);
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

    // The next hello; answers it with a welcome of this epoch.
    v1::Hello welcome(std::uint64_t epoch = 1, const std::function<void(v1::Welcome&)>& change = {});
    void send(v1::OrchestratorMessage message);
    void start(const v1::StartStep& command);
    void acknowledge(const v1::AttemptKey& key, std::uint64_t epoch = 1);
    void cancel(const v1::AttemptKey& key, std::uint64_t epoch = 1);
    // The first message that fits, in order of arrival; others stay. Fails the test after a minute.
    v1::AgentMessage wait_for(const std::function<bool(const v1::AgentMessage&)>& fits);
    v1::StepFinished wait_finished(const std::string& task);
    v1::StepStarted wait_started(const std::string& task);
    // How many results of this task have come and were not waited for.
    [[nodiscard]] std::size_t waiting_results(const std::string& task);

private:
    grpc::Status Connect(
        grpc::ServerContext* context,
        grpc::ServerReaderWriter<v1::OrchestratorMessage, v1::AgentMessage>* stream) override;

    const PlayedProject& project_;
    platform::Identity identity_;
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string turned_away_;
    std::deque<v1::AgentMessage> received_;
    grpc::ServerReaderWriter<v1::OrchestratorMessage, v1::AgentMessage>* stream_ = nullptr;
    grpc::ServerContext* context_ = nullptr;
};

// As systemd: hears what a service says of itself.
class PlayedSystemd {
public:
    explicit PlayedSystemd(const std::string& path);
    [[nodiscard]] std::string next() const;

private:
    platform::UniqueFd socket_;
};

class AgentProcess {
public:
    AgentProcess(const PlayedProject& project, const std::string& orchestrator);
    ~AgentProcess();  // kills the agent and what it left running
    AgentProcess(const AgentProcess&) = delete;
    AgentProcess& operator=(const AgentProcess&) = delete;

    void start(const std::map<std::string, std::string>& environment = {});
    void kill_now();  // as a crash
    // As systemd stops it; its exit code.
    int stop();
    [[nodiscard]] pid_t pid() const { return process_->pid(); }
    // Until it has ended by itself.
    int wait_end();
    [[nodiscard]] std::string path(const std::string& name) const { return place_.path() + "/" + name; }
    [[nodiscard]] std::string read(const std::string& name) const;
    [[nodiscard]] std::string steps_root() const { return path("data/steps"); }
    void write_config(const std::string& extra = {});

private:
    platform::TemporaryDirectory place_;
    std::string orchestrator_;
    std::optional<platform::ChildProcess> process_;
};

[[nodiscard]] v1::AttemptKey key_of(const std::string& task, std::uint32_t attempt = 1);
[[nodiscard]] v1::StartStep shell_step(const std::string& task, const std::string& script,
                                       std::uint64_t epoch = 1);

}  // namespace ararat::agent
