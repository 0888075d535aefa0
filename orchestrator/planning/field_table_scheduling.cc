// The part of the table that says when things move: lags, ways, stocks, tasks.
#include "planning/field_table.h"

namespace ararat::planning {
namespace {

using Type = FieldType;
constexpr FieldFlag kRequired = FieldFlag::kRequired;

constexpr Field kNeed[] = {
    {"application", Type::kReference, "applications", "", "Which.", kRequired},
    {"at_least", Type::kDuration, "", "0s", "From the end of its cutover to the start of this one's.",
     kProgrammeSchedulerFlag},
    {"at_most", Type::kDuration, "", "", "The longest time between the same two.", kProgrammeSchedulerFlag},
};

constexpr Field kTaskNeed[] = {
    {"task", Type::kReference, "tasks", "", "Which.", kRequired},
    {"at_least", Type::kDuration, "", "0s", "From its end to the start of this one."},
    {"at_most", Type::kDuration, "", "", "The longest time between the same two."},
};

constexpr Field kWay[] = {
    {"duration", Type::kDuration, "", "as without ways", "Expected length of the cutover."},
    {"outage", Type::kDuration, "", "as without ways", "Expected time without service."},
    {"seeding", Type::kDuration, "", "as the link carries it",
     "How long seeding takes, of which no link carries anything; 0s: nothing is seeded."},
    {"resources", Type::kCounts, "resources", "as without ways", "What the cutover takes of resources."},
    {"cost", Type::kMoney, "", "", "What this way costs, besides what all ways do."},
    {"site", Type::kReference, "sites", "as `to` says", "Target site of its hosts."},
    {"calendar", Type::kReference, "calendars", "", "When it is possible, besides what applications say."},
    {"runbook", Type::kReference, "runbooks", "the component's", "How it is done."},
    {"upgrades", Type::kBoolean, "", "false", "An unsupported host is supported after it."},
    {"retires", Type::kBoolean, "", "false", "Its hosts are not moved but given up: nothing lands."},
};

constexpr Field kHypercare[] = {
    {"duration", Type::kDuration, "", "", "How long, from the cutover's end on.", kRequired},
    {"resources", Type::kCounts, "resources", "", "What it takes of the resources for so long."},
};

constexpr Field kDecommission[] = {
    {"after", Type::kDuration, "", "0s", "It begins no earlier than so long after the cutover's end."},
    {"duration", Type::kDuration, "", "0s", "How long it takes."},
    {"resources", Type::kCounts, "resources", "", "What it takes of the resources."},
    {"calendar", Type::kReference, "calendars", "", "When it is possible; none: at any time."},
};

constexpr Field kCapacityChange[] = {
    {"from", Type::kDayOrMoment, "", "the beginning", "From when on; of a day, its beginning."},
    {"count", Type::kInteger, "0..1000000", "", "How much there is, until the next.", kRequired},
};

constexpr Field kStock[] = {
    {"level", Type::kInteger, "0..1000000000", "0", "What there is at the beginning."},
    {"unit", Type::kText, "", "", "Of what, for people."},
    {"deliveries", Type::kSectionList, "delivery", "", "What comes to it."},
    {"counts", Type::kChoice, "cpus|memory|disk", "",
     "Every host that lands at `site` takes its own of these; memory and disk in GiB, rounded up."},
    {"site", Type::kReference, "sites", "", "For `counts`: which site's."},
};

constexpr Field kDelivery[] = {
    {"at", Type::kDayOrMoment, "", "", "When; of a day, its beginning.", kRequired},
    {"amount", Type::kInteger, "1..1000000000", "", "How much.", kRequired},
    {"what", Type::kText, "", "", "What it is, for people."},
};

constexpr Field kEquipment[] = {
    {"kind", Type::kChoice, "datastore|hypervisor|chassis|cluster|network", "", "What it is, for people."},
    {"moves_at_once", Type::kInteger, "1..100000", "", "So many hosts of it are seeded or cut over at once.",
     kProgrammeSchedulerFlag},
    {"moves_whole", Type::kBoolean, "", "false",
     "Applications with hosts in it are one move group: it cannot be taken apart."},
};

constexpr Field kProgrammeTask[] = {
    {"kind", Type::kChoice, "milestone|task", "task", "A point in time, or work."},
    {"owner", Type::kText, "", "", "Who does it."},
    {"due", Type::kDate, "", "",
     "Last day on which it is done. A milestone that waits for nothing and has no `not_before` is taken to "
     "be reached at that day's end, and no earlier."},
    {"price_per_day", Type::kMoney, "", "",
     "Price of every day begun after `due`. Without it `due` is kept."},
    {"duration", Type::kDuration, "", "0s", "How long it takes."},
    {"not_before", Type::kDayOrMoment, "", "", "It begins no earlier."},
    {"needs", Type::kNeeds, "task-need", "", "Tasks that are done before it begins."},
    {"applications", Type::kReferences, "applications", "", "They are cut over before it begins."},
    {"sites", Type::kReferences, "sites", "",
     "All that moves from these is cut over, and decommissioned where the plan says so, before it begins."},
    {"resources", Type::kCounts, "resources", "", "What it takes of the resources."},
    {"calendar", Type::kReference, "calendars", "", "When it is possible; none: at any time."},
    {"done", Type::kDate, "", "", "It was done on that day."},
};

constexpr Field kCohort[] = {
    {"count", Type::kInteger, "1..1000000", "", "How many there are.", kRequired},
    {"done", Type::kInteger, "0..1000000", "0", "How many of them are done."},
    {"batch", Type::kInteger, "1..1000000", "", "How many are done as one; the last batch may be smaller.",
     kRequired},
    {"duration", Type::kDuration, "", "", "How long a batch takes.", kRequired},
    {"at_once", Type::kInteger, "1..1000", "1", "How many batches may be under way at once."},
    {"owner", Type::kText, "", "", "Who does it."},
    {"due", Type::kDate, "", "", "Last day on which all are done."},
    {"price_per_day", Type::kMoney, "", "",
     "Price of every day begun after `due`. Without it `due` is kept."},
    {"not_before", Type::kDayOrMoment, "", "", "The first batch begins no earlier."},
    {"needs", Type::kNeeds, "task-need", "", "Tasks that are done before the first batch begins."},
    {"resources", Type::kCounts, "resources", "", "What a batch takes of the resources."},
    {"calendar", Type::kReference, "calendars", "", "When batches are possible; none: at any time."},
};

constexpr Field kScheduling[] = {
    {"wave_hosts", Type::kInteger, "1..100000", "", "Size cap of a wave in source hosts."},
    {"small_first", Type::kBoolean, "", "false", "Of equally urgent moves the smaller ones come first."},
    {"non_production_first", Type::kBoolean, "", "false",
     "Applications for test and development are cut over before those for production of the same service."},
    {"detail_waves", Type::kInteger, "1..1000", "",
     "So many waves ahead are planned in detail; those after them are a forecast."},
};

constexpr Section kSections[] = {
    {"need", "applications: needs", "A name alone, or:", kNeed},
    {"way", "ways", "One way to move an application or a component, under its name.", kWay},
    {"hypercare", "applications: hypercare", "", kHypercare},
    {"decommission", "applications: decommission", "", kDecommission},
    {"capacity-change", "resources", "A number alone, or a list of:", kCapacityChange},
    {"stock", "stocks", "One stock, under its name.", kStock},
    {"delivery", "stocks: deliveries", "", kDelivery},
    {"equipment", "equipment", "One piece of equipment, under its name.", kEquipment},
    {"programme-task", "tasks", "One milestone or task of the programme, under its name.", kProgrammeTask},
    {"task-need", "tasks: needs", "A name alone, or:", kTaskNeed},
    {"cohort", "cohorts", "Many things of a kind, under their name.", kCohort},
    {"scheduling", "scheduling", "", kScheduling},
};

}  // namespace

std::span<const Section> scheduling_sections() { return kSections; }

}  // namespace ararat::planning
