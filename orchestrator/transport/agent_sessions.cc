#include "transport/agent_sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/protocol.h"
#include "base/utf8.h"
#include "platform/log.h"
#include "transport/grpc_status.h"
#include "wire/convert.h"

namespace ararat::transport {
namespace {

constexpr std::size_t kSessionsMax = 20'000;
constexpr std::size_t kTroubleBytesMax = 512;

// Ends the call at once, with words.
class RefusedStream final : public grpc::ServerBidiReactor<v1::AgentMessage, v1::OrchestratorMessage> {
public:
    explicit RefusedStream(const grpc::Status& status) { Finish(status); }

private:
    void OnDone() override { delete this; }
};

}  // namespace

AgentSessions::AgentSessions(AgentSessionsOptions options) : options_(std::move(options)) {}

AgentSessions::~AgentSessions() { stop(); }

grpc::ServerBidiReactor<v1::AgentMessage, v1::OrchestratorMessage>* AgentSessions::Connect(
    grpc::CallbackServerContext* context) {
    const auto refuse = [&](const Error& error) {
        spdlog::warn("alert: connection from {} refused: {}", context->peer(), error.text());
        return new RefusedStream(to_status(error));
    };
    auto peer = peer_of(*context->auth_context());
    if (!peer.ok()) return refuse(peer.error());
    const std::lock_guard lock(mutex_);
    if (stopping_) return refuse({ErrorCode::kUnavailable, "the orchestrator stops"});
    if (sessions_.size() >= kSessionsMax) {
        return refuse({ErrorCode::kResourceExhausted, "too many agents are connected"});
    }
    const platform::Identity& identity = peer->identity;
    const auto ungreeted = std::ranges::count_if(
        sessions_, [&](const auto& entry) { return !entry.second.link && entry.second.peer == identity; });
    if (static_cast<std::size_t>(ungreeted) >= kUngreetedMax) {
        return refuse({ErrorCode::kResourceExhausted,
                       platform::identity_uri(identity) + " opens streams and does not say hello"});
    }
    const auto stream = AgentStream::open(*context, *this);
    sessions_[stream.get()] = Session{stream, identity, options_.clock->boottime(), nullptr};
    return stream.get();
}

Result<void> AgentSessions::on_hello(AgentStream& stream, const v1::Hello& hello, v1::Welcome& welcome) {
    const Session session = session_of(stream);
    const HostId host(session.peer.name);
    if (const auto open = check_open(); !open.ok()) {
        spdlog::info("agent of {} is sent on: {}", session.peer.name, open.error().message);
        refused(session.peer, open.error().message);
        return open;
    }
    HandshakeTerms terms;
    terms.project = options_.project.str();
    terms.peer = session.peer;
    terms.position = options_.position();
    terms.required_capabilities = options_.estate->required_capabilities(host);
    if (const auto estate_host = options_.estate->host(host)) terms.via = estate_host->via;
    const std::uint64_t seen = hello.sequence_seen();
    // What could not be read proves nothing: the agent comes again.
    if (seen != 0 && seen <= terms.position.sequence) {
        ARARAT_ASSIGN_OR_RETURN(terms.hash_at_seen, options_.hash_at(seen));
    }
    if (const auto judged = check_hello(hello, terms); !judged.ok()) {
        if (judged.error().code == ErrorCode::kDataLoss) {
            options_.distrust(fmt::format("agent of {}: {}", session.peer.name, judged.error().message));
        }
        spdlog::warn("alert: agent of {} refused: {}", session.peer.name, judged.error().text());
        refused(session.peer, judged.error().message);
        return judged;
    }

    execution::HostUp up{host, hello.journal_id(), hello.version(), {}, hello.epoch_seen() == 0};
    for (const v1::AttemptKey& key : hello.unacknowledged()) {
        ARARAT_ASSIGN_OR_RETURN(execution::AttemptKey known, wire::from_proto(key));
        up.known.push_back(std::move(known));
    }
    welcome.set_protocol(kProtocolVersion);
    welcome.set_version(std::string(kProgramVersion));
    welcome.set_epoch(terms.position.epoch);
    welcome.set_sequence(terms.position.sequence);
    welcome.set_chain_hash(terms.position.hash);
    welcome.set_lease_ms(options_.lease.count());
    for (const std::string& name : terms.required_capabilities) welcome.add_required_capabilities(name);

    const auto link = link_for(host);
    {
        const std::lock_guard lock(mutex_);
        ARARAT_RETURN_IF_ERROR(check_open_locked());
        sessions_[&stream].link = link;
    }
    spdlog::info("agent of {} is connected: version {}, journal {}", host.str(), hello.version(),
                 hello.journal_id());
    link->attach(session.stream, hello, std::move(up));
    return {};
}

Result<void> AgentSessions::on_message(AgentStream& stream, const v1::AgentMessage& message) {
    const Session session = session_of(stream);
    // A stream that was replaced has nothing more to say: its agent says it again on the newer one.
    if (!session.link || !session.link->is_current(stream)) return {};
    session.link->heard();
    const HostId& host = session.link->host();
    switch (message.body_case()) {
        case v1::AgentMessage::kStepStarted: {
            ARARAT_ASSIGN_OR_RETURN(auto started, wire::from_proto(message.step_started(), host));
            if (!options_.sent_there(host, started.key)) return {};  // an attempt that is long over
            options_.inputs(std::move(started));
            return {};
        }
        case v1::AgentMessage::kStepOutput: return on_output(host, message.step_output());
        case v1::AgentMessage::kStepFinished: return on_finished(host, message.step_finished());
        case v1::AgentMessage::kChannelProgress: return on_progress(host, message.channel_progress());
        case v1::AgentMessage::kHeartbeat:
            session.link->troubled(displayable(message.heartbeat().trouble().substr(0, kTroubleBytesMax)));
            return {};
        case v1::AgentMessage::kHello:
            return Error{ErrorCode::kFailedPrecondition, "a second hello on one stream"};
        case v1::AgentMessage::BODY_NOT_SET:
            return Error{ErrorCode::kInvalidArgument, "a message without a body this version knows"};
    }
    return {};
}

void AgentSessions::on_lost(AgentStream& stream, const std::string& reason) {
    if (const auto link = session_of(stream).link) link->detach(stream, reason);
}

void AgentSessions::on_done(AgentStream& stream) {
    on_lost(stream, "the connection ended");
    const std::lock_guard lock(mutex_);
    sessions_.erase(&stream);
}

std::shared_ptr<HostLink> AgentSessions::find(const HostId& host) const {
    const std::lock_guard lock(mutex_);
    const auto found = links_.find(host);
    return found == links_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<AgentLink>> AgentSessions::links() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<AgentLink>> links;
    for (const auto& [host, link] : links_) links.push_back(link);
    return links;
}

void AgentSessions::end_ungreeted() {
    std::vector<std::pair<std::shared_ptr<AgentStream>, Duration>> silent;
    {
        const std::lock_guard lock(mutex_);
        const Duration now = options_.clock->boottime();
        for (const auto& [key, session] : sessions_) {
            const Duration age = now - session.opened_at;
            if (!session.link && age > kHelloWithin) silent.emplace_back(session.stream, age);
        }
    }
    for (const auto& [stream, age] : silent) {
        stream->finish(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "no hello came within 10 s"));
        // It was told before, and does not go.
        if (age > kHelloWithin * 2) stream->abandon();
    }
}

void AgentSessions::pulse() {
    end_ungreeted();
    for (const auto& link : links()) link->pulse(options_.clock->now(), options_.lease);
}

void AgentSessions::refused(const platform::Identity& peer, const std::string& reason) {
    if (peer.kind != platform::IdentityKind::kAgent || peer.project != options_.project.str()) return;
    const HostId host(peer.name);
    const auto planned = options_.estate->host(host);
    if (!planned || planned->via != HostVia::kAgent) return;
    link_for(host)->refused("its agent was refused: " + reason);
}

void AgentSessions::recheck() {
    for (const auto& link : links()) link->require(options_.estate->required_capabilities(link->host()));
}

void AgentSessions::dismiss(const std::string& why) {
    std::vector<Session> sessions;
    std::string words;
    {
        const std::lock_guard lock(mutex_);
        if (!dismissed_.empty()) return;
        words = dismissed_ = "read-only: " + why + "; this orchestrator does not lead";
        // Whose hello is not judged yet is answered when it is.
        for (const auto& [key, session] : sessions_) {
            if (session.link) sessions.push_back(session);
        }
    }
    for (const Session& session : sessions) {
        session.link->detach(*session.stream, words);
        session.stream->finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, words));
    }
}

void AgentSessions::stop() {
    std::vector<std::shared_ptr<AgentStream>> streams;
    std::vector<std::shared_ptr<AgentLink>> links;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const auto& [key, session] : sessions_) streams.push_back(session.stream);
        for (const auto& [host, link] : links_) links.push_back(link);
    }
    for (const auto& link : links) link->stop();
    for (const auto& stream : streams) {
        stream->finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the orchestrator stops"));
    }
}

Result<void> AgentSessions::check_open() const {
    const std::lock_guard lock(mutex_);
    return check_open_locked();
}

Result<void> AgentSessions::check_open_locked() const {
    if (stopping_) return Error{ErrorCode::kUnavailable, "the orchestrator stops"};
    if (!dismissed_.empty()) return Error{ErrorCode::kUnavailable, dismissed_};
    return {};
}

AgentSessions::Session AgentSessions::session_of(const AgentStream& stream) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(&stream);
    return found == sessions_.end() ? Session{} : found->second;
}

std::shared_ptr<AgentLink> AgentSessions::link_for(const HostId& host) {
    const std::lock_guard lock(mutex_);
    auto& link = links_[host];
    if (!link) {
        AgentLinkOptions options;
        options.host = host;
        options.identity =
            platform::identity_uri(platform::agent_identity(options_.project.str(), host.str()));
        options.position = options_.position;
        options.address = [estate = options_.estate, host] {
            const auto found = estate->host(host);
            return found ? found->address : std::string();
        };
        options.inputs = options_.inputs;
        options.clock = options_.clock;
        link = std::make_shared<AgentLink>(std::move(options));
    }
    return link;
}

Result<execution::AttemptKey> AgentSessions::checked_key(const HostId& host,
                                                         const v1::AttemptKey& key) const {
    ARARAT_ASSIGN_OR_RETURN(execution::AttemptKey attempt, wire::from_proto(key));
    if (attempt.project != options_.project) {
        return Error{ErrorCode::kPermissionDenied, "a report about another project", host.str()};
    }
    return attempt;
}

Result<void> AgentSessions::on_finished(const HostId& host, const v1::StepFinished& message) {
    ARARAT_ASSIGN_OR_RETURN(auto finished, wire::from_proto(message, host));
    ARARAT_RETURN_IF_ERROR(checked_key(host, message.key()));
    // Not judged by sent_there here: a result that is over for long must still be acknowledged. The engine
    // compares the host with the one it sent the attempt to.
    options_.inputs(std::move(finished));
    return {};
}

Result<void> AgentSessions::on_output(const HostId& host, const v1::StepOutput& message) {
    ARARAT_ASSIGN_OR_RETURN(auto key, checked_key(host, message.key()));
    if (!options_.sent_there(host, key)) return {};
    options_.output({host, std::move(key), message.offset(), message.data(), message.truncated()});
    return {};
}

Result<void> AgentSessions::on_progress(const HostId& host, const v1::ChannelProgress& message) {
    const RunId run(message.run());
    const ChannelId channel(message.channel());
    // Not an error: its last report may come after the channel's end. But what others do is not its to say.
    if (!options_.carries(host, run, channel, message.generation())) return {};
    options_.progress({host, run, channel, message.generation(), message.bytes(), message.bytes_total()});
    return {};
}

}  // namespace ararat::transport
