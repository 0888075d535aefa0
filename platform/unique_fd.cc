#include "platform/unique_fd.h"

#include <unistd.h>

namespace ararat::platform {

void UniqueFd::reset(int fd) {
    // Linux closes the descriptor also when close(2) says EINTR: trying again could close a stranger's.
    if (fd_ >= 0) static_cast<void>(::close(fd_));
    fd_ = fd;
}

}  // namespace ararat::platform
