#include <cstdlib>

#include "agent/supervisor/commands.h"

int main(int argc, char** argv) {
    ararat::agent::StartOptions options;
    // rsync's remote shell, where the agent is not in its usual place.
    const char* rsh = std::getenv("ARARAT_RSH");
    if (rsh != nullptr && *rsh != '\0') options.rsh_program = rsh;
    const std::vector<std::string> words(argv + 1, argv + argc);
    return ararat::agent::run_command(words, options);
}
