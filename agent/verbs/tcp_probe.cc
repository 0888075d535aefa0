#include "agent/verbs/connect.h"
#include "agent/verbs/verb.h"

namespace ararat::agent {

VerbResult perform_tcp_probe(const Operation& operation, const VerbContext& context) {
    const std::string host = field_or(operation, "address");
    const auto port = parse_port(field_or(operation, "port"));
    if (!port.ok()) return verb_failed(port.error().text());
    const auto addresses = resolve(host, port.value(), context.etc_dir);
    if (!addresses.ok()) return verb_failed(addresses.error().text());
    const std::string where = host + " port " + std::to_string(port.value());
    Connected connected = connect_to(addresses.value(), context.interrupt, context.deadline);
    if (connected.outcome != WaitOutcome::kReady) return verb_interrupted(connected.outcome, where);
    if (!connected.fd.valid()) return verb_failed(where + ": " + connected.reason);
    VerbResult result;
    result.detail = where + " accepts connections";
    return result;
}

}  // namespace ararat::agent
