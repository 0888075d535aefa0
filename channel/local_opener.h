// Opens streams on this host: rsync over one directory, or a connection to a local socket.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "channel/stream_opener.h"

namespace ararat::channel {

// Thread promise: no state; any thread.
class LocalStreamOpener final : public StreamOpener {
public:
    [[nodiscard]] Result<OpenedStream> open(const Ticket& ticket,
                                            const std::vector<std::string>& rsync_arguments,
                                            const InterruptPtr& interrupt) override;
};

}  // namespace ararat::channel
