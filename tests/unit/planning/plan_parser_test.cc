// Limits, merging of files, and what the parser makes of a good plan.
#include "planning/plan_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/planning/small_plan.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PlanParser, AcceptsTheSmallPlan) {
    const ParseOutcome outcome = parse(small_plan());
    EXPECT_THAT(lines(outcome), IsEmpty());
    const Plan& plan = outcome.plan;
    EXPECT_EQ(plan.project, ProjectId("small"));
    EXPECT_EQ(plan.timezone, "Europe/London");
    ASSERT_THAT(plan.links, SizeIs(1));
    EXPECT_EQ(plan.links[0].bytes_per_second, 125'000'000U);
    EXPECT_EQ(plan.links[0].usable_percent, 50);
    EXPECT_EQ(plan.calendars.at("evenings").lockout, std::chrono::minutes{45});
    EXPECT_EQ(plan.calendars.at("evenings").windows[0].weekdays, (std::set<int>{0, 1, 2, 3}));
    const Host& host = plan.hosts.at(HostId("new-a"));
    EXPECT_EQ(host.address, "198.18.2.1");
    EXPECT_EQ(host.cpus, 8);
    EXPECT_EQ(to_string(host.place), "plan.yaml:12:3");
    EXPECT_TRUE(plan.waves_auto);
    EXPECT_EQ(plan.runbooks.at("move").steps.size(), 8U);
    EXPECT_TRUE(plan.gates.at(GateId("go")).all);
}

TEST(PlanParser, SaysWhatIsNotEnforcedYet) {
    EXPECT_THAT(parse(small_plan()).plan.not_enforced, IsEmpty()) << "the scheduler acts on all of it";
    const auto proxied =
        spoil(small_plan(), {"", "plan.yaml", "address: 198.18.1.1}", "via: ssh, proxy: new-a}", {}});
    EXPECT_THAT(parse(proxied).plan.not_enforced, ElementsAre("plan.yaml:11:32: hosts: proxy"));
}

TEST(PlanParser, ReportsEveryFaultSortedByPlace) {
    PlanSources sources = small_plan();
    sources = spoil(sources, {"", "plan.yaml", "cpus: 8", "cpus: eight", {}});
    sources = spoil(sources, {"", "plan.yaml", "from: old, to: new", "from: odl, to: new", {}});
    sources = spoil(sources, {"", "actions/stop/action.yaml", "class: idempotent", "class: sometimes", {}});
    EXPECT_THAT(
        lines(parse(sources)),
        ElementsAre("actions/stop/action.yaml:3:8: error E013: key 'class': 'sometimes' is not one of "
                    "idempotent, probeable, one-shot",
                    "plan.yaml:7:12: error E015: unknown site 'odl' (did you mean 'old'?)",
                    "plan.yaml:12:49: error E011: key 'cpus': 'eight' is not a whole number (meant: "
                    "decimal digits without leading zeros)"));
}

TEST(PlanParser, ShowsTheFirstHundredFaultsAndCountsTheOthers) {
    std::string text = "ararat: v1\nprogramme: {name: many}\nhosts:\n";
    for (int i = 0; i < 150; ++i) text += "  host-" + std::to_string(i) + ": {site: nowhere}\n";
    const std::vector<std::string> found = lines(parse(alone("plan.yaml", text)));
    ASSERT_THAT(found, SizeIs(101));
    EXPECT_EQ(found[0], "plan.yaml:4:18: error E015: unknown site 'nowhere'");
    EXPECT_EQ(found[100], "plan.yaml:103:19: error E099: 50 more faults after this one are not shown");
}

TEST(PlanParser, RefusesTooManyBytesUnlessRaised) {
    const PlanSources sources = alone("plan.yaml", "ararat: v1\nprogramme: {name: big}\n# padding\n");
    ParseOptions options;
    options.as_of = test_now();
    options.bytes_max = 20;
    EXPECT_THAT(lines(parse_plan(sources, options)),
                ElementsAre("plan.yaml:1:1: error E001: the file has 44 bytes, the limit is 20 "
                            "(meant: --max-bytes, which raises it)"));
    options.bytes_max = 44;
    EXPECT_THAT(lines(parse_plan(sources, options)), IsEmpty());
    EXPECT_EQ(ParseOptions().bytes_max, 8U * 1024 * 1024);
}

TEST(PlanParser, RefusesDeepNesting) {
    const std::string start = "ararat: v1\nprogramme: {name: deep}\nservices: ";
    const std::string deep = start + std::string(1000, '[') + std::string(1000, ']') + "\n";
    EXPECT_THAT(lines(parse(alone("plan.yaml", deep))),
                ElementsAre("plan.yaml:3:74: error E004: nested deeper than 64 levels"));
    EXPECT_THAT(lines(parse(alone("plan.yaml", start + std::string(100'000, '[')))), SizeIs(1));
    const std::string blocks = "ararat: v1\nservices:\n" + std::string(5, ' ') + [] {
        std::string text;
        for (int i = 0; i < 1000; ++i) text += "- ";
        return text;
    }();
    EXPECT_THAT(lines(parse(alone("plan.yaml", blocks))),
                ElementsAre("plan.yaml:3:132: error E004: nested deeper than 64 levels"));
}

TEST(PlanParser, RefusesAnAliasBombAtItsFirstAnchor) {
    const std::string bomb =
        "ararat: v1\nprogramme: {name: bomb}\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    const std::vector<std::string> found = lines(parse(alone("plan.yaml", bomb)));
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(found, ::testing::Contains("plan.yaml:3:4: error E005: anchor '&a' is not allowed"));
    EXPECT_THAT(found, ::testing::Contains("plan.yaml:4:8: error E005: an alias ('*name') is not allowed"));
}

TEST(PlanParser, MergesFilesAndNamesBothPlacesOfWhatIsTwice) {
    PlanSources sources = small_plan();
    sources.plans.push_back({"more.yaml", "sites:\n  third: {role: target}\n"});
    const ParseOutcome merged = parse(sources);
    EXPECT_THAT(lines(merged), IsEmpty());
    EXPECT_EQ(merged.plan.sites.size(), 3U);

    sources.plans.push_back({"again.yaml", "programme: {name: twice}\nhosts:\n  old-a: {site: old}\n"});
    EXPECT_THAT(
        lines(parse(sources)),
        ElementsAre("again.yaml:1:1: error E007: 'programme' is given twice (first at plan.yaml:2:1)",
                    "again.yaml:3:3: error E007: 'old-a' is defined twice (first at plan.yaml:11:3)"));
}

TEST(PlanParser, RunbookFileHasTheRunbooksName) {
    PlanSources sources = small_plan();
    const std::string steps = "steps: [{id: a, phase: prepare, manual: look}]\n";
    sources.runbooks.push_back({"runbooks/look.yaml", "runbook: look\n" + steps});
    EXPECT_THAT(lines(parse(sources)), IsEmpty());
    sources.runbooks.push_back({"runbooks/glance.yaml", "runbook: stare\n" + steps});
    sources.runbooks.push_back({"runbooks/move.yaml", "runbook: move\n" + steps});
    EXPECT_THAT(
        lines(parse(sources)),
        ElementsAre("plan.yaml:30:3: error E007: 'move' is defined twice (first at runbooks/move.yaml:1:1)",
                    "runbooks/glance.yaml:1:10: error E016: runbook 'stare' stands in a file of "
                    "another name (meant: stare.yaml)"));
}

TEST(PlanParser, UnreadableFileDoesNotMakeEveryNameUnknown) {
    PlanSources sources = small_plan();
    sources.actions[0].text = "action: [";
    const std::vector<std::string> found = lines(parse(sources));
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_THAT(found[0], ::testing::StartsWith("actions/copy/action.yaml:"));
    EXPECT_THAT(found[0], ::testing::HasSubstr(" error E003: not well-formed YAML: "));
}

// What nobody could read is told with all other faults, and does not make names unknown.
TEST(PlanParser, ReportsWhatTheReaderOfTheFilesFound) {
    PlanSources sources = spoil(small_plan(), {"", "plan.yaml", "cpus: 8", "cpus: eight", {}});
    sources = spoil(sources, {"", "plan.yaml", "service: web", "service: elsewhere", {}});
    sources.faults = {{{"plan.yaml", 29, 11}, DiagnosticCode::kMissingFile, "'more.yaml' is not there"}};
    EXPECT_THAT(lines(parse(sources)),
                ElementsAre("plan.yaml:12:49: error E011: key 'cpus': 'eight' is not a whole number (meant: "
                            "decimal digits without leading zeros)",
                            "plan.yaml:29:11: error E025: 'more.yaml' is not there"));
    PlanSources nothing;
    nothing.faults = {{{"plan.yaml", 1, 1}, DiagnosticCode::kMissingFile, "the file is not there"}};
    EXPECT_THAT(lines(parse(nothing)), ElementsAre("plan.yaml:1:1: error E025: the file is not there"));
}

TEST(PlanParser, AShippedFileIsNoLink) {
    PlanSources sources = small_plan();
    sources.action_files.clear();
    sources.action_links["check"]["check.sh"] = "/etc/shadow";
    EXPECT_THAT(
        lines(parse(sources)),
        ElementsAre("actions/check/action.yaml:9:9: error E014: file 'check.sh' is a symbolic link to "
                    "'/etc/shadow' (meant: a file in the folder itself)"));
}

TEST(PlanParser, GivesTheIncludesThatStayWithinTheRoot) {
    EXPECT_THAT(
        includes_of({"plan.yaml", "include: [sites.yaml, apps, ../secret, /etc/x, a/../b.yaml]\n"}),
        ElementsAre(Include{"sites.yaml", {"plan.yaml", 1, 11}}, Include{"apps", {"plan.yaml", 1, 23}},
                    Include{"a/../b.yaml", {"plan.yaml", 1, 48}}));
    EXPECT_THAT(includes_of({"plan.yaml", "include: ["}), IsEmpty());
    EXPECT_THAT(includes_of({"plan.yaml", ""}), IsEmpty());
}

TEST(PlanParser, WindowsAreRelativeToAsOf) {
    const PlanSources sources =
        spoil(small_plan(), {"",
                             "plan.yaml",
                             "windows: \"Mon-Thu 19:00-23:00\"",
                             "between: [{from: now-5min, to: now+2h}, {from: 2024-03-05T10:00:00+01:00, "
                             "to: 2024-03-06}]",
                             {}});
    const ParseOutcome outcome = parse(sources);
    EXPECT_THAT(lines(outcome), IsEmpty());
    const auto& windows = outcome.plan.calendars.at("evenings").explicit_windows;
    ASSERT_THAT(windows, SizeIs(2));
    EXPECT_EQ(windows[0].first, test_now() - std::chrono::minutes{5});
    EXPECT_EQ(windows[0].second, test_now() + std::chrono::hours{2});
    EXPECT_EQ(to_unix_ms(windows[1].first), 1709629200000);
    EXPECT_EQ(to_unix_ms(windows[1].second), 1709683200000);
}

// Whatever is in the files, parsing ends, and a plan that is not good says where.
TEST(PlanParser, SurvivesSpoiltBytes) {
    const PlanSources good = small_plan();
    std::uint64_t state = 42;  // a linear congruential generator (Knuth's MMIX constants)
    const auto next = [&state](std::size_t below) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>(state >> 33U) % below;
    };
    int faulty = 0;
    for (int round = 0; round < 400; ++round) {
        PlanSources sources = good;
        std::string& text =
            next(4) == 0 ? sources.actions[next(sources.actions.size())].text : sources.plans[0].text;
        for (std::size_t change = next(3) + 1; change > 0; --change) {
            const std::size_t at = next(text.size());
            const std::size_t length = std::min(text.size() - at, next(12) + 1);
            const std::string piece = text.substr(next(text.size()), next(12));
            switch (next(3)) {
                case 0: text.erase(at, length); break;
                case 1: text.insert(at, piece); break;
                default: text[at] = "{}[]:,-&*!|>'\"%@#$ \n~?"[next(23)]; break;
            }
        }
        const ParseOutcome outcome = parse(sources);
        faulty += outcome.ok() ? 0 : 1;
        for (const Diagnostic& fault : outcome.diagnostics) {
            EXPECT_GE(fault.place.line, 1) << to_string(fault);
            EXPECT_FALSE(fault.place.file.empty()) << to_string(fault);
        }
    }
    EXPECT_GT(faulty, 200) << "the changes hardly spoil anything";
}

// A line of shell in a value stays what it is, from the plan to the argument vector.
TEST(PlanParser, ShellCharactersStayCharacters) {
    const PlanSources sources =
        spoil(small_plan(), {"",
                             "plan.yaml",
                             "seen: \"${step.count.rows}\"",
                             "seen: \"$(reboot) `id` ; rm -rf / | > x $HOME $${y} ' \\\" \\\\ &&\"",
                             {}});
    const ParseOutcome outcome = parse(sources);
    EXPECT_THAT(lines(outcome), IsEmpty());
    EXPECT_EQ(outcome.plan.runbooks.at("move").steps[4].with.at("seen"),
              "$(reboot) `id` ; rm -rf / | > x $HOME $${y} ' \" \\ &&");
}

// Counted before any of them is made.
TEST(PlanParser, ATaskMoreThanAMillionIsRefusedNamingTheLimit) {
    std::string hosts = "hosts:\n", from, to, steps;
    for (int i = 0; i < 1000; ++i) {
        hosts += "  a-" + std::to_string(i) + ": {site: old}\n  b-" + std::to_string(i) + ": {site: new}\n";
        from += "a-" + std::to_string(i) + ", ";
        to += "b-" + std::to_string(i) + ": new, ";
        steps += "      - {id: s-" + std::to_string(i) + ", phase: prepare, on: target, action: digest}\n";
    }
    PlanSources sources = small_plan();
    sources.plans.push_back({"big.yaml", hosts +
                                             "applications:\n  big:\n    components:\n      all: {hosts: [" +
                                             from + "], to: {" + to + "}, runbook: many}\nrunbooks:\n" +
                                             "  many:\n    steps:\n" + steps});
    EXPECT_THAT(
        lines(parse(sources)),
        ElementsAre("big.yaml:2003:3: error E001: the plan makes 1000008 tasks, the limit is 1000000"));
}

}  // namespace
}  // namespace ararat::planning::testing
