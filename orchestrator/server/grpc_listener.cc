#include "server/grpc_listener.h"

#include <absl/synchronization/mutex.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <chrono>
#include <mutex>

#include "base/protocol.h"

namespace ararat::server {
namespace {

constexpr int kStreamsPerConnection = 16;
constexpr int kThreadsMax = 128;
constexpr int kHandshakeTimeoutMs = 10'000;
constexpr int kKeepaliveTimeMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kPingIntervalMinMs = 10'000;

std::shared_ptr<grpc::ServerCredentials> credentials_for(const GrpcListenerOptions& options) {
    if (options.client_certificate == ClientCertificate::kRequired) {
        return mutual_tls(options.identity, options.refused);
    }
    grpc::SslServerCredentialsOptions tls(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
    tls.pem_root_certs = options.identity.ca_pem;
    // The CA goes along with the certificate: who enrols knows its fingerprint only.
    tls.pem_key_cert_pairs.push_back(
        {options.identity.key_pem, options.identity.certificate_pem + options.identity.ca_pem});
    return grpc::SslServerCredentials(tls);
}

void set_limits(grpc::ServerBuilder& builder, const GrpcListenerOptions& options) {
    builder.SetMaxReceiveMessageSize(kMessageBytesMax);
    builder.SetMaxSendMessageSize(kAnswerBytesMax);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingIntervalMinMs);
    grpc::ResourceQuota quota("ararat");
    quota.Resize(static_cast<std::size_t>(options.memory_mib_max) << 20U);
    quota.SetMaxThreads(kThreadsMax);  // of the synchronous calls, which may wait for the engine
    builder.SetResourceQuota(quota);
}

// Process-wide switches of gRPC, before its first server.
void enable_common_services() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Debian's absl was built without NDEBUG: each lock of gRPC's is entered in a graph of all of them,
        // under one lock of the whole process, to find deadlocks.
        absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
        grpc::EnableDefaultHealthCheckService(true);
        grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    });
}

}  // namespace

Result<std::unique_ptr<GrpcListener>> GrpcListener::start(GrpcListenerOptions options) {
    enable_common_services();
    std::unique_ptr<GrpcListener> listener(new GrpcListener);
    ARARAT_ASSIGN_OR_RETURN(listener->socket_, ListenSocket::open(options.address, options.limits));
    grpc::ServerBuilder builder;
    set_limits(builder, options);
    for (grpc::Service* service : options.services) builder.RegisterService(service);
    using Kind = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
    listener->acceptor_ =
        builder.experimental().AddExternalConnectionAcceptor(Kind::FROM_FD, credentials_for(options));
    listener->server_ = builder.BuildAndStart();
    if (!listener->server_) {
        return Error{ErrorCode::kUnavailable, "the server cannot start: look at its certificate and key",
                     options.address};
    }
    listener->socket_->start([acceptor = listener->acceptor_.get()](int listener_fd, platform::UniqueFd fd) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
        connection.listener_fd = listener_fd;
        connection.fd = fd.release();
        acceptor->HandleNewConnection(&connection);
    });
    return listener;
}

GrpcListener::~GrpcListener() { stop(Duration{0}); }

void GrpcListener::set_serving(bool serving) {
    if (auto* health = server_ ? server_->GetHealthCheckService() : nullptr)
        health->SetServingStatus(serving);
}

void GrpcListener::stop(Duration grace) {
    if (!server_) return;
    socket_->stop();
    server_->Shutdown(std::chrono::system_clock::now() + grace);
    server_->Wait();
    server_.reset();
}

}  // namespace ararat::server
