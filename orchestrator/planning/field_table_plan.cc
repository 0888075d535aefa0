#include <array>

#include "planning/field_table.h"

namespace ararat::planning {
namespace {

using Type = FieldType;
constexpr FieldFlag kRequired = FieldFlag::kRequired;
constexpr FieldFlag kNotEnforced = FieldFlag::kNotEnforced;
// What only the scheduler of the whole programme acts on.
constexpr FieldFlag kProgrammeOnly = kProgrammeSchedulerFlag;

constexpr Field kPlan[] = {
    {"ararat", Type::kChoice, "v1", "", "Version of the plan language. Required in the first file."},
    {"programme", Type::kSection, "programme", "", "The whole exit. Given once."},
    {"include", Type::kIncludePath, "", "",
     "Other plan files, or directories of them, relative to this file; merged with it."},
    {"sites", Type::kSectionMap, "site", "", "Data centres."},
    {"links", Type::kSectionList, "link", "", "Bandwidth between two sites."},
    {"services", Type::kSectionMap, "service", "", "Business services, with what they promise."},
    {"hosts", Type::kSectionMap, "host", "", "Servers, those of the source and those of the target sites."},
    {"applications", Type::kSectionMap, "application", "", "What moves."},
    {"calendars", Type::kSectionMap, "calendar", "", "When cutovers may happen."},
    {"resources", Type::kCapacities, "capacity-change", "",
     "What is scarce, and how much of it there is at a time."},
    {"stocks", Type::kSectionMap, "stock", "", "What moves use up or free, and what is delivered.",
     kProgrammeOnly},
    {"equipment", Type::kSectionMap, "equipment", "",
     "What several hosts stand in, run on, or keep their disks in."},
    {"unsupported", Type::kTexts, "", "",
     "Operating systems, as hosts give them under `os`, that may not land on a target site."},
    {"gates", Type::kSectionMap, "gate", "", "Recorded decisions that steps wait for."},
    {"tasks", Type::kSectionMap, "programme-task", "",
     "Milestones, and work of the programme that is not a server.", kProgrammeOnly},
    {"cohorts", Type::kSectionMap, "cohort", "", "Work on many things of a kind, in batches.",
     kProgrammeOnly},
    {"scheduling", Type::kSection, "scheduling", "", "How moves are grouped to waves. Given once.",
     kProgrammeOnly},
    {"together", Type::kSectionList, "together", "", "Applications that must move together."},
    {"waves", Type::kWaves, "wave", "auto", "`auto`, or waves pinned by hand, wholly or in part."},
    {"runbooks", Type::kSectionMap, "runbook", "", "Runbooks written in the plan itself."},
};

constexpr Field kProgramme[] = {
    {"name", Type::kIdentifier, "", "", "Name of the project; part of every key and certificate.", kRequired},
    {"timezone", Type::kTimezone, "", "UTC", "Time zone of calendars that name none."},
};

constexpr Field kSite[] = {
    {"role", Type::kChoice, "source|target", "", "Whether the site is left or moved to.", kRequired},
    {"contract_end", Type::kDate, "", "", "Last day on which a source site can be used."},
    {"overrun_cost_per_day", Type::kMoney, "", "",
     "Price of every day begun after the contract's end. Without it the end cannot be overrun.",
     kProgrammeOnly},
    {"calendar", Type::kReference, "calendars", "",
     "When hosts can be cut over from it or to it, besides what applications say.", kProgrammeOnly},
    {"moves_at_once", Type::kInteger, "1..100000", "",
     "So many hosts of it, or for it, are seeded or cut over at once.", kProgrammeOnly},
};

constexpr Field kLink[] = {
    {"from", Type::kReference, "sites", "", "Site where the data comes from.", kRequired},
    {"to", Type::kReference, "sites", "", "Site where the data goes.", kRequired},
    {"bandwidth", Type::kRate, "", "", "What the link carries.", kRequired},
    {"usable", Type::kPercent, "", "100%", "Share of it that moves may take; data channels keep to it."},
    {"available_from", Type::kMoment, "", "", "The link is there from then on."},
    {"listen", Type::kChoice, "source|target", "source",
     "Which end of a data channel accepts the other's connection."},
    {"task", Type::kReference, "tasks", "", "The link is there when this task is done.", kProgrammeOnly},
};

constexpr Field kService[] = {
    {"availability", Type::kPercent, "", "",
     "Share of time promised, by calendar month. Planned outages keep to what it leaves.", kProgrammeOnly},
    {"owner", Type::kText, "", "", "Who owns the service."},
    {"used", Type::kMonthDurations, "", "", "Outage that there was already, by month.", kProgrammeOnly},
    {"calendar", Type::kReference, "calendars", "",
     "When its applications can be cut over, besides what they say themselves.", kProgrammeOnly},
    {"by", Type::kDayOrMoment, "", "", "All its applications are cut over by then; of a day, its end.",
     kProgrammeOnly},
    {"price_per_day", Type::kMoney, "", "", "Price of every day begun after `by`. Without it `by` is kept.",
     kProgrammeOnly},
};

constexpr Field kHost[] = {
    {"site", Type::kReference, "sites", "", "Where the host is.", kRequired},
    {"address", Type::kAddress, "", "the host's name",
     "Host name or IP address, as the other end reaches it."},
    {"via", Type::kChoice, "agent|ssh|manual", "agent", "How the host is driven; `manual`: by people only."},
    {"ssh", Type::kSection, "ssh", "", "How to log in, for hosts driven over SSH and for jump hosts."},
    {"proxy", Type::kReference, "hosts", "",
     "For SSH hosts: the agent that holds their end of data channels; none: beside the orchestrator.",
     kNotEnforced},
    {"os", Type::kText, "", "", "Operating system; see `unsupported`."},
    {"cpus", Type::kInteger, "1..65536", "", "Number of processors, for stocks that count them.",
     kProgrammeOnly},
    {"memory", Type::kBytes, "", "", "Main memory, for stocks that count it.", kProgrammeOnly},
    {"disk", Type::kBytes, "", "", "Disk in use, for stocks that count it.", kProgrammeOnly},
    {"change_rate", Type::kHourlyRate, "", "", "How fast its data changes; seeding has to be faster."},
    {"compliance", Type::kTextMap, "", "",
     "What each regime asks of this host. `upgrade`: it lands on a target site only by a way that upgrades "
     "it, or is retired; `retire`: it is retired. Anything else is for people to read."},
    {"equipment", Type::kReferences, "equipment", "", "What it stands in, runs on or keeps its disks in."},
};

constexpr Field kSsh[] = {
    {"user", Type::kText, "", "root", "User to log in as."},
    {"port", Type::kInteger, "1..65535", "22", "Port of the SSH server."},
    {"jump", Type::kReference, "hosts", "",
     "Jump host: the SSH connection goes through it. It may have one of its own; up to four on the way."},
};

constexpr Field kApplication[] = {
    {"service", Type::kReference, "services", "", "Service that it serves."},
    {"priority", Type::kInteger, "1..9", "5", "1 is most urgent."},
    {"components", Type::kSectionMap, "component", "", "Its parts, each on hosts of its own.", kRequired},
    {"needs", Type::kNeeds, "need", "",
     "Hard dependencies: these move before it, or with it when they need each other."},
    {"uses", Type::kReferences, "applications", "", "Soft dependencies: may be apart from it."},
    {"pairs_with", Type::kReferences, "applications", "",
     "Applications that stand in for it: they move at another time and to another site."},
    {"outage", Type::kDuration, "", "",
     "Expected time without service; its cutover is taken to last no less, unless `duration` is given."},
    {"duration", Type::kDuration, "", "", "Expected length of its cutover."},
    {"resources", Type::kCounts, "resources", "", "What it takes of the resources while its wave runs."},
    {"data", Type::kBytes, "", "0 B", "Data to move, for the links' bandwidth."},
    {"gates", Type::kReferences, "gates", "", "Decided before its wave's cutover begins."},
    {"calendar", Type::kReference, "calendars", "", "When its cutover may happen; none: at any time."},
    {"when_late", Type::kChoice, "hold|back-out|go-on", "hold",
     "In the cutover, at the latest moment at which a back-out still ends inside the window: held for a "
     "person's "
     "go or no-go, backed out, or let go on. A move group is held unless all its applications say the same."},
    {"owner", Type::kText, "", "the service's", "Who owns it: compliance is listed by owner."},
    {"environment", Type::kChoice, "production|test|development", "production",
     "What it is for; see `scheduling`.", kProgrammeOnly},
    {"stale_after", Type::kDuration, "", "", "Its cutover begins at most so long after its seeding ended.",
     kProgrammeOnly},
    {"bandwidth", Type::kRate, "", "the link's usable share", "What its seeding takes of a link.",
     kProgrammeOnly},
    {"not_before", Type::kDayOrMoment, "", "", "Its cutover begins no earlier.", kProgrammeOnly},
    {"by", Type::kDayOrMoment, "", "", "It is cut over by then; of a day, its end.", kProgrammeOnly},
    {"price_per_day", Type::kMoney, "", "", "Price of every day begun after `by`. Without it `by` is kept.",
     kProgrammeOnly},
    {"waits_for", Type::kReferences, "tasks", "", "Tasks that are done before its cutover begins.",
     kProgrammeOnly},
    {"takes", Type::kCounts, "stocks", "", "What it takes of stocks, from its first job on.", kProgrammeOnly},
    {"frees", Type::kCounts, "stocks", "",
     "What it gives to stocks when its source is decommissioned, or else cut over.", kProgrammeOnly},
    {"hypercare", Type::kSection, "hypercare", "", "The team stays with it after its cutover.",
     kProgrammeOnly},
    {"decommission", Type::kSection, "decommission", "", "Its source is emptied.", kProgrammeOnly},
    {"ways", Type::kSectionMap, "way", "",
     "Ways to move it, of which the schedule chooses one; none: as its other keys say.", kProgrammeOnly},
};

constexpr Field kComponent[] = {
    {"hosts", Type::kReferences, "hosts", "", "Source hosts.", kRequired},
    {"to", Type::kTargets, "", "",
     "Target hosts and their sites, as many as source hosts, in the same order. Required, unless every way "
     "retires the hosts: then steps on the target are steps on the source."},
    {"runbook", Type::kReference, "runbooks", "", "How each of its hosts moves.", kRequired},
    {"pairs", Type::kChoice, "none|spread", "none",
     "`spread`: its hosts stand in for each other. Their targets are on different sites, and no two of them "
     "are cut over at the same moment."},
    {"needs", Type::kIdentifiers, "", "",
     "Components of the same application. Its start steps wait for everything these do before their "
     "quiesce."},
    {"params", Type::kTemplateMap, "", "", "Values for the runbook's parameters."},
    {"waits", Type::kWaits, "", "", "Steps of its runbook that wait for steps of other components."},
    {"verify_waived", Type::kText, "", "", "Why nothing is verified before the switch."},
    {"ways", Type::kSectionMap, "way", "",
     "Ways to move its hosts, of which the schedule chooses one; none: as the application's.",
     kProgrammeOnly},
};

constexpr Field kCalendar[] = {
    {"windows", Type::kWeeklyWindows, "", "", "Weekly change windows, in local time."},
    {"between", Type::kSectionList, "window", "", "Windows given by moments instead."},
    {"timezone", Type::kTimezone, "", "the programme's", "Time zone of windows and freezes."},
    {"lockout", Type::kDuration, "", "0s", "A cutover starts at the latest so long before a window's end."},
    {"freezes", Type::kDateRanges, "", "", "Days without cutovers, first and last included."},
    {"holidays", Type::kDates, "", "", "Days without cutovers."},
    {"import", Type::kImports, "", "",
     "iCalendar files, relative to this file: nothing is cut over while one of their events lasts."},
};

constexpr Field kWindow[] = {
    {"from", Type::kMoment, "", "", "Start.", kRequired},
    {"to", Type::kMoment, "", "", "End.", kRequired},
};

constexpr Field kGate[] = {
    {"roles", Type::kIdentifiers, "", "", "Roles that may decide.", kRequired},
    {"all", Type::kBoolean, "", "false", "Every role has to approve; else one of them is enough."},
};

constexpr Field kTogether[] = {
    {"applications", Type::kReferences, "applications", "", "Which.", kRequired},
    {"reason", Type::kText, "", "", "Why, for people.", kRequired},
};

constexpr Field kWave[] = {
    {"name", Type::kIdentifier, "", "", "Name of the wave.", kRequired},
    {"applications", Type::kReferences, "applications", "", "What moves in it.", kRequired},
    {"calendar", Type::kReference, "calendars", "", "When; none: as its applications say."},
    {"gates", Type::kReferences, "gates", "", "Decided before its cutover begins."},
    {"start", Type::kChoice, "manual|auto", "manual", "`auto`: by itself when its window opens."},
    {"after", Type::kIdentifiers, "", "", "Waves that have to be moved before it."},
    {"at", Type::kMoment, "", "", "When it starts, as published: to start it at another time is a change.",
     kProgrammeOnly},
    {"frozen", Type::kBoolean, "", "false", "It starts at `at`, whatever else is moved.", kProgrammeOnly},
    {"waits_for", Type::kReferences, "tasks", "", "Tasks that are done before it begins.", kProgrammeOnly},
};

constexpr Section kSections[] = {
    {"plan", "Plan file", "The top level of a plan: one document, or several that are merged.", kPlan},
    {"programme", "programme", "", kProgramme},
    {"site", "sites", "One data centre, under its name.", kSite},
    {"link", "links", "One direction between two sites.", kLink},
    {"service", "services", "One business service, under its name.", kService},
    {"host", "hosts", "One server, physical or virtual, under its name.", kHost},
    {"ssh", "hosts: ssh", "", kSsh},
    {"application", "applications", "One application, under its name.", kApplication},
    {"component", "applications: components", "One part of an application, under its name.", kComponent},
    {"calendar", "calendars", "One calendar, under its name: `windows` or `between`.", kCalendar},
    {"window", "calendars: between", "", kWindow},
    {"gate", "gates", "One recorded decision, under its name.", kGate},
    {"together", "together", "", kTogether},
    {"wave", "waves", "One pinned wave.", kWave},
};

}  // namespace

std::span<const Section> plan_sections() { return kSections; }

}  // namespace ararat::planning
