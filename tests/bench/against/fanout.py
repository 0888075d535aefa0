"""A step that does nothing, on two hundred hosts over SSH: the product beside Ansible, pssh and ClusterShell.

What is timed is from starting the command to its end, when it has heard of every host's success. `new`: no
connection is there before. `kept`: the connections of the run before are used again. The product's `first` is its very
first visit: the plan is applied, every host is connected to, and its supervisor is shipped to each.
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from .fanout_ours import Ours, SOURCE
from .fanout_tools import Tools
from .figures import Figures
from .sshd_fleet import Fleet, in_own_namespaces, needs_own_namespaces


def main(arguments):
    options = parse(arguments)
    if os.geteuid() != 0:
        print("fanout: namespaces and sshd need root", file=sys.stderr)
        return 1
    if needs_own_namespaces():
        os.environ["ARARAT_BENCH_INSIDE"] = "1"
        os.execvp("unshare", in_own_namespaces([sys.executable, *sys.argv]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(os.environ.get("ARARAT_FANOUT_DIR", "/var/lib/ararat-fanout"))
    figures = Figures(f"{options.hosts} hosts, seconds", [__doc__, f"forks {options.forks}, rounds {options.rounds}"])
    fleet = Fleet(folder, options.hosts)
    # What an earlier bench that was killed left behind: files only, all else went with its namespaces.
    fleet.down()
    ours = None
    try:
        began = time.monotonic()
        fleet.up()
        print(f"{options.hosts} sshd up in {time.monotonic() - began:.1f} s", flush=True)
        tools, ours = Tools(fleet, options.forks), Ours(fleet, options.build)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", flush=True)
            measure_ours(ours, figures, options)
            ours.stop()
            if not options.only_ours:
                measure_tools(tools, figures)
            print("\n".join(figures.lines()), flush=True)
    finally:
        if ours is not None:
            ours.stop()
        if not options.keep_files:
            fleet.down()
    if options.json:
        figures.write(options.json)
    return 0 if figures.held else 1


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./x bench fanout", description=__doc__)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--forks", type=int, default=50, help="hosts at once, for the tools that want to be told")
    parser.add_argument("--only-ours", action="store_true", help="leave the other tools out")
    parser.add_argument("--keep-files", action="store_true", help="leave logs and journals in the bench's folder")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--build", default=os.environ.get("ARARAT_BUILD", str(SOURCE / "build" / "ci")))
    return parser.parse_args(arguments)


def timed(figures, row, column, action):
    began = time.monotonic()
    code, text = action()
    took = time.monotonic() - began
    if code:
        figures.fault(f"{row}, {column}: exit code {code}: {text.strip()[-300:]}")
    else:
        figures.add(row, column, took)


def measure_ours(ours, figures, options):
    ours.begin_round()

    def first():
        ours.apply()
        return ours.run_wave()

    def cold():
        ours.restart()
        return ours.run_wave()

    ours.save_plan()
    timed(figures, "ararat", "first", first)
    ours.save_plan()
    ours.apply()
    ours.stop()
    timed(figures, "ararat", "new", cold)
    ours.save_plan()
    ours.apply()
    timed(figures, "ararat", "kept", ours.run_wave)
    done = ours.succeeded()
    if done != options.hosts:
        figures.fault(f"ararat: the journal has {done} steps that succeeded, not {options.hosts}")


def measure_tools(tools, figures):
    for row, can_keep, argv in tools.names():
        if row.startswith("ansible"):
            # Its connections are kept for its next run in either case.
            tools.end_connections()
            timed(figures, row, "new", lambda argv=argv: tools.run(argv))
            timed(figures, row, "kept", lambda argv=argv: tools.run(argv))
        elif not can_keep:
            timed(figures, row, "new", lambda argv=argv: tools.run(argv))
        else:
            tools.end_connections()
            tools.run(argv)
            timed(figures, row, "kept", lambda argv=argv: tools.run(argv))
    tools.end_connections()
