// Holds back the word to hosts that a result is recorded, and that they may forget it, until the output that
// came before it is on the disk: many at a time, and not on the engine's thread. Owner: the orchestrator's
// wiring. Thread promise: any thread; dispatch() is the engine's, flush() a timer's.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "execution/effect.h"
#include "server/log_store.h"

namespace ararat::server {

class Acknowledger {
public:
    using Send = std::function<void(const std::vector<execution::Effect>&)>;
    Acknowledger(LogStore& logs, Send send) : logs_(logs), send_(std::move(send)) {}

    // Sends all but the acknowledgements at once.
    void dispatch(const std::vector<execution::Effect>& effects) {
        std::vector<execution::Effect> others;
        {
            const std::lock_guard lock(mutex_);
            for (const execution::Effect& effect : effects) {
                const bool held = std::holds_alternative<execution::AcknowledgeResult>(effect);
                (held ? held_ : others).push_back(effect);
            }
        }
        if (!others.empty()) send_(others);
    }
    // What is never flushed is asked for again: a host repeats its result until it hears.
    void flush() {
        std::vector<execution::Effect> effects;
        {
            const std::lock_guard lock(mutex_);
            effects.swap(held_);
        }
        if (effects.empty()) return;
        std::vector<execution::AttemptKey> keys;
        for (const execution::Effect& effect : effects) {
            keys.push_back(std::get<execution::AcknowledgeResult>(effect).key);
        }
        logs_.sync(keys);
        send_(effects);
    }

private:
    LogStore& logs_;
    Send send_;
    std::mutex mutex_;
    std::vector<execution::Effect> held_;
};

}  // namespace ararat::server
