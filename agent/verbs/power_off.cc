// Powering off, so that it can be told truly: the order is given first, for a moment later, and what the
// host's service manager says to it is what the step is judged by. From then on the host goes whatever
// becomes of this process; the time is for the result to become durable and to be fetched.
#include <string>

#include "agent/verbs/child.h"
#include "agent/verbs/verb.h"

namespace ararat::agent {

namespace {

constexpr const char* kUnit = "ararat-power-off";
constexpr const char* kTimerUnit = "ararat-power-off.timer";
constexpr const char* kDelaySeconds = "30";
// systemd-run has timers from this version on; before it, shutdown(8) keeps the time.
constexpr int kTimersSince = 218;

// "systemd 252 (252.39-1)" -> 252; 0: it says something else.
int version_of(const std::string& text) {
    const std::size_t space = text.find(' ');
    if (!text.starts_with("systemd ") || space == std::string::npos) return 0;
    int version = 0;
    for (std::size_t i = space + 1; i < text.size() && text[i] >= '0' && text[i] <= '9' && version < 10'000;
         ++i)
        version = version * 10 + (text[i] - '0');
    return version;
}

}  // namespace

VerbResult perform_power_off(const Operation&, const VerbContext& context) {
    VerbResult manager = run_child({"systemctl", "--version"}, context);
    if (manager.exit_code != 0) return manager;
    if (version_of(manager.text) < kTimersSince) {
        VerbResult ordered = run_child({"shutdown", "-P", "+1"}, context);
        if (ordered.exit_code == 0) ordered.detail = "ordered for within a minute";
        return ordered;
    }
    // What an earlier try has ordered; there is none, most of the time.
    const VerbResult before = run_child({"systemctl", "--quiet", "stop", kTimerUnit}, context);
    if (before.cancelled) return before;
    VerbResult ordered =
        run_child({"systemd-run", "--quiet", std::string("--unit=") + kUnit,
                   std::string("--on-active=") + kDelaySeconds, "--timer-property=AccuracySec=100ms",
                   "systemctl", "--no-ask-password", "poweroff"},
                  context);
    if (ordered.exit_code == 0) ordered.detail = std::string("ordered for within ") + kDelaySeconds + " s";
    return ordered;
}

}  // namespace ararat::agent
