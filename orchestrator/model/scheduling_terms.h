// What a plan says about when things move, besides the estate itself: deadlines, ways, stocks, tasks.
// Units: durations in milliseconds, money in hundredths of the plan's currency, days as YYYY-MM-DD.
// Thread promise: values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "model/ids.h"
#include "model/source_place.h"

namespace ararat {

using Pence = std::int64_t;

// A name where it is used.
struct NamedPlace {
    std::string name;
    SourcePlace place;
};

struct DateRange {
    std::string first;  // YYYY-MM-DD, inclusive, local
    std::string last;   // inclusive
};

// A day in the programme's time zone, of which the beginning or the end counts, or a moment.
struct DayOrMoment {
    std::string day;  // empty: the moment
    Instant moment;
};

struct Deadline {
    DayOrMoment by;                      // the end of the day
    std::optional<Pence> pence_per_day;  // of every day begun after it; none: it is kept
    SourcePlace place;
};

// An iCalendar file that a calendar names.
struct CalendarImport {
    std::string path;  // relative to the plan file's folder
    SourcePlace place;
};
// Whole days, in the calendar's time zone, or from one moment to another.
struct CalendarEvent {
    std::optional<DateRange> days;
    Instant start;
    Instant end;
    std::string summary;
    SourcePlace place;
};

struct CapacityChange {
    std::optional<DayOrMoment> from;  // the beginning of the day; none: from the first
    int count = 0;
    SourcePlace place;
};

struct StockDelivery {
    DayOrMoment at;  // the beginning of the day
    int amount = 0;
    std::string what;
    SourcePlace place;
};
enum class StockCounts { kNothing, kCpus, kMemory, kDisk };
// What moves take and give back, and deliveries add to; never below nothing.
struct Stock {
    std::string id;
    int level = 0;
    std::string unit;
    SiteId site;  // what `counts` of every host that lands there is taken; memory and disk in GiB
    StockCounts counts = StockCounts::kNothing;
    std::vector<StockDelivery> deliveries;
    SourcePlace place;
};

// What several hosts stand in, run on, or keep their disks in.
struct Equipment {
    std::string id;
    std::string kind;                  // datastore, hypervisor, chassis, cluster, network; for people
    std::optional<int> moves_at_once;  // hosts of it that are seeded or cut over
    bool moves_whole = false;          // what stands in it is one move group
    SourcePlace place;
};

// One way to move an application or a component; what it does not say is as without it.
struct Way {
    std::string name;
    std::optional<Duration> duration;  // of the cutover
    std::optional<Duration> outage;
    std::optional<Duration> seeding;  // takes no link; 0: nothing is seeded
    std::optional<std::map<std::string, int>> resources;
    Pence cost = 0;
    SiteId site;  // where the hosts then are
    std::string calendar;
    std::string runbook;
    bool upgrades = false;  // an unsupported host is supported after it
    bool retires = false;   // nothing lands anywhere
    SourcePlace place;
};

struct Hypercare {
    Duration duration{0};
    std::map<std::string, int> resources;
    SourcePlace place;
};
struct Decommission {
    Duration after{0};  // since the cutover's end, or since hypercare's
    Duration duration{0};
    std::map<std::string, int> resources;
    std::string calendar;
    SourcePlace place;
};

enum class Environment { kProduction, kTest, kDevelopment };

struct TaskNeed {
    std::string task;
    std::optional<Duration> at_least;  // from its end to the start
    std::optional<Duration> at_most;
    SourcePlace place;
};

struct ProgrammeTask {
    std::string id;
    std::string kind;  // milestone | task
    std::string owner;
    std::optional<std::string> due;  // YYYY-MM-DD
    SourcePlace place;
    std::optional<Pence> pence_per_day;  // after `due`; none: it is kept
    std::optional<Duration> duration;
    std::optional<DayOrMoment> not_before;
    std::optional<std::string> done;  // YYYY-MM-DD: nothing waits for it any more
    std::vector<TaskNeed> needs;
    std::vector<NamedPlace> applications;  // cut over before it
    std::vector<NamedPlace> sites;         // emptied before it
    std::map<std::string, int> resources;
    std::string calendar;
};

// Work on many things of a kind, in batches.
struct Cohort {
    std::string id;
    int count = 0;
    int done = 0;
    int batch = 0;         // the last one may be smaller
    int at_once = 1;       // batches
    Duration duration{0};  // of a batch
    std::string owner;
    std::optional<std::string> due;
    std::optional<Pence> pence_per_day;
    std::optional<DayOrMoment> not_before;
    std::vector<TaskNeed> needs;
    std::map<std::string, int> resources;
    std::string calendar;
    SourcePlace place;
};

// How moves are grouped to waves.
struct SchedulingRules {
    std::optional<int> wave_hosts_max;
    bool small_first = false;
    bool non_production_first = false;
    std::optional<int> detail_waves;  // so many are planned in detail; the others are a forecast
    SourcePlace place;
};

}  // namespace ararat
