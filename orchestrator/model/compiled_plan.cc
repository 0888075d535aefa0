#include "model/compiled_plan.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>

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
    explicit CanonicalBytes(std::string_view what) { text(what); }

    void number(std::uint64_t value) {
        for (int shift = 56; shift >= 0; shift -= 8) bytes_ += static_cast<char>((value >> shift) & 0xff);
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
    void add(const std::optional<T>& value) {
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
    std::map<HostId, const EstateHost*> hosts;
    std::map<ChannelId, const Channel*> channels;
    std::map<GateId, const Gate*> gates;
    std::map<WaveId, std::vector<const Task*>> tasks;
    std::map<WaveId, std::vector<const MoveGroup*>> groups;
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

// What one wave uses of the estate: an approval covers it too.
struct WaveUse {
    std::set<HostId> hosts;
    std::set<ChannelId> channels;
    std::set<GateId> gates;
    std::map<TaskId, Hash> tasks;
};

WaveUse use_of(const std::vector<const Task*>& tasks) {
    WaveUse use;
    for (const Task* task : tasks) {
        use.tasks[task->id] = hash_of(*task);
        for (const HostId& host : {task->source, task->target, task->executor}) use.hosts.insert(host);
        use.channels.insert(task->opens.begin(), task->opens.end());
        use.channels.insert(task->closes.begin(), task->closes.end());
        use.gates.insert(task->gate);
    }
    return use;
}

template <typename T, typename Id>
void add_used(CanonicalBytes& bytes, const std::map<Id, const T*>& all, const std::set<Id>& used) {
    for (const Id& id : used) {
        if (const auto entry = all.find(id); entry != all.end()) bytes.add(*entry->second);
    }
}

// Whoever stands on the way to a host sees to it that the commands arrive.
void add_jumps(const PlanIndex& index, std::set<HostId>& hosts) {
    const auto find = [&](const HostId& id) {
        const auto found = index.hosts.find(id);
        return found == index.hosts.end() ? nullptr : found->second;
    };
    std::set<HostId> jumps;
    for (const HostId& id : hosts) {
        const EstateHost* host = find(id);
        if (host == nullptr || host->ssh_jump.empty()) continue;
        for (const EstateHost& jump : ssh_jumps_to(*host, find)) jumps.insert(jump.id);
    }
    hosts.merge(jumps);
}

Hash subtree_of(PlanIndex& index, const Wave& wave) {
    WaveUse use = use_of(index.tasks[wave.id]);
    add_jumps(index, use.hosts);
    CanonicalBytes bytes("ararat wave v1");
    bytes.add(wave.id);
    bytes.add(wave.window_start);
    bytes.add(wave.window_end);
    bytes.add(wave.latest_start);
    bytes.add(wave.start_auto);
    bytes.add(wave.groups);
    bytes.add(wave.after);
    bytes.add(use.tasks);
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
