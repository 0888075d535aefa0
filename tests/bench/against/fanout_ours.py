"""The same no-op on every host as a wave of a plan, through the orchestrator: journal, epochs and all."""

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(SOURCE / "deploy" / "demo"))

from ararat_demo.programs import Programs  # noqa: E402

ENGINEER = "alice"


class Ours:
    """One orchestrator with a data folder of its own for each round. Owner: the bench's main thread."""

    def __init__(self, fleet, build):
        self._fleet, self._build = fleet, build
        self._folder = fleet.folder / "ararat"
        self._programs = None
        library = fleet.folder / "library"
        (library / "actions" / "nothing").mkdir(parents=True)
        (library / "runbooks").mkdir()
        (library / "actions" / "nothing" / "action.yaml").write_text(
            "action: nothing\nsummary: Nothing\nclass: idempotent\ndo: {run: [/bin/true]}\n", encoding="ascii")
        self._library = library
        self._moves = 0

    def begin_round(self):
        """A new orchestrator that knows people and host keys, and no plan yet."""
        self._fleet.forget()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._programs = Programs(SOURCE, self._build, self._folder, self._fleet.keys / "client")
        self._programs.initialise("fleet", {ENGINEER: ["engineer"]})
        self._programs.start()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda host: self._programs.run("admin", "host", "pin", host.name, host.public_key),
                          self._fleet.hosts))

        self._moves = 0

    def save_plan(self):
        """The same hosts with the next application: what has moved does not move again."""
        self._moves += 1
        plan = self._folder / "fleet.yaml"
        plan.write_text(plan_text(self._fleet.hosts, f"fleet-{self._moves}"), encoding="ascii")
        self._programs.run(ENGINEER, "plan", str(plan), "--library", str(self._library),
                           "--out", str(self._folder / "fleet.plan"))

    def apply(self):
        """From here on the orchestrator connects, unless it is connected."""
        self._programs.run(ENGINEER, "apply", str(self._folder / "fleet.plan"))

    def restart(self):
        self._programs.start()

    def stop(self):
        if self._programs is not None:
            self._programs.stop()

    def run_wave(self):
        """Until every host's step is confirmed and recorded; the exit code and what was printed."""
        return self._programs.run(ENGINEER, "wave", "run", f"fleet-{self._moves}", "--watch", check=False)

    def succeeded(self):
        """How many steps the newest run's journal calls succeeded."""
        runs = self._programs.json(ENGINEER, "run", "list")["runs"]
        described = self._programs.json(ENGINEER, "run", "describe", max(view["run"] for view in runs))
        return sum(task["state"] == "TASK_STATE_SUCCEEDED" for task in described["run"]["tasks"])


def plan_text(hosts, name):
    """Half of the hosts stand on the source's side of a move, half on the target's; a step on each, all at once."""
    half = len(hosts) // 2
    lines = ["ararat: v1", "programme: {name: fleet, timezone: UTC}",
             "sites: {old: {role: source}, new: {role: target}}", "hosts:"]
    lines += [f"  {host.name}: {{site: {'old' if number < half else 'new'}, address: {host.address}, via: ssh}}"
              for number, host in enumerate(hosts)]
    targets = ", ".join(f"{host.name}: new" for host in hosts[half:])
    lines += ["applications:", f"  {name}:", "    components:", "      all:",
              f"        hosts: [{', '.join(host.name for host in hosts[:half])}]",
              f"        to: {{{targets}}}", "        runbook: nothing",
              "runbooks:", "  nothing:", "    steps:",
              "      - {id: on-source, phase: prepare, on: source, action: nothing, after: []}",
              "      - {id: on-target, phase: prepare, on: target, action: nothing, after: []}",
              "waves:", f"  - {{name: {name}, applications: [{name}]}}"]
    return "\n".join(lines) + "\n"
