// Tells systemd how the service is, where it asks to be told (sd_notify(3)'s protocol).
// Thread promise: any thread.
#pragma once

#include <string_view>

namespace ararat::platform {

// "READY=1", "STOPPING=1", "STATUS=words for systemctl status". Nothing happens where NOTIFY_SOCKET is not
// set.
void notify_service_manager(std::string_view state);

}  // namespace ararat::platform
