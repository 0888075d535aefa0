// The agent: glues the core's decisions to the journal, the supervisors, the orchestrator's stream and the
// data channel. One loop owns all state; everything else posts to its inbox.
//
// The loop: collect what happened; let the core decide; make the records of the whole batch durable with one
// fsync; do the actions. Nothing is done or said before its record is on disk.
//
// Thread promise: run() is the loop; stop() from any thread, and from signal handlers' threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/config.h"
#include "agent/core/agent_core.h"
#include "agent/journal_file.h"
#include "agent/link.h"
#include "agent/output_streams.h"
#include "agent/step_watch.h"
#include "agent/supervisor_calls.h"
#include "base/result.h"
#include "channel/endpoint.h"
#include "platform/clock.h"

namespace ararat::agent {

// A journal larger than this, and than twice its size when it was last compacted, is compacted.
inline constexpr std::uint64_t kCompactAboveBytes = std::uint64_t{4} << 20U;

class Agent {
public:
    // Opens the journal and asks what became of what an earlier process had started. Errors: identity or
    // configuration that cannot be used, a damaged journal, another agent on the same journal.
    [[nodiscard]] static Result<std::unique_ptr<Agent>> open(const AgentConfig& config);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // Until stop(). Running steps go on without the agent.
    [[nodiscard]] Result<void> run();
    void stop();

private:
    struct Parts;
    explicit Agent(Parts parts);

    void post(std::function<void()> event);
    // As post(), but waits while the inbox is full: then gRPC holds back what the orchestrator sends.
    void post_when_room(std::function<void()> event);
    void wake();
    void take_inbox();
    void take_step_changes();
    void take(Decision decision) { pending_.append(std::move(decision)); }
    void settle();
    // False: there is no room for them, and what follows from them waits.
    [[nodiscard]] bool write_down(const std::vector<JournalRecord>& records);
    void note_no_room(const Error& error);
    void tell_trouble(const std::string& trouble);
    void heartbeat(Duration now);
    void perform(const Action& action);

    void on_open(std::uint64_t stream, const std::string& orchestrator);
    void on_message(v1::OrchestratorMessage message);
    void on_closed(const std::string& why);
    void on_welcome(const v1::Welcome& welcome, Duration now);
    void on_start_step(v1::StartStep command);
    void on_open_ticket(const v1::OpenTicket& message);
    void on_supervisor(const std::string& key, SupervisorCall call, const Result<AttemptReport>& report);
    void on_report(const std::string& key, const AttemptReport& report);
    void look_at(const std::string& key);
    void look_at_running();
    void look_for_expected_bytes(const std::string& key);
    void ask_again();
    void on_progress(const channel::ChannelProgress& progress);
    void on_second();
    void compact_if_large();
    void forget_shipped_files();
    void refuse(const v1::StartStep& command, const Error& error);

    AgentConfig config_;
    std::string host_;
    Instant certificate_ends_;
    std::string steps_root_;
    platform::SystemClock clock_;
    AgentCore core_;
    JournalFile journal_;
    StepWatch watch_;
    std::unique_ptr<Link> link_;
    std::unique_ptr<OutputStreams> outputs_;
    std::unique_ptr<channel::Endpoint> endpoint_;
    std::unique_ptr<SupervisorCalls> supervisors_;

    // Of an earlier process, and not looked at well yet: only these may turn out never to have been started.
    std::set<std::string> unchecked_;
    // Calls that failed on this host; asked again every second, for nothing follows from a failure.
    std::set<std::pair<SupervisorCall, std::string>> ask_again_;
    std::set<std::string> settling_;

    // What each channel will have carried at the end of the step that uses it, by run and channel.
    std::map<std::pair<std::string, std::string>, std::uint64_t> bytes_total_;
    std::set<std::string> expectations_read_;  // of these attempts

    std::uint64_t compact_above_ = kCompactAboveBytes;
    Decision pending_;
    // It had no room for the records in `pending_`.
    bool journal_is_full_ = false;
    Duration no_room_at_{0};  // when room was last found wanting
    std::string trouble_;     // what people are told of it
    Duration try_again_at_{0};
    Duration try_again_pause_{0};
    // Shipped bytes of commands whose start is in `pending_`.
    std::map<std::string, std::vector<ShippedBytes>> shipped_;
    std::string orchestrator_;  // the one that the present stream goes to
    std::uint64_t stream_ = 0;  // its number
    bool welcomed_ = false;
    Duration heard_at_{0};
    Duration lease_{0};
    Duration next_heartbeat_{0};

    platform::UniqueFd wake_fd_;
    std::mutex mutex_;
    std::condition_variable taken_;
    std::deque<std::function<void()>> inbox_;
    std::atomic<bool> stopping_{false};
};

}  // namespace ararat::agent
