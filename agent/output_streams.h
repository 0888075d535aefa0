// What steps print, on its way to the orchestrator: read from the attempts' `output` files in chunks, as
// fast as the connection takes them, each attempt's result after the last of its output. The files are
// capped by the supervisor, so what waits here is bounded and on disk.
// Owner: the agent's loop. Thread promise: one owner.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/step_spec/step_result.h"
#include "ararat/v1/agent.pb.h"

namespace ararat::agent {

struct OutputDestination {
    std::function<bool()> has_room;
    std::function<void(v1::AgentMessage)> send;
};

class OutputStreams {
public:
    OutputStreams(std::string steps_root, OutputDestination destination)
        : root_(std::move(steps_root)), destination_(std::move(destination)) {}

    // The attempt may have more output.
    void look_at(const std::string& key);
    // Send this once its output is through. A second result for the same key replaces the first.
    void finish(const std::string& key, StepResult result);
    // The result is with the orchestrator.
    void forget(const std::string& key);
    // A new connection: what was handed to the old one may never have arrived. Everything is sent again from
    // its beginning; it is written at its offset, so twice does no harm.
    void rewind();
    // Sends what there is room for.
    void pump();

private:
    struct Stream {
        std::uint64_t sent = 0;
        bool may_have_more = false;
        bool told_truncated = false;
        std::optional<StepResult> result;
    };
    // True: nothing is left to send now.
    bool send_output(const std::string& key, Stream& stream);

    std::string root_;
    OutputDestination destination_;
    std::map<std::string, Stream> streams_;
};

}  // namespace ararat::agent
