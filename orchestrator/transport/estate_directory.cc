#include "transport/estate_directory.h"

#include <utility>

#include "model/ssh_jumps.h"

namespace ararat::transport {

std::string capability_of(Verb verb) {
    switch (verb) {
        case Verb::kRun: return "verb.run";
        case Verb::kService: return "verb.service";
        case Verb::kHttpProbe: return "verb.http-probe";
        case Verb::kTcpProbe: return "verb.tcp-probe";
        case Verb::kWriteFile: return "verb.write-file";
        case Verb::kRestoreFile: return "verb.restore-file";
        case Verb::kCopyTree: return "verb.copy-tree";
        case Verb::kVerifyTree: return "verb.verify-tree";
        case Verb::kFacts: return "verb.facts";
        case Verb::kPowerOff: return "verb.power-off";
    }
    return "verb.unknown";
}

std::string capability_of(ChannelKind kind) {
    switch (kind) {
        case ChannelKind::kTree: return "channel.tree";
        case ChannelKind::kSocket: return "channel.socket";
    }
    return "channel.unknown";
}

void EstateDirectory::follow(const CompiledPlan& plan) {
    std::map<HostId, std::set<std::string>> required;
    for (const Task& task : plan.tasks) {
        for (const auto* operation : {&task.check, &task.perform, &task.probe, &task.undo, &task.verify}) {
            if (operation->has_value()) required[task.executor].insert(capability_of((*operation)->verb));
        }
    }
    for (const Channel& channel : plan.channels) {
        required[channel.source].insert(capability_of(channel.kind));
        required[channel.target].insert(capability_of(channel.kind));
    }
    const std::lock_guard lock(mutex_);
    for (const EstateHost& host : plan.hosts) hosts_[host.id] = host;
    required_ = std::move(required);
}

std::optional<EstateHost> EstateDirectory::host(const HostId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = hosts_.find(id);
    if (found == hosts_.end()) return std::nullopt;
    return found->second;
}

std::vector<EstateHost> EstateDirectory::jumps_to(const HostId& id) const {
    const std::lock_guard lock(mutex_);
    const auto find = [this](const HostId& host) {
        const auto found = hosts_.find(host);
        return found == hosts_.end() ? nullptr : &found->second;
    };
    const EstateHost* host = find(id);
    return host == nullptr ? std::vector<EstateHost>{} : ssh_jumps_to(*host, find);
}

std::vector<std::string> EstateDirectory::required_capabilities(const HostId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = required_.find(id);
    if (found == required_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

std::vector<EstateHost> EstateDirectory::hosts() const {
    const std::lock_guard lock(mutex_);
    std::vector<EstateHost> hosts;
    hosts.reserve(hosts_.size());
    for (const auto& [id, host] : hosts_) hosts.push_back(host);
    return hosts;
}

}  // namespace ararat::transport
