"""The demonstration's command line: scenes in order, always cleaned up, a result for people and machines."""

import argparse
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from .lab import Lab
from .programs import DemoError, Programs
from .scenario import Scenario
from .show import Show
from .summary import summarise


def main(arguments):
    source = Path(__file__).resolve().parents[3]
    parser = argparse.ArgumentParser(prog="./x demo", description=__doc__)
    parser.add_argument("--json", metavar="FILE", help="write the result for a machine")
    parser.add_argument("--keep", action="store_true", help="leave everything up to explore with the CLI")
    parser.add_argument("--build", default=os.environ.get("ARARAT_BUILD", str(source / "build" / "ci")),
                        help="folder with the built programs")
    options = parser.parse_args(arguments)
    if os.geteuid() != 0:
        print("demo: the lab needs root", file=sys.stderr)
        return 1
    # A terminated demonstration cleans up like an ended one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    show = Show()
    state = Path(os.environ.get("ARARAT_DEMO_DIR", "/var/lib/ararat-demo"))
    stop_leftover(state)
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True, mode=0o700)
    lab = Lab(source)
    scenario = None
    ok = False
    try:
        show.heading("An estate: three sites, fourteen hosts with systemd, on networks of their own")
        lab.down()
        lab.up(source / "deploy" / "lab" / "demo.yaml")
        programs = Programs(source, options.build, state, lab.status()["client_key"])
        scenario = Scenario(show, lab, programs, source)
        for scene in (scenario.set_up, scenario.plan, scenario.install_agents, scenario.approve,
                      scenario.move_housing, scenario.fail_reports, scenario.kill_orchestrator):
            scene()
        ok = summarise(scenario)
    except DemoError as error:
        print(f"\ndemo: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ndemo: interrupted", file=sys.stderr)
    finally:
        if options.json and scenario is not None:
            scenario.result.setdefault("held", False)
            Path(options.json).write_text(json.dumps(scenario.result, indent=2) + "\n", encoding="utf-8")
        end(show, scenario, lab, options.keep)
    return 0 if ok else 1


def end(show, scenario, lab, keep):
    if scenario is not None:
        for observer in scenario.observers:
            observer.stop()
    if keep and scenario is not None:
        programs = scenario.programs
        show.heading("Everything is left up")
        show.line(f"export ARARAT_SERVER=198.18.0.1:7402 ARARAT_IDENTITY={programs.people}/alice")
        show.line(f"{programs.path('ararat')} run list")
        show.line("./x lab ssh pri-hsg-db1        ./x lab down")
        return
    if scenario is not None:
        scenario.programs.stop()
    lab.down()


def stop_leftover(state):
    """An orchestrator that an earlier demonstration left running with --keep."""
    try:
        pid = int((state / "orchestrator.pid").read_text(encoding="ascii"))
        program = os.readlink(f"/proc/{pid}/exe")
        if program.split(" ")[0].endswith("ararat-orchestrator"):
            os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        pass
