"""Housing moves, a PostgreSQL application with its web page: by the product, by an Ansible playbook, by a bare script.

Same hosts, made anew for every round; same data; same actions on the hosts; a writer every 20 ms and a prober of
the page every 100 ms that know nothing of who moves it. `page away`: from the first failed request to the next page.
`writes paused`: the longest time between two acknowledged writes. `cutover`: from its first change to its last.
"""

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from .figures import Figures
from .move_estate import DemoError, Estate, SOURCE
from .move_ways import Ararat, Playbook, Script

from ararat_demo import checks
from ararat_demo.estate import HOUSING_NAME
from ararat_demo.observer import downtime, start_prober, start_writer, writes

CALM_S = 2.0
WAYS = {
    "ararat": lambda build: Ararat(build),
    "playbook, usual order": lambda _: Playbook("usual-order.yml"),
    "playbook, page first": lambda _: Playbook("page-first.yml"),
    "bare script": lambda _: Script(),
}


def main(arguments):
    options = parse(arguments)
    if os.geteuid() != 0:
        print("compare: the lab needs root", file=sys.stderr)
        return 1
    os.environ.setdefault("ARARAT_LAB_DIR", "/var/lib/ararat-lab-bench")
    estate = Estate(os.environ.get("ARARAT_COMPARE_DIR", "/var/lib/ararat-compare"))
    if os.environ.get("ARARAT_BENCH_INSIDE") != "1":
        begin_anew(estate)
        # The image comes from the package archive, which the namespace does not reach.
        estate.lab.must("image", str(estate.lab_file), capture=False)
        os.environ["ARARAT_BENCH_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh",
                              sys.executable, *sys.argv])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = Figures("housing's move, seconds", [__doc__, f"rounds {options.rounds}"])
    try:
        for number in range(options.rounds):
            for name in options.ways:
                print(f"round {number + 1} of {options.rounds}: {name}", flush=True)
                one_round(estate, name, WAYS[name](options.build), figures, options)
            print("\n".join(figures.lines()), flush=True)
    finally:
        estate.lab.down()
        if not options.keep_files:
            shutil.rmtree(estate.folder, ignore_errors=True)
    if options.json:
        figures.write(options.json)
    return 0 if figures.held else 1


def begin_anew(estate):
    estate.lab.down()  # also what an earlier bench that was killed left
    shutil.rmtree(estate.folder, ignore_errors=True)
    estate.folder.mkdir(parents=True, mode=0o700)
    estate.write_files()


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./x bench compare", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ways", type=lambda text: text.split(":"), default=list(WAYS), metavar="WAY:WAY",
                        help=f"some of: {':'.join(WAYS)}")
    parser.add_argument("--keep-files", action="store_true", help="leave logs and journals in the bench's folder")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--build", default=os.environ.get("ARARAT_BUILD", str(SOURCE / "build" / "ci")))
    options = parser.parse_args(arguments)
    unknown = [way for way in options.ways if way not in WAYS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    return options


def one_round(estate, name, way, figures, options):
    estate.reset()
    shutil.rmtree(estate.folder / "ararat", ignore_errors=True)
    for log in estate.folder.glob("*.jsonl"):
        log.unlink()
    observers = []
    try:
        way.prepare(estate)
        pages_log, writes_log = estate.folder / "pages.jsonl", estate.folder / "writes.jsonl"
        observers = [start_prober(HOUSING_NAME, 80, "Housing", pages_log), start_writer(writes_log)]
        time.sleep(CALM_S)
        began, ended = way.cut_over()
        time.sleep(CALM_S)
        for observer in observers:
            observer.stop()
        judge(estate, name, observers, ended - began, figures)
    except DemoError as error:
        figures.fault(f"{name}: {error}")
        print(f"fault: {name}: {error}", flush=True)
    finally:
        for observer in observers:
            observer.stop()
        way.end()
        if options.keep_files and name == "ararat":
            keep(estate)


def keep(estate):
    """A round's journal and both observers' lines, beside those of other rounds."""
    kept = estate.folder / f"kept-{time.time():.0f}"
    shutil.copytree(estate.folder / "ararat", kept)
    for log in estate.folder.glob("*.jsonl"):
        shutil.copy(log, kept)


def judge(estate, name, observers, cutover, figures):
    pages, written = downtime(observers[0].rows()), writes(observers[1].rows())
    missing, twice = checks.missing_writes(estate.lab, written.numbers)
    if missing or twice:
        figures.fault(f"{name}: {len(missing)} acknowledged writes are missing, {len(twice)} are there twice")
    names = {address for addresses in checks.where(HOUSING_NAME).values() for address in addresses}
    if names != {"198.18.2.13", "198.18.3.14"}:
        figures.fault(f"{name}: the page's name leads to {sorted(names)}")
    figures.add(name, "page away", pages.longest)
    figures.add(name, "pages failed", pages.failed)
    figures.add(name, "writes paused", written.longest_pause)
    figures.add(name, "cutover", cutover)
