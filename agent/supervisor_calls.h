// Starting, cancelling and forgetting supervisors, off the agent's loop: a few threads take the calls in turn
// and hand back what came of them. The supervisor is another program on purpose: a process with threads is
// not a good one to fork a daemon from.
// Owner: the agent. Threads: its own; `done` is called from them and must only post.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "base/result.h"

namespace ararat::agent {

// The bytes of a shipped file.
struct ShippedBytes {
    std::string sha256;
    std::string content;
};

// What was asked. An error means: kStart, it was not started and will not be; of all others, nothing is known
// and nothing may be concluded.
enum class SupervisorCall {
    kStart,
    kNeverStart,  // a start that did not answer: it either runs by now, or it never will
    kSettle,      // its supervisor has gone
    kCancel,
    kForget,
};

struct SupervisorPlaces {
    std::string program;  // ararat-supervisor
    std::string steps_root;
    std::string rsh_program;  // this agent
    std::string socket;       // of the data channel, for rsh
    Duration start_timeout{30'000};
};

class SupervisorCalls {
public:
    using Done =
        std::function<void(const std::string& key, SupervisorCall call, Result<AttemptReport> report)>;

    SupervisorCalls(SupervisorPlaces places, Done done);
    ~SupervisorCalls();  // stop()
    SupervisorCalls(const SupervisorCalls&) = delete;
    SupervisorCalls& operator=(const SupervisorCalls&) = delete;

    void start(StepSpec spec, std::vector<ShippedBytes> files);
    // Any but kStart.
    void ask(SupervisorCall call, std::string key);
    // Finishes the call under way of each thread; what waits is left for the next process to ask about.
    void stop();

private:
    void work();
    void enqueue(std::function<void()> call);
    void start_now(const StepSpec& spec, const std::vector<ShippedBytes>& files);
    [[nodiscard]] Result<AttemptReport> run_start(const std::string& spec_bytes);
    [[nodiscard]] Result<AttemptReport> ask_now(SupervisorCall call, const std::string& key,
                                                const std::string& why = {}) const;
    [[nodiscard]] Result<void> place_files(const std::vector<ShippedBytes>& files) const;

    SupervisorPlaces places_;
    Done done_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> calls_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace ararat::agent
