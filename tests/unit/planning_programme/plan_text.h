// Plans as people write them, for tests of what becomes of them: a source site "old", target sites "new" and
// "far", a runbook for every component, and whatever the test adds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "planning/programme_problem.h"

namespace ararat::planning::testing {

class PlanText {
public:
    // A line below a top-level key.
    PlanText& add(const std::string& key, const std::string& line);
    // An application with one component "app" on hosts NAME-1, NAME-2, ... that land at new. `keys` are lines
    // of the application, `component` of the component.
    PlanText& application(const std::string& name, const std::vector<std::string>& keys = {},
                          const std::vector<std::string>& component = {}, int hosts = 1,
                          const std::string& host_keys = "");

    // The plan; a fault in it is a test's failure.
    [[nodiscard]] Plan plan() const;
    // The programme as of test_now(), 2024-03-04T10:00:00Z; an error is a test's failure.
    [[nodiscard]] ProgrammeProblem programme(const ProgrammeOptions& options = {}) const;
    // The lines of the error.
    [[nodiscard]] std::string refusal(const ProgrammeOptions& options = {}) const;

private:
    [[nodiscard]] std::string text() const;

    std::map<std::string, std::string> sections_;
};

// "cutover of move group a", by name; no such job is a test's failure.
[[nodiscard]] scheduler::JobIndex job_named(const ProgrammeProblem& problem, const std::string& name);
[[nodiscard]] const scheduler::Job& job(const ProgrammeProblem& problem, const std::string& name);
// Its only way, or the one of that number.
[[nodiscard]] const scheduler::Way& way(const ProgrammeProblem& problem, const std::string& name,
                                        std::size_t number = 0);
// "resource dba: 2", in the order of the arrays.
[[nodiscard]] std::vector<std::string> demands(const ProgrammeProblem& problem, const scheduler::Way& way);
// "a of move group x -> b +90" with the name of each job, "+90" from the end, "@-90" from the start.
[[nodiscard]] std::vector<std::string> lags(const ProgrammeProblem& problem);
// The one lag whose origin has this text: "plan.yaml:12:3" is where it comes from.
[[nodiscard]] std::string place_of_lag(const ProgrammeProblem& problem, const std::string& text);
// Minutes from the programme's origin.
[[nodiscard]] scheduler::Minute minute_of(const ProgrammeProblem& problem, const std::string& moment);

inline constexpr scheduler::Minute kDayMinutes = 24 * 60;

}  // namespace ararat::planning::testing
