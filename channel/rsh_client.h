// rsync's remote shell: `ararat-agent rsh RUN CHANNEL HOST rsync --server --sender ...` asks the local
// agent's Endpoint for a stream of that channel and carries this process's standard input and output.
#pragma once

#include <string>
#include <vector>

namespace ararat::channel {

struct RshRequest {
    std::string local_socket;  // the Endpoint's EndpointOptions::local_socket
    std::string run;
    std::string channel;
    std::vector<std::string> arguments;  // from "rsync" on: HOST is left out
};

// Exit codes that rsync passes on as its own. Whoever runs rsync may try again after the first, for the agent
// or its peer may come back; not after the second.
inline constexpr int kRshNoStream = 255;  // as ssh does
inline constexpr int kRshRefused = 254;

// Returns the exit code for the process: 0 when the far side ended the stream (whether it was complete is
// for rsync's own protocol to tell), 1 when this side broke, one of the above when no stream could be
// opened; the reason is written to standard error.
// Standard input and output are descriptors 0 and 1. Single-threaded; returns when the far side closes.
[[nodiscard]] int run_rsh_client(const RshRequest& request);

}  // namespace ararat::channel
