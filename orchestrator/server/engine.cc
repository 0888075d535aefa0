#include "server/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <variant>

#include "base/units.h"
#include "platform/fail_point.h"
#include "platform/log.h"
#include "server/disk_failure.h"
#include "server/effect_order.h"

namespace ararat::server {
namespace {

constexpr Duration kTurnWaitMax{1'000};  // wall time may jump; windows are looked at again
constexpr std::size_t kScheduleRoundsMax = 100'000;
// More starts than there are between two backups: hosts may obey an epoch of the history that is lost.
constexpr std::uint64_t kEpochsLostMax = 1'000'000;

template <typename... Kinds>
bool holds_any(const execution::Input& input) {
    return (std::holds_alternative<Kinds>(input) || ...);
}

bool is_from_host(const execution::Input& input) {
    return holds_any<execution::HostUp, execution::HostDown, execution::HostTroubled, execution::StepStarted,
                     execution::StepFinished>(input);
}

// Points for tests that end the process at one moment of one step, however commits are batched:
// "engine.committed AttemptStarted share/tree/quiesce".
void fail_points_of(const char* moment, const std::vector<execution::Record>& records) {
    platform::fail_point(moment);
    if (!platform::fail_points_armed()) return;
    for (const execution::Record& record : records) {
        if (const auto* started = std::get_if<execution::AttemptStarted>(&record.body)) {
            platform::fail_point(fmt::format("{} AttemptStarted {}", moment, started->key.task.str()));
        } else if (const auto* finished = std::get_if<execution::AttemptFinished>(&record.body)) {
            platform::fail_point(fmt::format("{} AttemptFinished {}", moment, finished->key.task.str()));
        }
    }
}

bool is_disk_failure(const Error& error) {
    return error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kInternal;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::start(EngineOptions options) {
    ARARAT_ASSIGN_OR_RETURN(auto engine, idle(std::move(options)));
    engine->thread_ = std::thread([raw = engine.get()] { raw->run(); });
    return engine;
}

Result<std::unique_ptr<Engine>> Engine::idle(EngineOptions options) {
    std::unique_ptr<Engine> engine(new Engine(std::move(options)));
    ARARAT_RETURN_IF_ERROR(engine->open());
    engine->loss_epoch_ = engine->state_.loss_epoch;
    return engine;
}

Engine::~Engine() { stop(); }

Result<void> Engine::open() {
    ARARAT_ASSIGN_OR_RETURN(auto restored,
                            store::restore(*options_.journal, options_.project, snapshot_terms()));
    const std::string problem = restored.problem;
    take_up(std::move(restored));
    epoch_ = state_.epoch;
    read_clock();
    if (!problem.empty() && options_.damaged) options_.damaged(problem);
    if (!options_.read_only_reason.empty()) stop_writing(options_.read_only_reason);
    if (read_only_) return {};
    epoch_ += options_.history_lost ? kEpochsLostMax : 1;
    Turn turn;
    if (const Duration by = jump_while_away(); std::chrono::abs(by) >= kClockJumpMin) note_jump(turn, by);
    record(turn, execution::EpochStarted{epoch_, options_.version, options_.history_lost,
                                         options_.clock->boot_id(), booted_at_});
    if (const auto durable = commit(turn); !durable.ok()) {
        fall_back(turn, durable.error());
        epoch_ = state_.epoch;
        return {};
    }
    spdlog::info("epoch {} begins at journal record {}", epoch_, state_.sequence);
    return {};
}

void Engine::post(execution::Input input) {
    if (!inbox_.put_from_host(std::move(input))) spdlog::error("the engine's inbox is full or closed");
}

Result<Committed> Engine::submit(execution::Input input) {
    auto promise = std::make_shared<std::promise<Result<Committed>>>();
    auto future = promise->get_future();
    Submission submission{std::move(input),
                          [promise](Result<Committed> result) { promise->set_value(std::move(result)); }};
    if (!inbox_.put_from_people(std::move(submission))) {
        return inbox_.closed() ? Error{ErrorCode::kUnavailable, "the orchestrator stops"}
                               : Error{ErrorCode::kResourceExhausted, "too many requests wait: try again"};
    }
    if (future.wait_for(kSubmitTimeout) != std::future_status::ready) {
        return Error{ErrorCode::kDeadlineExceeded, "no answer in time: look whether it has happened"};
    }
    return future.get();
}

bool Engine::query(Query query) { return inbox_.put_from_people(std::move(query)); }

void Engine::stop() {
    inbox_.close();
    if (thread_.joinable()) {
        thread_.join();
        keep_snapshot(kSnapshotAtStop);
    }
    refuse_rest();
}

void Engine::run() {
    while (true) {
        auto batch = inbox_.take(wait_time());
        if (inbox_.closed() && batch.empty()) return;
        turn(std::move(batch));
    }
}

void Engine::turn(std::vector<Letter> batch) {
    const bool idle = batch.empty();
    Turn made = decide_batch(std::move(batch));
    if (const auto durable = commit(made); !durable.ok()) fall_back(made, durable.error());
    let_out(made);
    keep_snapshot(idle ? options_.snapshot_when_idle : kSnapshotAtLast);
}

// A snapshot that cannot be written is no harm, not even for damage where it stands: the journal has
// everything. But a disk that fails is one.
void Engine::keep_snapshot(std::uint64_t records) {
    if (options_.snapshot_key.empty() || read_only_) return;
    if (state_.sequence < snapshot_sequence_ + records) return;
    snapshot_sequence_ = state_.sequence;
    const store::ChainHead at = head();
    const auto kept =
        options_.journal->put_snapshot({at, store::seal_snapshot(state_, at, snapshot_terms())});
    if (kept.ok()) return spdlog::info("a snapshot of record {} is kept", at.sequence);
    if (kept.error().code == ErrorCode::kInternal) give_up(kept.error());
    spdlog::warn("no snapshot of record {}: {}", at.sequence, kept.error().text());
}

Duration Engine::wait_time() const {
    const Instant from = now();
    const auto due = read_only_ ? std::nullopt : execution::next_due(state_, from);
    if (!due) return kTurnWaitMax;
    return std::clamp(*due - from, Duration{0}, kTurnWaitMax);
}

Engine::Turn Engine::decide_batch(std::vector<Letter> batch) {
    Turn turn;
    read_clock();
    // Whatever came before it in the batch was decided on a history that is in doubt.
    for (const Letter& letter : batch) {
        if (const auto* stop = std::get_if<StopWriting>(&letter)) stop_writing(stop->why);
    }
    notice_clock_jump(turn);
    for (Letter& letter : batch) {
        if (auto* query = std::get_if<Query>(&letter)) {
            turn.queries.push_back(std::move(*query));
        } else if (auto* submission = std::get_if<Submission>(&letter)) {
            decide_one(turn, std::move(*submission));
        }
    }
    if (!read_only_) schedule_all(turn);
    return turn;
}

void Engine::decide_one(Turn& turn, Submission submission) {
    note_connection(submission.input);
    if (read_only_) {
        if (submission.reply) {
            turn.answers.push_back({std::move(submission.reply),
                                    Error{ErrorCode::kFailedPrecondition, "read-only: " + *read_only_}});
        }
        return;
    }
    auto decided = execution::decide(state_, connectivity_, submission.input, now());
    if (decided.ok()) {
        const auto* apply_plan = std::get_if<execution::ApplyPlan>(&submission.input);
        if (apply_plan && !decided.value().empty()) {
            state_.plans[apply_plan->plan->hash] = apply_plan->plan;
            turn.plans.push_back(apply_plan->plan);
        }
        for (const execution::RecordBody& body : decided.value()) record(turn, body);
    } else if (!submission.reply) {
        spdlog::warn("a host's report was refused: {}", decided.error().text());
    }
    if (submission.reply) {
        Result<Committed> outcome =
            decided.ok() ? Result<Committed>(Committed{state_.sequence, std::move(decided).value()})
                         : Result<Committed>(decided.error());
        turn.answers.push_back({std::move(submission.reply), std::move(outcome)});
    }
    if (is_from_host(submission.input)) turn.host_inputs.push_back(std::move(submission.input));
}

void Engine::schedule_all(Turn& turn) {
    const Instant at = now();
    for (std::size_t round = 0;; ++round) {
        ARARAT_CHECK(round < kScheduleRoundsMax, "schedule() finds something to do for ever");
        const auto bodies = execution::schedule(state_, connectivity_, at);
        if (bodies.empty()) return;
        for (const execution::RecordBody& body : bodies) record(turn, body);
    }
}

void Engine::record(Turn& turn, execution::RecordBody body) {
    execution::Record made{state_.sequence + 1, now(), std::move(body)};
    execution::apply(state_, made);
    turn.records.push_back(std::move(made));
}

void Engine::read_clock() { booted_at_ = options_.clock->now() - options_.clock->boottime(); }

void Engine::notice_clock_jump(Turn& turn) {
    const Duration by = booted_at_ - state_.booted_at;
    if (read_only_ || std::chrono::abs(by) < kClockJumpMin) return;
    note_jump(turn, by);
    for (auto& [host, since] : connectivity_.since) since += by;
}

void Engine::note_jump(Turn& turn, Duration by) {
    spdlog::critical(
        "alert: the wall clock jumped {} by {}: cutovers are held until a person trusts it again",
        by < Duration{0} ? "back" : "forward", format_duration(std::chrono::abs(by)));
    record(turn, execution::ClockJumped{by});
}

// Since the last record. After another boot it shows only where the clock went back behind that record: time
// went on by an unknown length, but not backwards.
Duration Engine::jump_while_away() const {
    const std::string boot = options_.clock->boot_id();
    if (!boot.empty() && boot == state_.boot_id) return booted_at_ - state_.booted_at;
    const auto last = options_.journal->read(state_.sequence, 1);
    if (!last || last->empty()) return Duration{0};
    return std::min(now() - last->front().record.at, Duration{0});
}

void Engine::note_connection(const execution::Input& input) {
    if (const auto* up = std::get_if<execution::HostUp>(&input)) {
        connectivity_.up[up->host] = up->version;
        connectivity_.troubled.erase(up->host);
        connectivity_.down.erase(up->host);
        connectivity_.since[up->host] = now();
    } else if (const auto* down = std::get_if<execution::HostDown>(&input)) {
        // Who is refused time and again has been away since it went.
        const bool went = connectivity_.up.erase(down->host) > 0 || !connectivity_.down.contains(down->host);
        if (went) connectivity_.since[down->host] = now();
        connectivity_.down[down->host] = down->reason;
        connectivity_.troubled.erase(down->host);
    } else if (const auto* troubled = std::get_if<execution::HostTroubled>(&input)) {
        connectivity_.troubled.erase(troubled->host);
        if (!troubled->words.empty()) connectivity_.troubled[troubled->host] = troubled->words;
    }
}

Result<void> Engine::commit(Turn& turn) {
    if (turn.records.empty()) return {};
    fail_points_of("engine.before-commit", turn.records);
    ARARAT_RETURN_IF_ERROR(options_.journal->append(turn.records, turn.plans));
    fail_points_of("engine.committed", turn.records);
    ARARAT_ASSIGN_OR_RETURN(store::ChainHead head, options_.journal->head());
    publish(std::move(head));
    return {};
}

// Effects first: a host's next step does not wait for those who watch.
void Engine::let_out(Turn& turn) {
    std::vector<execution::Effect> replies;
    for (const execution::Input& input : turn.host_inputs) {
        std::ranges::move(execution::replies_to(state_, input), std::back_inserter(replies));
    }
    const auto effects = in_order(execution::effects_of(state_, turn.records), std::move(replies));
    if (!effects.empty() && options_.dispatch) options_.dispatch(effects);
    for (Answer& answer : turn.answers) answer.reply(std::move(answer.outcome));
    const EngineView engine = view();
    if (options_.committed && (!turn.records.empty() || !turn.host_inputs.empty())) {
        options_.committed(engine, turn.records);
    }
    for (const Query& query : turn.queries) query(engine);
}

// Nothing of this turn happened: who asked is told so, and memory is thrown away with it.
void Engine::fall_back(Turn& turn, const Error& why) {
    if (is_disk_failure(why)) give_up(why);
    stop_writing("the journal refused a commit: " + why.text());
    for (Answer& answer : turn.answers) {
        // A refusal, or an answer that recorded nothing, is as true as before.
        if (!answer.outcome.ok() || answer.outcome->records.empty()) continue;
        answer.outcome = Error{ErrorCode::kUnavailable, "not recorded, nothing was done: " + why.text()};
    }
    turn.records.clear();
    turn.plans.clear();
    turn.host_inputs.clear();
    auto reloaded = store::restore(*options_.journal, options_.project, snapshot_terms());
    ARARAT_CHECK(reloaded.ok(), "the journal cannot be read back after a failed commit");
    take_up(std::move(reloaded).value());
}

void Engine::take_up(store::Restored restored) {
    state_ = std::move(restored.state);
    publish(std::move(restored.head));
    snapshot_sequence_ = restored.from_snapshot;
    if (!restored.snapshot_problem.empty()) {
        spdlog::warn("{}: the whole journal was replayed", restored.snapshot_problem);
    }
    if (restored.problem.empty()) return;
    stop_writing(fmt::format(
        "the journal is damaged, the state is that of record {}: {}; the file is left as it is, and "
        "`ararat-orchestrator backup rebuild` makes a backup of what holds",
        state_.sequence, restored.problem));
}

void Engine::stop_writing(const std::string& why) {
    if (read_only_) return;  // the first reason is the one to look at
    spdlog::critical("alert: read-only from now on: {}", why);
    read_only_ = why;
    {
        const std::lock_guard lock(published_mutex_);
        published_read_only_ = why;
    }
    if (options_.stopped_writing) options_.stopped_writing(why);
}

void Engine::publish(store::ChainHead head) {
    const std::lock_guard lock(published_mutex_);
    head_ = std::move(head);
}

store::ChainHead Engine::head() const {
    const std::lock_guard lock(published_mutex_);
    return head_;
}

void Engine::distrust(std::string why) {
    if (!inbox_.put(StopWriting{std::move(why)})) spdlog::error("the engine's inbox is full or closed");
}

Result<void> Engine::check_writable() const {
    const std::lock_guard lock(published_mutex_);
    if (published_read_only_.empty()) return {};
    return Error{ErrorCode::kFailedPrecondition, "read-only: " + published_read_only_};
}

void Engine::refuse_rest() {
    for (Letter& letter : inbox_.drain()) {
        auto* submission = std::get_if<Submission>(&letter);
        if (submission && submission->reply) {
            submission->reply(Error{ErrorCode::kUnavailable, "the orchestrator stops"});
        }
    }
}

EngineView Engine::view() const {
    static const std::string kNotReadOnly;
    return {state_,
            connectivity_,
            now(),
            read_only_.has_value(),
            read_only_ ? *read_only_ : kNotReadOnly,
            options_.ticket_wait};
}

}  // namespace ararat::server
