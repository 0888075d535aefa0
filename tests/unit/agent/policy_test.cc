#include <gtest/gtest.h>

#include "agent/core/policy.h"

namespace ararat::agent {
namespace {

StepSpec with(Operation operation) {
    StepSpec spec;
    spec.stages = {{"perform", std::move(operation)}};
    return spec;
}

Operation run(const std::string& program) {
    Operation operation;
    operation.argv = {program};
    return operation;
}

Operation write(const std::string& path) {
    Operation operation;
    operation.verb = Verb::kWriteFile;
    operation.fields = {{"path", path}};
    return operation;
}

// A disk without links.
PathsOnDisk as_written(const std::vector<std::string>& paths) {
    PathsOnDisk places;
    for (const std::string& path : paths) places[path] = path;
    return places;
}

std::string refusal(const Policy& policy, const StepSpec& spec) {
    return policy.refusal(spec, as_written(policy.paths_of(spec)));
}

std::string refusal(const Policy& policy, const TicketRequest& ticket) {
    return policy.refusal(ticket, as_written(policy.paths_of(ticket)));
}

TEST(Policy, WithoutAFileEverythingIsAllowed) { EXPECT_EQ(refusal(Policy(), with(run("/bin/sh"))), ""); }

TEST(Policy, RefusesVerbsThatAreNotNamed) {
    const Policy policy = Policy::parse("# nothing but facts\nverb facts\n").value();
    EXPECT_NE(refusal(policy, with(run("/bin/true"))).find("verb run"), std::string::npos);
}

TEST(Policy, AnEmptyFileRefusesEverything) {
    EXPECT_NE(refusal(Policy::parse("").value(), with(run("/bin/true"))), "");
}

TEST(Policy, NamesPrograms) {
    const Policy policy = Policy::parse("verb run\nprogram shipped\nprogram /usr/bin/psql\n").value();
    EXPECT_EQ(refusal(policy, with(run("/usr/bin/psql"))), "");
    EXPECT_EQ(refusal(policy, with(run("${file.seed.sh}"))), "");
    EXPECT_NE(refusal(policy, with(run("/bin/sh"))), "");
    EXPECT_NE(refusal(policy, with(run(""))), "");
}

TEST(Policy, KeepsPathsBelowTheirRoots) {
    const Policy policy = Policy::parse("verb write-file\npath /srv/shares/\n").value();
    EXPECT_EQ(refusal(policy, with(write("/srv/shares/a"))), "");
    EXPECT_EQ(refusal(policy, with(write("/srv/shares"))), "");
    for (const char* path :
         {"/srv/sharesX", "/etc/passwd", "/srv/shares/../../etc/passwd", "", "srv/shares/a"}) {
        EXPECT_NE(refusal(policy, with(write(path))), "") << path;
    }
}

TEST(Policy, APathCountsByWhereItIs) {
    const Policy policy = Policy::parse("verb write-file\npath /srv/shares\n").value();
    const StepSpec spec = with(write("/srv/shares/town/motd"));
    EXPECT_NE(policy.refusal(spec, {{"/srv/shares", "/srv/shares"}, {"/srv/shares/town/motd", "/etc/motd"}}),
              "")
        << "town is a link to /etc";
    EXPECT_EQ(policy.refusal(spec, {{"/srv/shares", "/data/shares"},
                                    {"/srv/shares/town/motd", "/data/shares/town/motd"}}),
              "")
        << "the whole of /srv/shares is elsewhere, as its administrator knows";
    EXPECT_NE(policy.refusal(spec, {{"/srv/shares", "/srv/shares"}}), "") << "where it is cannot be told";
    EXPECT_NE(policy.refusal(spec, {}), "");
}

TEST(Policy, VariablesAreRefusedUnlessTheyAreNamed) {
    const Policy policy = Policy::parse("verb run\nprogram /usr/bin/psql\nenvironment PGPORT\n").value();
    Operation operation = run("/usr/bin/psql");
    operation.environment = {{"PGPORT", "5432"}};
    EXPECT_EQ(refusal(policy, with(operation)), "");
    operation.environment["LD_PRELOAD"] = "/tmp/x.so";
    EXPECT_NE(refusal(policy, with(operation)).find("environment LD_PRELOAD"), std::string::npos);
}

TEST(Policy, TicketsAreRefusedUnlessTheirEndIsNamed) {
    const TicketRequest tree{true, true, "/srv/shares/a", ""};
    const TicketRequest socket{true, false, "/run/postgresql/.s.PGSQL.5432", ""};
    const TicketRequest port{true, false, "127.0.0.1:5432", ""};
    const TicketRequest exposed{false, false, "/run/postgresql/.s.PGSQL.5432", "/run/ararat/db/s"};
    const TicketRequest tree_target{false, true, "/srv/shares/a", ""};
    EXPECT_EQ(refusal(Policy(), tree), "");
    const Policy nothing = Policy::parse("verb run\n").value();
    for (const TicketRequest& ticket : {tree, socket, port, exposed}) EXPECT_NE(refusal(nothing, ticket), "");
    EXPECT_EQ(refusal(nothing, tree_target), "") << "its copy-tree step is judged";
    const Policy some = Policy::parse(
                            "serve /srv/shares\ndial /run/postgresql\ndial 127.0.0.1:5432\n"
                            "expose /run/ararat\n")
                            .value();
    for (const TicketRequest& ticket : {tree, socket, port, exposed}) EXPECT_EQ(refusal(some, ticket), "");
    EXPECT_NE(refusal(some, {true, true, "/run/postgresql", ""}), "") << "to dial is not to serve";
    EXPECT_NE(refusal(some, {true, false, "/srv/shares/a", ""}), "");
    EXPECT_NE(refusal(some, {true, false, "127.0.0.1:54321", ""}), "");
    EXPECT_NE(refusal(some, {true, true, "/srv/shares/../x", ""}), "");
    EXPECT_NE(refusal(some, {false, false, "", "/run/other/s"}), "");
    EXPECT_NE(some.refusal(tree, {{"/srv/shares", "/srv/shares"}, {"/srv/shares/a", "/etc"}}), "");
}

TEST(Policy, NamesTheLineThatIsNoRule) {
    for (const char* line :
         {"verb fly", "allow all", "program psql", "path srv", "verb", "serve srv", "dial postgres",
          "expose x", "environment 1X", "environment A=B", "environment"}) {
        const auto parsed = Policy::parse(std::string("verb run\n") + line + "\n");
        ASSERT_FALSE(parsed.ok()) << line;
        EXPECT_NE(parsed.error().message.find("line 2"), std::string::npos) << parsed.error().message;
    }
}

TEST(Policy, KnowsEveryVerbByName) {
    for (int verb = 0; verb <= static_cast<int>(Verb::kPowerOff); ++verb) {
        Operation operation;
        operation.verb = static_cast<Verb>(verb);
        operation.argv = {"x"};
        const std::string name = verb_name(operation.verb);
        EXPECT_EQ(refusal(Policy::parse("verb " + name + "\n").value(), with(operation)), "") << name;
        EXPECT_NE(refusal(Policy::parse("").value(), with(operation)).find(name), std::string::npos);
    }
}

}  // namespace
}  // namespace ararat::agent
