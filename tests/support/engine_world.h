// The engine's loop without a network or a disk: inputs go in, records are applied at once, effects are
// collected for the test to take.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "execution/engine_core.h"
#include "tests/support/plan_text.h"

namespace ararat::testing {

class EngineWorld {
public:
    // Epoch 1 is recorded; no plan yet.
    EngineWorld();

    // Applies the plan as its author and starts wave `wave` as "ann".
    void apply_plan(const std::string& plan_text);
    void apply_plan(const CompiledPlan& plan);
    void start(const std::string& wave, bool ignore_window = false);

    // decide, apply, schedule until nothing comes, collect effects and replies.
    Result<void> give(const execution::Input& input);
    void tick(Duration later = Duration{0});
    // A record that no input makes.
    void give_record(execution::RecordBody body);

    // The hosts come up with journal ids of their own; what they say keeps connectivity true.
    void up(const std::string& host, const std::string& journal_id = "");
    void down(const std::string& host);

    // The attempt of this task that is out ends so.
    Result<void> finish(const std::string& task, execution::Outcome outcome, bool already = false,
                        std::map<std::string, std::string> outputs = {}, Duration took = Duration{5});
    Result<void> succeed(const std::string& task) { return finish(task, execution::Outcome::kSucceeded); }
    Result<void> fail(const std::string& task) { return finish(task, execution::Outcome::kFailed); }

    Result<void> retry(const std::string& task, const std::string& by = "ann");
    Result<void> skip(const std::string& task, const std::string& by = "ann");
    Result<void> back_out(const std::string& group = "", const std::string& by = "ann");
    Result<void> go(const std::string& group = "", const std::string& reason = "it will do");
    Result<void> control(execution::RunAction action, const std::string& by = "ann");
    Result<void> decide_gate(const std::string& wave, const std::string& gate, const std::string& by,
                             std::set<std::string> roles, bool granted = true);

    // Of the newest run.
    [[nodiscard]] const execution::Run& run() const;
    [[nodiscard]] TaskState task(const std::string& name) const;
    [[nodiscard]] GroupState group(const std::string& name) const;
    [[nodiscard]] execution::AttemptKey key(const std::string& task) const;
    [[nodiscard]] std::vector<std::string> why(const std::string& task) const;
    [[nodiscard]] std::string group_reason(const std::string& name) const;
    [[nodiscard]] bool is_out(const std::string& task) const;

    // Names of tasks whose commands left since the last call, in order: "a", "a:undo", "a:probe".
    std::vector<std::string> take_commands();
    std::vector<std::string> take_effects();
    std::vector<std::string> take_records();

    // The same state, made anew from the journal: restart equivalence.
    [[nodiscard]] std::string replayed_fingerprint() const;

    execution::State state;
    execution::Connectivity connectivity;
    Instant now = kTestStart;
    std::vector<execution::Record> journal;
    std::vector<execution::Effect> effects;
    std::map<Hash, CompiledPlanPtr> plans;  // every revision that was ever applied, as the store keeps them

private:
    void commit(std::vector<execution::RecordBody> bodies);
    void settle();

    std::size_t records_taken_ = 0;
};

[[nodiscard]] execution::Principal person(const std::string& name, const std::set<std::string>& roles = {});

}  // namespace ararat::testing
