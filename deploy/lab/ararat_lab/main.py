"""The lab's command line."""

import argparse
import json
import os
import re
import sys
import time

from .errors import LabError
from .lab import Lab
from .process import run
from .settings import settings_from_environment
from .status import collect_status, status_lines, table
from .witness import read_witness

_RATE = re.compile(r"[1-9][0-9]{0,6}(kbit|mbit|gbit)")
TBF_BURST = "64kb"
TBF_LATENCY = "50ms"


def say(text):
    """A progress line; on standard error so that `-o json` stays clean."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


def main(arguments):
    options = _parser().parse_args(arguments)
    if os.geteuid() != 0:
        print("lab: error: the lab needs root: it makes network namespaces, mounts and hosts",
              file=sys.stderr)
        return 1
    try:
        return options.action(Lab(settings_from_environment(), say), options) or 0
    except LabError as error:
        print(f"lab: error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="lab", description="Real hosts with systemd, sshd and their own addresses on this machine."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, action, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(action=action)
        return sub

    def host_command(name, action, text):
        sub = command(name, action, text)
        sub.add_argument("host", metavar="HOST")
        return sub

    command("up", _up, "bring the estate of a file up, or complete it").add_argument("file", metavar="FILE")
    command("image", _image, "build what the hosts of a file stand on, and boot none").add_argument(
        "file", metavar="FILE")
    command("down", _down, "remove every trace of the lab; safe at any time")
    command("check", _check, "read a lab file and report every fault").add_argument("file", metavar="FILE")
    _output_option(command("status", _status, "what is up"))
    for name, action, text in (
        ("ssh", _ssh, "log in to a host, or run a command there"),
        ("exec", _exec, "run a command inside a host without SSH, for set-up"),
    ):
        sub = host_command(name, action, text)
        sub.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    host_command("cut", _cut, "take a host's link down")
    host_command("heal", _heal, "bring a host's link back up")
    host_command("kill", _kill, "a power loss: the host ends at once")
    start = host_command("start", _start, "boot a host that is off")
    start.add_argument("--bare", action="store_true", help="do not wait for what its roles serve: it has been stopped")
    limit = host_command("limit", _limit, "limit a host's link in both directions")
    limit.add_argument("rate", metavar="RATE", help="such as 100mbit, or off")
    witness = command("witness", _witness, "what steps really ran, as the hosts' witnesses saw it")
    witness.add_argument("host", nargs="?", metavar="HOST")
    _output_option(witness)
    return parser


def _output_option(parser):
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table")


def _up(lab, options):
    began = time.monotonic()
    with lab.locked():
        booted = lab.up(options.file)
    for line in status_lines(collect_status(lab)):
        print(line)
    say(f"up in {time.monotonic() - began:.1f} s, {booted} hosts booted")


def _image(lab, options):
    lab.prepare(options.file)


def _down(lab, _options):
    began = time.monotonic()
    with lab.locked():
        removed, left = lab.down()
    for text in removed:
        print(f"removed {text}")
    if left:
        raise LabError("left over: " + "; ".join(left))
    print(f"nothing is left ({time.monotonic() - began:.1f} s)" if removed else "nothing was up")


def _check(_lab, options):
    from .estate import load_estate

    estate = load_estate(options.file)
    print(f"{options.file}: {len(estate.hosts)} hosts at {len(estate.sites)} sites")


def _status(lab, options):
    status = collect_status(lab)
    if options.output == "json":
        print(json.dumps(status, indent=2))
    else:
        print("\n".join(status_lines(status)))


def _ssh(lab, options):
    host = lab.known_host(options.host)
    settings = lab.settings
    os.execvp("ssh", [
        "ssh", "-F", "none", "-i", str(settings.client_key), "-o", "IdentitiesOnly=yes",
        "-o", f"UserKnownHostsFile={settings.known_hosts}", "-o", "GlobalKnownHostsFile=none",
        "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=5", f"root@{host.address}",
        *options.command,
    ])


def _exec(lab, options):
    lab.known_host(options.host)
    if not options.command:
        raise LabError("what is to be run?")
    command = lab.host(options.host).inside(*options.command)
    os.execvp(command[0], command)


def _cut(lab, options):
    _set_link(lab, options.host, "down")
    print(f"{options.host} is cut off")


def _heal(lab, options):
    _set_link(lab, options.host, "up")
    print(f"{options.host} is connected")


def _set_link(lab, name, state):
    lab.known_host(name)
    with lab.locked():
        if lab.host(name).first_process() is None:
            raise LabError(f"{name} is off")
        lab.network.set_host_link(name, state)


def _kill(lab, options):
    lab.known_host(options.host)
    with lab.locked():
        was_on = lab.host(options.host).power_off_hard()
    print(f"{options.host} has lost its power" if was_on else f"{options.host} was off already")


def _start(lab, options):
    with lab.locked():
        started = lab.start(options.host, serves=not options.bare)
    print(f"{options.host} is running" if started else f"{options.host} was running already")


def _limit(lab, options):
    lab.known_host(options.host)
    is_off = options.rate == "off"
    if not is_off and not _RATE.fullmatch(options.rate):
        raise LabError(f"not a rate: '{options.rate}' (such as 500kbit, 100mbit, 1gbit, or off)")
    host = lab.host(options.host)
    # Each end of the host's cable shapes what it sends: together both directions are limited.
    for device, run_there in ((f"vb-{options.host}", lab.network.inside), ("host0", host.network_inside)):
        if is_off:
            run(run_there("tc", "qdisc", "delete", "dev", device, "root"), check=False)
        else:
            run(run_there("tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate", options.rate,
                          "burst", TBF_BURST, "latency", TBF_LATENCY))
    print(f"{options.host} is not limited" if is_off else f"{options.host} is limited to {options.rate}")


def _witness(lab, options):
    if options.host:
        lab.known_host(options.host)
    entries = read_witness(lab, lab.estate(), options.host)
    if options.output == "json":
        print(json.dumps(entries, indent=1))
        return
    rows = [[e["host"], e["pid"], e["parent_pid"], e["program"], e["key"]] for e in entries]
    print("\n".join(table(rows, ["HOST", "PID", "PARENT", "PROGRAM", "KEY"])))
