// The data channel against ssh, on this machine's loopback, in one run: a plain stream of bytes, and rsync
// over 10,000 small files, cold and with nothing to do. Prints a table.
#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/check.h"
#include "channel/connection.h"
#include "endpoint_pair.h"
#include "ssh_server.h"

namespace ararat::channel::test {
namespace {

constexpr std::size_t kStreamBytes = std::size_t{512} << 20U;
constexpr int kFiles = 10'000;
constexpr std::size_t kFileBytes = 20'000;

double seconds_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void report(const char* what, double seconds, double bytes) {
    std::printf("%-44s %8.2f s %10.1f MB/s\n", what, seconds, bytes / seconds / 1e6);
    std::fflush(stdout);
}

std::string ssh_command(const transport::test::SshServer& server) {
    const auto target = server.target();
    return "ssh -F none -i " + target.key_file + " -p " + std::to_string(target.port) +
           " -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR";
}

double run(const std::vector<std::string>& argv) {
    return seconds_of([&] {
        const auto result = platform::run_process(argv);
        ARARAT_CHECK(result.ok() && result->ok(), "a command of the benchmark failed");
    });
}

// Reads `fd` to its end.
std::size_t drain(int fd) {
    std::vector<char> buffer(std::size_t{1} << 20U);
    std::size_t total = 0;
    while (true) {
        const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (got <= 0) return total;
        total += static_cast<std::size_t>(got);
    }
}

void bench_stream(const Host& source, const Host& target, const transport::test::SshServer& server) {
    const LocalServer zeros(source.folder + "/zeros.sock", [](int fd) {
        const std::string piece(std::size_t{1} << 20U, '\0');
        for (std::size_t sent = 0; sent < kStreamBytes; sent += piece.size()) {
            if (!send_some(fd, piece)) return;
        }
    });
    const auto exposed = target.folder + "/zeros.sock";
    const auto pair = socket_tickets(source, target, Dials::kTarget, source.folder + "/zeros.sock", exposed);
    ARARAT_CHECK(source.endpoint->open_ticket(pair.source).ok(), "ticket");
    ARARAT_CHECK(target.endpoint->open_ticket(pair.target).ok(), "ticket");
    const auto seconds = seconds_of([&] {
        const auto client = dial_local(exposed);
        ARARAT_CHECK(client.ok() && drain(client->get()) == kStreamBytes, "the stream was cut short");
    });
    report("512 MiB through the channel", seconds, static_cast<double>(kStreamBytes));
    const auto over_ssh = run({"sh", "-c",
                               ssh_command(server) + " " + server.target().user + "@127.0.0.1 head -c " +
                                   std::to_string(kStreamBytes) + " /dev/zero >/dev/null"});
    report("512 MiB through ssh", over_ssh, static_cast<double>(kStreamBytes));
}

void bench_tree(Estate& estate, const Host& source, const Host& target,
                const transport::test::SshServer& server) {
    const auto from = estate.folder("from");
    for (int i = 0; i < kFiles; ++i) {
        const auto folder = from + "/" + std::to_string(i % 100);
        std::filesystem::create_directories(folder);
        std::ofstream(folder + "/" + std::to_string(i))
            << std::string(kFileBytes, static_cast<char>('a' + i % 26));
    }
    constexpr double kBytes = double{kFiles} * double{kFileBytes};
    const auto pair = tree_tickets(source, target, Dials::kTarget, from);
    ARARAT_CHECK(source.endpoint->open_ticket(pair.source).ok(), "ticket");
    ARARAT_CHECK(target.endpoint->open_ticket(pair.target).ok(), "ticket");
    const auto channel_into = estate.folder("by-channel");
    const auto by_channel = [&] {
        ARARAT_CHECK(rsync(target, pair.target, channel_into).exit_code == 0, "rsync through the channel");
    };
    report("rsync, 10,000 files, channel, cold", seconds_of(by_channel), kBytes);
    report("rsync, 10,000 files, channel, no change", seconds_of(by_channel), kBytes);

    const std::vector<std::string> by_ssh = {"rsync",
                                             "-aHAX",
                                             "--numeric-ids",
                                             "--delete",
                                             "--rsh=" + ssh_command(server),
                                             server.target().user + "@127.0.0.1:" + from + "/",
                                             estate.folder("by-ssh") + "/"};
    report("rsync, 10,000 files, ssh, cold", run(by_ssh), kBytes);
    report("rsync, 10,000 files, ssh, no change", run(by_ssh), kBytes);
}

}  // namespace
}  // namespace ararat::channel::test

int main() {
    using namespace ararat;
    if (!transport::test::find_sshd()) {
        std::fprintf(stderr, "openssh-server is not installed: there is nothing to measure against\n");
        return 1;
    }
    channel::test::Estate estate;
    const auto source = estate.start("ark-fs1");
    const auto target = estate.start("pri-fs1");
    const transport::test::SshServer server;
    channel::test::bench_stream(source, target, server);
    channel::test::bench_tree(estate, source, target, server);
    return 0;
}
