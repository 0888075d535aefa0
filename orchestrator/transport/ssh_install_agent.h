// Puts an agent on a host over SSH: the programs, the configuration, the enrolment, the unit. Every part is
// looked at first and left alone where it is right, so that it may be run again at any time; the
// agent is started anew each time.
// Thread promise: blocks; the caller's thread owns the session.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "model/ids.h"
#include "transport/ssh_session.h"

namespace ararat::transport {

// Where things go on the host. remote_root is of [A-Za-z0-9/._-]: it becomes part of command lines.
struct InstallPaths {
    std::string programs = "/usr/local/bin";
    std::string config_file = "/etc/ararat/agent.conf";
    std::string unit_file = "/etc/systemd/system/ararat-agent.service";
    std::string data_dir = "/var/lib/ararat";  // must be the configuration's
    std::string remote_root = "/var/lib/ararat-ssh";
    std::string service_command = "systemctl";
};

struct InstallRequest {
    HostId host;
    std::string user;          // not "root": commands go through `sudo -n`
    std::string agent_binary;  // files on this machine
    std::string supervisor_binary;
    std::string unit_text;      // of ararat-agent.service
    std::string config_text;    // of agent.conf; a file there that begins with another line is kept
    std::string enrol_address;  // host:port of the orchestrator's Enrol service
    std::string ca_sha256;      // fingerprint of the project's CA certificate
    Instant good_until;         // a certificate that ends before this is replaced
    // Single use; asked for only when the host has no certificate yet, or one that is replaced.
    std::function<Result<std::string>()> make_token;
    InstallPaths paths;
};

// `say` is told a line about each step. Errors: what went wrong on the host, with its own words.
Result<void> install_agent(SshSession& session, const InstallRequest& request,
                           const std::function<void(const std::string&)>& say);

}  // namespace ararat::transport
