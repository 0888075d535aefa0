#include "planning/schedule_problem.h"

#include <algorithm>

#include "base/check.h"
#include "base/join.h"
#include "base/units.h"

namespace ararat::planning {
namespace {

constexpr Duration kUnrestrictedWindow = std::chrono::hours(24 * 365);

class ProblemBuilder {
public:
    ProblemBuilder(const Plan& plan, Instant as_of, const ScheduleOptions& options) : plan_(plan) {
        problem_.as_of = as_of;
        problem_.options = options;
        problem_.capacity = plan.resources;
    }

    Result<Problem> run() {
        problem_.move_groups = make_move_groups(plan_);
        for (const Cycle& cycle : problem_.move_groups.cycles) {
            if (cycle.nodes.size() == 1) {
                fault(cycle.edges.front().place, "application " + cycle.nodes.front() + " needs itself");
            }
        }
        check_pairs(plan_, problem_.move_groups, problem_.pair_turns, faults_);
        expand_calendars();
        assign_pins();
        make_units();
        if (faults_.empty()) connect_units();
        if (faults_.empty()) check_unit_order(problem_, faults_);
        if (!faults_.empty()) return error_of(faults_);
        find_critical_path();
        note_assumptions();
        return std::move(problem_);
    }

private:
    void fault(const SourcePlace& place, const std::string& text,
               DiagnosticCode code = DiagnosticCode::kConflict) {
        faults_.add(place, code, text);
    }
    void no_schedule(const SourcePlace& place, const std::string& text) {
        fault(place, "proved: " + text, DiagnosticCode::kNoSchedule);
    }

    const std::vector<MoveGroup>& groups() const { return problem_.move_groups.groups; }

    void expand_calendars() {
        for (const auto& [id, calendar] : plan_.calendars) {
            auto windows =
                expand(calendar, plan_.timezone, problem_.as_of, problem_.options.horizon_days, faults_);
            if (windows) windows_.emplace(id, std::move(*windows));
        }
    }

    // A group goes where its pinned applications go; two pins for one group are a fault.
    void assign_pins() {
        pin_of_group_.resize(groups().size());
        std::map<ApplicationId, std::size_t> pin_of;
        for (std::size_t pin = 0; pin < plan_.waves.size(); ++pin) {
            const WavePin& wave = plan_.waves[pin];
            if (wave.applications.empty())
                fault(wave.place, "wave " + wave.id.str() + " has no applications");
            for (const ApplicationId& id : wave.applications) {
                const auto [at, added] = pin_of.try_emplace(id, pin);
                if (added || at->second == pin) continue;
                const WavePin& other = plan_.waves[at->second];
                fault(wave.place, "application " + id.str() + " is in wave " + wave.id.str() +
                                      " and in wave " + other.id.str() + " (" + to_string(other.place) + ")");
            }
        }
        for (std::size_t i = 0; i < groups().size(); ++i) {
            const ApplicationId* first = nullptr;
            for (const ApplicationId& id : groups()[i].applications) {
                const auto pin = pin_of.find(id);
                if (pin == pin_of.end()) continue;
                if (first == nullptr) {
                    first = &id;
                    pin_of_group_[i] = pin->second;
                } else if (pin_of_group_[i] != pin->second) {
                    const WavePin& here = plan_.waves[pin->second];
                    const WavePin& there = plan_.waves[*pin_of_group_[i]];
                    fault(here.place, "wave " + here.id.str() + " takes " + id.str() + " and wave " +
                                          there.id.str() + " (" + to_string(there.place) + ") takes " +
                                          first->str() +
                                          ", which must move together: " + join(groups()[i].reasons, "; "));
                }
            }
        }
    }

    void make_units() {
        std::map<std::size_t, std::vector<std::size_t>> by_pin;
        for (std::size_t i = 0; i < groups().size(); ++i) {
            if (pin_of_group_[i]) {
                by_pin[*pin_of_group_[i]].push_back(i);
            } else {
                make_unit("move group " + groups()[i].id.str(), {i}, std::nullopt);
            }
        }
        for (const auto& [pin, members] : by_pin) {
            make_unit("pinned wave " + plan_.waves[pin].id.str(), members, pin);
        }
        std::ranges::sort(problem_.units, {}, &Unit::name);
    }

    void make_unit(std::string name, const std::vector<std::size_t>& members,
                   std::optional<std::size_t> pin) {
        Unit unit;
        unit.name = std::move(name);
        unit.pin = pin;
        unit.place = pin ? plan_.waves[*pin].place
                         : plan_.applications.at(groups()[members.front()].applications.front()).place;
        unit.priority = std::numeric_limits<int>::max();
        std::set<std::string> calendars;
        if (pin && !plan_.waves[*pin].calendar.empty()) calendars.insert(plan_.waves[*pin].calendar);
        unit.not_before = problem_.as_of;
        std::set<HostId> hosts;
        time_parts(members, unit);
        for (GroupPart& part : unit.parts) {
            LinkUse use;
            use.not_before = unit.not_before;
            use.not_before_text = unit.not_before_text;
            for (const ApplicationId& id : groups()[part.group].applications) {
                const Application& application = plan_.applications.at(id);
                unit.priority = std::min(unit.priority, application.priority);
                for (const auto& [resource, count] : application.resources) unit.demand[resource] += count;
                if (!application.calendar.empty()) calendars.insert(application.calendar);
                add_deadlines(application, unit);
                add_link_use(plan_, application, use, faults_);
                for (const Component& component : application.components) {
                    hosts.insert(component.hosts.begin(), component.hosts.end());
                }
            }
            unit.not_before = use.not_before;
            unit.not_before_text = use.not_before_text;
            unit.open_from = std::max(unit.open_from, use.available_from);
            add_loads(use, part, unit);
        }
        unit.hosts = hosts.size();
        open_windows(calendars, unit);
        check_alone(unit);
        problem_.units.push_back(std::move(unit));
    }

    void add_deadlines(const Application& application, Unit& unit) {
        for (const Component& component : application.components) {
            for (const HostId& id : component.hosts) {
                const auto host = plan_.hosts.find(id);
                if (host == plan_.hosts.end()) continue;
                const auto site = plan_.sites.find(host->second.site);
                if (site == plan_.sites.end() || !site->second.contract_end) continue;
                const auto end = end_of_local_day(plan_.timezone, *site->second.contract_end);
                if (!end.ok()) {
                    fault(site->second.place,
                          "contract_end of site " + site->first.str() + ": " + end.error().message,
                          DiagnosticCode::kWrongType);
                } else if (!unit.deadline || *end < *unit.deadline) {
                    unit.deadline = *end;
                    unit.deadline_text = "the contract of " + site->first.str() + " ends on " +
                                         *site->second.contract_end + " (" + to_string(site->second.place) +
                                         ")";
                }
            }
        }
    }

    void add_loads(const LinkUse& use, GroupPart& part, Unit& unit) {
        for (const auto& [ends, load] : use.loads) {
            const LinkLoad part_load{index_of_link(ends.first, ends.second), load.first, load.second};
            part.seeding.push_back(part_load);
            const auto at = std::ranges::find(unit.seeding, part_load.link, &LinkLoad::link);
            if (at == unit.seeding.end()) {
                unit.seeding.push_back(part_load);
            } else {
                at->bytes += part_load.bytes;
                at->busy += part_load.busy;
            }
        }
        std::ranges::sort(part.seeding, {}, &LinkLoad::link);
        std::ranges::sort(unit.seeding, {}, &LinkLoad::link);
    }

    std::size_t index_of_link(const SiteId& from, const SiteId& to) {
        std::vector<ProblemLink>& links = problem_.links;
        for (std::size_t i = 0; i < links.size(); ++i) {
            if (links[i].from == from && links[i].to == to) return i;
        }
        ProblemLink link{from, to, problem_.as_of};
        for (const Link& written : plan_.links) {
            if (written.from == from && written.to == to && written.available_from) {
                link.available_from = std::max(link.available_from, *written.available_from);
            }
        }
        links.push_back(std::move(link));
        return links.size() - 1;
    }

    // Within a pinned wave a group starts when the groups of the wave that it needs are over.
    void time_parts(const std::vector<std::size_t>& members, Unit& unit) {
        std::map<std::string, std::size_t> index_of;
        DependencyGraph inside;
        for (const std::size_t member : members) {
            index_of[groups()[member].id.str()] = member;
            inside.add_node(groups()[member].id.str());
        }
        if (members.size() > 1) {
            for (const Dependency& edge : group_edges()) {
                if (!index_of.contains(edge.dependent) || !index_of.contains(edge.prerequisite)) continue;
                ARARAT_CHECK(inside.add(edge).ok(), "both groups are members of the wave");
            }
        }
        const auto order = inside.topological_order();
        ARARAT_CHECK(order.ok(), "groups do not need each other in a circle");
        std::map<std::string, Duration> end_of;
        const std::vector<Dependency> edges = inside.dependencies();
        for (const std::string& id : *order) {
            GroupPart part{index_of.at(id), Duration{0}, Duration{0}, {}};
            part.duration = group_duration(plan_, groups()[part.group], problem_.options.assumed_cutover);
            for (const Dependency& edge : edges) {
                if (edge.dependent == id) part.offset = std::max(part.offset, end_of.at(edge.prerequisite));
            }
            end_of[id] = part.offset + part.duration;
            unit.duration = std::max(unit.duration, end_of[id]);
            unit.parts.push_back(part);
        }
        std::ranges::sort(unit.parts, {}, &GroupPart::group);
    }

    const std::vector<Dependency>& group_edges() {
        if (!group_edges_) {
            group_edges_ =
                group_graph(plan_, problem_.move_groups, problem_.options.assumed_cutover).dependencies();
        }
        return *group_edges_;
    }

    void open_windows(const std::set<std::string>& calendars, Unit& unit) {
        unit.timezone = plan_.timezone;
        unit.any_time = calendars.empty();
        if (unit.any_time) {
            const Instant end = unit.not_before + kUnrestrictedWindow;
            unit.windows.windows.push_back({unit.not_before, end, end});
            return;
        }
        bool first = true;
        for (const std::string& id : calendars) {
            const auto windows = windows_.find(id);
            if (windows == windows_.end()) return;  // its fault is already listed
            unit.windows = first ? windows->second : intersect(unit.windows, windows->second);
            const std::string& zone = plan_.calendars.at(id).timezone;
            if (first && !zone.empty()) unit.timezone = zone;
            first = false;
        }
        unit.calendars =
            (calendars.size() == 1 ? "calendar " : "all of the calendars ") + join(calendars, " and ");
    }

    // What no schedule can mend, whatever else is moved.
    void check_alone(const Unit& unit) {
        for (const auto& [resource, count] : unit.demand) {
            const auto capacity = problem_.capacity.find(resource);
            const int there = capacity == problem_.capacity.end() ? 0 : capacity->second;
            if (count <= there) continue;
            no_schedule(unit.place, unit.name + " asks for " + std::to_string(count) + " of resource " +
                                        resource + ", and the plan has " + std::to_string(there));
        }
        const std::size_t hosts_max = problem_.options.wave_hosts_max;
        if (hosts_max != 0 && unit.hosts > hosts_max && !unit.pin) {
            const MoveGroup& group = groups()[unit.parts.front().group];
            no_schedule(
                unit.place,
                unit.name + " has " + std::to_string(unit.hosts) + " hosts, and a wave takes " +
                    std::to_string(hosts_max) +
                    (group.reasons.empty() ? "" : "; it moves as one because " + join(group.reasons, "; ")));
        }
        if (unit.any_time || !faults_.empty()) return;
        Duration longest{0};
        for (const ChangeWindow& window : unit.windows.windows)
            longest = std::max(longest, window.end - window.start);
        if (longest.count() == 0) {
            no_schedule(unit.place,
                        unit.name + ": no window of " + unit.calendars + " within " +
                            std::to_string(problem_.options.horizon_days) + " days" +
                            (unit.windows.closed.empty() ? "" : "; " + unit.windows.closed.front().why));
        } else if (longest < unit.duration) {
            no_schedule(unit.place, unit.name + " takes " + format_duration(unit.duration) +
                                        ", and the longest window of " + unit.calendars + " is " +
                                        format_duration(longest));
        }
    }

    void connect_units() {
        std::map<MoveGroupId, std::size_t> unit_of;
        std::map<WaveId, std::size_t> unit_of_pin;
        for (std::size_t i = 0; i < problem_.units.size(); ++i) {
            const Unit& unit = problem_.units[i];
            for (const GroupPart& part : unit.parts) unit_of[groups()[part.group].id] = i;
            if (unit.pin) unit_of_pin[plan_.waves[*unit.pin].id] = i;
        }
        const DependencyGraph graph = application_graph(plan_, Duration{0});
        for (const Dependency& edge : graph.dependencies()) {
            const auto unit_with = [&](const std::string& application) {
                return unit_of.at(problem_.move_groups.group_of.at(ApplicationId{application}));
            };
            const std::size_t dependent = unit_with(edge.dependent);
            const std::size_t prerequisite = unit_with(edge.prerequisite);
            if (edge.kind == DependencyKind::kPair) {
                problem_.units[dependent].apart.try_emplace(prerequisite, to_string(edge));
                problem_.units[prerequisite].apart.try_emplace(dependent, to_string(edge));
                if (dependent == prerequisite) {
                    fault(edge.place, to_string(edge) + " and must move apart, but both are in " +
                                          problem_.units[dependent].name);
                }
            } else if (edge.kind == DependencyKind::kHard && dependent != prerequisite) {
                problem_.units[dependent].needs.try_emplace(prerequisite, to_string(edge));
            }
        }
        for (const WavePin& wave : plan_.waves) {
            for (const WaveId& before : wave.after) {
                const auto from = unit_of_pin.find(wave.id);
                const auto to = unit_of_pin.find(before);
                if (from == unit_of_pin.end() || to == unit_of_pin.end()) continue;
                const std::string why = "wave " + wave.id.str() + " is after wave " + before.str();
                problem_.units[from->second].needs.try_emplace(to->second,
                                                               why + " (" + to_string(wave.place) + ")");
            }
        }
        problem_.needed_by.resize(problem_.units.size());
        for (std::size_t i = 0; i < problem_.units.size(); ++i) {
            for (const auto& [needed, why] : problem_.units[i].needs) problem_.needed_by[needed].push_back(i);
        }
    }

    void find_critical_path() {
        const DependencyGraph graph =
            group_graph(plan_, problem_.move_groups, problem_.options.assumed_cutover);
        const auto path = graph.critical_path();
        ARARAT_CHECK(path.ok(), "groups do not need each other in a circle");
        problem_.critical_duration = path->length;
        for (const std::string& id : path->nodes) {
            const auto at = std::ranges::find(groups(), MoveGroupId{id}, &MoveGroup::id);
            problem_.critical_path.push_back(
                {at->id, group_duration(plan_, *at, problem_.options.assumed_cutover)});
        }
    }

    void note_assumptions() {
        std::vector<std::string> assumed;
        for (const auto& [id, application] : plan_.applications) {
            if (!application.expected_duration) assumed.push_back(id.str());
        }
        if (assumed.empty()) return;
        problem_.notes.push_back("the plan does not say how long these take to cut over, " +
                                 format_duration(problem_.options.assumed_cutover) +
                                 " each is assumed: " + join(assumed, ", "));
    }

    const Plan& plan_;
    Problem problem_;
    DiagnosticList faults_;
    std::map<std::string, WindowList> windows_;
    std::vector<std::optional<std::size_t>> pin_of_group_;
    std::optional<std::vector<Dependency>> group_edges_;
};

}  // namespace

Result<Problem> make_problem(const Plan& plan, Instant as_of, const ScheduleOptions& options) {
    return ProblemBuilder(plan, as_of, options).run();
}

}  // namespace ararat::planning
