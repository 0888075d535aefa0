// Faults in what a plan says about when things move: lags, ways, stocks, tasks, cohorts, waves.
#include <gtest/gtest.h>

#include "tests/unit/planning/planned_plan.h"
#include "tests/unit/planning/small_plan.h"
#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

const Spoilt kCases[] = {
    {"unknown application in a need with lags",
     "plan.yaml",
     "application: db, at_least",
     "application: bd, at_least",
     {"plan.yaml:46:27: error E015: unknown application 'bd' (did you mean 'db'?)"}},
    {"need without an application",
     "plan.yaml",
     "application: db, at_least",
     "at_least",
     {"plan.yaml:46:13: error E009: key 'application' is missing (Which.)"}},
    {"need with an unknown key",
     "plan.yaml",
     "at_most: 14d",
     "atmost: 14d",
     {"plan.yaml:46:45: error E008: unknown key 'atmost' (did you mean 'at_most'?)"}},
    {"lag that is no duration",
     "plan.yaml",
     "at_least: 2d",
     "at_least: 2 days",
     {"plan.yaml:46:41: error E011: key 'at_least': '2 days' is not a duration (meant: such as 200ms, 45min "
      "or 1h 30min)"}},
    {"longest lag below the shortest",
     "plan.yaml",
     "at_least: 2d",
     "at_least: 20d",
     {"plan.yaml:46:13: error E016: application 'shop' is to begin at least 20d and at most 14d after 'db'"}},
    {"needs that are no list",
     "plan.yaml",
     "needs: [{application: db, at_least: 2d, at_most: 14d}]",
     "needs: db",
     {"plan.yaml:46:12: error E010: key 'needs' wants a list of needs, not text (meant: such as [one, "
      "two])"}},
    {"staleness that is no duration",
     "plan.yaml",
     "stale_after: 7d",
     "stale_after: soon",
     {"plan.yaml:47:18: error E011: key 'stale_after': 'soon' is not a duration (meant: such as 200ms, 45min "
      "or 1h 30min)"}},
    {"date that is none",
     "plan.yaml",
     "by: 2024-10-01",
     "by: 2024-02-30",
     {"plan.yaml:51:9: error E011: key 'by': '2024-02-30' is not a day or a moment (meant: YYYY-MM-DD, RFC "
      "3339 such as 2017-09-30T18:00:00Z, or now+2h)"}},
    {"amount without a currency",
     "plan.yaml",
     "price_per_day: 500 GBP",
     "price_per_day: 500",
     {"plan.yaml:52:20: error E011: key 'price_per_day': '500' is not an amount of money (meant: such as "
      "4000 GBP or 99.50 GBP)"}},
    {"amount of another currency",
     "plan.yaml",
     "price_per_day: 500 GBP",
     "price_per_day: 500 EUR",
     {"plan.yaml:52:20: error E016: an amount in EUR in a plan whose others are in GBP: amounts are added "
      "up"}},
    {"amount with three decimals",
     "plan.yaml",
     "99.50 GBP",
     "99.500 GBP",
     {"plan.yaml:12:99: error E011: key 'price_per_day': '99.500 GBP' is not an amount of money (meant: such "
      "as 4000 GBP or 99.50 GBP)"}},
    {"price without a date",
     "plan.yaml",
     "    by: 2024-10-01\n",
     "",
     {"plan.yaml:51:5: error E016: a price for every day after a date that is not given (meant: by: ... as "
      "well)"}},
    {"price of a task without a date",
     "plan.yaml",
     "due: 2024-09-30, ",
     "",
     {"plan.yaml:73:81: error E016: a price for every day after a date that is not given (meant: due: ... as "
      "well)"}},
    {"month that is none",
     "plan.yaml",
     "{2024-03: 12min}",
     "{2024-13: 12min}",
     {"plan.yaml:12:51: error E011: key '2024-13' is not a month (meant: YYYY-MM)"}},
    {"outage of a month that is no duration",
     "plan.yaml",
     "{2024-03: 12min}",
     "{2024-03: 12}",
     {"plan.yaml:12:60: error E011: key '2024-03': '12' is not a duration (meant: such as 200ms, 45min or 1h "
      "30min)"}},
    {"outages that are no mapping",
     "plan.yaml",
     "{2024-03: 12min}",
     "12min",
     {"plan.yaml:12:50: error E010: key 'used' wants durations by month, not text (meant: such as {2017-10: "
      "12min})"}},
    {"holiday that is no date",
     "plan.yaml",
     "[2024-12-25]",
     "[2024-12-32]",
     {"plan.yaml:27:16: error E011: key 'holidays': '2024-12-32' is not a date (meant: YYYY-MM-DD)"}},
    {"import that leaves the folder",
     "plan.yaml",
     "import: holidays.ics",
     "import: ../holidays.ics",
     {"plan.yaml:28:13: error E014: key 'import': '../holidays.ics' is a path that leaves its root: it "
      "resolves to '../holidays.ics' (meant: within the plan's root)"}},
    {"unknown equipment",
     "plan.yaml",
     "equipment: [san]",
     "equipment: [sna]",
     {"plan.yaml:17:59: error E015: unknown equipment 'sna' (did you mean 'san'?)"}},
    {"equipment of an unknown kind",
     "plan.yaml",
     "kind: datastore",
     "kind: disk",
     {"plan.yaml:14:15: error E013: key 'kind': 'disk' is not one of datastore, hypervisor, chassis, "
      "cluster, network"}},
    {"nothing moves at once",
     "plan.yaml",
     "kind: datastore, moves_at_once: 2",
     "kind: datastore, moves_at_once: 0",
     {"plan.yaml:14:41: error E011: key 'moves_at_once': 0 is out of range (meant: 1 to 100000)"}},
    {"resource that is a mapping",
     "plan.yaml",
     "network: 2\n",
     "network: {count: 2}\n",
     {"plan.yaml:30:12: error E010: key 'network' wants a whole number, not a mapping (meant: decimal digits "
      "without leading zeros)"}},
    {"resource change without a count",
     "plan.yaml",
     "{from: 2024-09-01, count: 3}",
     "{from: 2024-09-01}",
     {"plan.yaml:31:21: error E009: key 'count' is missing (How much there is, until the next.)"}},
    {"resource changes out of order",
     "plan.yaml",
     "[{count: 1}, {from: 2024-09-01, count: 3}]",
     "[{from: 2024-09-01, count: 3}, {count: 1}]",
     {"plan.yaml:31:39: error E016: resource 'dba' changes at a time that is not after the one before "
      "(plan.yaml:31:9)"}},
    {"resource changes at the same time",
     "plan.yaml",
     "[{count: 1}, {from: 2024-09-01, count: 3}]",
     "[{from: 2024-09-01, count: 3}, {from: 2024-09-01, count: 1}]",
     {"plan.yaml:31:39: error E016: resource 'dba' changes at a time that is not after the one before "
      "(plan.yaml:31:9)"}},
    {"stock that counts nowhere",
     "plan.yaml",
     "site: new, counts: cpus",
     "counts: cpus",
     {"plan.yaml:34:3: error E016: stock 'cores' wants both of 'counts' and 'site', or neither"}},
    {"stock that counts what is not counted",
     "plan.yaml",
     "counts: cpus",
     "counts: fans",
     {"plan.yaml:34:41: error E013: key 'counts': 'fans' is not one of cpus, memory, disk"}},
    {"delivery without an amount",
     "plan.yaml",
     "{at: 2024-09-15, amount: 12, ",
     "{at: 2024-09-15, ",
     {"plan.yaml:33:43: error E009: key 'amount' is missing (How much.)"}},
    {"takes of an unknown stock",
     "plan.yaml",
     "takes: {racks: 2}",
     "takes: {rakcs: 2}",
     {"plan.yaml:54:13: error E015: unknown stock 'rakcs' (did you mean 'racks'?)"}},
    {"takes of a stock that counts by itself",
     "plan.yaml",
     "takes: {racks: 2}",
     "takes: {cores: 2}",
     {"plan.yaml:40:3: error E016: application 'shop' takes of stock 'cores', which counts hosts by itself "
      "(plan.yaml:34:3)"}},
    {"hypercare without a duration",
     "plan.yaml",
     "hypercare: {duration: 3d, ",
     "hypercare: {",
     {"plan.yaml:56:16: error E009: key 'duration' is missing (How long, from the cutover's end on.)"}},
    {"way that upgrades and retires",
     "plan.yaml",
     "give-up: {retires: true",
     "give-up: {upgrades: true, retires: true",
     {"plan.yaml:69:11: error E016: way 'give-up' both upgrades and retires its hosts (meant: two ways)"}},
    {"way to a source site",
     "plan.yaml",
     "site: far",
     "site: old",
     {"plan.yaml:68:11: error E022: way 'rebuild' lands at site 'old', which is no target site "
      "(plan.yaml:6:3)"}},
    {"way that retires at a site",
     "plan.yaml",
     "retires: true",
     "retires: true, site: far",
     {"plan.yaml:69:11: error E016: way 'give-up' retires its hosts, and has a site at which nothing lands"}},
    {"way with an unknown runbook",
     "plan.yaml",
     "resources: {network: 2}, runbook: move",
     "resources: {network: 2}, runbook: lift",
     {"plan.yaml:60:107: error E015: unknown runbook 'lift'"}},
    {"way with an unknown resource",
     "plan.yaml",
     "resources: {network: 2}, runbook: move",
     "resources: {movers: 2}, runbook: move",
     {"plan.yaml:60:85: error E015: unknown resource 'movers'"}},
    {"unsupported host that lands as it is",
     "plan.yaml",
     "          rebuild: {upgrades: true, duration: 2h, calendar: access, site: far}\n          give-up: "
     "{retires: true, duration: 30min}\n",
     "          rebuild: {duration: 2h}\n",
     {"plan.yaml:62:7: error E029: component 'shop/app': host 'old-b' (windows-2003 is unsupported, "
      "plan.yaml:4:15; plan.yaml:19:3) would land on a target site as it is (meant: a way that upgrades or "
      "retires it)"}},
    {"host to be retired that is upgraded",
     "plan.yaml",
     "          give-up: {retires: true, duration: 30min}\n",
     "",
     {}},
    {"host that a regime wants retired",
     "plan.yaml",
     "cpus: 8, memory: 12 GiB",
     "compliance: {psn: retire}",
     {"plan.yaml:39:18: error E029: component 'db/db': host 'old-a' (psn: retire; plan.yaml:17:3) would land "
      "on a target site as it is (meant: a way that retires it)"}},
    {"component without targets that is not always retired",
     "plan.yaml",
     "        to: {new-b: new}\n",
     "",
     {"plan.yaml:62:7: error E009: key 'to' is missing (Target hosts and their sites, as many as source "
      "hosts, in the "
      "same order.)"}},
    {"unknown task",
     "plan.yaml",
     "waits_for: [lines]",
     "waits_for: [liens]",
     {"plan.yaml:53:17: error E015: unknown task 'liens' (did you mean 'lines'?)"}},
    {"link by an unknown task",
     "plan.yaml",
     "task: lines",
     "task: liens",
     {"plan.yaml:10:66: error E015: unknown task 'liens' (did you mean 'lines'?)"}},
    {"tasks in a circle",
     "plan.yaml",
     "board: {kind: milestone, due: 2024-03-29}",
     "board: {kind: milestone, needs: [lines]}",
     {"plan.yaml:72:54: error E019: tasks that wait for each other: board needs lines (plan.yaml:71:36), "
      "lines needs order (plan.yaml:73:36), order needs board (plan.yaml:72:54)"}},
    {"task that needs itself",
     "plan.yaml",
     "needs: [board]",
     "needs: [order]",
     {"plan.yaml:72:54: error E019: tasks that wait for each other: order needs order (plan.yaml:72:54)"}},
    {"milestone with a duration",
     "plan.yaml",
     "board: {kind: milestone",
     "board: {kind: milestone, duration: 1d",
     {"plan.yaml:71:3: error E016: milestone 'board' has a duration (meant: kind: task)"}},
    {"longest lag of a task below the shortest",
     "plan.yaml",
     "at_most: 60d",
     "at_most: 6d",
     {"plan.yaml:73:36: error E016: task 'lines' is to begin at least 10d and at most 6d after 'order'"}},
    {"more of a cohort done than there are",
     "plan.yaml",
     "done: 400",
     "done: 2281",
     {"plan.yaml:77:3: error E016: of cohort 'clients' more are done than there are"}},
    {"cohort without a batch",
     "plan.yaml",
     "batch: 200, ",
     "",
     {"plan.yaml:77:3: error E009: key 'batch' is missing (How many are done as one; the last batch may be "
      "smaller.)"}},
    {"frozen wave without a start",
     "plan.yaml",
     "at: 2024-04-09T18:00:00Z, ",
     "",
     {"plan.yaml:79:5: error E016: wave 'first' is frozen, and nothing says when it starts (meant: at: "
      "...)"}},
    {"wave at a time that is none",
     "plan.yaml",
     "at: 2024-04-09T18:00:00Z",
     "at: 18:00",
     {"plan.yaml:79:43: error E011: key 'at': '18:00' is not a moment (meant: RFC 3339 such as "
      "2017-09-30T18:00:00Z, a date, or now+2h)"}},
    {"no wave can take a host",
     "plan.yaml",
     "wave_hosts: 20",
     "wave_hosts: 0",
     {"plan.yaml:3:26: error E011: key 'wave_hosts': 0 is out of range (meant: 1 to 100000)"}},
    {"rules that are a list",
     "plan.yaml",
     "scheduling: {wave_hosts: 20, small_first: true, non_production_first: true, detail_waves: 4}",
     "scheduling: [small_first]",
     {"plan.yaml:3:13: error E010: a mapping is wanted here, not a list (meant: keys such as wave_hosts)"}},
};

class SchedulingFaults : public ::testing::TestWithParam<Spoilt> {};

TEST_P(SchedulingFaults, SayExactlyWhatIsWrong) {
    EXPECT_EQ(lines(parse(spoil(planned_plan(), GetParam()))), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(All, SchedulingFaults, ::testing::ValuesIn(kCases), case_name);

TEST(SchedulingFaultsOfFiles, RulesGivenTwiceAreOne) {
    PlanSources sources = planned_plan();
    sources.plans.push_back({"more.yaml", "scheduling: {small_first: false}\n"});
    EXPECT_EQ(lines(parse(sources)),
              std::vector<std::string>{
                  "more.yaml:1:1: error E007: 'scheduling' is given twice (first at plan.yaml:3:1)"});
}

TEST(SchedulingFaultsOfFiles, AnImportedFileIsFaultyAtItsOwnPlace) {
    PlanSources sources = planned_plan();
    std::string& text = sources.calendars["plan.yaml"]["holidays.ics"].text;
    text.replace(text.find("20240506"), 8, "20240532");
    EXPECT_EQ(lines(parse(sources)),
              std::vector<std::string>{"holidays.ics:4:20: error E028: DTSTART: '20240532' is not a date "
                                       "(meant: YYYYMMDD, YYYYMMDDTHHMMSS or YYYYMMDDTHHMMSSZ)"});
}

}  // namespace
}  // namespace ararat::planning::testing
