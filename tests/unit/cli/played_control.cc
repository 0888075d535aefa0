#include "played_control.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/check.h"
#include "base/protocol.h"
#include "platform/clock.h"
#include "platform/pki.h"

namespace ararat::cli {

PlayedControl::PlayedControl() : place_(platform::TemporaryDirectory::make("cli").value()) {
    const Instant now = platform::SystemClock().now();
    const auto ca = platform::make_ca("exit", now).value();
    const auto certify = [&](const platform::Identity& identity, const std::vector<std::string>& names) {
        const auto key = platform::generate_p256().value();
        const auto request = platform::make_csr(key).value();
        return std::pair(key.key_pem, platform::issue(ca, request, identity, now, 1, names).value());
    };
    const auto own = certify(platform::orchestrator_identity("exit"), {"localhost"});
    const auto person = certify(platform::person_identity("exit", "eve", {"engineer"}), {});
    const bool written = platform::write_file_durable(place_.path() + "/ca.crt", ca.certificate_pem).ok() &&
                         platform::write_file_durable(place_.path() + "/eve.key", person.first, 0600).ok() &&
                         platform::write_file_durable(place_.path() + "/eve.crt", person.second).ok();
    ARARAT_CHECK(written, "the temporary place can be written");
    grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = ca.certificate_pem;
    tls.pem_key_cert_pairs.push_back({own.first, own.second});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("localhost:0", grpc::SslServerCredentials(tls), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    ARARAT_CHECK(server_ != nullptr, "a port of this machine is free");
}

PlayedControl::~PlayedControl() { server_->Shutdown(); }

PlayedControl::Ended PlayedControl::run(const std::string& words, const std::string& output) {
    Context context;
    context.server = "localhost:" + std::to_string(port_);
    context.identity = place_.path() + "/eve";
    context.time_format = "iso";
    context.output = output;
    ARARAT_CHECK(load_settings(context).ok(), "no settings but these");
    CLI::App app("test");
    app.require_subcommand(1);
    add_run_commands(app, context);
    add_host_commands(app, context);
    add_events_command(app, context);
    std::vector<std::string> reversed;
    std::istringstream stream(words);
    for (std::string word; stream >> word;) reversed.insert(reversed.begin(), word);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Ended ended;
    try {
        app.parse(reversed);
        ended.code = context.exit_code;
    } catch (const CLI::ParseError& error) {
        ended.code = ExitCode::kInvalid;
        ended.err = error.what();
    }
    ended.out = ::testing::internal::GetCapturedStdout();
    ended.err += ::testing::internal::GetCapturedStderr();
    return ended;
}

void PlayedControl::note(const char* method, const google::protobuf::Message& request) {
    const std::string fields = request.ShortDebugString();
    heard.push_back(std::string(method) + (fields.empty() ? "" : " ") + fields);
}

grpc::Status PlayedControl::GetVersion(grpc::ServerContext*, const v1::GetVersionRequest*,
                                       v1::GetVersionResponse* response) {
    response->set_protocol(kProtocolVersion);
    response->set_version(std::string(kProgramVersion));
    return grpc::Status::OK;
}

grpc::Status PlayedControl::SkipTask(grpc::ServerContext*, const v1::SkipTaskRequest* request,
                                     v1::SkipTaskResponse*) {
    note("SkipTask", *request);
    return grpc::Status::OK;
}

grpc::Status PlayedControl::GiveGo(grpc::ServerContext*, const v1::GiveGoRequest* request,
                                   v1::GiveGoResponse*) {
    note("GiveGo", *request);
    return grpc::Status::OK;
}

grpc::Status PlayedControl::ControlRun(grpc::ServerContext*, const v1::ControlRunRequest* request,
                                       v1::ControlRunResponse*) {
    note("ControlRun", *request);
    return grpc::Status::OK;
}

grpc::Status PlayedControl::WatchEvents(grpc::ServerContext*, const v1::WatchEventsRequest* request,
                                        grpc::ServerWriter<v1::EventUpdate>* writer) {
    note("WatchEvents", *request);
    if (event_streams.empty()) return {grpc::StatusCode::FAILED_PRECONDITION, "one call too many"};
    const Stream stream = event_streams.front();
    event_streams.erase(event_streams.begin());
    for (const auto& update : stream.updates) writer->Write(update);
    return stream.end;
}

grpc::Status PlayedControl::InstallAgent(grpc::ServerContext*, const v1::InstallAgentRequest* request,
                                         grpc::ServerWriter<v1::InstallAgentUpdate>* writer) {
    note("InstallAgent", *request);
    v1::InstallAgentUpdate update;
    update.set_line("done");
    update.set_done(true);
    writer->Write(update);
    return grpc::Status::OK;
}

}  // namespace ararat::cli
