// Tells systemd how the service is, where it asks to be told (sd_notify(3)'s protocol).
// Thread promise: any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace ararat::platform {

// "READY=1", "STOPPING=1": constants. Each line is an order to the service manager ("MAINPID=..."), so that
// nothing a peer has said may come here. Nothing happens where NOTIFY_SOCKET is not set.
void notify_service_manager(std::string_view state);

// The line of `systemctl status`. Of words from anywhere: shown on one line, and no longer than this.
inline constexpr std::size_t kStatusBytesMax = 512;
void notify_status(std::string_view words);

}  // namespace ararat::platform
