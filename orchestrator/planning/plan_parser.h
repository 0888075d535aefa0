// From the text of plan files, runbooks and actions to a checked Plan. Pure: whoever calls it has read
// the files. Every fault is reported at once, sorted by place; a Plan with faults must not be used
// for anything but showing it.
// Thread promise: functions of their arguments; no shared state.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/instant.h"
#include "model/plan.h"
#include "planning/diagnostic.h"

namespace ararat::planning {

struct SourceFile {
    std::string name;  // as shown to people, with '/' between its parts: "plans/demo/plan.yaml"
    std::string text;
};

struct PlanSources {
    std::vector<SourceFile> plans;     // one document, or several that are merged
    std::vector<SourceFile> runbooks;  // plans/runbooks/NAME.yaml
    std::vector<SourceFile> actions;   // plans/actions/NAME/action.yaml
    // What stands beside each action.yaml: action -> file name -> bytes.
    std::map<std::string, std::map<std::string, std::string>> action_files;
    // The symbolic links there, which are not shipped: action -> name -> the path that it ends at.
    std::map<std::string, std::map<std::string, std::string>> action_links;
    // The iCalendar files that plan files import: plan file's name -> path as written there -> the file.
    std::map<std::string, std::map<std::string, SourceFile>> calendars;
    // What could not be read, at the place that asks for it; reported with the others.
    std::vector<Diagnostic> faults;
};

struct ParseOptions {
    Instant as_of;                                         // "now" in windows relative to now
    std::size_t bytes_max = std::size_t{8} * 1024 * 1024;  // of one file
};

struct ParseOutcome {
    Plan plan;
    std::vector<Diagnostic> diagnostics;
    [[nodiscard]] bool ok() const { return diagnostics.empty(); }
};

[[nodiscard]] ParseOutcome parse_plan(const PlanSources& sources, const ParseOptions& options);

// A file or directory that a plan file includes, relative to the folder it stands in.
struct Include {
    std::string path;
    SourcePlace place;
    friend bool operator==(const Include&, const Include&) = default;
};

// For the caller to read. Faulty entries are left out here; parse_plan reports them.
[[nodiscard]] std::vector<Include> includes_of(const SourceFile& file);

// The iCalendar files that a plan file's calendars import, likewise.
[[nodiscard]] std::vector<Include> imports_of(const SourceFile& file);

}  // namespace ararat::planning
