#include "tests/unit/planning_programme/plan_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "base/join.h"
#include "planning/scalar_types.h"
#include "tests/unit/planning/small_plan.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {

PlanText& PlanText::add(const std::string& key, const std::string& line) {
    sections_[key] += "  " + line + "\n";
    return *this;
}

PlanText& PlanText::application(const std::string& name, const std::vector<std::string>& keys,
                                const std::vector<std::string>& component, int hosts,
                                const std::string& host_keys) {
    std::vector<std::string> sources;
    std::vector<std::string> targets;
    for (int i = 1; i <= hosts; ++i) {
        sources.push_back(name + "-" + std::to_string(i));
        targets.push_back("new-" + sources.back() + ": new");
        add("hosts", sources.back() + ": {site: old" + (host_keys.empty() ? "" : ", " + host_keys) + "}");
        add("hosts", "new-" + sources.back() + ": {site: new}");
    }
    add("applications", name + ":");
    add("applications", "  gates: [go]");
    for (const std::string& key : keys) add("applications", "  " + key);
    add("applications", "  components:");
    add("applications", "    app:");
    add("applications", "      hosts: [" + join(sources, ", ") + "]");
    add("applications", "      to: {" + join(targets, ", ") + "}");
    add("applications", "      runbook: move");
    add("applications", "      params: {tree: /srv/data}");
    for (const std::string& key : component) add("applications", "      " + key);
    return *this;
}

std::string PlanText::text() const {
    std::string text =
        "ararat: v1\nprogramme: {name: p, timezone: Europe/London}\ngates: {go: {roles: [board]}}\n";
    std::map<std::string, std::string> sections = sections_;
    if (!sections.contains("sites")) {
        sections["sites"] = "  old: {role: source}\n  new: {role: target}\n  far: {role: target}\n";
    }
    for (const auto& [key, lines] : sections) text += key + ":\n" + lines;
    const std::string small = small_plan().plans.front().text;
    return text + small.substr(small.find("runbooks:\n"));
}

Plan PlanText::plan() const {
    PlanSources sources = small_plan();
    sources.plans.front().text = text();
    const ParseOutcome outcome = parse(sources);
    EXPECT_EQ(join(lines(outcome), "\n"), "") << text();
    return outcome.plan;
}

ProgrammeProblem PlanText::programme(const ProgrammeOptions& options) const {
    auto problem = make_programme(plan(), test_now(), options);
    if (!problem.ok()) throw std::invalid_argument(problem.error().message);
    return std::move(*problem);
}

std::string PlanText::refusal(const ProgrammeOptions& options) const {
    const auto problem = make_programme(plan(), test_now(), options);
    return problem.ok() ? "no error" : problem.error().message;
}

scheduler::JobIndex job_named(const ProgrammeProblem& problem, const std::string& name) {
    for (std::size_t i = 0; i < problem.jobs.size(); ++i) {
        if (problem.jobs[i].name == name) return static_cast<scheduler::JobIndex>(i);
    }
    throw std::invalid_argument("no job '" + name + "'");
}

const scheduler::Job& job(const ProgrammeProblem& problem, const std::string& name) {
    return problem.programme.jobs[static_cast<std::size_t>(job_named(problem, name))];
}

const scheduler::Way& way(const ProgrammeProblem& problem, const std::string& name, std::size_t number) {
    const auto ways = problem.programme.ways_of(job(problem, name));
    if (number >= ways.size()) throw std::invalid_argument("no such way of '" + name + "'");
    return ways[number];
}

std::vector<std::string> demands(const ProgrammeProblem& problem, const scheduler::Way& way) {
    std::vector<std::string> texts;
    for (const scheduler::Demand& demand : problem.programme.demands_of(way)) {
        texts.push_back(problem.resources[static_cast<std::size_t>(demand.resource)].text + ": " +
                        std::to_string(demand.amount));
    }
    return texts;
}

std::vector<std::string> lags(const ProgrammeProblem& problem) {
    std::vector<std::string> texts;
    for (const scheduler::Lag& lag : problem.programme.lags) {
        texts.push_back(problem.jobs[static_cast<std::size_t>(lag.from)].name + " -> " +
                        problem.jobs[static_cast<std::size_t>(lag.to)].name + (lag.from_end ? " +" : " @") +
                        std::to_string(lag.lag));
    }
    return texts;
}

std::string place_of_lag(const ProgrammeProblem& problem, const std::string& text) {
    for (const scheduler::Lag& lag : problem.programme.lags) {
        const Origin& origin = problem.lags[lag.tag];
        if (origin.text == text) return to_string(origin.place);
    }
    std::vector<std::string> known;
    for (const Origin& origin : problem.lags) known.push_back(origin.text);
    return "none, but: " + join(known, "; ");
}

scheduler::Minute minute_of(const ProgrammeProblem& problem, const std::string& moment) {
    const auto instant = read_moment(moment, {});
    if (!instant.ok()) throw std::invalid_argument(moment);
    return static_cast<scheduler::Minute>((*instant - problem.origin).count() / 60'000);
}

}  // namespace ararat::planning::testing
