#include "tests/unit/planning/planned_plan.h"

#include "tests/unit/planning/small_plan.h"

namespace ararat::planning::testing {
namespace {

constexpr const char* kPlan = R"(ararat: v1
programme: {name: planned, timezone: Europe/London}
scheduling: {wave_hosts: 20, small_first: true, non_production_first: true, detail_waves: 4}
unsupported: [windows-2003]
sites:
  old: {role: source, contract_end: 2025-02-28, overrun_cost_per_day: 4000 GBP, moves_at_once: 8}
  new: {role: target, calendar: access}
  far: {role: target}
links:
  - {from: old, to: new, bandwidth: 1 Gbit/s, usable: 50%, task: lines}
services:
  web: {availability: 99.9%, owner: brent, used: {2024-03: 12min}, by: 2024-11-01, price_per_day: 99.50 GBP}
equipment:
  san: {kind: datastore, moves_at_once: 2}
  chassis: {kind: chassis, moves_whole: true}
hosts:
  old-a: {site: old, cpus: 8, memory: 12 GiB, equipment: [san]}
  new-a: {site: new, cpus: 8}
  old-b: {site: old, os: windows-2003, equipment: [san, chassis]}
  new-b: {site: new, cpus: 4}
gates:
  go: {roles: [board]}
calendars:
  access: {windows: "Mon-Sun 00:00-24:00"}
  evenings:
    windows: "Mon-Thu 19:00-23:00"
    holidays: [2024-12-25]
    import: holidays.ics
resources:
  network: 2
  dba: [{count: 1}, {from: 2024-09-01, count: 3}]
stocks:
  racks: {level: 4, unit: U, deliveries: [{at: 2024-09-15, amount: 12, what: second cabinet}]}
  cores: {level: 64, site: new, counts: cpus}
applications:
  db:
    service: web
    gates: [go]
    components: {db: {hosts: [old-a], to: {new-a: new}, runbook: move, params: {tree: /srv/db}}}
  shop:
    service: web
    owner: lewisham
    environment: test
    gates: [go]
    calendar: evenings
    needs: [{application: db, at_least: 2d, at_most: 14d}]
    stale_after: 7d
    bandwidth: 200 Mbit/s
    data: 100 GiB
    not_before: 2024-04-01
    by: 2024-10-01
    price_per_day: 500 GBP
    waits_for: [lines]
    takes: {racks: 2}
    frees: {racks: 1}
    hypercare: {duration: 3d, resources: {network: 1}}
    decommission: {after: 14d, duration: 1d, calendar: access, resources: {network: 1}}
    ways:
      replicate: {}
      physical: {duration: 3h, outage: 2h, seeding: 0s, cost: 1200 GBP, resources: {network: 2}, runbook: move}
    components:
      app:
        hosts: [old-b]
        to: {new-b: new}
        runbook: move
        params: {tree: /srv/app}
        ways:
          rebuild: {upgrades: true, duration: 2h, calendar: access, site: far}
          give-up: {retires: true, duration: 30min}
tasks:
  board: {kind: milestone, due: 2024-03-29}
  order: {owner: procurement, duration: 20d, needs: [board], not_before: 2024-03-11, resources: {network: 1}, calendar: access}
  lines: {kind: milestone, needs: [{task: order, at_least: 10d, at_most: 60d}], due: 2024-09-30, price_per_day: 1000 GBP}
  empty: {kind: milestone, sites: [old], applications: [db]}
  told: {done: 2024-03-01}
cohorts:
  clients: {count: 2280, done: 400, batch: 200, at_once: 2, duration: 5d, resources: {network: 1}, needs: [told], due: 2025-01-31, owner: desktop}
waves:
  - {name: first, applications: [db], at: 2024-04-09T18:00:00Z, frozen: true, waits_for: [told]}
)";

constexpr const char* kHolidays =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20240506\r\n"
    "SUMMARY:Early May bank\r\n  holiday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

}  // namespace

PlanSources planned_plan() {
    PlanSources sources = small_plan();
    const std::string runbooks = sources.plans.front().text;
    sources.plans.front().text = kPlan + runbooks.substr(runbooks.find("runbooks:\n"));
    sources.calendars["plan.yaml"]["holidays.ics"] = {"holidays.ics", kHolidays};
    return sources;
}

}  // namespace ararat::planning::testing
