// Putting an agent on a host, into a folder that stands for the host's root. The agent and systemctl are
// stand-ins that write down how they were called: what is tested is what the installation asks of a host.
#include "transport/ssh_install_agent.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "platform/clock.h"
#include "platform/pki.h"
#include "ssh_server.h"

namespace ararat::transport::test {
namespace {

class InstallAgent : public testing::Test {
protected:
    void SetUp() override {
        ARARAT_NEEDS_SSHD();
        server_ = std::make_unique<SshServer>();
        const auto root = server_->folder();
        calls_ = root + "/calls";
        // Stands for the agent: enrolling writes the certificate.
        write(root + "/agent", "#!/bin/sh\nprintf '%s ' agent \"$@\" >> " + calls_ + "; echo >> " + calls_ +
                                   "\ncat > " + root + "/token\nmkdir -p " + root + "/host/data && cp " +
                                   root + "/certificate " + root + "/host/data/agent.crt\n");
        certify(365);
        write(root + "/systemctl", "#!/bin/sh\nprintf '%s ' systemctl \"$@\" >> " + calls_ + "; echo >> " +
                                       calls_ + "\n[ ! -e " + root +
                                       "/fails ] || { echo no such unit >&2; exit 5; }\n");
        request_.host = HostId("ark-fs1");
        request_.user = server_->target().user;
        request_.agent_binary = root + "/agent";
        request_.supervisor_binary = SUPERVISOR_BINARY;
        request_.unit_text = "[Service]\nExecStart=/x\n";
        request_.config_text = "# Ours.\norchestrator = 198.18.0.1:7401\n";
        request_.enrol_address = "198.18.0.1:7403";
        request_.ca_sha256 = std::string(64, 'a');
        request_.make_token = [this]() -> Result<std::string> {
            ++tokens_;
            return std::string("token-1");
        };
        request_.paths = {
            root + "/host/bin",  root + "/host/etc/agent.conf", root + "/host/etc/agent.service",
            root + "/host/data", server_->remote_root(),        root + "/systemctl"};
        session_ = SshSession::connect(server_->target(), {}, channel::Interrupt::make().value()).value();
    }
    static void write(const std::string& path, const std::string& text) {
        ASSERT_TRUE(platform::write_file_durable(path, text, 0755).ok());
    }
    // What the next enrolment brings.
    void certify(int days) {
        const auto now = platform::SystemClock().now();
        const auto ca = platform::make_ca("exit", now).value();
        const auto csr = platform::make_csr(platform::generate_p256().value()).value();
        write(server_->folder() + "/certificate",
              platform::issue(ca, csr, platform::agent_identity("exit", "ark-fs1"), now, days).value());
        request_.good_until = now + std::chrono::hours(60 * 24);
    }
    Result<void> install() {
        lines_.clear();
        return install_agent(*session_, request_, [this](const std::string& line) { lines_ += line + "\n"; });
    }
    [[nodiscard]] std::string calls() const { return platform::read_file(calls_).value(); }

    std::unique_ptr<SshServer> server_;
    std::unique_ptr<SshSession> session_;
    InstallRequest request_;
    std::string calls_;
    std::string lines_;
    int tokens_ = 0;
};

TEST_F(InstallAgent, PutsEverythingThereEnrolsAndStarts) {
    const auto installed = install();
    ASSERT_TRUE(installed.ok()) << installed.error().text() << lines_;
    EXPECT_EQ(platform::read_file(request_.paths.config_file).value(), request_.config_text);
    EXPECT_EQ(platform::read_file(request_.paths.unit_file).value(), request_.unit_text);
    struct stat info {};
    ASSERT_EQ(::stat((request_.paths.programs + "/ararat-agent").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0755U);
    EXPECT_EQ(platform::read_file(request_.paths.programs + "/ararat-supervisor").value(),
              platform::read_file(SUPERVISOR_BINARY).value());
    EXPECT_EQ(calls(),
              "agent enrol --orchestrator 198.18.0.1:7403 --token-file - --host ark-fs1 --dir " +
                  request_.paths.data_dir + " --ca-sha256 " + request_.ca_sha256 +
                  " \n"
                  "systemctl daemon-reload \nsystemctl enable ararat-agent.service \n"
                  "systemctl restart ararat-agent.service \nsystemctl is-active ararat-agent.service \n");
    EXPECT_EQ(platform::read_file(server_->folder() + "/token").value(), "token-1\n")
        << "by standard input: a command line can be read by everybody there";
}

TEST_F(InstallAgent, ASecondTimeChangesNothingButRestartsTheAgent) {
    ASSERT_TRUE(install().ok());
    const auto first = calls();
    const auto again = install();
    ASSERT_TRUE(again.ok()) << again.error().text();
    EXPECT_EQ(tokens_, 1) << "no token is made for a host that is enrolled";
    EXPECT_EQ(calls().substr(first.size()),
              "systemctl daemon-reload \nsystemctl enable ararat-agent.service \n"
              "systemctl restart ararat-agent.service \nsystemctl is-active ararat-agent.service \n");
    EXPECT_EQ(lines_.find("written"), std::string::npos) << lines_;
}

TEST_F(InstallAgent, ANewConfigurationIsWrittenAndTheAgentRestarted) {
    ASSERT_TRUE(install().ok());
    const auto first = calls();
    request_.config_text += "log_level = debug\n";
    ASSERT_TRUE(install().ok());
    EXPECT_NE(lines_.find("agent.conf: written"), std::string::npos) << lines_;
    EXPECT_NE(lines_.find("ararat-agent: is there already"), std::string::npos) << lines_;
    EXPECT_NE(calls().find("restart", first.size()), std::string::npos);
    EXPECT_EQ(tokens_, 1);
}

// A person's list of orchestrators may name some that this one does not know of.
TEST_F(InstallAgent, KeepsAConfigurationThatAPersonHasWritten) {
    ASSERT_TRUE(install().ok());
    const std::string by_hand = "orchestrator = a:1 b:2\n";
    write(request_.paths.config_file, by_hand);
    ASSERT_TRUE(install().ok());
    EXPECT_EQ(platform::read_file(request_.paths.config_file).value(), by_hand);
    EXPECT_NE(lines_.find("agent.conf: kept, for it does not begin with \"# Ours.\"; it would say: "
                          "orchestrator = 198.18.0.1:7401"),
              std::string::npos)
        << lines_;
    write(request_.paths.config_file, "# Ours.\n" + by_hand);
    ASSERT_TRUE(install().ok());
    EXPECT_EQ(platform::read_file(request_.paths.config_file).value(), request_.config_text);
    EXPECT_NE(lines_.find("bytes, instead of: orchestrator = a:1 b:2"), std::string::npos) << lines_;
}

TEST_F(InstallAgent, ReplacesACertificateThatEndsSoonOrIsNone) {
    certify(59);
    ASSERT_TRUE(install().ok());
    certify(365);
    const auto first = calls();
    ASSERT_TRUE(install().ok());
    EXPECT_EQ(tokens_, 2);
    EXPECT_NE(lines_.find("agent.crt: to be replaced, it ends at 20"), std::string::npos) << lines_;
    EXPECT_NE(calls().find("restart", first.size()), std::string::npos)
        << "the agent reads it when it starts";
    ASSERT_TRUE(install().ok());
    EXPECT_EQ(tokens_, 2) << lines_;
    write(request_.paths.data_dir + "/agent.crt", "damaged");
    ASSERT_TRUE(install().ok());
    EXPECT_EQ(tokens_, 3) << lines_;
}

// An agent that runs on with what it read at its start would keep the certificate that ends.
TEST_F(InstallAgent, RestartsTheAgentAlsoWhereAnEarlierAttemptWasCutOff) {
    ASSERT_TRUE(install().ok());
    certify(365);
    write(request_.paths.data_dir + "/agent.crt", "ends soon");
    write(server_->folder() + "/fails", "");
    ASSERT_FALSE(install().ok());
    ASSERT_EQ(tokens_, 2) << "it is renewed";
    ASSERT_TRUE(platform::remove_file(server_->folder() + "/fails").ok());
    const auto first = calls();
    ASSERT_TRUE(install().ok());
    EXPECT_EQ(tokens_, 2);
    EXPECT_NE(calls().find("restart", first.size()), std::string::npos) << calls().substr(first.size());
}

TEST_F(InstallAgent, SaysWhatTheHostSaid) {
    write(server_->folder() + "/fails", "");
    const auto installed = install();
    ASSERT_FALSE(installed.ok());
    EXPECT_NE(installed.error().text().find("no such unit"), std::string::npos) << installed.error().text();
}

}  // namespace
}  // namespace ararat::transport::test
