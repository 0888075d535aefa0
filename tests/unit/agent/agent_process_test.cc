// The real agent and supervisor against a played orchestrator: what must hold when either side, or the
// connection, dies at the worst moment. A witness file on the "host" counts effects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/convert.h"
#include "agent/step_spec/step_spec.h"
#include "agent/supervisor/attempt_folder.h"
#include "base/sha256.h"
#include "played_orchestrator.h"

namespace ararat::agent {
namespace {

struct World {
    explicit World(bool starts = true) {
        if (starts) agent.start();
    }
    // A step that counts its effect, then waits until it is let go.
    v1::StartStep blocking_step(const std::string& task) {
        return shell_step(task, "echo " + task + " >> " + agent.path("witness") + "; while ! [ -e " +
                                    agent.path("go") + " ]; do sleep 0.01; done; echo done");
    }
    void let_go() { ASSERT_TRUE(platform::write_file_durable(agent.path("go"), "").ok()); }
    void wait_for_witness(const std::string& content) {
        for (int i = 0; i < 60'000 && agent.read("witness") != content; ++i) usleep(1000);
        ASSERT_EQ(agent.read("witness"), content);
    }
    std::string folder(const std::string& task) {
        return agent.steps_root() + "/" + attempt_id(key_text(key_of(task)).value());
    }

    PlayedProject project{"p"};
    PlayedOrchestrator orchestrator{project};
    AgentProcess agent{project, orchestrator.address()};
};

TEST(AgentProcess, IntroducesItselfAndDoesAStep) {
    World world;
    const v1::Hello hello = world.orchestrator.welcome();
    EXPECT_EQ(hello.host(), "host-1");
    EXPECT_EQ(hello.protocol(), 1U);
    EXPECT_EQ(hello.journal_id().size(), 32U);
    EXPECT_NE(hello.data_port(), 0U);
    EXPECT_THAT(hello.capabilities(), testing::Contains("verb.run"));
    v1::StartStep command = shell_step("hello", "echo hello world; echo rows=5 >> \"$ARARAT_OUTPUT\"");
    command.add_outputs("rows");
    world.orchestrator.start(command);
    world.orchestrator.wait_started("hello");
    const v1::StepFinished finished = world.orchestrator.wait_finished("hello");
    EXPECT_EQ(finished.outcome(), v1::OUTCOME_SUCCEEDED) << finished.detail();
    EXPECT_EQ(finished.outputs().at("rows"), "5");
    const v1::AgentMessage output =
        world.orchestrator.wait_for([](const v1::AgentMessage& said) { return said.has_step_output(); });
    EXPECT_EQ(output.step_output().data(), "hello world\n");
    EXPECT_EQ(world.agent.stop(), 0);
}

// Nothing is done for an orchestrator that speaks otherwise; when it has been put right, all goes on.
TEST(AgentProcess, LeavesAnOrchestratorOfAnotherProtocolAndComesBack) {
    World world;
    world.orchestrator.welcome(7, [](v1::Welcome& welcome) { welcome.set_protocol(99); });
    world.orchestrator.welcome(7, [](v1::Welcome& welcome) { welcome.add_required_capabilities("x"); });
    const v1::Hello hello = world.orchestrator.welcome();
    EXPECT_EQ(hello.epoch_seen(), 0U) << "the one that was left is not obeyed";
    world.orchestrator.start(shell_step("hello", "true"));
    EXPECT_EQ(world.orchestrator.wait_finished("hello").outcome(), v1::OUTCOME_SUCCEEDED);
}

TEST(AgentProcess, AStepOutlivesTheAgentAndIsReportedOnce) {
    World world;
    const v1::Hello before = world.orchestrator.welcome();
    world.orchestrator.start(world.blocking_step("long"));
    world.wait_for_witness("long\n");
    world.agent.kill_now();
    world.agent.start();
    const v1::Hello after = world.orchestrator.welcome();
    EXPECT_EQ(after.journal_id(), before.journal_id());
    ASSERT_EQ(after.unacknowledged_size(), 1);
    EXPECT_EQ(after.unacknowledged(0).task(), "long");
    // The orchestrator asks again, as it does when it does not know: nothing may start twice.
    world.orchestrator.start(world.blocking_step("long"));
    world.let_go();
    EXPECT_EQ(world.orchestrator.wait_finished("long").outcome(), v1::OUTCOME_SUCCEEDED);
    EXPECT_EQ(world.agent.read("witness"), "long\n");
    world.orchestrator.acknowledge(key_of("long"));
    // The answer to a later command shows that the acknowledgement was taken before it.
    world.orchestrator.start(shell_step("later", "true"));
    world.orchestrator.wait_finished("later");
    EXPECT_EQ(world.orchestrator.waiting_results("long"), 0U);
    world.agent.kill_now();
    world.agent.start();
    EXPECT_EQ(world.orchestrator.welcome().unacknowledged_size(), 1) << "only `later` is not acknowledged";
}

TEST(AgentProcess, SaysAfterACrashHowFarTheJournalHadComeAndItsHash) {
    World world;
    world.orchestrator.welcome();
    v1::StartStep command = shell_step("one", "true");
    command.set_sequence(42);
    command.set_chain_hash("abc");
    world.orchestrator.start(command);
    world.orchestrator.wait_started("one");
    world.agent.kill_now();
    world.agent.start();
    const v1::Hello hello = world.orchestrator.welcome();
    EXPECT_EQ(hello.sequence_seen(), 42U);
    EXPECT_EQ(hello.chain_hash(), "abc");
}

TEST(AgentProcess, AResultThatCameWhileTheAgentWasDeadIsReported) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(world.blocking_step("long"));
    world.wait_for_witness("long\n");
    world.agent.kill_now();
    world.let_go();
    for (int i = 0; i < 60'000 && !platform::file_exists(world.folder("long") + "/result"); ++i) usleep(1000);
    world.agent.start();
    world.orchestrator.welcome();
    EXPECT_EQ(world.orchestrator.wait_finished("long").outcome(), v1::OUTCOME_SUCCEEDED);
}

TEST(AgentProcess, AKilledSupervisorMakesTheStepUnknown) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(world.blocking_step("long"));
    world.wait_for_witness("long\n");
    const auto mark = supervisor_of(world.folder("long")).value();
    ASSERT_TRUE(mark.has_value());
    ASSERT_EQ(kill(mark->pid, SIGKILL), 0);
    EXPECT_EQ(world.orchestrator.wait_finished("long").outcome(), v1::OUTCOME_UNKNOWN);
}

// The agent cannot open anything for a while: nothing follows from that for a step that runs.
TEST(AgentProcess, ALiveStepIsNeitherLostNorRefusedForWantOfDescriptors) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(world.blocking_step("long"));
    world.orchestrator.start(world.blocking_step("cancelled"));
    for (const char* task : {"long", "cancelled"}) world.orchestrator.wait_started(task);
    for (int i = 0; i < 60'000 && world.agent.read("witness").size() < 15; ++i) usleep(1000);
    rlimit before{}, none{};
    ASSERT_EQ(prlimit(world.agent.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
    none.rlim_max = before.rlim_max;
    ASSERT_EQ(prlimit(world.agent.pid(), RLIMIT_NOFILE, &none, nullptr), 0);
    world.orchestrator.cancel(key_of("cancelled"));
    for (int i = 0; i < 60'000; ++i) {
        const std::string log = world.agent.read("log");
        if (log.find("looked at again") != std::string::npos && log.find("lock: open") != std::string::npos)
            break;
        usleep(1000);
    }
    ASSERT_EQ(prlimit(world.agent.pid(), RLIMIT_NOFILE, &before, nullptr), 0);
    EXPECT_EQ(world.orchestrator.wait_finished("cancelled").outcome(), v1::OUTCOME_CANCELLED);
    EXPECT_EQ(world.orchestrator.waiting_results("long"), 0U);
    world.let_go();
    EXPECT_EQ(world.orchestrator.wait_finished("long").outcome(), v1::OUTCOME_SUCCEEDED);
}

TEST(AgentProcess, DuplicatesAreAnsweredAndDoneOnce) {
    World world;
    world.orchestrator.welcome();
    const v1::StartStep command = shell_step("once", "echo once >> " + world.agent.path("witness"));
    for (int i = 0; i < 5; ++i) world.orchestrator.start(command);
    world.orchestrator.wait_finished("once");
    world.orchestrator.start(command);
    world.orchestrator.wait_finished("once");
    EXPECT_EQ(world.agent.read("witness"), "once\n");
}

TEST(AgentProcess, AnOlderEpochIsRefused) {
    World world;
    world.orchestrator.welcome(5);
    world.orchestrator.start(shell_step("old", "echo old >> " + world.agent.path("witness"), 4));
    const v1::StepFinished finished = world.orchestrator.wait_finished("old");
    EXPECT_EQ(finished.outcome(), v1::OUTCOME_REFUSED);
    EXPECT_THAT(finished.detail(), testing::HasSubstr("stale epoch"));
    world.agent.kill_now();
    world.agent.start();
    EXPECT_EQ(world.orchestrator.welcome(5).epoch_seen(), 5U) << "it was not told again, it remembers";
    EXPECT_EQ(world.agent.read("witness"), "");
}

TEST(AgentProcess, ALateCommandFindsItsTombstone) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.cancel(key_of("late"));
    EXPECT_EQ(world.orchestrator.wait_finished("late").outcome(), v1::OUTCOME_CANCELLED);
    world.orchestrator.start(shell_step("late", "echo late >> " + world.agent.path("witness")));
    EXPECT_EQ(world.orchestrator.wait_finished("late").outcome(), v1::OUTCOME_CANCELLED);
    EXPECT_EQ(world.agent.read("witness"), "");
    // Nor does a start that an earlier agent left on its way.
    const std::string result = world.folder("late") + "/result";
    for (int i = 0; i < 60'000 && !platform::file_exists(result); ++i) usleep(1000);
    EXPECT_TRUE(platform::file_exists(result));
}

TEST(AgentProcess, CancelsARunningStep) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(world.blocking_step("long"));
    world.wait_for_witness("long\n");
    world.orchestrator.cancel(key_of("long"));
    EXPECT_EQ(world.orchestrator.wait_finished("long").outcome(), v1::OUTCOME_CANCELLED);
}

TEST(AgentProcess, ComesBackAfterTheOrchestratorWasAway) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(world.blocking_step("long"));
    world.wait_for_witness("long\n");
    world.orchestrator.close();
    world.let_go();
    world.orchestrator.open();
    const v1::Hello hello = world.orchestrator.welcome(2);
    ASSERT_EQ(hello.unacknowledged_size(), 1);
    EXPECT_EQ(world.orchestrator.wait_finished("long").outcome(), v1::OUTCOME_SUCCEEDED);
}

TEST(AgentProcess, OutputComesWholeInOrderAndBeforeTheResult) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(shell_step(
        "chatty", "i=0; while [ $i -lt 20000 ]; do echo line $i of what is printed here; i=$((i+1)); done"));
    std::string output;
    bool finished = false;
    while (!finished) {
        const v1::AgentMessage message = world.orchestrator.wait_for(
            [](const v1::AgentMessage& said) { return said.has_step_output() || said.has_step_finished(); });
        ASSERT_TRUE(message.has_step_output() || message.has_step_finished());
        if (message.has_step_output()) {
            ASSERT_EQ(message.step_output().offset(), output.size());
            output += message.step_output().data();
        }
        finished = message.has_step_finished();
    }
    std::string wanted;
    for (int i = 0; i < 20'000; ++i) wanted += "line " + std::to_string(i) + " of what is printed here\n";
    EXPECT_EQ(sha256_hex(output), sha256_hex(wanted));
}

// What was handed to a connection that broke may never have arrived: the log would have a hole.
TEST(AgentProcess, OutputIsWholeOnTheConnectionThatCameAfterTheCut) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(shell_step("chatty", "head -c 3000000 /dev/zero; while ! [ -e " +
                                                      world.agent.path("go") +
                                                      " ]; do sleep 0.01; done; printf end"));
    const auto is_output = [](const v1::AgentMessage& said) { return said.has_step_output(); };
    world.orchestrator.wait_for(is_output);
    world.orchestrator.close();
    world.orchestrator.open();
    world.orchestrator.welcome();
    world.let_go();
    world.orchestrator.wait_finished("chatty");
    std::string output;
    while (output.size() < 3'000'003) {
        const v1::StepOutput piece = world.orchestrator.wait_for(is_output).step_output();
        ASSERT_EQ(piece.offset(), output.size());
        output += piece.data();
    }
    EXPECT_EQ(output.substr(3'000'000), "end");
}

v1::StartStep step_with_script(const std::string& content) {
    v1::StartStep command = shell_step("ship", "");
    command.mutable_stages(0)->mutable_operation()->clear_argv();
    command.mutable_stages(0)->mutable_operation()->add_argv("${file.x.sh}");
    v1::ShippedFile& file = *command.add_files();
    file.set_name("x.sh");
    file.set_sha256(sha256_hex(content));
    v1::FileBytes& bytes = *command.add_file_bytes();
    bytes.set_sha256(sha256_hex(content));
    bytes.set_content(content);
    return command;
}

TEST(AgentProcess, ShippedFilesThatAPowerCutLeftTornAreWrittenAgain) {
    World world;
    world.orchestrator.welcome();
    const std::string content = "#!/bin/sh\necho shipped >> " + world.agent.path("witness") + "\n";
    v1::StartStep command = step_with_script(content);
    world.orchestrator.start(command);
    EXPECT_EQ(world.orchestrator.wait_finished("ship").outcome(), v1::OUTCOME_SUCCEEDED);
    const std::string place = shipped_file_path(world.agent.steps_root(), sha256_hex(content));
    ASSERT_EQ(platform::read_file(place).value(), content);
    ASSERT_TRUE(platform::write_file_durable(place, content.substr(0, 5), 0755).ok());
    command.mutable_key()->set_task("again");
    world.orchestrator.start(command);
    EXPECT_EQ(world.orchestrator.wait_finished("again").outcome(), v1::OUTCOME_SUCCEEDED);
    EXPECT_EQ(world.agent.read("witness"), "shipped\nshipped\n");
}

TEST(AgentProcess, ShipsFilesByTheirHash) {
    World world;
    world.orchestrator.welcome();
    const std::string content = "#!/bin/sh\necho shipped >> " + world.agent.path("witness") + "\n";
    v1::StartStep command = step_with_script(content);
    world.orchestrator.start(command);
    EXPECT_EQ(world.orchestrator.wait_finished("ship").outcome(), v1::OUTCOME_SUCCEEDED);
    EXPECT_EQ(world.agent.read("witness"), "shipped\n");
    command.mutable_key()->set_task("forged");
    command.mutable_file_bytes(0)->set_content("#!/bin/sh\necho forged >> " + world.agent.path("witness") +
                                               "\n");
    world.orchestrator.start(command);
    EXPECT_EQ(world.orchestrator.wait_finished("forged").outcome(), v1::OUTCOME_REFUSED);
    EXPECT_EQ(world.agent.read("witness"), "shipped\n");
}

TEST(AgentProcess, BytesThatAreNoTextDoNotBreakTheStream) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(shell_step("noise", "printf 'bad \\377\\300 bytes\\n' >&2; exit 1"));
    const v1::StepFinished finished = world.orchestrator.wait_finished("noise");
    EXPECT_EQ(finished.outcome(), v1::OUTCOME_FAILED);
    EXPECT_THAT(finished.detail(), testing::HasSubstr("bad "));
    v1::StartStep command = shell_step("value", "printf 'lsn=\\377\\n' >> \"$ARARAT_OUTPUT\"");
    command.add_outputs("lsn");
    world.orchestrator.start(command);
    const v1::StepFinished value = world.orchestrator.wait_finished("value");
    EXPECT_EQ(value.outcome(), v1::OUTCOME_FAILED);
    EXPECT_THAT(value.detail(), testing::HasSubstr("lsn"));
}

TEST(AgentProcess, RefusesAnAllowListThatOthersCanWrite) {
    World world(false);
    ASSERT_TRUE(platform::write_file_durable(world.agent.path("allow"), "verb run\n").ok());
    ASSERT_EQ(chmod(world.agent.path("allow").c_str(), 0666), 0);
    world.agent.start();
    EXPECT_EQ(world.agent.wait_end(), 1);
    EXPECT_THAT(world.agent.read("log"), testing::HasSubstr("allow-list"));
}

TEST(AgentProcess, ObeysTheAllowList) {
    World world(false);
    ASSERT_TRUE(platform::write_file_durable(world.agent.path("allow"), "verb facts\n").ok());
    world.agent.start();
    world.orchestrator.welcome();
    world.orchestrator.start(shell_step("refused", "echo x >> " + world.agent.path("witness")));
    EXPECT_EQ(world.orchestrator.wait_finished("refused").outcome(), v1::OUTCOME_REFUSED);
    EXPECT_EQ(world.agent.read("witness"), "");
}

// The list's own folder leads out of itself through a link; and a channel would read what it may not.
TEST(AgentProcess, TheAllowListCoversLinksAndDataChannels) {
    World world(false);
    for (const char* name : {"shares", "secret"})
        ASSERT_TRUE(platform::make_dirs(world.agent.path(name)).ok());
    ASSERT_EQ(symlink(world.agent.path("secret").c_str(), world.agent.path("shares/out").c_str()), 0);
    const std::string shares = world.agent.path("shares");
    ASSERT_TRUE(platform::write_file_durable(world.agent.path("allow"),
                                             "verb write-file\npath " + shares + "\nserve " + shares + "\n")
                    .ok());
    world.agent.start();
    world.orchestrator.welcome();
    const auto write = [&](const std::string& task, const std::string& path) {
        v1::StartStep command = shell_step(task, "");
        v1::Operation& operation = *command.mutable_stages(0)->mutable_operation();
        operation.clear_argv();
        operation.set_verb(v1::VERB_WRITE_FILE);
        (*operation.mutable_fields())["path"] = path;
        (*operation.mutable_fields())["content"] = "x";
        world.orchestrator.start(command);
        return world.orchestrator.wait_finished(task).outcome();
    };
    EXPECT_EQ(write("inside", shares + "/new/../motd"), v1::OUTCOME_REFUSED);
    EXPECT_EQ(write("inside", shares + "/motd"), v1::OUTCOME_REFUSED) << "the same key";
    EXPECT_EQ(write("well", shares + "/motd"), v1::OUTCOME_SUCCEEDED);
    EXPECT_EQ(write("out", shares + "/out/motd"), v1::OUTCOME_REFUSED);
    EXPECT_FALSE(platform::file_exists(world.agent.path("secret/motd")));
    for (const std::string& path : {shares, world.agent.path("secret"), shares + "/out"}) {
        v1::OrchestratorMessage message;
        v1::OpenTicket& ticket = *message.mutable_open_ticket();
        ticket.set_run("run-1");
        ticket.set_generation(1);
        ticket.mutable_channel()->set_id(path);
        ticket.mutable_channel()->set_kind(v1::CHANNEL_KIND_TREE);
        ticket.mutable_channel()->set_path(path);
        ticket.set_secret(std::string(32, 's'));
        ticket.set_is_source(true);
        ticket.set_peer("spiffe://p/agent/host-2");
        ticket.set_epoch(1);
        world.orchestrator.send(message);
    }
    write("after", shares + "/after");
    const std::string log = world.agent.read("log");
    EXPECT_THAT(log, testing::Not(testing::HasSubstr("refuses to serve " + shares + "\n")));
    EXPECT_THAT(log, testing::HasSubstr("refuses to serve " + world.agent.path("secret")));
    EXPECT_THAT(log, testing::HasSubstr("refuses to serve " + shares + "/out"));
}

TEST(AgentProcess, MalformedCommandsAreRefusedAndChangeNothing) {
    World world;
    world.orchestrator.welcome();
    v1::StartStep command = shell_step("bad", "true");
    command.mutable_stages(0)->mutable_operation()->set_verb(v1::VERB_UNSPECIFIED);
    world.orchestrator.start(command);
    EXPECT_EQ(world.orchestrator.wait_finished("bad").outcome(), v1::OUTCOME_REFUSED);
    v1::StartStep nameless = shell_step("a|b", "true");
    world.orchestrator.start(nameless);
    world.orchestrator.start(shell_step("good", "true"));
    EXPECT_EQ(world.orchestrator.wait_finished("good").outcome(), v1::OUTCOME_SUCCEEDED);
}

// Dies right after the journal has the record and before anything is done about it.
TEST(AgentProcess, DyingBetweenTheJournalAndTheStartIsAsIfTheCommandHadNotCome) {
    World world(false);
    world.agent.start({{"ARARAT_FAIL_POINTS", "agent.started:1"}});
    world.orchestrator.welcome();
    world.orchestrator.start(shell_step("unlucky", "echo unlucky >> " + world.agent.path("witness")));
    world.agent.wait_end();
    world.agent.start();
    const v1::Hello hello = world.orchestrator.welcome();
    EXPECT_EQ(hello.unacknowledged_size(), 0);
    EXPECT_EQ(world.agent.read("witness"), "");
    world.orchestrator.start(shell_step("unlucky", "echo unlucky >> " + world.agent.path("witness")));
    EXPECT_EQ(world.orchestrator.wait_finished("unlucky").outcome(), v1::OUTCOME_SUCCEEDED);
    EXPECT_EQ(world.agent.read("witness"), "unlucky\n");
}

TEST(AgentProcess, DyingBetweenTheResultAndItsReportReportsIt) {
    World world(false);
    world.agent.start({{"ARARAT_FAIL_POINTS", "agent.finished:1"}});
    world.orchestrator.welcome();
    world.orchestrator.start(shell_step("unlucky", "echo unlucky >> " + world.agent.path("witness")));
    world.agent.wait_end();
    world.agent.start();
    world.orchestrator.welcome();
    EXPECT_EQ(world.orchestrator.wait_finished("unlucky").outcome(), v1::OUTCOME_SUCCEEDED);
    EXPECT_EQ(world.agent.read("witness"), "unlucky\n");
}

TEST(AgentProcess, ASecondAgentOnTheSameJournalIsRefused) {
    World world;
    world.orchestrator.welcome();
    const auto second = platform::run_process({AGENT, "run", "--config", world.agent.path("agent.conf")}, "",
                                              Duration{60'000}, 65536);
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(second->exit_code, 1) << second->standard_error;
}

TEST(AgentProcess, ADamagedJournalIsRefusedByItsOffset) {
    World world;
    world.orchestrator.welcome();
    world.orchestrator.start(shell_step("a", "true"));
    world.orchestrator.wait_finished("a");
    world.agent.stop();
    std::string bytes = world.agent.read("data/journal");
    bytes[40] = static_cast<char>(bytes[40] ^ 1);
    ASSERT_TRUE(platform::write_file_durable(world.agent.path("data/journal"), bytes).ok());
    world.agent.start();
    EXPECT_EQ(world.agent.wait_end(), 1);
    EXPECT_THAT(world.agent.read("log"), testing::HasSubstr("damaged at byte 0"));
}

TEST(AgentProcess, TalksToTheProjectsOrchestratorOnly) {
    PlayedProject project("p");
    PlayedProject stranger("p");  // the same name, another CA
    PlayedOrchestrator wrong_ca(stranger);
    PlayedOrchestrator another_agent(project, platform::agent_identity("p", "host-2"));
    PlayedOrchestrator right(project);
    AgentProcess agent(project, wrong_ca.address() + " " + another_agent.address() + " " + right.address());
    agent.start();
    EXPECT_EQ(right.welcome().host(), "host-1");
    EXPECT_THAT(agent.read("log"), testing::HasSubstr(wrong_ca.address()));
    EXPECT_THAT(agent.read("log"), testing::HasSubstr(another_agent.address()));
}

}  // namespace
}  // namespace ararat::agent
