#include "server/effect_order.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <variant>

namespace ararat::server {

std::vector<execution::Effect> in_order(std::vector<execution::Effect> effects,
                                        std::vector<execution::Effect> replies) {
    std::set<execution::AttemptKey> sent;
    for (const execution::Effect& effect : effects) {
        if (const auto* command = std::get_if<execution::Command>(&effect)) sent.insert(command->key);
    }
    std::vector<execution::Effect> ordered;
    const auto rest = std::ranges::stable_partition(
        replies, [](const auto& reply) { return std::holds_alternative<execution::CancelCommand>(reply); });
    std::move(replies.begin(), rest.begin(), std::back_inserter(ordered));
    std::ranges::move(effects, std::back_inserter(ordered));
    for (execution::Effect& reply : rest) {
        const auto* command = std::get_if<execution::Command>(&reply);
        if (!command || !sent.contains(command->key)) ordered.push_back(std::move(reply));
    }
    return ordered;
}

}  // namespace ararat::server
