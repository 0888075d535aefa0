// Waves: where each stands, and starting one.
#include <variant>

#include "server/methods.h"
#include "server/views.h"

namespace ararat::server {
namespace {

constexpr std::size_t kReasonBytesMax = 4096;

Result<v1::ListWavesResponse> list_waves(const ControlDeps& deps) {
    return deps.engine->read([](const EngineView& engine) {
        v1::ListWavesResponse response;
        if (!engine.state.plan) return response;
        const CompiledPlan& plan = *engine.state.plan;
        for (const Wave& wave : plan.waves) {
            *response.add_waves() = wave_view(engine.state, plan, wave, engine.now);
        }
        return response;
    });
}

Result<v1::StartWaveResponse> start_wave(const ControlDeps& deps, const Caller& caller,
                                         const v1::StartWaveRequest& request) {
    ARARAT_RETURN_IF_ERROR(require_id("wave", request.wave()));
    ARARAT_RETURN_IF_ERROR(require_text("reason", request.reason(), kReasonBytesMax));
    ARARAT_RETURN_IF_ERROR(deps.room_for_runs());
    ARARAT_ASSIGN_OR_RETURN(const Committed committed, deps.engine->submit(execution::StartWave{
                                                           caller.principal, WaveId(request.wave()),
                                                           request.ignore_window(), request.reason()}));
    v1::StartWaveResponse response;
    for (const execution::RecordBody& body : committed.records) {
        if (const auto* started = std::get_if<execution::RunStarted>(&body))
            response.set_run(started->run.str());
    }
    return response;
}

}  // namespace

void add_wave_methods(MethodTable& table, const ControlDeps& deps) {
    table.add<v1::ListWavesRequest, v1::ListWavesResponse>(
        "ListWaves", [deps](const Caller&, const auto&) { return list_waves(deps); });
    table.add<v1::StartWaveRequest, v1::StartWaveResponse>(
        "StartWave",
        [deps](const Caller& caller, const auto& request) { return start_wave(deps, caller, request); });
}

}  // namespace ararat::server
