#include "agent/supervisor_calls.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "agent/step_spec/supervisor_rules.h"
#include "agent/supervisor/attempt_folder.h"
#include "base/sha256.h"
#include "platform/files.h"
#include "platform/process.h"
#include "platform/random.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kThreads = 3;

// Whoever reads it meanwhile sees the old bytes or the new ones. Not on the disk when it returns.
Result<void> replace_whole(const std::string& path, std::string_view bytes) {
    const std::string fresh = path + ".new-" + platform::random_hex(8);
    const platform::UniqueFd fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755));
    if (!fd.valid()) return platform::errno_error(errno, "create", fresh);
    ARARAT_RETURN_IF_ERROR(platform::write_all(fd.get(), bytes));
    if (fchmod(fd.get(), 0755) != 0) return platform::errno_error(errno, "chmod", fresh);
    if (rename(fresh.c_str(), path.c_str()) != 0) return platform::errno_error(errno, "rename", fresh);
    return {};
}

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
    enqueue([this, spec = std::move(spec), files = std::move(files)] { start_now(spec, files); });
}

void SupervisorCalls::ask(SupervisorCall call, std::string key) {
    enqueue([this, call, key = std::move(key)] { done_(key, call, ask_now(call, key)); });
}

Result<AttemptReport> SupervisorCalls::ask_now(SupervisorCall call, const std::string& key,
                                               const std::string& why) const {
    const AttemptRoot root(places_.steps_root);
    const std::string id = attempt_id(key);
    switch (call) {
        case SupervisorCall::kSettle: return root.settle(id);
        case SupervisorCall::kCancel: return root.cancel(id);
        case SupervisorCall::kForget: return root.forget(id);
        case SupervisorCall::kStart:
        case SupervisorCall::kNeverStart: break;
    }
    return root.never_start(id, ruled_out(why.empty() ? "no supervisor answered" : why));
}

Result<void> SupervisorCalls::place_files(const std::vector<ShippedBytes>& files) const {
    for (const ShippedBytes& file : files) {
        if (sha256_hex(file.content) != file.sha256) {
            return Error{ErrorCode::kInvalidArgument, "a shipped file's bytes do not have its hash",
                         file.sha256};
        }
        const std::string path = shipped_file_path(places_.steps_root, file.sha256);
        // Looked at, not trusted: a power cut may have torn it. So nothing is synced here, where a step waits
        // for it.
        const auto there = platform::read_file(path, file.content.size());
        if (there.ok() && there.value() == file.content) continue;
        ARARAT_RETURN_IF_ERROR(platform::make_dirs(platform::dir_of(path), 0755));
        ARARAT_RETURN_IF_ERROR(replace_whole(path, file.content));
    }
    return {};
}

void SupervisorCalls::start_now(const StepSpec& spec, const std::vector<ShippedBytes>& files) {
    const Result<void> placed = place_files(files);
    if (!placed.ok()) return done_(spec.key, SupervisorCall::kStart, placed.error());
    const Result<std::string> bytes = encode_spec(spec);
    if (!bytes.ok()) return done_(spec.key, SupervisorCall::kStart, bytes.error());
    Result<AttemptReport> started = run_start(bytes.value());
    if (started.ok()) return done_(spec.key, SupervisorCall::kStart, std::move(started));
    // It may have started all the same, or be about to: what is past its first fork is out of reach of the
    // time-out. Under the lock it is one or the other, once for all.
    const std::string why = started.error().text();
    done_(spec.key, SupervisorCall::kNeverStart, ask_now(SupervisorCall::kNeverStart, spec.key, why));
}

Result<AttemptReport> SupervisorCalls::run_start(const std::string& spec_bytes) {
    platform::ProcessOptions options;
    options.standard_input = spec_bytes;
    options.timeout = places_.start_timeout;
    options.environment = {{"ARARAT_RSH", places_.rsh_program}, {"ARARAT_AGENT_SOCKET", places_.socket}};
    ARARAT_ASSIGN_OR_RETURN(const platform::ProcessResult result,
                            platform::run_process({places_.program, "start", places_.steps_root}, options));
    if (result.ok()) return decode_report(result.standard_output);
    return Error{ErrorCode::kInternal,
                 result.timed_out ? "the supervisor did not answer" : result.standard_error};
}

}  // namespace ararat::agent
