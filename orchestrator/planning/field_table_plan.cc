#include <array>

#include "planning/field_table.h"

namespace ararat::planning {
namespace {

using Type = FieldType;
constexpr FieldFlag kRequired = FieldFlag::kRequired;
constexpr FieldFlag kNotEnforced = FieldFlag::kNotEnforced;

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
    {"resources", Type::kCounts, "", "", "What is scarce, and how much of it there is at a time."},
    {"gates", Type::kSectionMap, "gate", "", "Recorded decisions that steps wait for."},
    {"tasks", Type::kSectionMap, "programme-task", "",
     "Work of the programme that is not a server. For people to read; nothing waits for it or watches its "
     "date yet.",
     kNotEnforced},
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
    {"overrun_cost_per_day", Type::kText, "", "", "Price of a day after the contract's end: `4000 GBP`.",
     kNotEnforced},
};

constexpr Field kLink[] = {
    {"from", Type::kReference, "sites", "", "Site where the data comes from.", kRequired},
    {"to", Type::kReference, "sites", "", "Site where the data goes.", kRequired},
    {"bandwidth", Type::kRate, "", "", "What the link carries.", kRequired},
    {"usable", Type::kPercent, "", "100%", "Share of it that moves may take; data channels keep to it."},
    {"available_from", Type::kMoment, "", "", "The link is there from then on."},
    {"listen", Type::kChoice, "source|target", "source",
     "Which end of a data channel accepts the other's connection."},
};

constexpr Field kService[] = {
    {"availability", Type::kPercent, "", "", "Share of time promised.", kNotEnforced},
    {"owner", Type::kText, "", "", "Who owns the service."},
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
    {"os", Type::kText, "", "", "Operating system.", kNotEnforced},
    {"cpus", Type::kInteger, "1..65536", "", "Number of processors.", kNotEnforced},
    {"memory", Type::kBytes, "", "", "Main memory.", kNotEnforced},
    {"disk", Type::kBytes, "", "", "Disk in use.", kNotEnforced},
    {"change_rate", Type::kHourlyRate, "", "", "How fast its data changes; seeding has to be faster."},
    {"compliance", Type::kTextMap, "", "", "What each regime asks of this host.", kNotEnforced},
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
    {"needs", Type::kReferences, "applications", "",
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
};

constexpr Field kComponent[] = {
    {"hosts", Type::kReferences, "hosts", "", "Source hosts.", kRequired},
    {"to", Type::kTargets, "", "",
     "Target hosts and their sites, as many as source hosts, in the same order.", kRequired},
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
};

constexpr Field kCalendar[] = {
    {"windows", Type::kWeeklyWindows, "", "", "Weekly change windows, in local time."},
    {"between", Type::kSectionList, "window", "", "Windows given by moments instead."},
    {"timezone", Type::kTimezone, "", "the programme's", "Time zone of windows and freezes."},
    {"lockout", Type::kDuration, "", "0s", "A cutover starts at the latest so long before a window's end."},
    {"freezes", Type::kDateRanges, "", "", "Days without cutovers, first and last included."},
};

constexpr Field kWindow[] = {
    {"from", Type::kMoment, "", "", "Start.", kRequired},
    {"to", Type::kMoment, "", "", "End.", kRequired},
};

constexpr Field kGate[] = {
    {"roles", Type::kIdentifiers, "", "", "Roles that may decide.", kRequired},
    {"all", Type::kBoolean, "", "false", "Every role has to approve; else one of them is enough."},
};

constexpr Field kProgrammeTask[] = {
    {"kind", Type::kChoice, "milestone|task", "task", "A point in time, or work."},
    {"owner", Type::kText, "", "", "Who does it."},
    {"due", Type::kDate, "", "", "When it has to be done."},
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
    {"programme-task", "tasks", "One milestone or task of the programme, under its name.", kProgrammeTask},
    {"together", "together", "", kTogether},
    {"wave", "waves", "One pinned wave.", kWave},
};

}  // namespace

std::span<const Section> plan_sections() { return kSections; }

}  // namespace ararat::planning
