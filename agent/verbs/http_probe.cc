// A GET with a deadline. No redirects, no proxies, no TLS: it judges exactly the server it was pointed at.
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "agent/verbs/connect.h"
#include "agent/verbs/http_answer.h"
#include "agent/verbs/verb.h"

namespace ararat::agent {

namespace {

struct HttpUrl {
    HostPort server;
    std::string authority;
    std::string target = "/";
};

Result<HttpUrl> parse_http_url(const std::string& url) {
    static constexpr std::string_view kScheme = "http://";
    if (!url.starts_with(kScheme)) {
        return Error{ErrorCode::kInvalidArgument, "\"" + url + "\" does not begin with http://"};
    }
    for (const char c : url) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) {
            return Error{ErrorCode::kInvalidArgument, "the URL holds a space or a control character"};
        }
    }
    HttpUrl parsed;
    const std::size_t path = url.find_first_of("/?#", kScheme.size());
    parsed.authority = url.substr(kScheme.size(), path == std::string::npos ? path : path - kScheme.size());
    if (path != std::string::npos) {
        parsed.target = url.substr(path, url.find('#', path) - path);
        if (!parsed.target.starts_with('/')) parsed.target.insert(0, "/");
    }
    ARARAT_ASSIGN_OR_RETURN(parsed.server, parse_host_port(parsed.authority, 80));
    return parsed;
}

// Returns how sending and reading ended; `reason` is set where the answer is none.
WaitOutcome exchange(int fd, std::string_view request, HttpAnswer& answer, const VerbContext& context,
                     std::string& reason) {
    while (!request.empty()) {
        const ssize_t sent = send(fd, request.data(), request.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            request.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EINTR) {
            const WaitOutcome outcome = context.interrupt.wait(fd, POLLOUT, context.deadline);
            if (outcome != WaitOutcome::kReady) return outcome;
        } else {
            reason = std::string("send: ") + std::strerror(errno);
            return WaitOutcome::kReady;
        }
    }
    std::array<char, 16UL * 1024> buffer;
    while (!answer.complete() && reason.empty()) {
        const WaitOutcome outcome = context.interrupt.wait(fd, POLLIN, context.deadline);
        if (outcome != WaitOutcome::kReady) return outcome;
        const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (size < 0) {
            reason = std::string("receive: ") + std::strerror(errno);
            break;
        }
        const Result<void> taken =
            size == 0 ? answer.end() : answer.add({buffer.data(), static_cast<std::size_t>(size)});
        if (!taken.ok()) reason = taken.error().text();
    }
    return WaitOutcome::kReady;
}

}  // namespace

VerbResult perform_http_probe(const Operation& operation, const VerbContext& context) {
    const std::string url = field_or(operation, "url");
    const std::string host_header = field_or(operation, "host_header");
    const std::string wanted_status = field_or(operation, "status", "200");
    const std::string wanted_text = field_or(operation, "contains");
    const auto parsed = parse_http_url(url);
    if (!parsed.ok()) return verb_failed(parsed.error().text());
    if (host_header.find_first_of("\r\n") != std::string::npos)
        return verb_failed("host_header holds a line end");
    const auto addresses = resolve(parsed->server.host, parsed->server.port, context.etc_dir);
    if (!addresses.ok()) return verb_failed(url + ": " + addresses.error().text());
    Connected connected = connect_to(addresses.value(), context.interrupt, context.deadline);
    if (connected.outcome != WaitOutcome::kReady) return verb_interrupted(connected.outcome, url);
    if (!connected.fd.valid()) return verb_failed(url + ": " + connected.reason);

    const std::string request = "GET " + parsed->target + " HTTP/1.1\r\nHost: " +
                                (host_header.empty() ? parsed->authority : host_header) +
                                "\r\nUser-Agent: ararat\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    HttpAnswer answer;
    std::string reason;
    const WaitOutcome outcome = exchange(connected.fd.get(), request, answer, context, reason);
    if (outcome != WaitOutcome::kReady) return verb_interrupted(outcome, url);
    if (!reason.empty()) return verb_failed(url + ": " + reason);

    VerbResult result;
    result.text = answer.body().substr(0, kJudgedBytesMax);
    result.outputs["status"] = std::to_string(answer.status());
    result.detail = url + " answered " + std::to_string(answer.status());
    if (std::to_string(answer.status()) != wanted_status) {
        result.exit_code = 1;
        result.detail += ", wanted " + wanted_status;
    } else if (!wanted_text.empty() && answer.body().find(wanted_text) == std::string::npos) {
        result.exit_code = 1;
        result.detail += " without \"" + wanted_text + "\"";
    }
    return result;
}

}  // namespace ararat::agent
