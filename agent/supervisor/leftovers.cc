#include "agent/supervisor/leftovers.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/join.h"
#include "platform/files.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

namespace {

constexpr int kTries = 1000;
constexpr long kPauseNs = 10'000'000;

std::string group_file(const std::string& folder) { return folder + "/group"; }

// What the processes of one attempt have in common.
struct Descent {
    pid_t session = 0;
    std::uint64_t since = 0;  // start time of the supervisor
    pid_t group = 0;          // 0: none was noted
    std::string outputs;      // end of the path that ARARAT_OUTPUT names
};

// ARARAT_OUTPUT names a file in the attempt's folder, and every process inherits it.
Result<bool> has_environment_of(pid_t pid, const Descent& descent) {
    const auto environment = read_proc(pid, "environ");
    // Another user's: not one of ours, which root may read.
    if (!environment.ok() && environment.error().code == ErrorCode::kPermissionDenied) return false;
    if (!environment.ok()) return environment.error();
    if (!environment.value()) return false;
    const std::vector<std::string> variables = split(**environment, '\0');
    return std::ranges::any_of(variables, [&](const std::string& variable) {
        return variable.starts_with("ARARAT_OUTPUT=") && variable.ends_with(descent.outputs);
    });
}

Result<std::vector<ProcessMark>> living(const Descent& descent) {
    std::vector<ProcessMark> found;
    ARARAT_ASSIGN_OR_RETURN(const auto names, platform::list_dir("/proc"));
    for (const std::string& name : names) {
        if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) continue;
        const auto pid = static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10));
        ARARAT_ASSIGN_OR_RETURN(const auto state, process_state(pid));
        if (!state || state->ended() || state->session != descent.session) continue;
        if (state->start_time < descent.since) continue;
        bool ours = descent.group != 0 && state->group == descent.group;
        if (!ours) {
            ARARAT_ASSIGN_OR_RETURN(ours, has_environment_of(pid, descent));
        }
        if (ours) found.push_back({pid, state->start_time, {}});
    }
    return found;
}

// Its number may be another's by now: what is killed is looked at once it is held.
Result<void> end_process(const ProcessMark& mark) {
    const platform::UniqueFd held(static_cast<int>(syscall(SYS_pidfd_open, mark.pid, 0)));
    ARARAT_ASSIGN_OR_RETURN(const auto state, process_state(mark.pid));
    if (!state || state->start_time != mark.start_time) return {};
    if (held.valid()) {
        syscall(SYS_pidfd_send_signal, held.get(), SIGKILL, nullptr, 0);
    } else {
        kill(mark.pid, SIGKILL);  // a kernel before 5.3
    }
    return {};
}

}  // namespace

Result<void> note_group(const std::string& folder, pid_t leader) {
    ARARAT_ASSIGN_OR_RETURN(const ProcessMark mark, process_mark(leader));
    const std::string path = group_file(folder);
    const std::string aside = path + ".new";
    platform::UniqueFd fd(open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return platform::errno_error(errno, "create", aside);
    ARARAT_RETURN_IF_ERROR(platform::write_all(fd.get(), encode_mark(mark)));
    if (rename(aside.c_str(), path.c_str()) != 0) return platform::errno_error(errno, "rename", aside);
    return {};
}

Result<void> end_leftovers(const std::string& folder) {
    ARARAT_ASSIGN_OR_RETURN(const auto supervisor, read_mark(folder + "/pid"));
    ARARAT_ASSIGN_OR_RETURN(const std::string boot, boot_id());
    if (!supervisor || supervisor->boot_id != boot) return {};
    // A number that names a session is not given to another process while the session has one.
    ARARAT_ASSIGN_OR_RETURN(const auto now, process_state(supervisor->pid));
    if (now && now->start_time != supervisor->start_time) return {};
    ARARAT_ASSIGN_OR_RETURN(const auto group, read_mark(group_file(folder)));
    const bool has_group = group && group->boot_id == boot;
    const Descent descent{supervisor->pid, supervisor->start_time, has_group ? group->pid : 0,
                          "/" + platform::base_of(folder) + "/outputs"};
    for (int i = 0; i < kTries; ++i) {
        ARARAT_ASSIGN_OR_RETURN(const auto left, living(descent));
        if (left.empty()) return {};
        for (const ProcessMark& mark : left) ARARAT_RETURN_IF_ERROR(end_process(mark));
        const timespec pause{0, kPauseNs};
        nanosleep(&pause, nullptr);
    }
    return Error{ErrorCode::kDeadlineExceeded, "processes of the step do not end", folder};
}

}  // namespace ararat::agent
