#include "agent/supervisor_calls.h"

#include "agent/supervisor/attempt_folder.h"
#include "base/sha256.h"
#include "platform/files.h"
#include "platform/process.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kThreads = 3;
constexpr Duration kStartTimeout{30'000};

}  // namespace

SupervisorCalls::SupervisorCalls(SupervisorPlaces places, Done done)
    : places_(std::move(places)), done_(std::move(done)) {
    for (std::size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this] { work(); });
}

SupervisorCalls::~SupervisorCalls() { stop(); }

void SupervisorCalls::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void SupervisorCalls::enqueue(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    changed_.notify_one();
}

void SupervisorCalls::work() {
    while (true) {
        std::function<void()> call;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !calls_.empty(); });
            if (stopping_) return;
            call = std::move(calls_.front());
            calls_.pop_front();
        }
        call();
    }
}

void SupervisorCalls::start(StepSpec spec, std::vector<ShippedBytes> files) {
    enqueue([this, spec = std::move(spec), files = std::move(files)] {
        done_(spec.key, start_now(spec, files));
    });
}

void SupervisorCalls::cancel(std::string key) {
    enqueue([this, key = std::move(key)] {
        done_(key, AttemptRoot(places_.steps_root).cancel(attempt_id(key)));
    });
}

void SupervisorCalls::forget(std::string key) {
    enqueue([this, key = std::move(key)] {
        // Nobody waits for the answer: what cannot be removed now is removed at the next start.
        const auto forgotten = AttemptRoot(places_.steps_root).forget(attempt_id(key));
        if (!forgotten.ok()) done_(key, forgotten.error());
    });
}

Result<void> SupervisorCalls::place_file(const ShippedBytes& file) {
    if (sha256_hex(file.content) != file.sha256) {
        return Error{ErrorCode::kInvalidArgument, "a shipped file's bytes do not have its hash", file.sha256};
    }
    const std::string path = shipped_file_path(places_.steps_root, file.sha256);
    if (platform::file_exists(path)) return {};
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(platform::dir_of(path), 0755));
    return platform::write_file_durable(path, file.content, 0755);
}

Result<AttemptReport> SupervisorCalls::start_now(const StepSpec& spec,
                                                 const std::vector<ShippedBytes>& files) {
    for (const ShippedBytes& file : files) {
        ARARAT_RETURN_IF_ERROR(place_file(file));
    }
    ARARAT_ASSIGN_OR_RETURN(std::string bytes, encode_spec(spec));
    platform::ProcessOptions options;
    options.standard_input = std::move(bytes);
    options.timeout = kStartTimeout;
    options.environment = {{"ARARAT_RSH", places_.rsh_program}, {"ARARAT_AGENT_SOCKET", places_.socket}};
    ARARAT_ASSIGN_OR_RETURN(const platform::ProcessResult result,
                            platform::run_process({places_.program, "start", places_.steps_root}, options));
    if (result.ok()) return decode_report(result.standard_output);
    // It may have started all the same; the folder knows.
    ARARAT_ASSIGN_OR_RETURN(AttemptReport report,
                            AttemptRoot(places_.steps_root).report(attempt_id(spec.key)));
    if (report.state != AttemptState::kAbsent) return report;
    return Error{ErrorCode::kInternal,
                 result.timed_out ? "the supervisor did not answer" : result.standard_error, spec.key};
}

}  // namespace ararat::agent
