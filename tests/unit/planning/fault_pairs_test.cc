// Two faults in one plan. Method: every pair of the single faults of the other tests that change different
// lines. Each is reported as if it were alone, unless one makes unusable what the other is about; and a
// line that neither fault gives alone is a follow-up that leads people astray.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include "tests/unit/planning/small_plan.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

using Lines = std::vector<std::string>;

// One changed line, which stays one line, so that the places of others do not move.
struct Change {
    const Spoilt* spoilt;
    std::size_t line;
};

const std::string& text_of(const PlanSources& sources, const std::string& name) {
    for (const auto* files : {&sources.plans, &sources.runbooks, &sources.actions}) {
        for (const SourceFile& file : *files) {
            if (file.name == name) return file.text;
        }
    }
    throw std::invalid_argument("no file " + name);
}

std::vector<Change> changes_of_one_line() {
    const PlanSources good = small_plan();
    std::vector<Change> changes;
    for (const auto cases :
         {text_fault_cases(), plan_fault_cases(), action_fault_cases(), runbook_fault_cases()}) {
        for (const Spoilt& spoilt : cases) {
            const std::string& text = text_of(good, spoilt.file);
            const bool one_line =
                spoilt.from.find('\n') == std::string::npos && spoilt.to.find('\n') == std::string::npos;
            // What is renamed is looked for in vain wherever the other fault names it.
            const bool renames = spoilt.name == std::string("upper-case identifier");
            if (!one_line || renames || spoilt.expected.empty()) continue;
            const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find(spoilt.from));
            changes.push_back({&spoilt, static_cast<std::size_t>(std::count(text.begin(), end, '\n'))});
        }
    }
    return changes;
}

// The one's lines are about the line that the other changes, so that their columns may be others.
bool touches(const Change& one, const Change& other) {
    const std::string line = std::string(other.spoilt->file) + ":" + std::to_string(other.line + 1) + ":";
    return std::any_of(one.spoilt->expected.begin(), one.spoilt->expected.end(),
                       [&](const std::string& text) { return text.find(line) != std::string::npos; });
}

// "plan.yaml:12:5: error E008": what is said there may name what the other fault has renamed.
Lines heads(const Lines& lines) {
    Lines heads;
    for (const std::string& line : lines)
        heads.push_back(line.substr(0, line.find(": ", line.find("error"))));
    std::sort(heads.begin(), heads.end());
    heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
    return heads;
}

// Nothing where the one takes away the text that the other changes.
std::optional<PlanSources> spoilt_twice(const Change& one, const Change& other) {
    try {
        return spoil(spoil(small_plan(), *one.spoilt), *other.spoilt);
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

Lines both(const Change& one, const Change& other) {
    Lines lines = one.spoilt->expected;
    lines.insert(lines.end(), other.spoilt->expected.begin(), other.spoilt->expected.end());
    return heads(lines);
}

// Channels closed by a step that does not open them: together these two are a third fault.
bool make_another(const Change& one, const Change& other) {
    const std::set<std::string> names = {one.spoilt->name, other.spoilt->name};
    return names == std::set<std::string>{"channel closed too early", "channel never opened"};
}

TEST(FaultPairs, AreBothReportedAndNothingElse) {
    constexpr std::size_t kEvery = 7;  // of so many pairs one is tried
    const std::vector<Change> changes = changes_of_one_line();
    ASSERT_GT(changes.size(), 80U);
    std::size_t pairs = 0;
    std::size_t complete = 0;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        for (std::size_t j = i % kEvery; j < i; j += kEvery) {
            const Change& one = changes[i];
            const Change& other = changes[j];
            if (touches(one, other) || touches(other, one) || make_another(one, other)) continue;
            const auto both_in_one = spoilt_twice(one, other);
            if (!both_in_one) continue;
            const Lines found = heads(lines(parse(*both_in_one)));
            const Lines wanted = both(one, other);
            ++pairs;
            complete += found == wanted ? 1 : 0;
            EXPECT_TRUE(std::includes(wanted.begin(), wanted.end(), found.begin(), found.end()))
                << one.spoilt->name << " and " << other.spoilt->name << " give "
                << ::testing::PrintToString(found);
        }
    }
    // A file that is no YAML hides the other; so does a host, a component or an action for what uses it.
    EXPECT_GT(complete * 100, pairs * 85) << "of " << pairs;
}

// Each of the four stages has its fault: types, contradictions, values filled in, and the order.
TEST(FaultPairs, FaultsOfEveryStageAreReportedAtOnce) {
    PlanSources sources = small_plan();
    sources = spoil(sources, {"", "plan.yaml", "cpus: 8", "cpus: eight", {}});
    sources = spoil(sources, {"", "plan.yaml", "from: old, to: new", "from: old, to: old", {}});
    sources = spoil(sources, {"", "plan.yaml", "soak: \"${param.wait}\"", "soak: \"5\"", {}});
    sources = spoil(sources, {"", "plan.yaml", "phase: verify, on", "phase: start, on", {}});
    EXPECT_EQ(
        lines(parse(sources)),
        (Lines{"plan.yaml:7:5: error E016: a link from site 'old' to itself",
               "plan.yaml:12:49: error E011: key 'cpus': 'eight' is not a whole number (meant: decimal "
               "digits without leading zeros)",
               "plan.yaml:40:9: error E020: step 'go-live' for 'shop/db' switches before anything of its "
               "component was verified (meant: a step of phase verify before it, or verify_waived with "
               "the reason)",
               "plan.yaml:41:39: error E011: key 'soak': '5' is not a duration (meant: such as 200ms, "
               "45min or 1h 30min)"}));
}

}  // namespace
}  // namespace ararat::planning::testing
