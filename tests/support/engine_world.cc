#include "tests/support/engine_world.h"

#include "base/check.h"
#include "tests/support/record_text.h"

namespace ararat::testing {

using namespace execution;

Principal person(const std::string& name, const std::set<std::string>& roles) {
    Principal made{name, {}};
    for (const std::string& role : roles) made.roles.emplace(role);
    return made;
}

EngineWorld::EngineWorld() {
    state.project = ProjectId("exit");
    commit({EpochStarted{1, "test"}});
}

void EngineWorld::commit(std::vector<RecordBody> bodies) {
    for (RecordBody& body : bodies) {
        Record record{state.sequence + 1, now, std::move(body)};
        apply(state, record);
        journal.push_back(std::move(record));
    }
}

void EngineWorld::give_record(RecordBody body) { commit({std::move(body)}); }

void EngineWorld::settle() {
    for (int pass = 0; pass < 1000; ++pass) {
        std::vector<RecordBody> more = schedule(state, connectivity, now);
        if (more.empty()) return;
        commit(std::move(more));
    }
    ARARAT_CHECK(false, "schedule() never comes to rest");
}

Result<void> EngineWorld::give(const Input& input) {
    const std::size_t before = journal.size();
    auto bodies = decide(state, connectivity, input, now);
    if (bodies) {
        if (const auto* applied = std::get_if<ApplyPlan>(&input)) {
            state.plans.emplace(applied->plan->hash, applied->plan);
            plans.emplace(applied->plan->hash, applied->plan);
        }
        commit(std::move(bodies).value());
    }
    settle();
    const std::vector<Record> fresh(journal.begin() + static_cast<std::ptrdiff_t>(before), journal.end());
    for (Effect& effect : effects_of(state, fresh)) effects.push_back(std::move(effect));
    for (Effect& effect : replies_to(state, input)) effects.push_back(std::move(effect));
    if (!bodies) return bodies.error();
    return {};
}

void EngineWorld::tick(Duration later) {
    now += later;
    ARARAT_CHECK(give(Tick{}).ok(), "a tick is refused");
}

void EngineWorld::apply_plan(const CompiledPlan& plan) {
    const Hash base = state.plan ? state.plan->hash : Hash{};
    const auto applied =
        give(ApplyPlan{person(plan.author), std::make_shared<const CompiledPlan>(plan), base});
    ARARAT_CHECK(applied.ok(), applied.ok() ? "" : applied.error().message.c_str());
}

void EngineWorld::apply_plan(const std::string& plan_text) { apply_plan(parse_plan_text(plan_text)); }

void EngineWorld::start(const std::string& wave, bool ignore_window) {
    const auto started =
        give(StartWave{person("ann"), WaveId(wave), ignore_window, ignore_window ? "a rehearsal" : ""});
    ARARAT_CHECK(started.ok(), started.ok() ? "" : started.error().message.c_str());
}

void EngineWorld::up(const std::string& host, const std::string& journal_id) {
    const HostId id(host);
    connectivity.up[id] = "test";
    connectivity.down.erase(id);
    connectivity.since[id] = now;
    const auto taken = give(HostUp{id, journal_id.empty() ? "journal-" + host : journal_id, "test", {}});
    ARARAT_CHECK(taken.ok(), "a host is refused");
}

void EngineWorld::down(const std::string& host) {
    const HostId id(host);
    connectivity.up.erase(id);
    connectivity.down[id] = "gone";
    connectivity.since[id] = now;
    ARARAT_CHECK(give(HostDown{id, "gone"}).ok(), "a host's end is refused");
}

Result<void> EngineWorld::finish(const std::string& task, Outcome outcome, bool already,
                                 std::map<std::string, std::string> outputs, Duration took) {
    const AttemptKey out = key(task);
    HostId host;
    for (const Task& each : run().plan->tasks) {
        if (each.id == out.task) host = each.executor;
    }
    return give(StepFinished{host, out, outcome, already, outcome == Outcome::kSucceeded ? 0 : 1,
                             outcome == Outcome::kFailed ? "it broke" : "", std::move(outputs),
                             took.count()});
}

Result<void> EngineWorld::retry(const std::string& task, const std::string& by) {
    return give(RetryTask{person(by), run().id, TaskId(task), "again"});
}

Result<void> EngineWorld::skip(const std::string& task, const std::string& by) {
    return give(SkipTask{person(by), run().id, TaskId(task), "not needed"});
}

Result<void> EngineWorld::back_out(const std::string& group, const std::string& by) {
    BackOut input{person(by), run().id, {}, "enough"};
    if (!group.empty()) input.group = MoveGroupId(group);
    return give(input);
}

Result<void> EngineWorld::go(const std::string& group, const std::string& reason) {
    GiveGo input{person("ann"), run().id, {}, reason};
    if (!group.empty()) input.group = MoveGroupId(group);
    return give(input);
}

Result<void> EngineWorld::control(RunAction action, const std::string& by) {
    return give(ControlRun{person(by), run().id, action, "a reason"});
}

Result<void> EngineWorld::decide_gate(const std::string& wave, const std::string& gate, const std::string& by,
                                      std::set<std::string> roles, bool granted) {
    Hash subtree;
    for (const Wave& each : state.plan->waves) {
        if (each.id.str() == wave) subtree = each.subtree;
    }
    return give(
        DecideGate{person(by, roles), WaveId(wave), GateId(gate), granted, "", subtree, "sig", "cert"});
}

const Run& EngineWorld::run() const {
    const Run* newest = nullptr;
    for (const auto& [id, each] : state.runs) {
        const bool later =
            newest == nullptr || each.started_at > newest->started_at ||
            (each.started_at == newest->started_at && id.str().size() >= newest->id.str().size());
        if (later) newest = &each;
    }
    ARARAT_CHECK(newest != nullptr, "no run was started");
    return *newest;
}

TaskState EngineWorld::task(const std::string& name) const { return run().tasks.at(TaskId(name)).state; }

GroupState EngineWorld::group(const std::string& name) const { return run().groups.at(MoveGroupId(name)); }

std::string EngineWorld::group_reason(const std::string& name) const {
    return run().group_reasons.at(MoveGroupId(name));
}

bool EngineWorld::is_out(const std::string& task) const {
    return run().tasks.at(TaskId(task)).in_flight.has_value();
}

AttemptKey EngineWorld::key(const std::string& task) const {
    const TaskProgress& progress = run().tasks.at(TaskId(task));
    ARARAT_CHECK(progress.in_flight.has_value(), task.c_str());
    AttemptKey key{state.project, run().id, TaskId(task), *progress.in_flight, progress.attempts};
    if (key.purpose == Purpose::kProbe) key.attempt = progress.probes;
    if (key.purpose == Purpose::kUndo) key.attempt = progress.undos;
    return key;
}

std::vector<std::string> EngineWorld::why(const std::string& task) const {
    return execution::why(state, connectivity, run(), TaskId(task), now);
}

std::vector<std::string> EngineWorld::take_commands() {
    std::vector<std::string> names;
    for (const Effect& effect : effects) {
        const auto* command = std::get_if<Command>(&effect);
        if (command == nullptr) continue;
        const Purpose purpose = command->key.purpose;
        names.push_back(command->key.task.str() +
                        (purpose == Purpose::kForward ? "" : ":" + to_string(purpose)));
    }
    effects.clear();
    return names;
}

std::vector<std::string> EngineWorld::take_effects() {
    std::vector<std::string> lines;
    for (const Effect& effect : effects) lines.push_back(text_of(effect));
    effects.clear();
    return lines;
}

std::vector<std::string> EngineWorld::take_records() {
    std::vector<std::string> lines;
    for (; records_taken_ < journal.size(); ++records_taken_)
        lines.push_back(text_of(journal[records_taken_].body));
    return lines;
}

std::string EngineWorld::replayed_fingerprint() const {
    State replayed;
    replayed.project = state.project;
    for (const Record& record : journal) {
        const auto* applied = std::get_if<PlanApplied>(&record.body);
        if (applied != nullptr) replayed.plans.emplace(applied->hash, plans.at(applied->hash));
        apply(replayed, record);
    }
    return fingerprint(replayed);
}

}  // namespace ararat::testing
