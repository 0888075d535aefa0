// Jobs of move groups: seeding, cutover, hypercare, decommission.
#include <algorithm>
#include <set>

#include "base/join.h"
#include "base/units.h"
#include "planning/programme_demands.h"

namespace ararat::planning {
namespace {

using scheduler::JobIndex;
using scheduler::JobKind;
using scheduler::Minute;

class GroupBuilder {
public:
    GroupBuilder(ProgrammeDraft& draft, std::size_t index, const WavePin* pin, std::int32_t wave)
        : draft_(draft), index_(index), group_(draft.group(index)), pin_(pin), wave_(wave) {
        for (const ApplicationId& id : group_.applications) {
            applications_.push_back(&draft.plan.applications.at(id));
        }
        name_ = "move group " + group_.id.str();
    }

    void run() {
        ways_ = ways_of_group(draft_, index_);
        keep_possible();
        if (ways_.empty()) return;
        if (!started()) add_seeds();
        add_cutover();
        if (std::ranges::any_of(applications_, [](auto* one) { return one->hypercare.has_value(); })) {
            add_hypercare();
        }
        if (std::ranges::any_of(applications_, [](auto* one) { return one->decommission.has_value(); })) {
            add_decommission();
        }
        connect();
        std::vector<GroupWay>& names = draft_.problem.group_ways[index_];
        for (const PlannedWay& way : ways_) {
            names.push_back(way.choice);
            draft_.link_tasks[index_].insert(way.tasks.begin(), way.tasks.end());
        }
    }

private:
    [[nodiscard]] GroupJobs& jobs() const { return draft_.problem.group_jobs[index_]; }
    [[nodiscard]] const SourcePlace& place() const { return applications_.front()->place; }

    // What is cut over already was seeded before.
    [[nodiscard]] bool started() const {
        if (pin_ != nullptr && pin_->frozen && pin_->at && *pin_->at < draft_.as_of) return true;
        return std::ranges::any_of(draft_.options.fixed, [this](const FixedMove& move) {
            return move.group == group_.id && move.kind == JobKind::kCutover;
        });
    }

    [[nodiscard]] bool frozen() const { return pin_ != nullptr && pin_->frozen && pin_->at; }

    // ---- what each way asks for ----

    void keep_possible() {
        earliest_ = Instant::max();
        for (const PlannedWay& way : ways_) earliest_ = std::min(earliest_, way.not_before);
        std::string first_reason;
        std::vector<PlannedWay> kept;
        for (PlannedWay& way : ways_) {
            const std::string reason = frozen() ? "" : reason_against(way);
            if (reason.empty()) {
                kept.push_back(std::move(way));
            } else {
                if (first_reason.empty()) first_reason = reason;
                if (!way.choice.name.empty()) {
                    draft_.problem.notes.push_back(name_ + " cannot be moved by " + way.choice.name +
                                                   ": it " + reason);
                }
            }
        }
        if (kept.empty() && !ways_.empty()) draft_.no_schedule(place(), name_ + " " + first_reason);
        ways_ = std::move(kept);
    }

    // What no schedule can mend, whatever else is moved.
    std::string reason_against(const PlannedWay& way) {
        for (const auto& [name, count] : way.resources) {
            const auto resource = draft_.resource_of.find(name);
            const int there = resource == draft_.resource_of.end() ? 0 : draft_.most_of(resource->second);
            if (count <= there) continue;
            return "asks for " + std::to_string(count) + " of resource " + name + ", and the plan has " +
                   std::to_string(there);
        }
        const auto& most = draft_.plan.scheduling.wave_hosts_max;
        if (most && pin_ == nullptr && static_cast<int>(hosts_of(way)) > *most) {
            return "has " + std::to_string(hosts_of(way)) + " hosts, and a wave takes " +
                   std::to_string(*most) +
                   (group_.reasons.empty() ? "" : "; it moves as one because " + join(group_.reasons, "; "));
        }
        return window_reason(way);
    }

    std::string window_reason(const PlannedWay& way) {
        const std::int32_t calendar = calendar_of(way);
        if (calendar == scheduler::kNone) return "";
        const auto at = static_cast<std::size_t>(calendar);
        const CalendarOrigin& origin = draft_.problem.calendars[at];
        Minute longest = 0;
        for (const scheduler::OpenTime& open : draft_.problem.programme.calendars[at].windows) {
            longest = std::max(longest, open.end - open.start);
        }
        if (longest == 0) {
            return "has no window of " + origin.text + " within " +
                   std::to_string(draft_.options.horizon_days) + " days" +
                   (origin.windows.closed.empty() ? "" : "; " + origin.windows.closed.front().why);
        }
        if (longest >= ProgrammeDraft::minutes_up(way.cutover)) return "";
        return "takes " + format_duration(way.cutover) + ", and the longest window of " + origin.text +
               " is " + format_duration(std::chrono::minutes{longest});
    }

    // Links that are there later for one way than for another restrict that way alone.
    std::int32_t calendar_of(const PlannedWay& way) {
        std::set<std::string> names = way.calendars;
        if (pin_ != nullptr && !pin_->calendar.empty()) names.insert(pin_->calendar);
        const bool later = way.not_before > earliest_;
        return draft_.calendar_of(names, later ? draft_.minute_up(way.not_before) : 0);
    }

    [[nodiscard]] static std::size_t hosts_of(const PlannedWay& way) {
        std::set<HostId> hosts;
        for (const HostPair& pair : way.pairs) hosts.insert(pair.source->id);
        return hosts.size();
    }

    // ---- seeding ----

    void add_seeds() {
        std::set<LinkEnds> ends;
        for (const PlannedWay& way : ways_) {
            for (const auto& [link, load] : way.seeds) ends.insert(link);
        }
        for (const LinkEnds& link : ends) {
            std::vector<WaySpec> specs;
            for (const PlannedWay& way : ways_) {
                specs.push_back(seed_spec(way, link));
                if (jobs().seeds.empty()) take_stocks(draft_, way, specs.back());
            }
            JobOrigin origin = origin_of(JobKind::kSeed, "seeding of ");
            if (!link.first.empty()) origin.name += " from " + link.first.str() + " to " + link.second.str();
            jobs().seeds.push_back(draft_.add_job(job(), specs, std::move(origin)));
        }
    }

    WaySpec seed_spec(const PlannedWay& way, const LinkEnds& ends) {
        WaySpec spec;
        const auto load = way.seeds.find(ends);
        if (load == way.seeds.end()) return spec;
        spec.duration = ProgrammeDraft::minutes_up(load->second.busy);
        add_move_limits(draft_, way, load->second.pairs, spec);
        const auto link = draft_.resource_of.find(link_key(ends.first, ends.second));
        if (ends.first.empty() || link == draft_.resource_of.end()) return spec;
        const auto kbit = static_cast<std::int32_t>(
            std::min<std::uint64_t>((load->second.bytes_per_second + 124) / 125, 2'000'000'000));
        spec.demands[link->second] = std::min(kbit, draft_.most_of(link->second));
        if (way.not_before > draft_.as_of) {
            spec.calendar = draft_.calendar_of({}, draft_.minute_up(way.not_before));
        }
        return spec;
    }

    // ---- the other jobs ----

    void add_cutover() {
        const bool frees =
            std::ranges::none_of(applications_, [](auto* one) { return one->decommission.has_value(); });
        std::vector<WaySpec> specs;
        std::size_t hosts = 0;
        for (const PlannedWay& way : ways_) {
            WaySpec spec;
            spec.duration = ProgrammeDraft::minutes_up(way.cutover);
            spec.calendar = frozen() ? scheduler::kNone : calendar_of(way);
            spec.site = only_site(way);
            spec.cost = way.cost;
            for (const auto& [name, count] : way.resources) {
                const auto resource = draft_.resource_of.find(name);
                if (resource != draft_.resource_of.end()) spec.demands[resource->second] += count;
            }
            std::vector<std::size_t> all(way.pairs.size());
            for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
            add_move_limits(draft_, way, all, spec);
            add_moves_at_once(draft_, kWaveHostsKey, static_cast<std::int32_t>(hosts_of(way)), spec);
            if (jobs().seeds.empty()) take_stocks(draft_, way, spec);
            if (frees) free_stocks(draft_, group_, spec);
            add_outages(draft_, way, spec);
            specs.push_back(std::move(spec));
            hosts = std::max(hosts, hosts_of(way));
        }
        scheduler::Job cutover = job();
        cutover.hosts = static_cast<std::int32_t>(hosts);
        cutover.urgency = urgency();
        cutover.wave = wave_;
        jobs().cutover = draft_.add_job(cutover, specs, origin_of(JobKind::kCutover, "cutover of "));
        set_releases();
        const auto published = draft_.options.published.find(group_.id);
        if (published != draft_.options.published.end()) {
            draft_.job(jobs().cutover).published_start = draft_.minute_up(published->second);
        }
    }

    void set_releases() {
        if (earliest_ > draft_.as_of) {
            const auto at = std::ranges::find(ways_, earliest_, &PlannedWay::not_before);
            if (at != ways_.end()) {
                draft_.set_release(jobs().cutover, draft_.minute_up(earliest_), at->not_before_origin);
            }
        }
        for (const Application* application : applications_) {
            if (!application->not_before) continue;
            const Instant begin = draft_.begin_of(*application->not_before, application->place);
            draft_.set_release(
                jobs().cutover, draft_.minute_up(begin),
                {application->id.str() + " is not cut over before " + draft_.moment(draft_.minute_up(begin)),
                 application->place});
        }
    }

    std::int32_t only_site(const PlannedWay& way) {
        std::set<SiteId> sites;
        for (const HostPair& pair : way.pairs) {
            if (!pair.site.empty()) sites.insert(pair.site);
        }
        return sites.size() == 1 ? draft_.site_of(*sites.begin()) : scheduler::kNone;
    }

    // Its most urgent application's priority; see the plan's `scheduling` for what adds to it.
    [[nodiscard]] int urgency() const {
        constexpr int kSmallHosts = 2;
        constexpr int kLeast = 9;
        const SchedulingRules& rules = draft_.plan.scheduling;
        int result = kLeast;
        bool production = false;
        for (const Application* application : applications_) {
            result = std::min(result, application->priority);
            production = production || application->environment == Environment::kProduction;
        }
        if (rules.small_first && hosts_of(ways_.front()) > kSmallHosts) ++result;
        if (rules.non_production_first && production) ++result;
        return std::min(result, kLeast);
    }

    void add_hypercare() {
        WaySpec spec;
        for (const Application* application : applications_) {
            if (!application->hypercare) continue;
            spec.duration =
                std::max(spec.duration, ProgrammeDraft::minutes_up(application->hypercare->duration));
            add_demands(application->hypercare->resources, application->hypercare->place, spec);
        }
        std::vector<WaySpec> specs;
        for (const PlannedWay& way : ways_) specs.push_back(way.lands ? spec : WaySpec{});
        jobs().hypercare = draft_.add_job(job(), specs, origin_of(JobKind::kHypercare, "hypercare of "));
    }

    void add_decommission() {
        WaySpec spec;
        std::set<std::string> calendars;
        for (const Application* application : applications_) {
            const auto& written = application->decommission;
            if (!written) continue;
            spec.duration = std::max(spec.duration, ProgrammeDraft::minutes_up(written->duration));
            if (!written->calendar.empty()) calendars.insert(written->calendar);
            add_demands(written->resources, written->place, spec);
        }
        spec.calendar = draft_.calendar_of(calendars);
        free_stocks(draft_, group_, spec);
        jobs().decommission = draft_.add_job(job(), std::vector<WaySpec>(ways_.size(), spec),
                                             origin_of(JobKind::kDecommission, "decommission of "));
    }

    void add_demands(const std::map<std::string, int>& counts, const SourcePlace& at, WaySpec& spec) {
        for (const auto& [name, count] : counts) {
            const auto resource = draft_.resource_of.find(name);
            if (resource == draft_.resource_of.end()) continue;
            std::int32_t& amount = spec.demands[resource->second];
            amount += count;
            if (amount > draft_.most_of(resource->second)) {
                draft_.no_schedule(at, name_ + " asks for " + std::to_string(amount) + " of resource " +
                                           name + ", and the plan has " +
                                           std::to_string(draft_.most_of(resource->second)));
            }
        }
    }

    // ---- the order within the group ----

    void connect() {
        const GroupJobs& made = jobs();
        for (const JobIndex seed : made.seeds) {
            draft_.add_after(seed, made.cutover, 0, {"the data of " + name_ + " is seeded first", place()});
            if (seed != made.seeds.front()) {
                draft_.add_lag({made.seeds.front(), seed, 0, false, 0},
                               {"what " + name_ + " takes of stocks it takes first", place()});
            }
            for (const Application* application : applications_) {
                if (!application->stale_after) continue;
                draft_.add_within(seed, made.cutover, minutes_down(*application->stale_after),
                                  {"the replica of " + application->id.str() + " is stale after " +
                                       format_duration(*application->stale_after),
                                   application->place});
            }
        }
        if (made.hypercare != scheduler::kNone) connect_hypercare(made);
        if (made.decommission != scheduler::kNone) connect_decommission(made);
    }

    void connect_hypercare(const GroupJobs& made) {
        const Origin origin{"hypercare of " + name_ + " follows its cutover at once", place()};
        Minute longest = 0;
        for (const PlannedWay& way : ways_) {
            longest = std::max(longest, ProgrammeDraft::minutes_up(way.cutover));
        }
        draft_.add_after(made.cutover, made.hypercare, 0, origin);
        draft_.add_lag({made.hypercare, made.cutover, -longest, false, 0}, origin);
    }

    void connect_decommission(const GroupJobs& made) {
        for (const Application* application : applications_) {
            if (!application->decommission) continue;
            draft_.add_after(made.cutover, made.decommission,
                             ProgrammeDraft::minutes_up(application->decommission->after),
                             {application->id.str() + " is decommissioned at least " +
                                  format_duration(application->decommission->after) + " after its cutover",
                              application->decommission->place});
        }
        if (made.hypercare == scheduler::kNone) return;
        draft_.add_after(made.hypercare, made.decommission, 0,
                         {name_ + " is not decommissioned during its hypercare", place()});
    }

    [[nodiscard]] static Minute minutes_down(Duration duration) {
        return static_cast<Minute>(std::chrono::floor<std::chrono::minutes>(duration).count());
    }

    [[nodiscard]] scheduler::Job job() const {
        scheduler::Job made;
        made.group = static_cast<scheduler::GroupNumber>(index_);
        return made;
    }

    [[nodiscard]] JobOrigin origin_of(JobKind kind, const std::string& what) const {
        JobOrigin origin;
        origin.kind = kind;
        origin.name = what + name_;
        origin.place = place();
        origin.group = index_;
        return origin;
    }

    ProgrammeDraft& draft_;
    std::size_t index_;
    const MoveGroup& group_;
    const WavePin* pin_;
    std::int32_t wave_;
    std::string name_;
    std::vector<const Application*> applications_;
    std::vector<PlannedWay> ways_;
    Instant earliest_;  // at which the links of any way are there
};

}  // namespace

void add_groups(ProgrammeDraft& draft) {
    const std::vector<std::optional<std::size_t>> pins = pins_of_groups(draft);
    const std::size_t count = draft.problem.move_groups.groups.size();
    draft.problem.programme.group_count = static_cast<scheduler::GroupNumber>(count);
    draft.problem.group_jobs.resize(count);
    draft.problem.group_ways.resize(count);
    draft.link_tasks.resize(count);
    for (std::size_t group = 0; group < count; ++group) {
        const WavePin* pin = pins[group] ? &draft.plan.waves[*pins[group]] : nullptr;
        const std::int32_t wave = pin == nullptr ? scheduler::kNone : static_cast<std::int32_t>(*pins[group]);
        GroupBuilder(draft, group, pin, wave).run();
    }
}

}  // namespace ararat::planning
