#include "bench_agent.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "base/protocol.h"

namespace ararat::server {

BenchAgent::BenchAgent(TestWorld& world, std::string host, AgentCounts& counts)
    : host_(std::move(host)), counts_(counts) {
    const auto credentials = world.credentials(platform::agent_identity("exit", host_));
    stub_ = v1::Agent::NewStub(world.channel(world.orchestrator().ports().agents, credentials));
}

BenchAgent::~BenchAgent() {
    context_.TryCancel();
    std::unique_lock lock(mutex_);
    done_changed_.wait(lock, [this] { return done_ || !connected_; });
}

void BenchAgent::connect() {
    stub_->async()->Connect(&context_, this);
    v1::AgentMessage first;
    v1::Hello& hello = *first.mutable_hello();
    hello.set_protocol(kProtocolVersion);
    hello.set_version("bench");
    for (const auto name : kCapabilities) hello.add_capabilities(std::string(name));
    hello.set_journal_id("journal of " + host_);
    hello.set_host(host_);
    hello.set_data_port(7411);
    {
        const std::lock_guard lock(mutex_);
        connected_ = true;
    }
    say(std::move(first));
    StartRead(&heard_);
    StartCall();
}

void BenchAgent::send_heartbeat() {
    v1::AgentMessage message;
    message.mutable_heartbeat();
    say(std::move(message));
}

void BenchAgent::say(v1::AgentMessage message) {
    const std::lock_guard lock(mutex_);
    if (done_) return;
    unsaid_.push_back(std::move(message));
    if (unsaid_.size() == 1) StartWrite(&unsaid_.front());
}

void BenchAgent::OnReadDone(bool ok) {
    if (!ok) return;
    if (heard_.has_welcome()) {
        ++counts_.welcomed;
    } else if (heard_.has_acknowledge_result()) {
        ++counts_.acknowledged;
    } else if (heard_.has_start_step()) {
        v1::AgentMessage started;
        *started.mutable_step_started()->mutable_key() = heard_.start_step().key();
        say(std::move(started));
        v1::AgentMessage message;
        v1::StepFinished& finished = *message.mutable_step_finished();
        *finished.mutable_key() = heard_.start_step().key();
        finished.set_outcome(v1::OUTCOME_SUCCEEDED);
        say(std::move(message));
    }
    StartRead(&heard_);
}

void BenchAgent::OnWriteDone(bool ok) {
    const std::lock_guard lock(mutex_);
    unsaid_.pop_front();
    if (ok && !unsaid_.empty()) StartWrite(&unsaid_.front());
}

void BenchAgent::OnDone(const grpc::Status& status) {
    if (status.error_code() != grpc::StatusCode::CANCELLED) {
        fmt::print(stderr, "agent of {}: {}\n", host_, status.error_message());
    }
    ++counts_.ended;
    const std::lock_guard lock(mutex_);
    done_ = true;
    done_changed_.notify_all();
}

}  // namespace ararat::server
