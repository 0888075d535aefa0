#include "test_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "base/protocol.h"
#include "platform/clock.h"
#include "server/data_directory.h"
#include "wire/convert.h"

namespace ararat::server {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

Task step(const char* name, std::vector<TaskId> after) {
    Task task;
    task.id = TaskId(std::string("shop/web/") + name);
    task.application = ApplicationId("shop");
    task.component = "web";
    task.step = name;
    task.action = "say";
    task.wave = WaveId("wave-1");
    task.group = MoveGroupId("shop");
    task.source = HostId("ark");
    task.target = HostId("pri");
    task.executor = HostId("pri");
    task.perform = Operation{.verb = Verb::kRun, .argv = {"/bin/true"}};
    task.after = std::move(after);
    return task;
}

std::string text_of(const v1::AttemptKey& key) {
    return fmt::format("{}|{}|{}|{}", key.run(), key.task(), static_cast<int>(key.purpose()), key.attempt());
}

}  // namespace

CompiledPlan small_plan(bool with_gate) {
    CompiledPlan plan;
    plan.project = ProjectId("exit");
    plan.timezone = "UTC";
    plan.hosts = {{HostId("ark"), SiteId("ark"), "127.0.0.1", HostVia::kAgent, "root", 22, {}},
                  {HostId("pri"), SiteId("primary"), "127.0.0.1", HostVia::kAgent, "root", 22, {}}};
    Channel channel;
    channel.id = ChannelId("shop/web/tree");
    channel.source = HostId("ark");
    channel.target = HostId("pri");
    channel.path = "/srv/web";
    plan.channels = {channel};
    plan.gates = {{GateId("cutover"), {RoleId("change-board")}, false}};
    Wave wave;
    wave.id = WaveId("wave-1");
    wave.window_start = from_unix_ms(0);
    wave.window_end = wave.latest_start = from_unix_ms(4'000'000'000'000);
    wave.groups = {MoveGroupId("shop")};
    plan.waves = {wave};
    plan.groups = {{MoveGroupId("shop"), WaveId("wave-1"), {ApplicationId("shop")}, {}}};
    plan.tasks = {step("copy", {})};
    plan.tasks[0].opens = {channel.id};
    std::vector<TaskId> before = {plan.tasks[0].id};
    if (with_gate) {
        Task gate;
        gate.id = TaskId("shop/web/approve");
        gate.kind = TaskKind::kGate;
        gate.application = ApplicationId("shop");
        gate.wave = WaveId("wave-1");
        gate.group = MoveGroupId("shop");
        gate.gate = GateId("cutover");
        plan.tasks.push_back(gate);
        before = {gate.id, plan.tasks[0].id};
    }
    plan.tasks.push_back(step("check", before));
    plan.tasks.back().closes = {channel.id};
    seal(plan);
    return plan;
}

TestWorld::TestWorld() : directory_(std::move(platform::TemporaryDirectory::make()).value()) {
    platform::SystemClock clock;
    const auto made =
        init_data_directory({directory()}, ProjectId("exit"), {"localhost", "127.0.0.1"}, clock.now());
    EXPECT_TRUE(made.ok()) << made.error().text();
}

TestWorld::~TestWorld() { stop_orchestrator(); }

void TestWorld::start_orchestrator(const std::function<void(OrchestratorOptions&)>& change) {
    OrchestratorOptions options;
    options.data_directory = directory();
    options.control_address = "127.0.0.1:0";
    options.agents_address = "127.0.0.1:0";
    options.enrol_address = "127.0.0.1:0";
    options.data_address = "127.0.0.1:0";
    if (change) change(options);
    auto started = Orchestrator::start(options);
    ASSERT_TRUE(started.ok()) << started.error().text();
    orchestrator_ = std::move(started).value();
}

void TestWorld::stop_orchestrator() { orchestrator_.reset(); }

platform::CertificateAuthority TestWorld::ca() const { return open_data_directory({directory()}).value().ca; }

Credentials TestWorld::credentials(const platform::Identity& identity) const {
    platform::SystemClock clock;
    const auto authority = ca();
    const auto key = platform::generate_p256().value();
    const auto request = platform::make_csr(key).value();
    return {key.key_pem, platform::issue(authority, request, identity, clock.now(), 1).value(),
            authority.certificate_pem};
}

Credentials TestWorld::person(const std::string& name, const std::vector<std::string>& roles) const {
    return credentials(platform::person_identity("exit", name, roles));
}

std::shared_ptr<grpc::Channel> TestWorld::channel(std::uint16_t port, const Credentials& credentials) const {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = credentials.ca_pem;
    tls.pem_private_key = credentials.key_pem;
    tls.pem_cert_chain = credentials.certificate_pem;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // each its own connection
    return grpc::CreateCustomChannel(fmt::format("localhost:{}", port), grpc::SslCredentials(tls), arguments);
}

std::unique_ptr<v1::Control::Stub> TestWorld::control(const Credentials& credentials) const {
    return v1::Control::NewStub(channel(orchestrator_->ports().control, credentials));
}

grpc::Status TestWorld::apply(v1::Control::Stub& stub, const CompiledPlan& plan,
                              const std::string& base) const {
    v1::UploadChunkRequest chunk;
    chunk.set_upload("u1");
    chunk.set_data(wire::to_proto(plan).SerializeAsString());
    v1::UploadChunkResponse received;
    grpc::ClientContext uploading;
    if (const auto status = stub.UploadChunk(&uploading, chunk, &received); !status.ok()) return status;
    v1::ApplyPlanRequest request;
    request.set_upload("u1");
    request.set_hash(plan.hash.str());
    request.set_base(base);
    v1::ApplyPlanResponse response;
    grpc::ClientContext applying;
    return stub.ApplyPlan(&applying, request, &response);
}

FakeAgent::FakeAgent(const TestWorld& world, std::string host) : host_(std::move(host)) {
    const auto port = const_cast<TestWorld&>(world).orchestrator().ports().agents;
    stub_ =
        v1::Agent::NewStub(world.channel(port, world.credentials(platform::agent_identity("exit", host_))));
}

FakeAgent::~FakeAgent() { disconnect(); }

grpc::Status FakeAgent::connect(std::function<void(v1::Hello&)> change_hello) {
    context_ = std::make_unique<grpc::ClientContext>();
    v1::AgentMessage first;
    v1::Hello& hello = *first.mutable_hello();
    {
        const std::lock_guard lock(mutex_);
        welcomed_ = ended_ = false;
        for (const auto& [text, finished] : unacknowledged_) *hello.add_unacknowledged() = finished.key();
    }
    hello.set_protocol(kProtocolVersion);
    hello.set_version("test");
    for (const auto name : kCapabilities) hello.add_capabilities(std::string(name));
    hello.set_journal_id("journal of " + host_);
    hello.set_host(host_);
    hello.set_data_port(7411);
    if (change_hello) change_hello(hello);
    stream_ = stub_->Connect(context_.get());
    stream_->Write(first);
    for (const auto& message : first_words_) stream_->Write(message);
    reader_ = std::thread([this] { read(); });
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [this] { return welcomed_ || ended_; });
    return ended_ ? end_status_ : grpc::Status::OK;
}

grpc::Status FakeAgent::disconnect() {
    if (context_) context_->TryCancel();
    if (reader_.joinable()) reader_.join();
    stream_.reset();
    context_.reset();
    return end_status_;
}

grpc::Status FakeAgent::wait_for_end() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [this] { return ended_; }));
    return end_status_;
}

void FakeAgent::read() {
    v1::OrchestratorMessage message;
    while (stream_->Read(&message)) {
        const std::lock_guard lock(mutex_);
        if (message.has_welcome()) {
            welcome_ = message.welcome();
            welcomed_ = true;
            for (const auto& [text, finished] : unacknowledged_) {
                v1::AgentMessage again;
                *again.mutable_step_finished() = finished;
                stream_->Write(again);
            }
        } else if (message.has_start_step()) {
            on_start(message.start_step());
        } else if (message.has_acknowledge_result()) {
            unacknowledged_.erase(text_of(message.acknowledge_result().key()));
        } else if (message.has_open_ticket()) {
            tickets_.push_back(fmt::format("open {} {} {}", message.open_ticket().channel().id(),
                                           message.open_ticket().is_source() ? "source" : "target",
                                           message.open_ticket().peer_address()));
        } else if (message.has_close_ticket()) {
            tickets_.push_back("close " + message.close_ticket().channel());
        }
        changed_.notify_all();
    }
    const auto status = stream_->Finish();
    const std::lock_guard lock(mutex_);
    end_status_ = status;
    ended_ = true;
    changed_.notify_all();
}

// Under the lock. A key that was heard before is answered again and does nothing.
void FakeAgent::on_start(const v1::StartStep& start) {
    if (++starts_ > 1) gaps_.push_back(std::chrono::steady_clock::now() - finished_at_);
    const std::string text = text_of(start.key());
    if (!effects_.contains(text)) {
        effects_[text] = 1;
        v1::AgentMessage started;
        *started.mutable_step_started()->mutable_key() = start.key();
        stream_->Write(started);
        v1::AgentMessage output;
        *output.mutable_step_output()->mutable_key() = start.key();
        output.mutable_step_output()->set_data("output of " + start.key().task() + "\n");
        stream_->Write(output);
    }
    if (hold_) {
        held_.push_back(start.key());
    } else {
        finish_locked(start.key());
    }
}

void FakeAgent::finish_locked(const v1::AttemptKey& key) {
    v1::AgentMessage message;
    v1::StepFinished& finished = *message.mutable_step_finished();
    *finished.mutable_key() = key;
    finished.set_outcome(outcome_);
    finished.set_detail("done");
    unacknowledged_[text_of(key)] = finished;
    finished_at_ = std::chrono::steady_clock::now();
    stream_->Write(message);
}

void FakeAgent::speak_first_of(const std::string& run, const std::string& task, const std::string& output) {
    v1::AgentMessage message;
    v1::StepOutput& said = *message.mutable_step_output();
    said.mutable_key()->set_project("exit");
    said.mutable_key()->set_run(run);
    said.mutable_key()->set_task(task);
    said.mutable_key()->set_purpose(v1::PURPOSE_FORWARD);
    said.mutable_key()->set_attempt(1);
    said.set_data(output);
    first_words_.push_back(message);
    effects_[text_of(said.key())] = 1;
}

void FakeAgent::hold_results(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_ = hold;
    if (hold) return;
    for (const auto& key : std::exchange(held_, {})) finish_locked(key);
}

void FakeAgent::answer_with(v1::Outcome outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = outcome;
}

std::map<std::string, int> FakeAgent::effects() const {
    const std::lock_guard lock(mutex_);
    return effects_;
}
int FakeAgent::starts_heard() const {
    const std::lock_guard lock(mutex_);
    return starts_;
}
std::vector<std::chrono::nanoseconds> FakeAgent::gaps() const {
    const std::lock_guard lock(mutex_);
    return gaps_;
}
std::vector<std::string> FakeAgent::tickets() const {
    const std::lock_guard lock(mutex_);
    return tickets_;
}

void FakeAgent::send(const v1::AgentMessage& message) {
    const std::lock_guard lock(mutex_);
    stream_->Write(message);
}

void FakeAgent::wait_until(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(50));
        if (std::chrono::steady_clock::now() > until) {
            ADD_FAILURE() << "waited in vain";
            return;
        }
    }
}

}  // namespace ararat::server
