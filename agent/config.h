// The agent's configuration: a file of `name = value` lines, `#` begins a comment. Unknown and repeated
// names are errors, all of them reported at once.
//   orchestrator = host:7401 [host:7401 ...]   tried in turn; commas between them do too
//   data_dir     = /var/lib/ararat             journal, steps, shipped files
//   certificate  = DATA_DIR/agent.crt          written by `ararat-agent enrol`
//   key          = DATA_DIR/agent.key
//   ca           = DATA_DIR/ca.crt
//   data_address = 0.0.0.0                     where the data channel accepts
//   data_port    = 7411                        0: any free one
//   socket       = /run/ararat/agent.sock      for `ararat-agent rsh`
//   supervisor   = ararat-supervisor beside this program
//   allow_list   = /etc/ararat/allow           absent: everything is allowed (docs/allow-list.md)
//   log_format   = text | json
//   log_level    = info
// Thread promise: value, pure (load_config reads a file).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace ararat::agent {

struct AgentConfig {
    std::vector<std::string> orchestrators;
    std::string data_dir = "/var/lib/ararat";
    std::string certificate_file;
    std::string key_file;
    std::string ca_file;
    std::string data_address = "0.0.0.0";
    std::uint16_t data_port = 7411;
    std::string socket = "/run/ararat/agent.sock";
    std::string supervisor;
    std::string allow_list = "/etc/ararat/allow";
    std::string log_format = "text";
    std::string log_level = "info";
};

// Errors: invalid-argument with every fault as FILE:LINE: what.
[[nodiscard]] Result<AgentConfig> parse_config(const std::string& text, const std::string& file_name);
[[nodiscard]] Result<AgentConfig> load_config(const std::string& path);

}  // namespace ararat::agent
