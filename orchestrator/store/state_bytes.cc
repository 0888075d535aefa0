#include "store/state_bytes.h"

#include <concepts>
#include <map>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/strong_id.h"

namespace ararat::store {
namespace {

using namespace execution;

template <typename T, typename U>
concept Like = std::same_as<std::remove_const_t<T>, U>;

// Each structure field by field; the binding names all of them, or does not compile.
template <typename Archive, Like<TaskProgress> T>
void fields(Archive& archive, T& value) {
    auto& [state, attempts, probes, undos, reason, outputs, not_kept, already, performed, before, done,
           confirmed, in_flight, attempts_base, undos_base, not_before, started_at, finished_at,
           finished_sequence] = value;
    archive(state, attempts, probes, undos, reason, outputs, not_kept, already, performed, before, done,
            confirmed, in_flight, attempts_base, undos_base, not_before, started_at, finished_at,
            finished_sequence);
}

template <typename Archive, Like<Ticket> T>
void fields(Archive& archive, T& value) {
    auto& [generation, active] = value;
    archive(generation, active);
}

template <typename Archive, Like<GroupCounts> T>
void fields(Archive& archive, T& value) {
    auto& [state, unfinished, forward, undo, pending, rested, unresolved, cutover_begun, cutover_unfinished,
           back_out, listed, starved, turned_back, undo_ready, undoing] = value;
    archive(state, unfinished, forward, undo, pending, rested, unresolved, cutover_begun, cutover_unfinished,
            back_out, starved, turned_back, undo_ready, undoing);
    static_cast<void>(listed);
}

// The graph is made anew of the plan, and the lists of groups.
template <typename Archive, Like<RunIndex> T>
void fields(Archive& archive, T& value) {
    auto& [graph, blockers, dependants_left, groups, pending, in_flight, open, due, groupless, restless,
           cutting_over] = value;
    archive(blockers, dependants_left, groups, pending, in_flight, open, due, groupless);
    static_cast<void>(graph);
    static_cast<void>(restless);
    static_cast<void>(cutting_over);
}

template <typename Archive, Like<LateReturn> T>
void fields(Archive& archive, T& value) {
    auto& [latest, back_out, window_end, task, answer, go, by, reason] = value;
    archive(latest, back_out, window_end, task, answer, go, by, reason);
}

template <typename Archive, Like<StepTimes> T>
void fields(Archive& archive, T& value) {
    auto& [forward, undo] = value;
    archive(forward, undo);
}

template <typename Archive, Like<Run> T>
void fields(Archive& archive, T& value) {
    auto& [id, wave, plan, status, started_by, reason, ignore_window, cancelling, one_step, started_at,
           ended_at, groups, group_reasons, tasks, tickets, held_in_back_out, late_returns, doubtful,
           held_for_clock, lacking, ends_without, index] = value;
    archive(id, wave, plan, status, started_by, reason, ignore_window, cancelling, one_step, started_at,
            ended_at, groups, group_reasons, tasks, tickets, held_in_back_out, late_returns, doubtful,
            held_for_clock, lacking, ends_without, index);
}

template <typename Archive, Like<GateDecision> T>
void fields(Archive& archive, T& value) {
    auto& [granted, by, comment, subtree, at] = value;
    archive(granted, by, comment, subtree, at);
}

template <typename Archive, Like<ClockJump> T>
void fields(Archive& archive, T& value) {
    auto& [by, at] = value;
    archive(by, at);
}

template <typename Archive, Like<HostState> T>
void fields(Archive& archive, T& value) {
    auto& [journal_id, quarantined, in_flight] = value;
    archive(journal_id, quarantined, in_flight);
}

// The plans first: what follows points at them.
template <typename Archive, Like<State> T>
void fields(Archive& archive, T& value) {
    auto& [sequence, epoch, epoch_at, project, plan, plans, runs, moved, decisions, hosts, subtree_authors,
           count_floor, loss_epoch, loss_at, times, boot_id, booted_at, clock_jump, active_runs] = value;
    archive.plans(plans);
    archive(sequence, epoch, epoch_at, project, plan, runs, moved, decisions, hosts, subtree_authors,
            count_floor, loss_epoch, loss_at, times, boot_id, booted_at, clock_jump, active_runs);
}

class Writer {
public:
    template <typename... T>
    void operator()(const T&... values) {
        (put(values), ...);
    }
    void plans(const std::map<Hash, CompiledPlanPtr>& plans) {
        put(std::uint64_t{plans.size()});
        for (const auto& each : plans) put(each.first);
    }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    // Seven bits a byte, the lowest first: most numbers here are small.
    template <typename T>
    requires std::integral<T> || std::is_enum_v<T>
    void put(T value) {
        auto left = static_cast<std::uint64_t>(value);
        for (; left >= 0x80U; left >>= 7U) bytes_ += static_cast<char>((left & 0x7fU) | 0x80U);
        bytes_ += static_cast<char>(left);
    }
    void put(const std::string& value) {
        put(std::uint64_t{value.size()});
        bytes_ += value;
    }
    void put(Instant value) { put(to_unix_ms(value)); }
    void put(Duration value) { put(std::int64_t{value.count()}); }
    void put(const CompiledPlanPtr& plan) { put(plan ? plan->hash : Hash{}); }
    template <typename Tag>
    void put(const StrongId<Tag>& value) {
        put(value.str());
    }
    template <typename T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <typename A, typename B>
    void put(const std::pair<A, B>& value) {
        put(value.first);
        put(value.second);
    }
    template <typename K, typename V>
    void put(const std::map<K, V>& values) {
        put_all(values);
    }
    template <typename T>
    void put(const std::set<T>& values) {
        put_all(values);
    }
    template <typename T>
    void put(const std::vector<T>& values) {
        put_all(values);
    }
    template <typename T>
    requires std::is_class_v<T>
    void put(const T& value) { fields(*this, value); }
    template <typename Container>
    void put_all(const Container& values) {
        put(std::uint64_t{values.size()});
        for (const auto& value : values) put(value);
    }

    std::string bytes_;
};

class Reader {
public:
    Reader(std::string_view bytes, const PlanLoader& load) : left_(bytes), load_(load) {}

    template <typename... T>
    void operator()(T&... values) {
        (get(values), ...);
    }
    void plans(std::map<Hash, CompiledPlanPtr>& plans) {
        for (std::uint64_t count = size(); count > 0 && !error_; --count) {
            Hash hash;
            get(hash);
            if (error_) return;
            auto plan = load_(hash);
            if (!plan) return fail(plan.error());
            plans.emplace(hash, *plan);
            plans_.emplace(hash, std::move(plan).value());
        }
    }
    [[nodiscard]] Result<void> finish() {
        if (!error_ && !left_.empty()) fail("is longer than its content");
        if (error_) return *error_;
        return {};
    }

private:
    void fail(Error error) {
        if (!error_) error_ = std::move(error);
        left_ = {};
    }
    void fail(const std::string& why) { fail(Error{ErrorCode::kDataLoss, why}); }

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (left_.empty()) break;
            const auto byte = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80U) return value;
        }
        fail("ends in the middle");
        return 0;
    }
    // Everything takes a byte at least: a count beyond what is left would only eat memory.
    std::uint64_t size() {
        const std::uint64_t value = number();
        if (value > left_.size()) {
            fail("ends in the middle");
            return 0;
        }
        return value;
    }

    template <typename T>
    requires std::integral<T> || std::is_enum_v<T>
    void get(T& value) { value = static_cast<T>(number()); }
    void get(std::string& value) {
        const std::uint64_t count = size();
        value.assign(left_.substr(0, count));
        left_.remove_prefix(count);
    }
    void get(Duration& value) { value = Duration(static_cast<std::int64_t>(number())); }
    void get(Instant& value) { value = from_unix_ms(static_cast<std::int64_t>(number())); }
    void get(CompiledPlanPtr& plan) {
        Hash hash;
        get(hash);
        if (hash.empty()) return;
        const auto found = plans_.find(hash);
        if (found == plans_.end()) return fail("names a plan that is not its own");
        plan = found->second;
    }
    template <typename Tag>
    void get(StrongId<Tag>& value) {
        std::string text;
        get(text);
        value = StrongId<Tag>(std::move(text));
    }
    template <typename T>
    void get(std::optional<T>& value) {
        bool there = false;
        get(there);
        if (there) get(value.emplace());
    }
    template <typename A, typename B>
    void get(std::pair<A, B>& value) {
        get(value.first);
        get(value.second);
    }
    template <typename K, typename V>
    void get(std::map<K, V>& values) {
        for (std::uint64_t count = size(); count > 0 && !error_; --count) {
            K key{};
            get(key);
            get(values.emplace_hint(values.end(), std::move(key), V{})->second);
        }
    }
    template <typename T>
    void get(std::set<T>& values) {
        for (std::uint64_t count = size(); count > 0 && !error_; --count) {
            T value{};
            get(value);
            values.insert(values.end(), std::move(value));
        }
    }
    template <typename T>
    void get(std::vector<T>& values) {
        for (std::uint64_t count = size(); count > 0 && !error_; --count) get(values.emplace_back());
    }
    template <typename T>
    requires std::is_class_v<T>
    void get(T& value) { fields(*this, value); }

    std::string_view left_;
    const PlanLoader& load_;
    std::map<Hash, CompiledPlanPtr> plans_;
    std::optional<Error> error_;
};

Result<void> make_graph(Run& run) {
    std::vector<MoveGroupId> groups;
    for (const auto& each : run.groups) groups.push_back(each.first);
    if (!run.plan) return Error{ErrorCode::kDataLoss, "has a run without a plan"};
    run.index.graph = make_run_graph(run.plan, run.wave, groups);
    const std::size_t tasks = run.index.graph->tasks.size();
    const bool fits = run.tasks.size() == tasks && run.index.blockers.size() == tasks &&
                      run.index.dependants_left.size() == tasks && run.index.groups.size() == groups.size();
    if (!fits) return Error{ErrorCode::kDataLoss, "does not fit the plan of run " + run.id.str()};
    list_groups(run.index);
    return {};
}

}  // namespace

std::string to_bytes(const execution::State& state) {
    Writer writer;
    fields(writer, state);
    return writer.take();
}

Result<execution::State> state_from_bytes(std::string_view bytes, const PlanLoader& load) {
    Reader reader(bytes, load);
    State state;
    fields(reader, state);
    ARARAT_RETURN_IF_ERROR(reader.finish());
    for (auto& [id, run] : state.runs) ARARAT_RETURN_IF_ERROR(make_graph(run));
    return state;
}

}  // namespace ararat::store
