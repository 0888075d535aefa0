#include "bench/sched/single_mode_files.h"

#include "bench/sched/field_reader.h"

namespace ararat::bench {
namespace {

using planning::scheduler::Activity;
using planning::scheduler::Arc;
using planning::scheduler::Mode;
using planning::scheduler::Project;

constexpr std::int32_t kJobsMost = 1'000'000;
constexpr std::int32_t kResourcesMost = 1'000;
constexpr std::int32_t kNumberMost = 100'000'000;

// Number of successors, then their numbers.
Result<void> read_successors(FieldReader& fields, std::int32_t from, std::int32_t jobs, Project& project) {
    ARARAT_ASSIGN_OR_RETURN(const std::int32_t count,
                            fields.number_within("a number of successors", 0, jobs));
    for (std::int32_t k = 0; k < count; ++k) {
        ARARAT_ASSIGN_OR_RETURN(const std::int32_t to, fields.number_within("a successor", 1, jobs));
        if (to == from + 1) return fields.fault("job " + std::to_string(to) + " is its own successor");
        project.arcs.push_back({from, to - 1, 0, true});
    }
    return {};
}

Result<Mode> read_mode(FieldReader& fields, std::int32_t resources) {
    Mode mode;
    ARARAT_ASSIGN_OR_RETURN(mode.duration, fields.number_within("a duration", 0, kNumberMost));
    for (std::int32_t r = 0; r < resources; ++r) {
        ARARAT_ASSIGN_OR_RETURN(const std::int32_t demand, fields.number_within("a demand", 0, kNumberMost));
        mode.demand.push_back(demand);
    }
    return mode;
}

Result<void> read_capacities(FieldReader& fields, std::int32_t resources, Project& project) {
    for (std::int32_t r = 0; r < resources; ++r) {
        ARARAT_ASSIGN_OR_RETURN(const std::int32_t capacity,
                                fields.number_within("a capacity", 0, kNumberMost));
        project.capacity.push_back(capacity);
    }
    return {};
}

// What stands first in a row must be the job that is due.
Result<void> expect_job(FieldReader& fields, std::int32_t due) {
    return fields.number_within("the number of job " + std::to_string(due), due, due).ok()
               ? Result<void>()
               : Result<void>(fields.fault("the row of job " + std::to_string(due) + " should be here"));
}

Result<void> expect_end(FieldReader& fields) {
    if (fields.at_end()) return {};
    return fields.fault("more follows where the file should end");
}

}  // namespace

Result<Project> read_sm(std::string_view text, const std::string& name) {
    FieldReader fields(text, name);
    Project project;
    ARARAT_RETURN_IF_ERROR(fields.skip_past_line("projects"));
    ARARAT_ASSIGN_OR_RETURN(const std::int32_t jobs, fields.number_after_colon("the number of jobs"));
    ARARAT_RETURN_IF_ERROR(fields.skip_past_line("RESOURCES"));
    ARARAT_ASSIGN_OR_RETURN(const std::int32_t resources,
                            fields.number_after_colon("the number of renewable resources"));
    fields.skip_line();
    ARARAT_ASSIGN_OR_RETURN(const std::int32_t stocks,
                            fields.number_after_colon("the number of nonrenewable resources"));
    if (stocks != 0) return fields.fault("nonrenewable resources in a file of single-mode jobs");
    if (jobs == 0 || resources > kResourcesMost) return fields.fault("no jobs, or too many resources");

    ARARAT_RETURN_IF_ERROR(fields.skip_past_line("PRECEDENCE RELATIONS"));
    ARARAT_RETURN_IF_ERROR(fields.skip_past_line("jobnr."));
    for (std::int32_t job = 0; job < jobs; ++job) {
        ARARAT_RETURN_IF_ERROR(expect_job(fields, job + 1));
        ARARAT_ASSIGN_OR_RETURN([[maybe_unused]] const std::int32_t modes,
                                fields.number_within("the number of modes", 1, 1));
        ARARAT_RETURN_IF_ERROR(read_successors(fields, job, jobs, project));
    }
    ARARAT_RETURN_IF_ERROR(fields.skip_past_line("REQUESTS/DURATIONS"));
    ARARAT_RETURN_IF_ERROR(fields.skip_past_line("---"));
    for (std::int32_t job = 0; job < jobs; ++job) {
        ARARAT_RETURN_IF_ERROR(expect_job(fields, job + 1));
        ARARAT_ASSIGN_OR_RETURN([[maybe_unused]] const std::int32_t number,
                                fields.number_within("the mode", 1, 1));
        ARARAT_ASSIGN_OR_RETURN(Mode mode, read_mode(fields, resources));
        project.activities.push_back({{std::move(mode)}});
    }
    ARARAT_RETURN_IF_ERROR(fields.skip_past_line("RESOURCEAVAILABILITIES"));
    if (fields.at_end()) return fields.fault("the file ends where the capacities should be");
    fields.skip_line();
    ARARAT_RETURN_IF_ERROR(read_capacities(fields, resources, project));
    return project;
}

Result<Project> read_rcp(std::string_view text, const std::string& name) {
    FieldReader fields(text, name);
    Project project;
    ARARAT_ASSIGN_OR_RETURN(const std::int32_t jobs,
                            fields.number_within("the number of jobs", 1, kJobsMost));
    ARARAT_ASSIGN_OR_RETURN(const std::int32_t resources,
                            fields.number_within("the number of resources", 0, kResourcesMost));
    ARARAT_RETURN_IF_ERROR(read_capacities(fields, resources, project));
    for (std::int32_t job = 0; job < jobs; ++job) {
        ARARAT_ASSIGN_OR_RETURN(Mode mode, read_mode(fields, resources));
        project.activities.push_back({{std::move(mode)}});
        ARARAT_RETURN_IF_ERROR(read_successors(fields, job, jobs, project));
    }
    ARARAT_RETURN_IF_ERROR(expect_end(fields));
    return project;
}

}  // namespace ararat::bench
