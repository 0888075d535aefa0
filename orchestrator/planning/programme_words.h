// What a scheduled programme says of itself to people: why a move is when it is, what refuses another start,
// and which constraints cannot hold together, each with the place where the plan says so.
// Units: minutes of the problem; times in words are in the programme's time zone.
// Thread promise: functions of their arguments and of the tz database.
#pragma once

#include <string>
#include <vector>

#include "model/plan.h"
#include "planning/programme_problem.h"
#include "planning/scheduler/programme_conflict.h"
#include "planning/scheduler/programme_explain.h"

namespace ararat::planning {

// "calendar evenings (plan.yaml:12:3)"
[[nodiscard]] std::string words_of(const ProgrammeProblem& problem, const scheduler::Constraint& constraint);
[[nodiscard]] std::string moment_of(const Plan& plan, const ProgrammeProblem& problem,
                                    scheduler::Minute minute);

// The move groups, by number, that a wave, host, application or group of this name means; none: nothing has
// it.
[[nodiscard]] std::vector<std::size_t> groups_of(const Plan& plan, const Schedule& schedule,
                                                 const std::string& name);

// From the job to the root of what holds it, one line a step.
[[nodiscard]] std::vector<std::string> why_lines(const Plan& plan, const ProgrammeProblem& problem,
                                                 const scheduler::ProgrammeTimes& times,
                                                 scheduler::JobIndex job);
// Everything that refuses this start, all others staying where they are, and the next that nothing refuses.
[[nodiscard]] std::vector<std::string> why_not_lines(const Plan& plan, const ProgrammeProblem& problem,
                                                     const scheduler::ProgrammeTimes& times,
                                                     scheduler::JobIndex job, scheduler::Minute minute);
// The constraints that have no schedule together, one fault each at its own place.
[[nodiscard]] Error conflict_error(const Plan& plan, const ProgrammeProblem& problem,
                                   const scheduler::Conflict& conflict);

}  // namespace ararat::planning
