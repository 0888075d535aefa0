#include "ssh_server.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/check.h"
#include "channel/connection.h"
#include "channel/listeners.h"

namespace ararat::transport::test {
namespace {

template <typename T>
T need(Result<T> result) {
    ARARAT_CHECK(result.ok(), result.ok() ? "" : result.error().text().c_str());
    return std::move(result).value();
}

std::string current_user() { return ::getpwuid(::geteuid())->pw_name; }

bool answers(std::uint16_t port) {
    const auto never = need(channel::Interrupt::make());
    return channel::dial("127.0.0.1:" + std::to_string(port), std::chrono::seconds{2}, *never).ok();
}

}  // namespace

std::optional<std::string> find_sshd() {
    for (const auto* path : {"/usr/sbin/sshd", "/usr/local/sbin/sshd"}) {
        if (platform::file_exists(path)) return path;
    }
    return std::nullopt;
}

SshServer::SshServer() : directory_(need(platform::TemporaryDirectory::make("ararat-sshd"))) {
    // A peer that goes is an error of the write in tests, too; the orchestrator does the same.
    (void)std::signal(SIGPIPE, SIG_IGN);
    // sshd started by root wants its empty folder, as its unit would make it.
    if (::geteuid() == 0) (void)::mkdir("/run/sshd", 0755);
    make_key(folder() + "/host_key");
    make_key(folder() + "/user_key");
    make_key(folder() + "/other_key");
    std::ofstream(folder() + "/authorized") << need(platform::read_file(folder() + "/user_key.pub"));
    port_ = channel::local_port(need(channel::listen_tcp("127.0.0.1", 0)).get());
    std::ofstream(folder() + "/sshd_config")
        << "Port " << port_ << "\nListenAddress 127.0.0.1\nHostKey " << folder()
        << "/host_key\nAuthorizedKeysFile " << folder()
        << "/authorized\n"
           "PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\n"
           "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
           "MaxStartups 100\nMaxSessions 10\nPrintMotd no\n";
    start();
}

void SshServer::make_key(const std::string& path) const {
    const auto made =
        need(platform::run_process({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path}));
    ARARAT_CHECK(made.ok(), made.standard_error.c_str());
}

void SshServer::start() {
    platform::ChildProcess::Stdio stdio;
    std::ofstream log(folder() + "/sshd.log", std::ios::app);
    process_.emplace(need(platform::ChildProcess::start(
        {*find_sshd(), "-D", "-f", folder() + "/sshd_config", "-E", folder() + "/sshd.log"},
        std::move(stdio))));
    for (int i = 0; i < 500 && !answers(port_); ++i) {
        ARARAT_CHECK(!process_->try_wait(), need(platform::read_file(folder() + "/sshd.log")).c_str());
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

void SshServer::kill_sessions() const { signal_sessions(SIGKILL); }
void SshServer::freeze_sessions() const { signal_sessions(SIGSTOP); }

void SshServer::signal_sessions(int signal) const {
    const auto listener = std::to_string(process_->pid());
    // Only children of our own listener.
    const auto children = need(platform::run_process({"ps", "-o", "pid=", "--ppid", listener}));
    std::istringstream pids(children.standard_output);
    for (pid_t pid = 0; pids >> pid;) {
        const auto below = need(platform::run_process({"ps", "-o", "pid=", "--ppid", std::to_string(pid)}));
        std::istringstream more(below.standard_output);
        for (pid_t child = 0; more >> child;) (void)::kill(child, signal);
        (void)::kill(pid, signal);
    }
}

void SshServer::add_config(const std::string& lines) {
    kill();
    std::ofstream(folder() + "/sshd_config", std::ios::app) << lines;
    start();
}

void SshServer::kill() { process_.reset(); }

void SshServer::change_host_key() {
    kill();
    ARARAT_CHECK(platform::remove_file(folder() + "/host_key").ok(), "remove");
    ARARAT_CHECK(platform::remove_file(folder() + "/host_key.pub").ok(), "remove");
    make_key(folder() + "/host_key");
    start();
}

std::string SshServer::host_key() const { return need(platform::read_file(folder() + "/host_key.pub")); }
std::string SshServer::log() const { return need(platform::read_file(folder() + "/sshd.log")); }
std::string SshServer::other_user_key() const { return folder() + "/other_key"; }

SshTarget SshServer::target() const {
    SshTarget target;
    target.address = "127.0.0.1";
    target.port = port_;
    target.user = current_user();
    target.key_file = folder() + "/user_key";
    target.pinned_keys = {host_key()};
    return target;
}

InputSink Mailbox::inputs() {
    return [this](execution::Input input) {
        const std::lock_guard lock(mutex_);
        inputs_.push_back(std::move(input));
        changed_.notify_all();
    };
}

OutputSink Mailbox::output() {
    return [this](const OutputChunk& chunk) {
        const std::lock_guard lock(mutex_);
        auto& text = output_[chunk.key];
        if (text.size() < chunk.offset + chunk.data.size()) text.resize(chunk.offset + chunk.data.size());
        text.replace(chunk.offset, chunk.data.size(), chunk.data);
    };
}

std::string Mailbox::output_of(const execution::AttemptKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = output_.find(key);
    return found == output_.end() ? "" : found->second;
}

SshHostLinkOptions link_options(const SshServer& server, Mailbox& mailbox) {
    SshHostLinkOptions options;
    options.host = HostId("ark-fs1");
    options.target = server.target();
    options.target.pinned_keys.clear();
    options.pinned_key = [key = server.host_key()](const HostId&) { return key; };
    options.supervisor = SupervisorProgram::read(SUPERVISOR_BINARY).value();
    options.remote_root = server.remote_root();
    options.inputs = mailbox.inputs();
    options.output = mailbox.output();
    return options;
}

execution::Command script(const std::string& task, const std::string& text, std::uint64_t epoch) {
    execution::Command command;
    command.host = HostId("ark-fs1");
    command.key = {ProjectId("southwark"), RunId("wave-1.1"), TaskId(task), execution::Purpose::kForward, 1};
    command.epoch = epoch;
    command.stages.push_back({"perform", Operation{}});
    command.stages.back().operation.argv = {"/bin/sh", "-c", text};
    command.pinned = std::make_shared<CompiledPlan>();
    return command;
}

void wait_for_file(const std::string& path) {
    for (int i = 0; i < 3000; ++i) {
        if (platform::file_exists(path)) return;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    FAIL() << path << " did not appear";
}

}  // namespace ararat::transport::test
