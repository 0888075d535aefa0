#include "played_orchestrator.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <chrono>

#include "agent/supervisor/attempt_folder.h"
#include "base/protocol.h"
#include "platform/clock.h"

namespace ararat::agent {

namespace {

constexpr std::chrono::seconds kPatience{120};

}  // namespace

PlayedProject::PlayedProject(const std::string& project_name)
    : name(project_name), ca(platform::make_ca(project_name, platform::SystemClock().now()).value()) {}

PlayedProject::Certified PlayedProject::certify(const platform::Identity& identity) const {
    const platform::KeyPair key = platform::generate_p256().value();
    const std::string csr = platform::make_csr(key).value();
    return {key.key_pem,
            platform::issue(ca, csr, identity, platform::SystemClock().now(), 1, {"somewhere-else"}).value()};
}

PlayedOrchestrator::PlayedOrchestrator(const PlayedProject& project)
    : PlayedOrchestrator(project, platform::orchestrator_identity(project.name)) {}

PlayedOrchestrator::PlayedOrchestrator(const PlayedProject& project, const platform::Identity& identity)
    : project_(project), identity_(identity) {
    open();
}

PlayedOrchestrator::~PlayedOrchestrator() { close(); }

void PlayedOrchestrator::open() {
    const PlayedProject::Certified own = project_.certify(identity_);
    grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = project_.ca.certificate_pem;
    tls.pem_key_cert_pairs.push_back({own.key_pem, own.certificate_pem});
    grpc::ServerBuilder builder;
    int bound = 0;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port_), grpc::SslServerCredentials(tls), &bound);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    ARARAT_CHECK(server_ != nullptr && bound != 0, "the port can be had again");
    port_ = bound;
}

void PlayedOrchestrator::close() {
    if (!server_) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
    const std::lock_guard lock(mutex_);
    received_.clear();
}

grpc::Status PlayedOrchestrator::Connect(
    grpc::ServerContext* context,
    grpc::ServerReaderWriter<v1::OrchestratorMessage, v1::AgentMessage>* stream) {
    {
        const std::lock_guard lock(mutex_);
        stream_ = stream;
        context_ = context;
    }
    v1::AgentMessage message;
    while (stream->Read(&message)) {
        const std::lock_guard lock(mutex_);
        if (!turned_away_.empty()) return {grpc::StatusCode::FAILED_PRECONDITION, turned_away_};
        received_.push_back(std::move(message));
        changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    if (stream_ == stream) stream_ = nullptr;
    return grpc::Status::OK;
}

void PlayedOrchestrator::turn_away(const std::string& why) {
    const std::lock_guard lock(mutex_);
    turned_away_ = why;
}

PlayedSystemd::PlayedSystemd(const std::string& path)
    : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    ARARAT_CHECK(path.size() < sizeof name.sun_path, "a socket's path is short");
    path.copy(name.sun_path, path.size());
    ARARAT_CHECK(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0, "bind");
    const timeval patience{kPatience.count(), 0};
    ARARAT_CHECK(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0,
                 "time-out");
}

std::string PlayedSystemd::next() const {
    std::array<char, 4096> said{};
    const ssize_t size = ::recv(socket_.get(), said.data(), said.size(), 0);
    return size > 0 ? std::string(said.data(), static_cast<std::size_t>(size)) : "nothing was said";
}

v1::AgentMessage PlayedOrchestrator::wait_for(const std::function<bool(const v1::AgentMessage&)>& fits) {
    std::unique_lock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (true) {
        for (auto at = received_.begin(); at != received_.end(); ++at) {
            if (!fits(*at)) continue;
            v1::AgentMessage message = std::move(*at);
            received_.erase(at);
            return message;
        }
        if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
            ADD_FAILURE() << "the agent did not say what was waited for";
            return {};
        }
    }
}

v1::Hello PlayedOrchestrator::welcome(std::uint64_t epoch, const std::function<void(v1::Welcome&)>& change) {
    const v1::AgentMessage message = wait_for([](const v1::AgentMessage& said) { return said.has_hello(); });
    v1::OrchestratorMessage answer;
    answer.mutable_welcome()->set_protocol(kProtocolVersion);
    answer.mutable_welcome()->set_version("played");
    answer.mutable_welcome()->set_epoch(epoch);
    answer.mutable_welcome()->set_lease_ms(60'000);
    if (change) change(*answer.mutable_welcome());
    send(std::move(answer));
    return message.hello();
}

void PlayedOrchestrator::send(v1::OrchestratorMessage message) {
    const std::lock_guard lock(mutex_);
    ASSERT_NE(stream_, nullptr) << "no agent is connected";
    stream_->Write(message);
}

void PlayedOrchestrator::start(const v1::StartStep& command) {
    v1::OrchestratorMessage message;
    *message.mutable_start_step() = command;
    send(std::move(message));
}

void PlayedOrchestrator::acknowledge(const v1::AttemptKey& key, std::uint64_t epoch) {
    v1::OrchestratorMessage message;
    *message.mutable_acknowledge_result()->mutable_key() = key;
    message.mutable_acknowledge_result()->set_epoch(epoch);
    send(std::move(message));
}

void PlayedOrchestrator::cancel(const v1::AttemptKey& key, std::uint64_t epoch) {
    v1::OrchestratorMessage message;
    *message.mutable_cancel_step()->mutable_key() = key;
    message.mutable_cancel_step()->set_epoch(epoch);
    send(std::move(message));
}

v1::StepFinished PlayedOrchestrator::wait_finished(const std::string& task) {
    return wait_for([&](const v1::AgentMessage& said) {
               return said.has_step_finished() && said.step_finished().key().task() == task;
           })
        .step_finished();
}

v1::StepStarted PlayedOrchestrator::wait_started(const std::string& task) {
    return wait_for([&](const v1::AgentMessage& said) {
               return said.has_step_started() && said.step_started().key().task() == task;
           })
        .step_started();
}

std::size_t PlayedOrchestrator::waiting_results(const std::string& task) {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const v1::AgentMessage& said : received_) {
        if (said.has_step_finished() && said.step_finished().key().task() == task) ++count;
    }
    return count;
}

AgentProcess::AgentProcess(const PlayedProject& project, const std::string& orchestrator)
    : place_(platform::TemporaryDirectory::make("agent").value()), orchestrator_(orchestrator) {
    const PlayedProject::Certified own = project.certify(platform::agent_identity(project.name, "host-1"));
    const bool written = platform::make_dirs(path("data")).ok() &&
                         platform::write_file_durable(path("data/agent.key"), own.key_pem, 0600).ok() &&
                         platform::write_file_durable(path("data/agent.crt"), own.certificate_pem).ok() &&
                         platform::write_file_durable(path("data/ca.crt"), project.ca.certificate_pem).ok();
    ARARAT_CHECK(written, "the temporary place can be written");
    write_config();
}

AgentProcess::~AgentProcess() {
    process_.reset();
    const auto names = platform::list_dir(steps_root());
    if (!names.ok()) return;
    for (const std::string& name : names.value()) {
        const auto mark = supervisor_of(steps_root() + "/" + name);
        if (mark.ok() && *mark && is_alive(**mark).value()) kill((*mark)->pid, SIGKILL);
    }
}

void AgentProcess::write_config(const std::string& extra) {
    const auto written = platform::write_file_durable(
        path("agent.conf"),
        "orchestrator = " + orchestrator_ + "\ndata_dir = " + path("data") +
            "\ndata_address = 127.0.0.1\ndata_port = 0\nsocket = " + path("run/agent.sock") +
            "\nallow_list = " + path("allow") + "\nsupervisor = " SUPERVISOR "\n" + extra);
    ARARAT_CHECK(written.ok(), "the temporary place can be written");
}

void AgentProcess::start(const std::map<std::string, std::string>& environment) {
    platform::ProcessOptions options;
    options.environment = environment;
    platform::ChildProcess::Stdio stdio;
    stdio.error.reset(::open(path("log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    auto started = platform::ChildProcess::start({AGENT, "run", "--config", path("agent.conf")},
                                                 std::move(stdio), options);
    ARARAT_CHECK(started.ok(), "the agent was built");
    process_.emplace(std::move(started).value());
}

void AgentProcess::kill_now() {
    kill(process_->pid(), SIGKILL);
    (void)process_->wait();
    process_.reset();
}

int AgentProcess::stop() {
    kill(process_->pid(), SIGTERM);
    return wait_end();
}

int AgentProcess::wait_end() {
    const int code = process_->wait();
    process_.reset();
    return code;
}

std::string AgentProcess::read(const std::string& name) const {
    const auto bytes = platform::read_file(path(name));
    return bytes.ok() ? bytes.value() : std::string();
}

v1::AttemptKey key_of(const std::string& task, std::uint32_t attempt) {
    v1::AttemptKey key;
    key.set_project("p");
    key.set_run("run-1");
    key.set_task(task);
    key.set_purpose(v1::PURPOSE_FORWARD);
    key.set_attempt(attempt);
    return key;
}

v1::StartStep shell_step(const std::string& task, const std::string& script, std::uint64_t epoch) {
    v1::StartStep command;
    *command.mutable_key() = key_of(task);
    command.set_epoch(epoch);
    command.set_sequence(1);
    v1::Stage& stage = *command.add_stages();
    stage.set_name("perform");
    v1::Operation& operation = *stage.mutable_operation();
    operation.set_verb(v1::VERB_RUN);
    for (const char* word : {"/bin/sh", "-c"}) operation.add_argv(word);
    operation.add_argv(script);
    operation.set_timeout_ms(600'000);
    return command;
}

}  // namespace ararat::agent
