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

TEST(Policy, WithoutAFileEverythingIsAllowed) { EXPECT_EQ(Policy().refusal(with(run("/bin/sh"))), ""); }

TEST(Policy, RefusesVerbsThatAreNotNamed) {
    const Policy policy = Policy::parse("# nothing but facts\nverb facts\n").value();
    EXPECT_NE(policy.refusal(with(run("/bin/true"))).find("verb run"), std::string::npos);
}

TEST(Policy, AnEmptyFileRefusesEverything) {
    EXPECT_NE(Policy::parse("").value().refusal(with(run("/bin/true"))), "");
}

TEST(Policy, NamesPrograms) {
    const Policy policy = Policy::parse("verb run\nprogram shipped\nprogram /usr/bin/psql\n").value();
    EXPECT_EQ(policy.refusal(with(run("/usr/bin/psql"))), "");
    EXPECT_EQ(policy.refusal(with(run("${file.seed.sh}"))), "");
    EXPECT_NE(policy.refusal(with(run("/bin/sh"))), "");
    EXPECT_NE(policy.refusal(with(run(""))), "");
}

TEST(Policy, KeepsPathsBelowTheirRoots) {
    const Policy policy = Policy::parse("verb write-file\npath /srv/shares/\n").value();
    EXPECT_EQ(policy.refusal(with(write("/srv/shares/a"))), "");
    EXPECT_EQ(policy.refusal(with(write("/srv/shares"))), "");
    for (const char* path :
         {"/srv/sharesX", "/etc/passwd", "/srv/shares/../../etc/passwd", "", "srv/shares/a"}) {
        EXPECT_NE(policy.refusal(with(write(path))), "") << path;
    }
}

TEST(Policy, NamesTheLineThatIsNoRule) {
    for (const char* line : {"verb fly", "allow all", "program psql", "path srv", "verb"}) {
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
        EXPECT_EQ(Policy::parse("verb " + name + "\n").value().refusal(with(operation)), "") << name;
        EXPECT_NE(Policy::parse("").value().refusal(with(operation)).find(name), std::string::npos);
    }
}

}  // namespace
}  // namespace ararat::agent
