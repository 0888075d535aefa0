"""A control group for each host, so that a host's systemd can manage and kill what is in it.

Two ways: where systemd is process 1, a transient unit with Delegate=yes; elsewhere groups made by hand in
every mounted hierarchy (version 1, 2, or both at once). The groups also are the lab's surest record of its
processes: whatever is inside one was put there by the lab or is its child.
"""

import os
from pathlib import Path

from .errors import LabError
from .mounts import mounts
from .process import ProcessRecord, run, wait_until

ROOT = Path("/sys/fs/cgroup")
# What nspawn exits with when the host inside asked for a reboot and somebody else keeps its unit.
REBOOT_STATUS = 133
# Run by the starting process: it enters the groups itself, so all it starts is born inside; then it starts
# the host again for as long as the host ends by rebooting.
ENTER_SCRIPT = f"""
n=$1; shift
while [ "$n" -gt 0 ]; do echo 0 > "$1/cgroup.procs" || exit 97; shift; n=$((n-1)); done
while :; do "$@"; [ $? -eq {REBOOT_STATUS} ] || exit; done
"""


def systemd_is_first():
    return Path("/run/systemd/system").is_dir() and _name_of(1) == "systemd"


def _name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def missing_mounts():
    """Mounts that nspawn needs and a bare root may lack, as (kind, point) in the order to make them."""
    kinds = {mount.kind for mount in mounts()}
    if kinds & {"cgroup", "cgroup2"}:
        return []
    missing = [] if "sysfs" in kinds else [("sysfs", Path("/sys"))]
    return [*missing, ("cgroup2", ROOT)]


def hierarchies():
    """Mount points of all control group hierarchies of this machine."""
    found = []
    for mount in mounts():
        if mount.kind in ("cgroup", "cgroup2") and Path(mount.point).is_relative_to(ROOT):
            found.append(Path(mount.point))
    return found


class ControlGroups:
    """The lab's groups. Owner: one command of the lab; methods for different hosts may run in parallel."""

    def __init__(self, mark):
        self._mark = mark
        self._by_systemd = systemd_is_first()

    def unit(self, host):
        return f"ararat-lab-{self._mark}-{host}.service"

    @property
    def _slice(self):
        # Without a dash, which would make a slice inside others that nobody takes away.
        return f"ararat_lab_{self._mark}.slice"

    def folders(self, host):
        """The group's folders in all hierarchies; they need not exist."""
        if self._by_systemd:
            below = Path(self._slice) / self.unit(host)
        else:
            below = Path(f"ararat-lab-{self._mark}") / host
        return [point / below for point in hierarchies()]

    def starting(self, host, command, log):
        """The command line that starts `command` inside the host's group, in the background's own way."""
        if self._by_systemd:
            return [
                "systemd-run", "--quiet", "--collect", f"--unit={self.unit(host)}",
                f"--slice={self._slice}", "-p", "Delegate=yes", "-p", "KillMode=mixed",
                "-p", f"RestartForceExitStatus={REBOOT_STATUS}",
                "-p", f"SuccessExitStatus={REBOOT_STATUS}",
                "-p", f"StandardOutput=append:{log}", "-p", f"StandardError=append:{log}", "--", *command,
            ]
        folders = [folder for folder in self.folders(host) if self._make(folder)]
        if not folders:
            raise LabError("no control group hierarchy is mounted below /sys/fs/cgroup")
        return ["sh", "-c", ENTER_SCRIPT, "sh", str(len(folders)), *map(str, folders), *command]

    @staticmethod
    def _make(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "cpuset.cpus").exists():
            # A fresh version 1 cpuset takes no process before it has processors and memory nodes.
            for group in (folder.parent, folder):
                for name in ("cpuset.cpus", "cpuset.mems"):
                    if not (group / name).read_text(encoding="ascii").strip():
                        (group / name).write_text((group.parent / name).read_text(encoding="ascii"))
        return True

    def processes(self, host):
        """Records of all processes in the host's group, nested groups included."""
        pids = set()
        for folder in self.folders(host):
            pids |= _pids_below(folder)
        records = (ProcessRecord.of(pid) for pid in pids)
        return [record for record in records if record]

    def memory_mib(self, host):
        """Memory of the host's processes without the page cache, in MiB, or None when it is not counted."""
        for folder in self.folders(host):
            for name, key in (("memory.stat", "total_rss"), ("memory.stat", "anon")):
                value = _stat_value(folder / name, key)
                if value is not None:
                    return value // (1024 * 1024)
        return None

    def hosts(self):
        """Names of all hosts that have a group, known to the lab's notes or not."""
        names = set()
        for point in hierarchies():
            if self._by_systemd:
                prefix = f"ararat-lab-{self._mark}-"
                for path in (point / self._slice).glob(f"{prefix}*.service"):
                    names.add(path.name.removeprefix(prefix).removesuffix(".service"))
            else:
                names |= {path.name for path in (point / f"ararat-lab-{self._mark}").glob("*/")}
        return names

    def remove(self, host):
        """Kill what is left in the group and remove it. Returns how many processes had to be killed."""
        killed = 0
        records = self.processes(host)
        for record in records:
            killed += record.send()
        wait_until(lambda: not self.processes(host), 10)
        if self._by_systemd:
            run(["systemctl", "stop", self.unit(host)], check=False)
            run(["systemctl", "reset-failed", self.unit(host)], check=False)
            return killed
        for folder in self.folders(host):
            wait_until(lambda folder=folder: _remove_tree(folder), 5)
        return killed

    def remove_parent(self):
        if self._by_systemd:
            run(["systemctl", "stop", self._slice], check=False)
            return
        for point in hierarchies():
            _remove_tree(point / f"ararat-lab-{self._mark}")

    def leftovers(self):
        return [f"control group of {host}" for host in sorted(self.hosts())]


def _pids_below(folder):
    pids = set()
    for current, _, files in os.walk(folder):
        if "cgroup.procs" in files:
            try:
                text = Path(current, "cgroup.procs").read_text(encoding="ascii")
            except OSError:  # the group went away meanwhile, or is a threaded one
                continue
            pids |= {int(line) for line in text.split()}
    pids.discard(0)
    return pids


def _stat_value(path, key):
    try:
        for line in path.read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(" ")
            if name == key:
                return int(value)
    except OSError:
        pass
    return None


def _remove_tree(folder):
    """Remove a group and those below it, deepest first. True when it is gone."""
    for current, _, _ in os.walk(folder, topdown=False):
        try:
            os.rmdir(current)
        except OSError:
            pass
    return not folder.exists()
