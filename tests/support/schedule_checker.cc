#include "support/schedule_checker.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace ararat::testing {
namespace {

using planning::Placement;
using planning::Schedule;
using planning::ScheduleOptions;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 24 * 60 * kMinuteMs;

std::int64_t day_of(const std::string& date) {
    const std::chrono::year_month_day ymd{
        std::chrono::year{std::stoi(date.substr(0, 4))},
        std::chrono::month{static_cast<unsigned>(std::stoi(date.substr(5, 2)))},
        std::chrono::day{static_cast<unsigned>(std::stoi(date.substr(8, 2)))}};
    return std::chrono::sys_days{ymd}.time_since_epoch().count();
}

// Is this moment inside a window and outside every freeze? Minute by minute; 1970-01-01 was a Thursday.
bool open_at(const Calendar& calendar, std::int64_t ms) {
    const std::int64_t day = ms / kDayMs;
    for (const DateRange& freeze : calendar.freezes) {
        if (day_of(freeze.first) <= day && day <= day_of(freeze.last)) return false;
    }
    for (const auto& [start, end] : calendar.explicit_windows) {
        if (to_unix_ms(start) <= ms && ms < to_unix_ms(end)) return true;
    }
    for (const WeeklyWindow& window : calendar.windows) {
        for (const std::int64_t begun : {day, day - 1}) {
            if (!window.weekdays.contains(static_cast<int>((begun + 3) % 7))) continue;
            const std::int64_t minute = (ms - begun * kDayMs) / kMinuteMs;
            if (window.start_minute <= minute && minute < window.end_minute) return true;
        }
    }
    return false;
}

class Checker {
public:
    Checker(const Plan& plan, Instant as_of, const ScheduleOptions& options, const Schedule& schedule)
        : plan_(plan), as_of_(as_of), options_(options), schedule_(schedule) {}

    std::vector<std::string> run() {
        index();
        if (!faults_.empty()) return faults_;
        check_waves();
        check_together();
        check_needs();
        check_pairs();
        check_times();
        check_resources();
        check_links();
        check_pins();
        return faults_;
    }

private:
    void fault(const std::string& text) { faults_.push_back(text); }

    void index() {
        for (const Placement& placement : schedule_.placements) placement_of_[placement.group] = &placement;
        for (const Wave& wave : schedule_.waves) {
            if (!wave_of_.emplace(wave.id, &wave).second) fault("two waves named " + wave.id.str());
            for (const MoveGroupId& group : wave.groups) {
                if (!wave_with_.emplace(group, wave.id).second) fault(group.str() + " is in two waves");
            }
        }
        for (const MoveGroup& group : schedule_.groups) {
            const auto placement = placement_of_.find(group.id);
            const auto wave = wave_with_.find(group.id);
            if (placement == placement_of_.end() || wave == wave_with_.end()) {
                fault(group.id.str() + " is not placed");
            } else if (placement->second->wave != wave->second || group.wave != wave->second) {
                fault(group.id.str() + " is said to be in several waves");
            }
            for (const ApplicationId& application : group.applications) {
                if (!group_of_.emplace(application, group.id).second)
                    fault(application.str() + " is in two groups");
            }
        }
        for (const auto& [id, application] : plan_.applications) {
            if (!group_of_.contains(id)) fault(id.str() + " is in no group");
        }
    }

    const Placement& placed(const ApplicationId& id) const { return *placement_of_.at(group_of_.at(id)); }

    Instant wave_start(const Wave& wave) const {
        Instant start = Instant::max();
        for (const MoveGroupId& group : wave.groups) start = std::min(start, placement_of_.at(group)->start);
        return start;
    }
    Instant wave_end(const Wave& wave) const {
        Instant end = Instant::min();
        for (const MoveGroupId& group : wave.groups) end = std::max(end, placement_of_.at(group)->end);
        return end;
    }

    void check_waves() {
        std::set<WaveId> seen;
        Instant last = Instant::min();
        for (const Wave& wave : schedule_.waves) {
            if (wave_start(wave) < last) fault("waves are not in order of start at " + wave.id.str());
            last = wave_start(wave);
            for (const WaveId& before : wave.after) {
                if (!seen.contains(before))
                    fault(wave.id.str() + " is after a wave that is not before it");
                else if (wave_end(*wave_of_.at(before)) > wave_start(wave))
                    fault(wave.id.str() + " overlaps " + before.str());
            }
            seen.insert(wave.id);
            if (wave.reasons.empty()) fault(wave.id.str() + " has no reasons");
            std::set<HostId> hosts;
            bool pinned = false;
            for (const WavePin& pin : plan_.waves) pinned = pinned || pin.id == wave.id;
            for (const auto& [id, application] : plan_.applications) {
                if (wave_with_.at(group_of_.at(id)) != wave.id) continue;
                for (const Component& component : application.components) {
                    hosts.insert(component.hosts.begin(), component.hosts.end());
                }
            }
            if (options_.wave_hosts_max != 0 && hosts.size() > options_.wave_hosts_max && !pinned) {
                fault(wave.id.str() + " is larger than the cap");
            }
        }
    }

    void check_together() {
        for (const TogetherRule& rule : plan_.together) {
            for (const ApplicationId& id : rule.applications) {
                if (group_of_.at(id) != group_of_.at(rule.applications.front()))
                    fault(id.str() + " is torn from its rule");
            }
        }
        std::map<HostId, ApplicationId> user;
        for (const auto& [id, application] : plan_.applications) {
            for (const Component& component : application.components) {
                for (const HostId& host : component.hosts) {
                    const auto [at, added] = user.emplace(host, id);
                    if (!added && group_of_.at(at->second) != group_of_.at(id))
                        fault(host.str() + " is shared by two groups");
                }
            }
        }
    }

    bool waits_for(const WaveId& wave, const WaveId& before) const {
        std::vector<WaveId> open{wave};
        std::set<WaveId> seen;
        while (!open.empty()) {
            const WaveId at = open.back();
            open.pop_back();
            if (at == before) return true;
            if (!seen.insert(at).second) continue;
            const auto& after = wave_of_.at(at)->after;
            open.insert(open.end(), after.begin(), after.end());
        }
        return false;
    }

    void check_needs() {
        for (const auto& [id, application] : plan_.applications) {
            for (const ApplicationUse& use : application.dependencies) {
                if (!use.hard || group_of_.at(id) == group_of_.at(use.application)) continue;
                const Placement& here = placed(id);
                const Placement& there = placed(use.application);
                if (there.end > here.start)
                    fault(id.str() + " moves before " + use.application.str() + " is over");
                if (!waits_for(here.wave, there.wave))
                    fault(here.wave.str() + " does not wait for " + there.wave.str());
            }
        }
    }

    void check_pairs() {
        for (const auto& [id, application] : plan_.applications) {
            for (const ApplicationUse& use : application.pairs_with) {
                const Wave& here = *wave_of_.at(placed(id).wave);
                const Wave& there = *wave_of_.at(placed(use.application).wave);
                const bool apart = wave_end(here) <= wave_start(there) || wave_end(there) <= wave_start(here);
                if (here.id == there.id || !apart)
                    fault(id.str() + " moves at once with " + use.application.str());
                if (!waits_for(here.id, there.id) && !waits_for(there.id, here.id)) {
                    fault(here.id.str() + " and " + there.id.str() + " might run at once");
                }
            }
        }
    }

    void check_times() {
        for (const auto& [id, application] : plan_.applications) {
            const Placement& placement = placed(id);
            const Wave& wave = *wave_of_.at(placement.wave);
            const Duration duration = application.expected_duration.value_or(options_.assumed_cutover);
            if (placement.start < as_of_) fault(id.str() + " starts before as_of");
            if (placement.end - placement.start < duration) fault(id.str() + " has too little time");
            if (placement.start < wave.window_start || placement.end > wave.window_end)
                fault(id.str() + " leaves its window");
            if (placement.start > wave.latest_start) fault(id.str() + " starts after the latest start");
            check_calendar(id, application, placement, wave);
            check_deadline(id, application, placement);
        }
    }

    void check_calendar(const ApplicationId& id, const Application& application, const Placement& placement,
                        const Wave& wave) {
        if (application.calendar.empty()) return;
        const Calendar& calendar = plan_.calendars.at(application.calendar);
        const std::int64_t until =
            std::max(to_unix_ms(placement.end), to_unix_ms(placement.start + calendar.lockout));
        for (std::int64_t at = to_unix_ms(placement.start); at < until; at += kMinuteMs) {
            if (open_at(calendar, at)) continue;
            fault(id.str() + " moves outside calendar " + calendar.id + " or in its lockout");
            return;
        }
        for (std::int64_t at = to_unix_ms(wave.window_start); at < to_unix_ms(wave.window_end);
             at += kMinuteMs) {
            if (open_at(calendar, at)) continue;
            fault("the window of " + wave.id.str() + " is not within calendar " + calendar.id);
            return;
        }
    }

    void check_deadline(const ApplicationId& id, const Application& application, const Placement& placement) {
        for (const Component& component : application.components) {
            for (const HostId& host : component.hosts) {
                const auto& contract_end = plan_.sites.at(plan_.hosts.at(host).site).contract_end;
                if (!contract_end) continue;
                if (to_unix_ms(placement.end) > (day_of(*contract_end) + 1) * kDayMs)
                    fault(id.str() + " misses its deadline");
            }
        }
    }

    void check_resources() {
        for (const Wave& at : schedule_.waves) {
            std::map<std::string, int> taken;
            for (const auto& [id, application] : plan_.applications) {
                const Wave& wave = *wave_of_.at(placed(id).wave);
                const bool runs = wave_start(wave) <= wave_start(at) && wave_start(at) < wave_end(wave);
                if (!runs) continue;
                for (const auto& [resource, count] : application.resources) taken[resource] += count;
            }
            for (const auto& [resource, count] : taken) {
                if (count > plan_.resources.at(resource))
                    fault("too much of " + resource + " when " + at.id.str() + " starts");
            }
        }
    }

    // The link carries one move's data after the other, in order of their waves.
    void check_links() {
        for (const Link& link : plan_.links) {
            std::map<Instant, long double> hours_due;
            for (const auto& [id, application] : plan_.applications) {
                long double here = 0;
                long double all = 0;
                long double change = 0;
                for (const Component& component : application.components) {
                    for (std::size_t i = 0; i < component.hosts.size(); ++i) {
                        all += 1;
                        const Host& host = plan_.hosts.at(component.hosts[i]);
                        if (host.site != link.from || component.targets[i].site != link.to) continue;
                        here += 1;
                        change += static_cast<long double>(host.change_bytes_per_hour);
                    }
                }
                if (here == 0) continue;
                const Instant due = wave_start(*wave_of_.at(placed(id).wave));
                if (link.available_from && due < *link.available_from)
                    fault(id.str() + " moves before its link is there");
                const long double rate =
                    static_cast<long double>(link.bytes_per_second) * 36 * link.usable_percent - change;
                hours_due[due] += static_cast<long double>(application.data_bytes) * here / all / rate;
            }
            const Instant from = std::max(as_of_, link.available_from.value_or(as_of_));
            long double hours = 0;
            for (const auto& [due, more] : hours_due) {
                hours += more;
                const long double there = static_cast<long double>((due - from).count()) / 3'600'000;
                if (hours > there + 1e-3L) fault("link to " + link.to.str() + " is overloaded");
            }
        }
    }

    void check_pins() {
        std::map<MoveGroupId, WaveId> pinned;
        for (const WavePin& pin : plan_.waves) {
            for (const ApplicationId& id : pin.applications) {
                pinned[group_of_.at(id)] = pin.id;
                if (placed(id).wave != pin.id) fault(id.str() + " is not in its pinned wave");
            }
            for (const WaveId& before : pin.after) {
                if (!waits_for(pin.id, before)) fault(pin.id.str() + " does not wait for " + before.str());
            }
        }
        for (const WavePin& pin : plan_.waves) {
            for (const MoveGroupId& group : wave_of_.at(pin.id)->groups) {
                if (!pinned.contains(group)) fault(group.str() + " slipped into pinned wave " + pin.id.str());
            }
        }
    }

    const Plan& plan_;
    Instant as_of_;
    const ScheduleOptions& options_;
    const Schedule& schedule_;
    std::vector<std::string> faults_;
    std::map<MoveGroupId, const Placement*> placement_of_;
    std::map<WaveId, const Wave*> wave_of_;
    std::map<MoveGroupId, WaveId> wave_with_;
    std::map<ApplicationId, MoveGroupId> group_of_;
};

}  // namespace

std::vector<std::string> violations(const Plan& plan, Instant as_of, const ScheduleOptions& options,
                                    const Schedule& schedule) {
    return Checker(plan, as_of, options, schedule).run();
}

std::string dump(const Schedule& schedule) {
    std::ostringstream out;
    for (const Wave& wave : schedule.waves) {
        out << wave.id << ' ' << to_unix_ms(wave.window_start) << ' ' << to_unix_ms(wave.window_end) << ' '
            << to_unix_ms(wave.latest_start) << ' ' << wave.start_auto << '\n';
        for (const auto& group : wave.groups) out << "  group " << group << '\n';
        for (const auto& before : wave.after) out << "  after " << before << '\n';
        for (const auto& reason : wave.reasons) out << "  because " << reason << '\n';
    }
    for (const MoveGroup& group : schedule.groups) {
        out << group.id << " in " << group.wave << '\n';
        for (const auto& application : group.applications) out << "  moves " << application << '\n';
        for (const auto& reason : group.reasons) out << "  because " << reason << '\n';
    }
    for (const Placement& placement : schedule.placements) {
        out << placement.group << ' ' << to_unix_ms(placement.start) << ' ' << to_unix_ms(placement.end)
            << '\n';
        for (const auto& reason : placement.reasons) out << "  because " << reason << '\n';
        for (const auto& seeding : placement.seeding) {
            out << "  seeds " << seeding.from << ' ' << seeding.to << ' ' << seeding.bytes << ' '
                << to_unix_ms(seeding.start) << ' ' << to_unix_ms(seeding.end) << '\n';
        }
    }
    for (const auto& pair : schedule.pair_turns) {
        out << pair.application << '/' << pair.component << '\n';
        for (const auto& turn : pair.turns) {
            out << "  turn";
            for (const auto& host : turn) out << ' ' << host;
            out << '\n';
        }
    }
    for (const auto& step : schedule.critical_path) out << step.group << ' ' << step.expected.count() << '\n';
    out << schedule.critical_duration.count() << '\n';
    for (const auto& note : schedule.notes) out << "note " << note << '\n';
    return out.str();
}

}  // namespace ararat::testing
