#include "agent/supervisor/start.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/step_spec/step_spec.h"
#include "agent/step_spec/supervisor_rules.h"
#include "agent/supervisor/attempt_folder.h"
#include "agent/supervisor/attempt_runner.h"
#include "agent/verbs/child.h"
#include "base/sha256.h"
#include "platform/clock.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

using platform::UniqueFd;

constexpr Duration kPowerOffWait{10'000};
constexpr unsigned kNoRoomPauseSeconds = 1;
constexpr std::size_t kShippedFileMax = std::size_t{64} << 20U;

AttemptReport refused(std::string why) {
    AttemptReport report;
    report.state = AttemptState::kRefused;
    report.detail = std::move(why);
    return report;
}

bool is_file_name(const std::string& name) {
    return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
           name.find('/') == std::string::npos;
}

// What is wrong with it, or nothing.
std::string fault_of(const StepSpec& spec) {
    static const std::array<std::string_view, 5> kStages = {"check", "perform", "verify", "probe", "undo"};
    if (spec.key.empty()) return "the step has no key";
    if (spec.stages.empty()) return "the step has no stage";
    for (std::size_t i = 0; i < spec.stages.size(); ++i) {
        const StageSpec& stage = spec.stages[i];
        if (std::ranges::find(kStages, stage.name) == kStages.end())
            return "no stage is called \"" + stage.name + "\"";
        if (stage.operation.verb == Verb::kPowerOff && i + 1 != spec.stages.size()) {
            return "nothing can follow power-off";
        }
        if (stage.operation.timeout <= Duration{0}) return "stage " + stage.name + " has no timeout";
    }
    for (const SpecFile& file : spec.files) {
        if (!is_file_name(file.name)) return "\"" + file.name + "\" is not the name of a file";
        if (!is_sha256_hex(file.sha256)) return file.name + ": the hash is not one";
    }
    return {};
}

// Not on the disk yet: publish() syncs the entry that counts.
Result<void> make_dir(const std::string& path, mode_t mode) {
    if (mkdir(path.c_str(), mode) != 0) return platform::errno_error(errno, "make directory", path);
    return {};
}

// Copies what the step ships into its folder, verified. A reason, or nothing.
Result<std::string> place_files(const std::string& root, const std::string& folder, const StepSpec& spec) {
    if (spec.files.empty()) return std::string();
    ARARAT_RETURN_IF_ERROR(make_dir(folder + "/files", 0755));
    for (const SpecFile& file : spec.files) {
        const auto bytes = platform::read_file(shipped_file_path(root, file.sha256), kShippedFileMax);
        if (!bytes.ok()) return file.name + ": " + bytes.error().text();
        if (sha256_hex(bytes.value()) != file.sha256)
            return file.name + ": its bytes do not have the hash of the plan";
        const std::string path = folder + "/files/" + file.name;
        const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755));
        if (!fd.valid()) return platform::errno_error(errno, "create", path);
        ARARAT_RETURN_IF_ERROR(platform::write_all(fd.get(), bytes.value()));
        if (fchmod(fd.get(), 0755) != 0) return platform::errno_error(errno, "chmod", path);
    }
    return std::string();
}

Result<UniqueFd> block_cancel_signal() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    UniqueFd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd.valid()) return platform::errno_error(errno, "signalfd");
    return fd;
}

void let_go_of_terminal() {
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, fd);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    umask(022);
    if (chdir("/") != 0) _exit(1);
}

// Power-off is ordered, for a moment later, and the result is durable. Once it is fetched nothing is waited
// for.
void hasten_power_off(const AttemptRoot& root, const std::string& id, Interrupt& interrupt,
                      OutputFile& output) {
    const Duration deadline = interrupt.now() + kPowerOffWait;
    while (interrupt.now() < deadline && !platform::file_exists(root.folder(id) + kForgottenFile)) {
        if (interrupt.sleep_until(interrupt.now() + Duration{50}) == WaitOutcome::kCancelled) return;
    }
    VerbContext context{interrupt, [](std::string_view) {},           base_environment(), {}, {}, {}, {},
                        {},        interrupt.now() + Duration{30'000}};
    const VerbResult done = run_child({"systemctl", "--no-ask-password", "poweroff"}, context);
    // The order stands, and the host goes by it.
    if (done.exit_code != 0) output.add("systemctl poweroff: " + done.detail + "\n");
}

struct Birth {
    const AttemptRoot& root;
    const StepSpec& spec;
    const StartOptions& options;
    std::string id;
};

// In the child, after it has published itself. Never returns.
[[noreturn]] void supervise(const Birth& birth, UniqueFd cancel_fd) {
    platform::SystemClock clock;
    Interrupt interrupt(cancel_fd.get(), clock);
    const std::string folder = birth.root.folder(birth.id);
    OutputFile output(folder, birth.spec.output_bytes_max);
    RunnerPlaces places{folder, birth.root.path() + "/../saved", birth.options.rsh_program,
                        birth.options.etc_dir, base_environment()};
    StepResult result = AttemptRunner(birth.spec, std::move(places), interrupt, output).run();
    // Without a durable result there is none: whoever asks finds the supervisor gone, which is "unknown". But
    // where only room is wanting it stays, and the step is still running.
    const auto write = [&] {
        return platform::write_file_durable(folder + "/result", encode_result(result), 0600);
    };
    auto written = write();
    while (!written.ok() && written.error().code == ErrorCode::kResourceExhausted) {
        sleep(kNoRoomPauseSeconds);
        written = write();
    }
    if (!written.ok()) _exit(1);
    const bool powers_off = birth.spec.stages.back().operation.verb == Verb::kPowerOff;
    if (powers_off && result.outcome == Outcome::kSucceeded)
        hasten_power_off(birth.root, birth.id, interrupt, output);
    _exit(0);
}

// In the child: gives the folder its name once it says who supervises it.
Result<void> publish(const AttemptRoot& root, const std::string& id) {
    ARARAT_ASSIGN_OR_RETURN(const ProcessMark mark, process_mark(getpid()));
    const std::string fresh = root.fresh_folder(id);
    const std::string path = fresh + "/pid";
    UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd.valid()) return platform::errno_error(errno, "create", path);
    ARARAT_RETURN_IF_ERROR(platform::write_all(fd.get(), encode_mark(mark)));
    if (rename(fresh.c_str(), root.folder(id).c_str()) != 0)
        return platform::errno_error(errno, "rename", fresh);
    // The entry alone matters: a folder found without a living supervisor is "lost", whatever is in it.
    return platform::fsync_dir(root.path());
}

[[noreturn]] void be_supervisor(const Birth& birth, UniqueFd lock, UniqueFd ready) {
    setsid();
    signal(SIGPIPE, SIG_IGN);
    auto cancel_fd = block_cancel_signal();
    Result<void> published = cancel_fd.ok() ? publish(birth.root, birth.id) : Result<void>(cancel_fd.error());
    const std::string said = published.ok() ? std::string(1, '\0') : published.error().text();
    // Whoever asked may be gone by now; what is published runs all the same.
    const Result<void> told = platform::write_all(ready.get(), said);
    if (!published.ok()) _exit(told.ok() ? 1 : 2);
    ready.reset();
    let_go_of_terminal();
    lock.reset();
    supervise(birth, std::move(cancel_fd).value());
}

Result<AttemptReport> fork_supervisor(const Birth& birth, UniqueFd lock) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return platform::errno_error(errno, "pipe");
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    const pid_t pid = fork();
    if (pid < 0) return platform::errno_error(errno, "fork");
    if (pid == 0) {
        read_end.reset();
        be_supervisor(birth, std::move(lock), std::move(write_end));
    }
    write_end.reset();
    std::string said;
    std::array<char, 1024> buffer;
    while (true) {
        const ssize_t size = read(read_end.get(), buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) break;
        said.append(buffer.data(), static_cast<std::size_t>(size));
    }
    if (said == std::string(1, '\0')) return birth.root.settle_locked(birth.id);
    waitpid(pid, nullptr, 0);
    return Error{ErrorCode::kInternal, said.empty() ? "the supervisor died before it began" : said};
}

}  // namespace

Result<AttemptReport> start_attempt(const std::string& root_path, std::string_view spec_bytes,
                                    const StartOptions& options) {
    auto spec = decode_spec(spec_bytes);
    if (!spec.ok()) return refused(spec.error().text());
    if (std::string fault = fault_of(spec.value()); !fault.empty()) return refused(std::move(fault));
    const AttemptRoot root(root_path);
    const std::string id = attempt_id(spec->key);
    ARARAT_ASSIGN_OR_RETURN(UniqueFd lock, root.lock());
    ARARAT_ASSIGN_OR_RETURN(const AttemptReport now, root.settle_locked(id));
    if (!may_start(now.state)) return now;
    ARARAT_ASSIGN_OR_RETURN(const std::uint64_t highest, root.epoch());
    if (is_stale(spec->epoch, highest)) return stale_report(spec->epoch, highest);
    if (spec->epoch > highest) {
        ARARAT_RETURN_IF_ERROR(root.raise_epoch(spec->epoch));
    }
    const std::string fresh = root.fresh_folder(id);
    if (platform::file_exists(fresh)) {
        ARARAT_RETURN_IF_ERROR(platform::remove_tree(fresh));
    }
    ARARAT_RETURN_IF_ERROR(make_dir(fresh, 0711));
    ARARAT_ASSIGN_OR_RETURN(std::string fault, place_files(root_path, fresh, spec.value()));
    if (!fault.empty()) {
        ARARAT_RETURN_IF_ERROR(platform::remove_tree(fresh));
        return refused(std::move(fault));
    }
    const UniqueFd copy(open((fresh + "/spec").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!copy.valid()) return platform::errno_error(errno, "create", fresh + "/spec");
    ARARAT_RETURN_IF_ERROR(platform::write_all(copy.get(), spec_bytes));
    return fork_supervisor({root, spec.value(), options, id}, std::move(lock));
}

}  // namespace ararat::agent
