// What verbs need around them in a test: a temporary place, what was printed, a way to cancel.
#pragma once

#include <sys/eventfd.h>

#include <string>

#include "agent/verbs/verb.h"
#include "platform/clock.h"
#include "platform/files.h"

namespace ararat::agent {

class VerbWorld {
public:
    VerbWorld();

    VerbResult perform(const Operation& operation);
    void cancel();

    [[nodiscard]] std::string path(const std::string& name) const { return place_.path() + "/" + name; }
    [[nodiscard]] const std::string& printed() const { return printed_; }
    [[nodiscard]] VerbContext& context() { return context_; }
    [[nodiscard]] Interrupt& interrupt() { return interrupt_; }
    void write(const std::string& name, const std::string& content, unsigned mode = 0644);
    [[nodiscard]] std::string read(const std::string& name) const;

private:
    platform::TemporaryDirectory place_;
    platform::UniqueFd cancel_fd_;
    platform::SystemClock clock_;
    Interrupt interrupt_;
    std::string printed_;
    VerbContext context_;
};

[[nodiscard]] Operation run_operation(std::vector<std::string> argv);
[[nodiscard]] Operation field_operation(Verb verb, std::map<std::string, std::string> fields);

}  // namespace ararat::agent
