// The plan as written by migration engineers, parsed and checked but not yet grouped, scheduled or
// compiled. Every named thing keeps the place where it was written, for messages.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/instant.h"
#include "model/compiled_plan.h"
#include "model/ids.h"
#include "model/scheduling_terms.h"
#include "model/source_place.h"
#include "model/task.h"

namespace ararat {

enum class SiteRole { kSource, kTarget };
struct Site {
    SiteId id;
    SiteRole role = SiteRole::kTarget;
    std::optional<std::string> contract_end;  // YYYY-MM-DD
    std::optional<std::string> overrun_cost_per_day;
    SourcePlace place;
    // The same as an amount; none: the end cannot be overrun.
    std::optional<Pence> overrun_pence_per_day = std::nullopt;
    std::string calendar = {};                        // of cutovers; empty: at any time
    std::optional<int> moves_at_once = std::nullopt;  // hosts on their way from it or to it
};

struct Link {
    SiteId from;
    SiteId to;
    std::uint64_t bytes_per_second = 0;
    int usable_percent = 100;
    ListenSide listen = ListenSide::kSource;  // which end of a data channel accepts
    std::optional<Instant> available_from;
    SourcePlace place;
    std::string task = {};  // of the programme, by which it is brought about
};

struct Service {
    ServiceId id;
    std::optional<double> availability_percent;
    std::string owner;
    SourcePlace place;
    std::map<std::string, Duration> outage_used;  // by month, "2017-10"
    std::string calendar;                         // when its applications may be cut over
    std::optional<Deadline> deadline;             // all its applications are cut over by then
};

struct Host {
    HostId id;
    SiteId site;
    std::string address;
    HostVia via = HostVia::kAgent;
    std::string ssh_user = "root";
    std::uint16_t ssh_port = 22;
    HostId ssh_jump;
    SourcePlace ssh_jump_place;
    HostId proxy;
    std::string os;
    int cpus = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t disk_bytes = 0;
    std::uint64_t change_bytes_per_hour = 0;
    std::map<std::string, std::string> compliance;
    SourcePlace place;
    std::vector<std::string> equipment;  // what it stands in, runs on or keeps its disks in
};

enum class PairRule {
    kNone,
    kSpread
};  // kSpread: halves never move in one wave's same group slot, nor share a site

struct TargetHost {
    HostId host;
    SiteId site;
};

struct StepRef {
    std::string component;  // of the same application unless `application` is set
    std::string step;
    ApplicationId application;
    SourcePlace place;
};

struct Component {
    std::string name;
    std::vector<HostId> hosts;        // source hosts
    std::vector<TargetHost> targets;  // same count and order
    std::string runbook;
    PairRule pairs = PairRule::kNone;
    std::vector<std::string> needs;  // components of the same application, hard
    std::map<std::string, std::string> params;
    std::map<std::string, std::vector<StepRef>> waits;  // step id -> steps of other components it waits for
    std::string verify_waived;  // why its data is not verified before the switch; empty: it is
    std::map<std::string, SourcePlace> param_places;
    SourcePlace place;
    std::vector<Way> ways;  // of its hosts; none: as its application says
};

struct ApplicationUse {
    ApplicationId application;
    bool hard = false;  // `needs`: may not move before it; hard cycles become one move group
    SourcePlace place;
    // From the end of the needed application's cutover to the start of this one's.
    std::optional<Duration> at_least = std::nullopt;
    std::optional<Duration> at_most = std::nullopt;
};

struct Application {
    ApplicationId id;
    ServiceId service;
    int priority = 5;  // 1 is most urgent
    std::vector<Component> components;
    std::vector<ApplicationUse> dependencies;
    std::vector<ApplicationUse> pairs_with;     // key `pairs-with`: kept apart from it in time and site
    std::optional<Duration> expected_outage;    // planned downtime charged to the service's budget
    std::optional<Duration> expected_duration;  // of the cutover
    std::map<std::string, int> resources;       // demand while its wave runs
    std::uint64_t data_bytes = 0;               // for link bandwidth
    std::vector<GateId> gates;                  // decided before its wave's cutover
    std::string calendar;
    WhenLate when_late = WhenLate::kHold;
    SourcePlace place;
    std::string owner;  // empty: its service's
    Environment environment = Environment::kProduction;
    std::optional<Duration> stale_after;  // its cutover begins at most so long after its seeding ended
    std::uint64_t seeding_bytes_per_second_max = 0;  // 0: all that the link can use
    std::optional<DayOrMoment> not_before;           // its cutover
    std::optional<Deadline> deadline;                // cut over by then
    std::vector<NamedPlace> waits_for;               // tasks of the programme
    std::map<std::string, int> takes;                // from stocks, when its first job starts
    std::map<std::string, int> frees;                // to stocks, when its source is given up
    std::optional<Hypercare> hypercare;
    std::optional<Decommission> decommission;
    std::vector<Way> ways;  // of which one is chosen; none: as the keys above say
};

// Local wall-clock ranges in the calendar's time zone.
struct WeeklyWindow {
    std::set<int> weekdays;  // 0 = Monday ... 6 = Sunday
    int start_minute = 0;    // of the day, local
    int end_minute = 0;      // may exceed 1440: ends on the next day
};
struct Calendar {
    std::string id;
    std::string timezone;  // empty: the programme's
    std::vector<WeeklyWindow> windows;
    Duration lockout{0};  // latest start = window end - lockout
    std::vector<DateRange> freezes;
    std::vector<std::string> holidays;    // YYYY-MM-DD, local
    std::vector<CalendarImport> imports;  // iCalendar files beside the plan
    std::vector<CalendarEvent> events;    // what is in them: nothing is cut over then
    // An explicit window instead of weekly ones: from, to (RFC 3339, or "now+5min" relative to --as-of).
    std::vector<std::pair<Instant, Instant>> explicit_windows;
    SourcePlace place;
};

struct WavePin {
    WaveId id;
    std::vector<ApplicationId> applications;
    std::string calendar;
    std::vector<GateId> gates;
    bool start_auto = false;
    std::vector<WaveId> after;
    SourcePlace place;
    bool frozen = false;                // it starts at `at`, whatever else is moved
    std::optional<Instant> at;          // its start as published; another one is a change
    std::vector<NamedPlace> waits_for;  // tasks of the programme
};

struct TogetherRule {
    std::vector<ApplicationId> applications;
    std::string reason;
    SourcePlace place;
};

// ---- runbooks and actions ----
struct RunbookChannel {
    std::string name;
    ChannelKind kind = ChannelKind::kTree;
    std::string path;
    std::string expose;
    std::string expose_owner;
    std::uint64_t bytes_per_second_max = 0;
    SourcePlace place;
};

struct RunbookStep {
    std::string id;
    Phase phase = Phase::kPrepare;
    TaskKind kind = TaskKind::kStep;
    std::string on;  // "source", "target" or a host's name; kStep only
    std::string action;
    bool once = false;  // one task for all host pairs, executed at the first pair
    std::map<std::string, std::string> with;
    std::map<std::string, SourcePlace> with_places;
    std::optional<std::vector<std::string>> after;  // steps of this runbook; absent: the one before
    std::vector<std::string> opens;
    std::vector<std::string> closes;
    bool point_of_no_return = false;
    std::optional<RetryPolicy> retry;
    std::string timeout;                  // a duration or ${...}; empty: as the action says
    std::string expected, undo_expected;  // durations or ${...}; empty: not said
    GateId gate;
    std::string text;           // kManual
    std::string soak;           // kSoak: a duration or ${...}
    std::string verify_waived;  // on a switch step: why nothing is verified before it
    SourcePlace place;
};

struct Runbook {
    std::string id;
    std::map<std::string, std::string> defaults;  // parameters a component may override
    std::map<std::string, SourcePlace> default_places;
    std::set<std::string> required;  // parameters a component must give
    std::vector<RunbookChannel> channels;
    std::vector<RunbookStep> steps;
    SourcePlace place;
};

enum class ParamType { kText, kInteger, kDuration, kSize, kPath, kIdentifier, kAddress, kBoolean };
struct ActionParam {
    std::string name;
    ParamType type = ParamType::kText;
    bool required = false;
    std::optional<std::string> fallback;
    SourcePlace place;
};
// An operation as the action's manifest has it, with ${...} unresolved.
struct OperationTemplate {
    Operation operation;
    std::string timeout;  // durations, as text that may be ${...}; empty: not given
    std::string every;
    std::string within;
    SourcePlace place;
};
struct Action {
    std::string id;
    std::string summary;
    ActionClass action_class = ActionClass::kIdempotent;
    Guard guard = Guard::kNone;
    std::vector<ActionParam> params;
    std::vector<std::string> outputs;
    std::map<std::string, Hash> files;  // shipped, by name
    std::optional<OperationTemplate> check, perform, probe, undo, verify;
    std::optional<RetryPolicy> retry;
    SourcePlace place;
};

struct Plan {
    ProjectId project;
    std::string timezone = "UTC";
    std::map<SiteId, Site> sites;
    std::vector<Link> links;
    std::map<ServiceId, Service> services;
    std::map<HostId, Host> hosts;  // source and target hosts
    std::map<ApplicationId, Application> applications;
    std::map<std::string, Calendar> calendars;
    std::map<std::string, int> resources;  // the most that there ever is of each
    std::map<std::string, std::vector<CapacityChange>> resource_changes;  // of those that change
    std::map<std::string, SourcePlace> resource_places;
    std::map<std::string, Stock> stocks;
    std::map<std::string, Equipment> equipment;
    std::map<GateId, Gate> gates;
    std::vector<ProgrammeTask> tasks;
    std::map<std::string, Cohort> cohorts;
    std::vector<NamedPlace> unsupported;  // operating systems that may not land on a target site
    SchedulingRules scheduling;
    std::string currency;  // of every amount of money; empty: there is none
    std::vector<TogetherRule> together;
    bool waves_auto = true;
    std::vector<WavePin> waves;
    std::map<std::string, Runbook> runbooks;
    std::map<std::string, Action> actions;
    std::map<Hash, std::string> files;      // shipped files' bytes
    std::vector<std::string> not_enforced;  // keys accepted but not enforced yet, with their places
};

}  // namespace ararat
