// Carries bytes between a stream's TLS connection and its local socket until both directions have ended.
// One thread does both directions, since OpenSSL allows one at a time on a connection.
#pragma once

#include "base/result.h"
#include "channel/interrupt.h"
#include "channel/ticket_entry.h"
#include "platform/clock.h"
#include "platform/tls_context.h"
#include "platform/unique_fd.h"

namespace ararat::channel {

// End of input on one side becomes end of output on the other, and the other direction goes on. Every byte
// counts against the ticket's bandwidth, in `clock`'s boot time. `local` is closed when it returns. Well when
// both directions were carried to their ends. Errors: cancelled (interrupted: at once, whatever is in
// flight), unavailable (the peer was lost).
Result<void> bridge(platform::TlsStream& tls, platform::UniqueFd local, TicketEntry& entry,
                    const Interrupt& interrupt, platform::Clock& clock);

}  // namespace ararat::channel
