// channel_rsh SOCKET RUN CHANNEL HOST rsync ...: what `ararat-agent rsh` does, for rsync to start in tests.
#include <cstdio>
#include <vector>

#include "channel/rsh_client.h"

int main(int argc, char** argv) {
    if (argc < 6) {
        (void)std::fputs("usage: channel_rsh SOCKET RUN CHANNEL HOST rsync ...\n", stderr);
        return 2;
    }
    ararat::channel::RshRequest request{argv[1], argv[2], argv[3], {}};
    for (int i = 5; i < argc; ++i) request.arguments.emplace_back(argv[i]);
    return ararat::channel::run_rsh_client(request);
}
