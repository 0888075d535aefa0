#include "agent/agent.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/convert.h"
#include "agent/core/settle.h"
#include "agent/supervisor/attempt_folder.h"
#include "base/protocol.h"
#include "platform/fail_point.h"
#include "platform/files.h"
#include "platform/log.h"
#include "platform/notify.h"
#include "platform/pki.h"
#include "platform/process.h"

namespace ararat::agent {

namespace {

constexpr Duration kHeartbeatEvery{5'000};
constexpr std::size_t kInboxMax = 4096;
constexpr Duration kNoRoomPauseFirst{1'000};
constexpr Duration kNoRoomPauseMax{15'000};
constexpr Duration kNoRoomOver{3'000};

Result<Policy> load_policy(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return Policy();
        return platform::errno_error(errno, "stat", path);
    }
    // A list that others can write is nobody's.
    const bool is_ours = status.st_uid == 0 || status.st_uid == geteuid();
    if (!is_ours || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return Error{ErrorCode::kPermissionDenied,
                     "the allow-list must be root's, and writable by nobody else", path};
    }
    ARARAT_ASSIGN_OR_RETURN(const std::string text, platform::read_file(path, std::size_t{1} << 20U));
    auto policy = Policy::parse(text);
    if (!policy.ok()) return Error{policy.error().code, policy.error().message, path};
    return policy;
}

std::string own_program() {
    std::array<char, 4096> path{};
    const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
    return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size))
                    : "/usr/local/bin/ararat-agent";
}

}  // namespace

struct Agent::Parts {
    AgentConfig config;
    std::string certificate_pem, key_pem, ca_pem;
    platform::Identity identity;
    Instant certificate_ends;
    Policy policy;
    JournalFile::Opened journal;
    StepWatch watch;
};

Result<std::unique_ptr<Agent>> Agent::open(const AgentConfig& config) {
    ARARAT_ASSIGN_OR_RETURN(std::string certificate_pem, platform::read_file(config.certificate_file));
    ARARAT_ASSIGN_OR_RETURN(std::string key_pem, platform::read_file(config.key_file));
    ARARAT_ASSIGN_OR_RETURN(std::string ca_pem, platform::read_file(config.ca_file));
    ARARAT_ASSIGN_OR_RETURN(platform::Identity identity, platform::parse_identity(certificate_pem));
    if (identity.kind != platform::IdentityKind::kAgent) {
        return Error{ErrorCode::kInvalidArgument, platform::identity_uri(identity) + " is not an agent",
                     config.certificate_file};
    }
    ARARAT_ASSIGN_OR_RETURN(const Instant certificate_ends, platform::certificate_not_after(certificate_pem));
    ARARAT_ASSIGN_OR_RETURN(Policy policy, load_policy(config.allow_list));
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(config.data_dir, 0711));
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(platform::dir_of(config.socket), 0711));
    ARARAT_ASSIGN_OR_RETURN(JournalFile::Opened journal, JournalFile::open(config.data_dir + "/journal"));
    ARARAT_ASSIGN_OR_RETURN(StepWatch watch, StepWatch::make());
    std::unique_ptr<Agent> agent(new Agent(Parts{config, std::move(certificate_pem), std::move(key_pem),
                                                 std::move(ca_pem), std::move(identity), certificate_ends,
                                                 std::move(policy), std::move(journal), std::move(watch)}));
    if (!agent->wake_fd_.valid()) return platform::errno_error(errno, "eventfd");
    channel::EndpointOptions endpoint;
    endpoint.certificate_file = config.certificate_file;
    endpoint.key_file = config.key_file;
    endpoint.ca_file = config.ca_file;
    endpoint.listen_address = config.data_address;
    endpoint.listen_port = config.data_port;
    endpoint.local_socket = config.socket;
    endpoint.on_progress = [raw = agent.get()](const channel::ChannelProgress& progress) {
        raw->post([raw, progress] { raw->on_progress(progress); });
    };
    endpoint.on_event = [](const channel::ChannelEvent& event) {
        spdlog::info("channel {} {}: {}", event.key.run, event.key.channel, event.text);
    };
    ARARAT_ASSIGN_OR_RETURN(agent->endpoint_, channel::Endpoint::start(std::move(endpoint)));
    return agent;
}

Agent::Agent(Parts parts)
    : config_(std::move(parts.config)),
      host_(parts.identity.name),
      certificate_ends_(parts.certificate_ends),
      steps_root_(config_.data_dir + "/steps"),
      core_(CoreOptions{std::move(parts.policy)}),
      journal_(std::move(parts.journal.file)),
      watch_(std::move(parts.watch)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    for (const JournalRecord& record : parts.journal.records) core_.apply(record);
    if (parts.journal.torn_bytes > 0) {
        spdlog::warn("{} bytes of a torn last record were dropped from the journal",
                     parts.journal.torn_bytes);
    }
    LinkOptions link;
    link.orchestrators = config_.orchestrators;
    link.trust = {parts.ca_pem, {}, parts.identity.project};
    link.own = {parts.certificate_pem, parts.key_pem};
    link.events.on_open = [this](std::uint64_t stream, const std::string& orchestrator) {
        post([this, stream, orchestrator] { on_open(stream, orchestrator); });
    };
    link.events.on_message = [this](v1::OrchestratorMessage message) {
        post_when_room([this, moved = std::move(message)]() mutable { on_message(std::move(moved)); });
    };
    link.events.on_closed = [this](const std::string& why) { post([this, why] { on_closed(why); }); };
    link.events.on_drained = [this] { wake(); };
    link_ = std::make_unique<Link>(std::move(link));
    outputs_ = std::make_unique<OutputStreams>(
        steps_root_,
        OutputDestination{[this] { return welcomed_ && link_->has_room(); },
                          [this](v1::AgentMessage message) { link_->send(std::move(message)); }});
    const std::string self = own_program();
    SupervisorPlaces places{config_.supervisor, steps_root_, self, config_.socket};
    if (places.program.empty()) places.program = platform::dir_of(self) + "/ararat-supervisor";
    supervisors_ = std::make_unique<SupervisorCalls>(
        places, [this](const std::string& key, SupervisorCall call, Result<AttemptReport> report) {
            post([this, key, call, moved = std::move(report)] { on_supervisor(key, call, moved); });
        });
}

Agent::~Agent() {
    // Threads first: they post into what is destroyed after them.
    if (link_) link_->stop();
    if (endpoint_) endpoint_->stop();
    if (supervisors_) supervisors_->stop();
}

void Agent::post(std::function<void()> event) {
    {
        const std::lock_guard lock(mutex_);
        inbox_.push_back(std::move(event));
    }
    wake();
}

void Agent::post_when_room(std::function<void()> event) {
    {
        std::unique_lock lock(mutex_);
        taken_.wait(lock, [this] { return stopping_ || inbox_.size() < kInboxMax; });
        inbox_.push_back(std::move(event));
    }
    wake();
}

void Agent::wake() {
    const std::uint64_t one = 1;
    const ssize_t written = write(wake_fd_.get(), &one, sizeof one);
    (void)written;  // full means that a wake-up is waiting already
}

void Agent::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    taken_.notify_all();
    wake();
}

Result<void> Agent::run() {
    // Before the first hello: what it lists as known must be true.
    take(core_.recover());
    settle();
    forget_shipped_files();
    link_->start();
    spdlog::info("agent of {} runs, journal {}, {} steps under way, data channel on port {}", host_,
                 core_.journal_id(), core_.running().size(), endpoint_->port());
    Duration next_second = clock_.boottime();
    while (!stopping_) {
        std::array<pollfd, 2> polled{{{wake_fd_.get(), POLLIN, 0}, {watch_.fd(), POLLIN, 0}}};
        const Duration left = std::clamp(next_second - clock_.boottime(), Duration{0}, Duration{1'000});
        poll(polled.data(), polled.size(), static_cast<int>(left.count()));
        std::uint64_t count = 0;
        const ssize_t drained = read(wake_fd_.get(), &count, sizeof count);
        (void)drained;
        take_inbox();
        take_step_changes();
        if (clock_.boottime() >= next_second) {
            next_second = clock_.boottime() + Duration{1'000};
            on_second();
        }
        settle();
    }
    spdlog::info("stopping; {} steps go on without the agent", core_.running().size());
    return {};
}

// Every command brings the bytes it needs, so nothing is lost; and the place does not grow for ever.
void Agent::forget_shipped_files() {
    if (!core_.running().empty()) return;
    const auto removed = platform::remove_tree(config_.data_dir + "/files");
    if (!removed.ok()) spdlog::warn("shipped files: {}", removed.error().text());
}

void Agent::take_inbox() {
    std::deque<std::function<void()>> events;
    {
        const std::lock_guard lock(mutex_);
        events.swap(inbox_);
    }
    taken_.notify_all();
    for (const auto& event : events) event();
}

void Agent::settle() {
    const auto write = [this](const std::vector<JournalRecord>& records) { return write_down(records); };
    agent::settle(pending_, {write, [this](const Action& action) { perform(action); }});
    outputs_->pump();
    if (!journal_is_full_) compact_if_large();
}

bool Agent::write_down(const std::vector<JournalRecord>& records) {
    const Duration now = clock_.boottime();
    if (journal_is_full_ && now < try_again_at_) return false;
    const auto written = journal_.append(records);
    if (written.ok()) {
        journal_is_full_ = false;
        return true;
    }
    try_again_pause_ = journal_is_full_ ? std::min(2 * try_again_pause_, kNoRoomPauseMax) : kNoRoomPauseFirst;
    try_again_at_ = now + try_again_pause_;
    no_room_at_ = now;
    if (!std::exchange(journal_is_full_, true)) {
        tell_trouble("its journal cannot be written, so that nothing is begun and no result is told: " +
                     written.error().text());
    }
    return false;
}

// Of a call to a supervisor, which is made again every second.
void Agent::note_no_room(const Error& error) {
    no_room_at_ = clock_.boottime();
    if (trouble_.empty()) tell_trouble("a step can be neither begun nor ended: " + error.text());
}

void Agent::tell_trouble(const std::string& trouble) {
    trouble_ = trouble;
    if (trouble.empty()) {
        spdlog::info("there is room again");
        platform::notify_status(welcomed_ ? "connected to the orchestrator at " + orchestrator_
                                          : "not connected");
    } else {
        spdlog::error("alert: {}", trouble);
        platform::notify_status(trouble);
    }
    if (welcomed_) heartbeat(clock_.boottime());
}

void Agent::heartbeat(Duration now) {
    next_heartbeat_ = now + kHeartbeatEvery;
    v1::AgentMessage message;
    message.mutable_heartbeat()->set_sent_unix_ms(to_unix_ms(clock_.now()));
    message.mutable_heartbeat()->set_sequence(core_.sequence());
    message.mutable_heartbeat()->set_trouble(trouble_);
    link_->send(std::move(message));
}

void Agent::perform(const Action& action) {
    if (const auto* start = std::get_if<StartSupervisor>(&action)) {
        platform::fail_point("agent.started");
        auto files = shipped_.extract(start->spec.key);
        supervisors_->start(start->spec,
                            files.empty() ? std::vector<ShippedBytes>() : std::move(files.mapped()));
    } else if (const auto* cancel = std::get_if<CancelSupervisor>(&action)) {
        supervisors_->ask(SupervisorCall::kCancel, cancel->key);
    } else if (const auto* forget = std::get_if<ForgetSupervisor>(&action)) {
        outputs_->forget(forget->key);
        supervisors_->ask(SupervisorCall::kForget, forget->key);
    } else if (const auto* check = std::get_if<CheckSupervisor>(&action)) {
        unchecked_.insert(check->key);
        look_at(check->key);
    } else if (const auto* started = std::get_if<SendStarted>(&action)) {
        v1::AgentMessage message;
        *message.mutable_step_started()->mutable_key() = key_from_text(started->key);
        if (welcomed_) link_->send(std::move(message));
    } else if (const auto* finished = std::get_if<SendFinished>(&action)) {
        platform::fail_point("agent.finished");
        watch_.remove(finished->key);
        expectations_read_.erase(finished->key);
        outputs_->finish(finished->key, finished->result);
    }
}

void Agent::on_second() {
    const Duration now = clock_.boottime();
    look_at_running();
    ask_again();
    // What is said again would only pile up behind what waits.
    if (!journal_is_full_) take(core_.on_tick(now));
    if (!trouble_.empty() && !journal_is_full_ && now - no_room_at_ > kNoRoomOver) tell_trouble({});
    if (!welcomed_) return;
    if (now >= next_heartbeat_) heartbeat(now);
    if (lease_ > Duration{0} && now - heard_at_ > lease_)
        link_->drop("the orchestrator has been silent for longer than its lease");
}

void Agent::compact_if_large() {
    if (journal_.size() < compact_above_) return;
    const std::vector<JournalRecord> records = core_.snapshot();
    const std::uint64_t before = journal_.size();
    const auto rewritten = journal_.rewrite(records);
    // Twice what it needs: a state that is large by itself must not be written anew at every turn.
    compact_above_ = std::max(kCompactAboveBytes, 2 * journal_.size());
    if (!rewritten.ok())
        spdlog::warn("the journal could not be compacted: {}", rewritten.error().text());
    else
        spdlog::info("journal compacted from {} to {} bytes", before, journal_.size());
}

}  // namespace ararat::agent
