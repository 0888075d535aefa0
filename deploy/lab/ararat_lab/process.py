"""Running other programs, and naming processes so that only the meant one is ever signalled."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass

from .errors import LabError

OUTPUT_SHOWN_MAX = 4000


def run(arguments, timeout_s=60, check=True, **options):
    """Run a program to its end, its output captured as text; a LabError when it fails and check is set."""
    try:
        done = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=timeout_s, check=False, **options,
        )
    except FileNotFoundError as error:
        raise LabError(f"{arguments[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no end after {timeout_s} s: {' '.join(map(str, arguments))}") from error
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-OUTPUT_SHOWN_MAX:]
        raise LabError(f"failed with {done.returncode}: {' '.join(map(str, arguments))}\n{said}")
    return done


def start_ticks(pid):
    """The start time of a process in clock ticks since boot, or None when there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] in ("Z", "X"):
        return None
    return int(fields[19])


def namespace_pids(pid):
    """The ids of a process in its own and all outer process namespaces, outermost first; empty if gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("NSpid:"):
                    return [int(word) for word in line.split()[1:]]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return []


@dataclass(frozen=True)
class ProcessRecord:
    """A process by id and start time, so that a reused id is never taken for it."""

    pid: int
    start: int

    @staticmethod
    def of(pid):
        start = start_ticks(pid)
        return None if start is None else ProcessRecord(pid, start)

    def is_alive(self):
        return start_ticks(self.pid) == self.start

    def send(self, number=signal.SIGKILL):
        """Signal exactly this process. True if it was there."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            # The descriptor holds the id: if the start time fits now, the signal cannot go astray.
            if start_ticks(self.pid) != self.start:
                return False
            signal.pidfd_send_signal(handle, number)
            return True
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)

    def wait_gone(self, timeout_s):
        return wait_until(lambda: not self.is_alive(), timeout_s, 0.01)


def wait_until(condition, timeout_s, interval_s=0.05):
    """Poll until the condition holds. False when the time is over."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval_s)
    return True
