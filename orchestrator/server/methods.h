// The handlers behind the unary methods of Control, grouped by what they are about.
// Owner: the orchestrator's wiring; what ControlDeps points to outlives the table.
// Thread promise: handlers may run on any thread, several at a time, and may wait for the engine.
#pragma once

#include <functional>
#include <string>

#include "platform/clock.h"
#include "server/engine.h"
#include "server/method_table.h"
#include "server/progress_board.h"
#include "server/upload_store.h"
#include "store/journal.h"
#include "store/registry.h"

namespace ararat::server {

// What people are told about this orchestrator, fixed while it runs.
struct About {
    ProjectId project;
    std::string version;
    std::string ca_pem;
    std::string enrol_address;
};

struct ControlDeps {
    About about;
    Engine* engine = nullptr;
    store::Journal* journal = nullptr;
    store::Registry* registry = nullptr;
    ProgressBoard* progress = nullptr;
    UploadStore* uploads = nullptr;
    platform::Clock* clock = nullptr;
    std::function<Result<void>()> room_for_runs;  // an error: why no run is started now
};

void add_plan_methods(MethodTable& table, const ControlDeps& deps);      // methods_plan.cc
void add_wave_methods(MethodTable& table, const ControlDeps& deps);      // methods_wave.cc
void add_run_methods(MethodTable& table, const ControlDeps& deps);       // methods_run.cc
void add_approval_methods(MethodTable& table, const ControlDeps& deps);  // methods_approval.cc
void add_host_methods(MethodTable& table, const ControlDeps& deps);      // methods_host.cc
void add_audit_methods(MethodTable& table, const ControlDeps& deps);     // methods_audit.cc

// All of them, and the streams' entries.
void add_control_methods(MethodTable& table, const ControlDeps& deps);

// Checks of fields; errors: invalid-argument, context: the field's path.
[[nodiscard]] Result<void> require_text(const char* field, const std::string& value, std::size_t length_max);
// Built of identifiers with '/', '@' and '.' between them.
[[nodiscard]] Result<void> require_id(const char* field, const std::string& value);

}  // namespace ararat::server
