#include "model/compiled_plan.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "base/sha256.h"
#include "model/ssh_jumps.h"

namespace ararat {
namespace {

constexpr std::uint64_t kHasJump = 16;

// Canonical bytes: numbers as 8 bytes, most significant first; texts with their length before them;
// lists and mappings with their count; optional values with 0 or 1 before them. No two different values
// have the same bytes.
class CanonicalBytes {
public:
    explicit CanonicalBytes(std::string_view what) {
        bytes_.reserve(2048);  // what most tasks take: there may be a million of them
        text(what);
    }

    void number(std::uint64_t value) {
        std::array<char, 8> bytes{};
        for (std::size_t i = bytes.size(); i-- > 0; value >>= 8U) {
            bytes[i] = static_cast<char>(value & 0xffU);
        }
        bytes_.append(bytes.data(), bytes.size());
    }
    void text(std::string_view value) {
        number(value.size());
        bytes_ += value;
    }
    void add(const std::string& value) { text(value); }
    void add(bool value) { number(value ? 1 : 0); }
    void add(int value) { number(static_cast<std::uint64_t>(static_cast<std::int64_t>(value))); }
    void add(std::uint16_t value) { number(value); }
    void add(std::uint64_t value) { number(value); }
    void add(Duration value) { number(static_cast<std::uint64_t>(value.count())); }
    void add(Instant value) { number(static_cast<std::uint64_t>(to_unix_ms(value))); }
    template <typename Enum, std::enable_if_t<std::is_enum_v<Enum>, int> = 0>
    void add(Enum value) {
        number(static_cast<std::uint64_t>(value));
    }
    template <typename Tag>
    void add(const StrongId<Tag>& id) {
        text(id.str());
    }
    template <typename T>
    void add(const std::vector<T>& values) {
        number(values.size());
        for (const T& value : values) add(value);
    }
    template <typename K, typename V>
    void add(const std::map<K, V>& values) {
        number(values.size());
        for (const auto& [key, value] : values) {
            add(key);
            add(value);
        }
    }
    template <typename T>
    void add(const Boxed<T>& value) {
        number(value.has_value() ? 1 : 0);
        if (value) add(*value);
    }
    void add(const Operation& operation) {
        add(operation.verb);
        add(operation.argv);
        add(operation.fields);
        add(operation.environment);
        add(operation.until.every);
        add(operation.until.within);
        add(operation.expect.exit_code);
        add(operation.expect.output_equals);
        add(operation.expect.output_contains);
        add(operation.timeout);
    }
    void add(const ShippedFile& file) {
        add(file.name);
        add(file.sha256);
    }
    void add(const RetryPolicy& retry) {
        add(retry.attempts_max);
        add(retry.backoff_first);
        add(retry.backoff_max);
    }
    void add(const EstateHost& host) {
        add(host.id);
        add(host.site);
        add(host.address);
        // Plans without jump hosts keep the bytes, and so the hash, that they had before there were any: the
        // number that says how the host is driven also says whether one follows.
        number(static_cast<std::uint64_t>(host.via) + (host.ssh_jump.empty() ? 0 : kHasJump));
        add(host.ssh_user);
        add(host.ssh_port);
        add(host.proxy);
        if (!host.ssh_jump.empty()) add(host.ssh_jump);
    }
    void add(const Channel& channel) {
        add(channel.id);
        add(channel.kind);
        add(channel.source);
        add(channel.target);
        add(channel.path);
        add(channel.expose);
        add(channel.expose_owner);
        add(channel.listen);
        add(channel.bytes_per_second_max);
    }
    void add(const Gate& gate) {
        add(gate.id);
        add(gate.roles);
        add(gate.all);
    }
    // Without the reasons, which are words for people.
    void add(const MoveGroup& group) {
        add(group.id);
        add(group.wave);
        add(group.applications);
    }

    [[nodiscard]] Hash hash() const { return Hash(sha256_hex(bytes_)); }

private:
    std::string bytes_;
};

// The estate by id, and each wave's tasks: looked up once a wave, however many waves there are.
struct PlanIndex {
    std::unordered_map<HostId, const EstateHost*> hosts;
    std::unordered_map<ChannelId, const Channel*> channels;
    std::unordered_map<GateId, const Gate*> gates;
    std::unordered_map<WaveId, std::vector<const Task*>> tasks;
    std::unordered_map<WaveId, std::vector<const MoveGroup*>> groups;
};

PlanIndex index_of(const CompiledPlan& plan) {
    PlanIndex index;
    for (const EstateHost& host : plan.hosts) index.hosts[host.id] = &host;
    for (const Channel& channel : plan.channels) index.channels[channel.id] = &channel;
    for (const Gate& gate : plan.gates) index.gates[gate.id] = &gate;
    for (const Task& task : plan.tasks) index.tasks[task.wave].push_back(&task);
    for (const MoveGroup& group : plan.groups) index.groups[group.wave].push_back(&group);
    return index;
}

// What one wave uses of the estate: an approval covers it too. Ids sorted, each once; they stay the tasks'
// own.
struct WaveUse {
    std::vector<const HostId*> hosts;
    std::vector<const ChannelId*> channels;
    std::vector<const GateId*> gates;
};

template <typename Id>
void sort_once(std::vector<const Id*>& ids) {
    std::sort(ids.begin(), ids.end(), [](const Id* a, const Id* b) { return *a < *b; });
    const auto same = [](const Id* a, const Id* b) { return *a == *b; };
    ids.erase(std::unique(ids.begin(), ids.end(), same), ids.end());
}

WaveUse use_of(const std::vector<const Task*>& tasks) {
    WaveUse use;
    for (const Task* task : tasks) {
        for (const HostId* host : {&task->source, &task->target, &task->executor}) use.hosts.push_back(host);
        for (const ChannelId& channel : task->opens) use.channels.push_back(&channel);
        for (const ChannelId& channel : task->closes) use.channels.push_back(&channel);
        use.gates.push_back(&task->gate);
    }
    sort_once(use.hosts);
    sort_once(use.channels);
    sort_once(use.gates);
    return use;
}

template <typename T, typename Id>
void add_used(CanonicalBytes& bytes, const std::unordered_map<Id, const T*>& all,
              const std::vector<const Id*>& used) {
    for (const Id* id : used) {
        if (const auto entry = all.find(*id); entry != all.end()) bytes.add(*entry->second);
    }
}

// As a mapping from id to hash.
void add_tasks(CanonicalBytes& bytes, std::vector<const Task*> tasks) {
    std::sort(tasks.begin(), tasks.end(), [](const Task* a, const Task* b) { return a->id < b->id; });
    bytes.number(tasks.size());
    for (const Task* task : tasks) {
        bytes.add(task->id);
        bytes.add(hash_of(*task));
    }
}

// Whoever stands on the way to a host sees to it that the commands arrive.
void add_jumps(const PlanIndex& index, std::vector<const HostId*>& hosts) {
    const auto find = [&](const HostId& id) {
        const auto found = index.hosts.find(id);
        return found == index.hosts.end() ? nullptr : found->second;
    };
    std::vector<const HostId*> jumps;
    for (const HostId* id : hosts) {
        const EstateHost* host = find(*id);
        if (host == nullptr || host->ssh_jump.empty()) continue;
        // The index's own, which stay.
        for (const EstateHost& jump : ssh_jumps_to(*host, find)) jumps.push_back(&find(jump.id)->id);
    }
    if (jumps.empty()) return;
    hosts.insert(hosts.end(), jumps.begin(), jumps.end());
    sort_once(hosts);
}

Hash subtree_of(PlanIndex& index, const Wave& wave) {
    const std::vector<const Task*>& tasks = index.tasks[wave.id];
    WaveUse use = use_of(tasks);
    add_jumps(index, use.hosts);
    CanonicalBytes bytes("ararat wave v1");
    bytes.add(wave.id);
    bytes.add(wave.window_start);
    bytes.add(wave.window_end);
    bytes.add(wave.latest_start);
    bytes.add(wave.start_auto);
    bytes.add(wave.groups);
    bytes.add(wave.after);
    add_tasks(bytes, tasks);
    for (const MoveGroup* group : index.groups[wave.id]) bytes.add(*group);
    add_used(bytes, index.hosts, use.hosts);
    add_used(bytes, index.channels, use.channels);
    add_used(bytes, index.gates, use.gates);
    return bytes.hash();
}

}  // namespace

Hash hash_of(const Task& task) {
    CanonicalBytes bytes("ararat task v1");
    bytes.add(task.id);
    bytes.add(task.kind);
    bytes.add(task.application);
    bytes.add(task.component);
    bytes.add(task.step);
    bytes.add(task.action);
    bytes.add(task.action_class);
    bytes.add(task.phase);
    bytes.add(task.guard);
    bytes.add(task.wave);
    bytes.add(task.group);
    bytes.add(task.source);
    bytes.add(task.target);
    bytes.add(task.executor);
    bytes.add(task.check);
    bytes.add(task.perform);
    bytes.add(task.probe);
    bytes.add(task.undo);
    bytes.add(task.verify);
    bytes.add(task.files);
    bytes.add(task.outputs);
    bytes.add(task.after);
    bytes.add(task.opens);
    bytes.add(task.closes);
    bytes.add(task.retry);
    bytes.add(task.point_of_no_return);
    bytes.add(task.gate);
    bytes.add(task.text);
    bytes.add(task.soak);
    // Only where they say something: a plan that does not use them keeps the hash that it was approved under.
    const bool speaks_of_time = task.expected != Duration{0} || task.undo_expected != Duration{0} ||
                                task.when_late != WhenLate::kHold;
    if (speaks_of_time) {
        bytes.add(task.expected);
        bytes.add(task.undo_expected);
        bytes.add(task.when_late);
    }
    return bytes.hash();
}

void seal(CompiledPlan& plan) {
    CanonicalBytes bytes("ararat plan v1");
    bytes.add(plan.project);
    bytes.add(plan.timezone);
    bytes.number(plan.waves.size());
    PlanIndex index = index_of(plan);
    for (Wave& wave : plan.waves) {
        wave.subtree = subtree_of(index, wave);
        bytes.add(wave.subtree);
    }
    bytes.add(plan.hosts);
    bytes.add(plan.channels);
    bytes.add(plan.gates);
    bytes.add(plan.groups);
    plan.hash = bytes.hash();
}

}  // namespace ararat
