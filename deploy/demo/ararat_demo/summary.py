"""The last scene: where everything is now, what it cost, and whether all held."""

import time

from . import checks
from .show import seconds, size

POWER_OFF_WAIT_S = 20


def summarise(scenario):
    """Prints the tables and completes the result; True when every check held."""
    show, result = scenario.show, scenario.result
    show.heading("Where everything is now")
    show_places(scenario)
    audit = scenario.programs.json("alice", "audit", "verify")
    scenario.check(audit["ok"], f"the journal's hash chain is whole: {audit['records']} records")
    result["audit_records"] = int(audit["records"])
    print()
    show_applications(show, result)
    print()
    show_runs(show, result)
    broken = [entry["text"] for entry in result["checks"] if not entry["held"]]
    result["held"] = not broken
    print()
    show.line(f"{len(result['checks'])} checks, {len(broken)} broken: {'; '.join(broken)}" if broken else
              f"All {len(result['checks'])} checks held.")
    return not broken


def show_places(scenario):
    """What moved where, as the plan says, with the state of both hosts as the lab says."""
    moves = scenario.facts.moves()
    deadline = time.monotonic() + POWER_OFF_WAIT_S
    while True:
        states = checks.states_of_hosts(scenario.lab)
        still_on = sorted(move.old for move in moves if states.get(move.old) != "off")
        if not still_on or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    scenario.show.table(["COMPONENT", "WAS ON", "", "IS ON", "", "SITE"], [
        [move.component, move.old, states.get(move.old, "?"), move.new, states.get(move.new, "?"), move.site]
        for move in moves
    ])
    scenario.result["places"] = [
        {"component": move.component, "old": move.old, "old_state": states.get(move.old), "new": move.new,
         "new_state": states.get(move.new), "site": move.site} for move in moves
    ]
    scenario.check(not still_on, f"all {len(moves)} sources are off" if not still_on else
                   f"every source is off, but {', '.join(still_on)}")
    scenario.check(all(states.get(move.new) == "running" for move in moves), "every target runs")


def show_applications(show, result):
    show.table(["APPLICATION", "PAGES", "LONGEST OUTAGE", "PLAN ALLOWS", "MONTH'S BUDGET", "MOVED", "WRITES KEPT"], [
        [name, f"{values['pages_asked']} asked, {values['pages_failed']} failed",
         seconds(values["longest_outage_seconds"]), seconds(values["outage_allowed_seconds"]),
         f"{values['budget_seconds'] / 60:.0f} min", size(values["bytes_moved"]), str(values.get("writes_found", "-"))]
        for name, values in result["applications"].items()
    ])


def show_runs(show, result):
    show.table(["RUN", "STATUS", "STEPS", "RETRIES", "BACKED OUT", "MOVED"], [
        [run, values["status"].removeprefix("RUN_STATUS_").lower().replace("_", "-"), values["steps"],
         values["retries"], values["back_outs"], size(values["bytes"])]
        for run, values in result["runs"].items()
    ])
