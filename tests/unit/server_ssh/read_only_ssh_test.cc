// An orchestrator that writes nothing any more, and the hosts that it drives over SSH: another may lead them,
// so that it neither replaces their supervisor nor names their journal. Real sshd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <thread>

#include "ssh_server.h"
#include "test_world.h"

namespace ararat::server {
namespace {

using ::testing::HasSubstr;
using transport::test::SshServer;

class ReadOnlySsh : public ::testing::Test {
protected:
    void SetUp() override {
        ARARAT_NEEDS_SSHD();
        host_ = std::make_unique<SshServer>();
        start();
        v1::PinHostKeyRequest pin;
        pin.set_host("old-nas");
        pin.set_public_key(host_->host_key());
        v1::PinHostKeyResponse pinned;
        grpc::ClientContext context;
        const auto done = world_.control(admin_)->PinHostKey(&context, pin, &pinned);
        ASSERT_TRUE(done.ok()) << done.error_message();
        CompiledPlan plan = small_plan(false);
        const auto target = host_->target();
        plan.hosts.push_back(
            {HostId("old-nas"), SiteId("ark"), target.address, HostVia::kSsh, target.user, target.port, {}});
        seal(plan);
        ASSERT_TRUE(world_.apply(*world_.control(admin_), plan).ok());
        ASSERT_EQ(state_of_host(), "up");
        ASSERT_TRUE(platform::file_exists(supervisor())) << "one that leads ships it";
        ASSERT_TRUE(platform::file_exists(root() + "/journal_id"));
    }
    void start() {
        world_.start_orchestrator([this](OrchestratorOptions& options) {
            options.ssh_key_file = host_->target().key_file;
            options.supervisor_binary = SUPERVISOR_BINARY;
            options.ssh_remote_root = root();
        });
    }
    // Once it is up, or down for good: "up", or why it is down.
    std::string state_of_host() {
        std::string reason;
        for (int i = 0; i < 3000; ++i) {
            v1::ListHostsResponse response;
            grpc::ClientContext context;
            EXPECT_TRUE(world_.control(admin_)->ListHosts(&context, {}, &response).ok());
            for (const auto& each : response.hosts()) {
                if (each.host().id() != "old-nas") continue;
                if (each.state() == "up") return "up";
                reason = each.reason();
            }
            if (reason.starts_with("read-only: ")) return reason;
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        return "neither up nor read-only, but: " + reason;
    }
    // As the orchestrator that leads has its own there, and nothing of this one.
    void take_over() const {
        ASSERT_TRUE(platform::write_file_durable(supervisor(), "the leader's").ok());
        ASSERT_TRUE(platform::remove_file(root() + "/journal_id").ok());
    }
    void expect_untouched() const {
        EXPECT_TRUE(platform::read_file(supervisor()).value() == "the leader's") << "another was shipped";
        EXPECT_FALSE(platform::file_exists(root() + "/journal_id"));
    }
    [[nodiscard]] std::string root() const { return host_->remote_root(); }
    [[nodiscard]] std::string supervisor() const { return root() + "/bin/ararat-supervisor"; }

    TestWorld world_;
    Credentials admin_ = world_.person("root", {"admin", "engineer"});
    std::unique_ptr<SshServer> host_;
};

TEST_F(ReadOnlySsh, LeavesAHostAloneFromItsStartOn) {
    world_.stop_orchestrator();
    start();  // its epoch is the last record
    world_.stop_orchestrator();
    take_over();
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open((world_.directory() + "/journal.db").c_str(), &handle), SQLITE_OK);
    sqlite3_exec(
        handle, "UPDATE journal SET hash = zeroblob(32) WHERE sequence = (SELECT max(sequence) FROM journal)",
        nullptr, nullptr, nullptr);
    EXPECT_EQ(sqlite3_changes(handle), 1);
    sqlite3_close(handle);
    start();
    EXPECT_THAT(state_of_host(), HasSubstr("read-only: the journal is damaged"));
    expect_untouched();
    world_.stop_orchestrator();
    expect_untouched();
}

TEST_F(ReadOnlySsh, LeavesAHostWhenItStopsWriting) {
    FakeAgent accuser(world_, "ark");
    EXPECT_EQ(accuser.connect([](v1::Hello& hello) { hello.set_sequence_seen(1'000'000); }).error_code(),
              grpc::StatusCode::DATA_LOSS);
    EXPECT_THAT(state_of_host(), HasSubstr("read-only: agent of ark"));
    take_over();
    host_->kill_sessions();
    // Nor does a person make it go there.
    v1::InstallAgentRequest install;
    install.set_host("old-nas");
    grpc::ClientContext context;
    const auto reader = world_.control(admin_)->InstallAgent(&context, install);
    std::string said;
    for (v1::InstallAgentUpdate update; reader->Read(&update);) said += update.line() + "\n";
    said += reader->Finish().error_message();
    EXPECT_THAT(said, HasSubstr("read-only: agent of ark"));
    world_.stop_orchestrator();
    expect_untouched();
}

}  // namespace
}  // namespace ararat::server
