// The state of a systemd unit. "masked" must outlive a reboot of the source: it is the proof on which the
// target starts. Where a unit's file stands in /etc itself systemctl cannot mask it, and a drop-in whose
// assertion never holds takes the mask's place.
#include <algorithm>
#include <string>

#include "agent/verbs/child.h"
#include "agent/verbs/judge.h"
#include "agent/verbs/verb.h"
#include "platform/files.h"

namespace ararat::agent {

namespace {

constexpr std::string_view kFence =
    "# Written by Ararat: this service has moved to another host. It is taken away again by the\n"
    "# service's back-out, and must not be by hand while the other host serves.\n"
    "[Unit]\nAssertPathExists=/nonexistent/ararat-moved-away\n";

std::string with_suffix(std::string unit) {
    if (unit.find('.') == std::string::npos) unit += ".service";
    return unit;
}

bool is_unit_name(const std::string& unit) {
    return !unit.empty() && unit.size() <= 255 && unit[0] != '-' && unit[0] != '.' &&
           std::ranges::all_of(unit, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view(":-_.\\@").find(c) != std::string_view::npos;
           });
}

class Service {
public:
    Service(std::string unit, const VerbContext& context)
        : unit_(std::move(unit)),
          fence_(context.etc_dir + "/systemd/system/" + unit_ + ".d/00-ararat-moved-away.conf"),
          context_(context) {}

    VerbResult start() {
        if (auto unfenced = unfence(); unfenced.exit_code != 0) return unfenced;
        // Units without an [Install] section cannot be enabled and need not be.
        VerbResult enabled = systemctl({"enable", "--quiet", unit_});
        if (enabled.cancelled || enabled.timed_out) return enabled;
        return then_active(systemctl({"start", unit_}));
    }
    VerbResult restart() { return then_active(systemctl({"restart", unit_})); }
    VerbResult reload() { return then_active(systemctl({"reload", unit_})); }
    VerbResult stop() { return then_inactive(systemctl({"stop", unit_})); }

    VerbResult mask() {
        VerbResult stopped = stop();
        if (stopped.exit_code != 0 || stopped.cancelled) return stopped;
        VerbResult disabled = systemctl({"disable", "--quiet", unit_});
        if (disabled.cancelled || disabled.timed_out) return disabled;
        VerbResult masked = systemctl({"mask", "--quiet", unit_});
        if (masked.cancelled || masked.timed_out) return masked;
        if (masked.exit_code != 0) {
            if (auto fenced = fence(); fenced.exit_code != 0) return fenced;
        }
        return then_inactive(VerbResult{});
    }

private:
    VerbResult systemctl(std::vector<std::string> words) {
        words.insert(words.begin(), {"systemctl", "--no-ask-password"});
        return run_child(words, context_);
    }

    std::string active_state() { return trimmed(systemctl({"is-active", unit_}).text); }

    VerbResult then_active(VerbResult result) {
        if (result.exit_code != 0) return result;
        const std::string state = active_state();
        result.text = state;
        if (state != "active") return verb_failed(unit_ + " is " + state + ", wanted active", 3);
        result.detail = unit_ + " is active";
        return result;
    }

    VerbResult then_inactive(VerbResult result) {
        if (result.exit_code != 0) return result;
        const std::string state = active_state();
        result.text = state;
        if (state != "inactive" && state != "failed" && state != "unknown") {
            return verb_failed(unit_ + " is " + state + ", wanted inactive", 3);
        }
        result.detail = unit_ + " is " + state;
        return result;
    }

    VerbResult fence() {
        if (auto made = platform::make_dirs(platform::dir_of(fence_)); !made.ok()) {
            return verb_failed(made.error().text());
        }
        if (auto written = platform::write_file_durable(fence_, kFence); !written.ok()) {
            return verb_failed(written.error().text());
        }
        return systemctl({"daemon-reload"});
    }

    VerbResult unfence() {
        VerbResult unmasked = systemctl({"unmask", "--quiet", unit_});
        if (unmasked.exit_code != 0) return unmasked;
        if (!platform::file_exists(fence_)) return {};
        if (auto removed = platform::remove_file(fence_); !removed.ok()) {
            return verb_failed(removed.error().text());
        }
        return systemctl({"daemon-reload"});
    }

    std::string unit_;
    std::string fence_;
    const VerbContext& context_;
};

}  // namespace

VerbResult perform_service(const Operation& operation, const VerbContext& context) {
    const std::string unit = with_suffix(field_or(operation, "unit"));
    const std::string state = field_or(operation, "state");
    if (!is_unit_name(unit)) return verb_failed("\"" + unit + "\" is not the name of a unit");
    Service service(unit, context);
    if (state == "started") return service.start();
    if (state == "stopped") return service.stop();
    if (state == "restarted") return service.restart();
    if (state == "reloaded") return service.reload();
    if (state == "masked") return service.mask();
    return verb_failed("\"" + state + "\" is no state of a service");
}

}  // namespace ararat::agent
