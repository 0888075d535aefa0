#include "planning/schedule.h"

#include <algorithm>

#include "base/units.h"
#include "planning/schedule_problem.h"
#include "planning/wave_builder.h"

namespace ararat::planning {
namespace {

constexpr std::size_t kSoftNotesMax = 20;

// Deadlines that no order can keep, all of them.
DiagnosticList proved_faults(const Problem& problem) {
    DiagnosticList faults;
    const std::vector<std::optional<Instant>> starts = earliest_starts(problem);
    for (std::size_t i = 0; i < problem.units.size(); ++i) {
        const Unit& unit = problem.units[i];
        bool needs_are_possible = true;
        std::string last_need;
        Instant last_end;
        for (const auto& [needed, why] : unit.needs) {
            if (!starts[needed]) {
                needs_are_possible = false;
                continue;
            }
            const Instant end = *starts[needed] + problem.units[needed].duration;
            if (!last_need.empty() && end <= last_end) continue;
            last_need = "; " + why + ", and " + problem.units[needed].name + " cannot be over before " +
                        local_text(end, unit.timezone);
            last_end = end;
        }
        if (!needs_are_possible) continue;  // the one that it needs is told of
        if (!starts[i]) {
            faults.add(unit.place, DiagnosticCode::kNoSchedule,
                       "proved: " + unit.name + " fits no window of " + unit.calendars + " within " +
                           std::to_string(problem.options.horizon_days) + " days" + last_need);
        } else if (unit.deadline && *starts[i] + unit.duration > *unit.deadline) {
            faults.add(unit.place, DiagnosticCode::kNoSchedule,
                       "proved: " + unit.name + " cannot be over before " +
                           local_text(*starts[i] + unit.duration, unit.timezone) + ", and " +
                           unit.deadline_text + last_need +
                           (unit.not_before_text.empty() ? "" : "; " + unit.not_before_text));
        }
    }
    return faults;
}

Error search_error(const Problem& problem, const Unplaced& unplaced, int orders) {
    const Unit& unit = problem.units[unplaced.unit];
    std::string text = "not found: no moment for " + unit.name + " (" + std::to_string(orders) +
                       (orders == 1 ? " order tried)" : " orders tried)");
    for (const std::string& refusal : unplaced.refusals) text += "; " + refusal;
    DiagnosticList faults;
    faults.add(unit.place, DiagnosticCode::kNotPlaced, text);
    return error_of(faults);
}

// The search: serial generation; a unit that finds no moment is lifted before others and all begins
// again. A unit lifted twice outranks those lifted once.
Result<BuiltWaves> search(const Problem& problem) {
    std::vector<int> urgency(problem.units.size(), 0);
    for (int tries = 1;; ++tries) {
        BuildOutcome outcome = build_waves(problem, urgency);
        if (!outcome.unplaced) return std::move(outcome.built);
        if (tries > problem.options.repairs_max) return search_error(problem, *outcome.unplaced, tries);
        ++urgency[outcome.unplaced->unit];
    }
}

// From the built waves to the schedule that people and the compiler see.
class ScheduleWriter {
public:
    ScheduleWriter(const Plan& plan, Problem problem, BuiltWaves built)
        : plan_(plan), problem_(std::move(problem)), built_(std::move(built)) {}

    Schedule run() {
        open_unrestricted();
        sort_waves();
        name_waves();
        schedule_.groups = problem_.move_groups.groups;
        schedule_.pair_turns = problem_.pair_turns;
        schedule_.critical_path = problem_.critical_path;
        schedule_.critical_duration = problem_.critical_duration;
        schedule_.notes = problem_.notes;
        for (const std::size_t wave : order_) write_wave(wave);
        std::ranges::sort(schedule_.placements, {}, &Placement::group);
        write_seeding();
        note_closed_windows();
        note_soft_dependencies();
        return std::move(schedule_);
    }

private:
    // The search gave a wave without a calendar some time from as_of on. What is written must be the same
    // whenever the plan is made, or planning again would void approvals of what has not changed.
    void open_unrestricted() {
        for (OpenWave& wave : built_.waves) {
            if (!wave.unrestricted) continue;
            Instant from = kAnyTimeEnd;
            for (const std::size_t u : wave.units) from = std::min(from, problem_.units[u].open_from);
            wave.window = {from, kAnyTimeEnd, kAnyTimeEnd};
        }
    }

    MoveGroupId first_group(const OpenWave& wave) const {
        std::optional<MoveGroupId> first;
        for (const std::size_t unit : wave.units) {
            const auto& groups = problem_.move_groups.groups;
            const MoveGroupId& id = groups[problem_.units[unit].parts.front().group].id;
            if (!first || id < *first) first = id;
        }
        return *first;
    }

    void sort_waves() {
        for (std::size_t w = 0; w < built_.waves.size(); ++w) order_.push_back(w);
        std::ranges::sort(order_, {}, [this](std::size_t w) {
            const OpenWave& wave = built_.waves[w];
            return std::tuple(wave.start, wave.end, first_group(wave));
        });
    }

    // Pinned waves keep their names; the others are counted, past names that are taken.
    void name_waves() {
        ids_.resize(built_.waves.size());
        std::set<WaveId> taken;
        for (const WavePin& pin : plan_.waves) taken.insert(pin.id);
        int number = 0;
        for (const std::size_t w : order_) {
            const auto& pin = problem_.units[built_.waves[w].units.front()].pin;
            if (pin) {
                ids_[w] = plan_.waves[*pin].id;
                continue;
            }
            do {
                ids_[w] = WaveId{"wave-" + std::to_string(++number)};
            } while (taken.contains(ids_[w]));
        }
    }

    void write_wave(std::size_t w) {
        const OpenWave& open = built_.waves[w];
        Wave wave;
        wave.id = ids_[w];
        wave.window_start = open.window.start;
        wave.window_end = open.window.end;
        wave.latest_start = open.window.latest_start;
        for (const std::size_t u : open.units) {
            const Unit& unit = problem_.units[u];
            if (unit.pin) wave.start_auto = plan_.waves[*unit.pin].start_auto;
            for (const GroupPart& part : unit.parts) {
                MoveGroup& group = schedule_.groups[part.group];
                group.wave = wave.id;
                wave.groups.push_back(group.id);
                const Instant start = built_.placed[u].start + part.offset;
                schedule_.placements.push_back(
                    {group.id, wave.id, start, start + part.duration, {}, built_.placed[u].reasons});
            }
        }
        std::ranges::sort(wave.groups);
        write_wave_reasons(open, wave);
        for (const std::size_t other : order_) {
            if (other != w && follows(open, built_.waves[other])) wave.after.push_back(ids_[other]);
        }
        schedule_.waves.push_back(std::move(wave));
    }

    void write_wave_reasons(const OpenWave& open, Wave& wave) const {
        std::vector<std::size_t> units = open.units;
        std::ranges::sort(units);
        for (const std::size_t u : units) {
            for (const std::string& reason : built_.placed[u].reasons) {
                wave.reasons.push_back(problem_.units[u].name + ": " + reason);
            }
        }
    }

    // Must `wave` wait until `before` is over, whatever their expected lengths turn out to be?
    bool follows(const OpenWave& wave, const OpenWave& before) const {
        if (before.end > wave.start) return false;
        for (const std::size_t u : wave.units) {
            for (const std::size_t other : before.units) {
                if (problem_.units[u].needs.contains(other) || problem_.units[u].apart.contains(other))
                    return true;
            }
        }
        const bool may_overlap = before.window.end > wave.window.start;
        return may_overlap && short_of_resources(wave, before);
    }

    // Do all waves that might run at the same time ask for more than there is of something both need?
    bool short_of_resources(const OpenWave& wave, const OpenWave& before) const {
        for (const auto& [resource, count] : wave.demand) {
            if (!before.demand.contains(resource)) continue;
            int total = 0;
            for (const OpenWave& other : built_.waves) {
                const bool overlaps =
                    other.window.start < wave.window.end && wave.window.start < other.window.end;
                const auto demand = other.demand.find(resource);
                if (overlaps && demand != other.demand.end()) total += demand->second;
            }
            if (total > problem_.capacity.at(resource)) return true;
        }
        return false;
    }

    // Links serve units in order of their wave's start.
    void write_seeding() {
        std::vector<std::size_t> units;
        for (std::size_t u = 0; u < problem_.units.size(); ++u) units.push_back(u);
        std::ranges::sort(units, {}, [this](std::size_t u) {
            return std::pair(built_.waves[built_.placed[u].wave].start, u);
        });
        std::vector<Instant> free;
        for (const ProblemLink& link : problem_.links) free.push_back(link.available_from);
        for (const std::size_t u : units) {
            for (const GroupPart& part : problem_.units[u].parts) {
                for (const LinkLoad& load : part.seeding) {
                    const ProblemLink& link = problem_.links[load.link];
                    const Instant start = free[load.link];
                    free[load.link] = start + load.busy;
                    add_seeding(part.group, {link.from, link.to, load.bytes, start, free[load.link]});
                }
            }
        }
        for (Placement& placement : schedule_.placements) {
            std::ranges::sort(placement.seeding, {},
                              [](const Seeding& seeding) { return std::pair(seeding.from, seeding.to); });
        }
    }

    void add_seeding(std::size_t group, const Seeding& seeding) {
        const MoveGroupId& id = problem_.move_groups.groups[group].id;
        const auto at = std::ranges::lower_bound(schedule_.placements, id, {}, &Placement::group);
        at->seeding.push_back(seeding);
        at->reasons.push_back("seeding " + format_bytes(seeding.bytes) + " over " + seeding.from.str() + "-" +
                              seeding.to.str() + " takes " + format_duration(seeding.end - seeding.start) +
                              ", planned from " + local_text(seeding.start, plan_.timezone));
    }

    void note_closed_windows() {
        Instant last = problem_.as_of;
        for (const OpenWave& wave : built_.waves) last = std::max(last, wave.end);
        std::set<std::string> told;
        for (const Unit& unit : problem_.units) {
            for (const ClosedTime& closed : unit.windows.closed) {
                const bool by_freeze = closed.why.find(": freeze ") != std::string::npos;
                if (by_freeze || closed.start >= last || !told.insert(closed.why).second) continue;
                schedule_.notes.push_back(closed.why);
            }
        }
    }

    // Soft dependencies whose ends move at different times.
    void note_soft_dependencies() {
        std::size_t cut = 0;
        const DependencyGraph graph = application_graph(plan_, Duration{0});
        for (const Dependency& edge : graph.dependencies()) {
            if (edge.kind != DependencyKind::kSoft) continue;
            const WaveId& from = wave_of(edge.dependent);
            const WaveId& to = wave_of(edge.prerequisite);
            if (from == to || ++cut > kSoftNotesMax) continue;
            schedule_.notes.push_back(to_string(edge) + ", but they move apart: " + edge.dependent + " in " +
                                      from.str() + ", " + edge.prerequisite + " in " + to.str());
        }
        if (cut <= kSoftNotesMax) return;
        schedule_.notes.push_back("and " + std::to_string(cut - kSoftNotesMax) +
                                  " more soft dependencies between waves");
    }

    const WaveId& wave_of(const std::string& application) const {
        const MoveGroupId& group = problem_.move_groups.group_of.at(ApplicationId{application});
        return std::ranges::lower_bound(schedule_.placements, group, {}, &Placement::group)->wave;
    }

    const Plan& plan_;
    Problem problem_;
    BuiltWaves built_;
    std::vector<std::size_t> order_;  // waves by start
    std::vector<WaveId> ids_;         // by wave
    Schedule schedule_;
};

}  // namespace

Result<Schedule> make_schedule(const Plan& plan, Instant as_of) { return make_schedule(plan, as_of, {}); }

Result<Schedule> make_schedule(const Plan& plan, Instant as_of, const ScheduleOptions& options) {
    ARARAT_ASSIGN_OR_RETURN(Problem problem, make_problem(plan, as_of, options));
    const DiagnosticList faults = proved_faults(problem);
    if (!faults.empty()) return error_of(faults);
    ARARAT_ASSIGN_OR_RETURN(BuiltWaves built, search(problem));
    return ScheduleWriter(plan, std::move(problem), std::move(built)).run();
}

std::vector<std::string> explain(const Schedule& schedule, const ApplicationId& application) {
    for (const MoveGroup& group : schedule.groups) {
        if (std::ranges::find(group.applications, application) == group.applications.end()) continue;
        std::vector<std::string> lines{application.str() + " moves in " + group.wave.str() +
                                       " with move group " + group.id.str()};
        lines.insert(lines.end(), group.reasons.begin(), group.reasons.end());
        const auto at = std::ranges::find(schedule.placements, group.id, &Placement::group);
        if (at != schedule.placements.end()) {
            lines.insert(lines.end(), at->reasons.begin(), at->reasons.end());
        }
        return lines;
    }
    return {};
}

}  // namespace ararat::planning
