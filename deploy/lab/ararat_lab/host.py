"""One running host: its root, its boot, its end, and a way in for set-up.

    off --boot--> booting --sshd and systemd answer--> running --kill or power-off--> off
                                                       running <--cut / heal--> cut
"""

import os
import socket
import subprocess
import time

from . import estate as estates
from .control_groups import ControlGroups
from .errors import LabError
from .layers import PATH_INSIDE, layer_folder, ready_checks
from .image import image_root
from .mounts import discard_folder, fit_for_nspawn, is_mounted, mount_overlay
from .places import MACHINE_ID, has_machine_id
from .process import namespace_pids, run, wait_until
from .safe_open import write_in_root

BOOT_TIMEOUT_S = 120
READY_TIMEOUT_S = 60
LOG_SHOWN_MAX = 3000


class LabHost:
    """A host of the lab on this machine. Owner: the command that runs; one thread per host at a time."""

    def __init__(self, settings, network, name):
        self.name = name
        self._settings = settings
        self._network = network
        self._groups = ControlGroups(settings.mark)
        self._folder = settings.host_folder(name)
        self._root = settings.host_root(name)

    @property
    def log(self):
        return self._folder / "console.log"

    @property
    def root(self):
        return self._root

    def first_process(self):
        """The host's own process 1, found anew each time because a host may reboot itself; None if off."""
        depth = len(namespace_pids(os.getpid())) + 1
        for record in self._groups.processes(self.name):
            pids = namespace_pids(record.pid)
            if len(pids) == depth and pids[-1] == 1:
                return record
        return None

    def has_processes(self):
        return bool(self._groups.processes(self.name))

    def memory_mib(self):
        return self._groups.memory_mib(self.name)

    def mount(self, base_key, layer_key):
        """Put the host's root together: its own writable folder over its layer over the base image."""
        if is_mounted(self._root):
            return
        lowers = [layer_folder(self._settings, layer_key), image_root(self._settings, base_key)]
        mount_overlay(lowers, self._folder / "upper", self._folder / "work", self._root)

    def install_keys(self):
        """Give the host its own SSH key pair and the lab's client key. Returns the host's public key."""
        key = self._settings.keys / f"host-{self.name}"
        if not key.exists():
            make_ssh_key(key, self.name)
        public = key.with_suffix(".pub").read_text(encoding="ascii")
        write_in_root(self._root, "/etc/ssh/ssh_host_ed25519_key", key.read_bytes(), 0o600)
        write_in_root(self._root, "/etc/ssh/ssh_host_ed25519_key.pub", public.encode(), 0o644)
        client = self._settings.client_key.with_suffix(".pub").read_bytes()
        write_in_root(self._root, "/root/.ssh/authorized_keys", client, 0o600)
        return " ".join(public.split()[:2])

    def boot(self, bridge):
        """Start the host. Returns at once; see wait_running."""
        nspawn = [
            "systemd-nspawn", "--quiet", f"--directory={self._root}", f"--machine={self.name}",
            f"--hostname={self.name}", "--boot", f"--network-bridge={bridge}", "--register=no",
            "--keep-unit", "--resolv-conf=off", "--timezone=off", "--link-journal=no",
        ]
        command = fit_for_nspawn(self._network.inside(*nspawn), self._settings.second_root,
                                 self._folder / "machine-id", None if has_machine_id() else MACHINE_ID)
        command = self._groups.starting(self.name, command, self.log)
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={"PATH": PATH_INSIDE, "LC_ALL": "C.UTF-8"},
            )
        # A starter that has failed by now has a reason worth showing; nspawn itself lives on.
        if not wait_until(lambda: self.has_processes() or process.poll() is not None, 10, 0.02):
            raise LabError(f"{self.name} did not start\n{self.log_tail()}")

    def wait_running(self, address):
        """Wait until systemd says that the boot is over and sshd greets. Returns systemd's word for it."""
        deadline = time.monotonic() + BOOT_TIMEOUT_S
        state = ""
        while state not in ("running", "degraded"):
            self._refuse_late(deadline, f"boot (systemd says '{state}')")
            state = self._systemd_state()
            if state not in ("running", "degraded"):
                time.sleep(0.1)
        while not _ssh_greets(address):
            self._refuse_late(deadline, "an answer of sshd")
            time.sleep(0.1)
        return state

    def _refuse_late(self, deadline, what):
        if not self.has_processes():
            raise LabError(f"{self.name} went off while waiting for {what}\n{self.log_tail()}")
        if time.monotonic() > deadline:
            raise LabError(f"{self.name}: no {what} within {BOOT_TIMEOUT_S} s\n{self.log_tail()}")

    def _systemd_state(self):
        try:
            arguments = self.inside("systemctl", "is-system-running", "--wait")
            return run(arguments, timeout_s=BOOT_TIMEOUT_S, check=False).stdout.strip()
        except LabError:
            return ""

    def wait_ready(self, estate_host):
        """Wait until what the host's roles serve answers, as each role's ready.sh tells."""
        for role, path, parameters in ready_checks(estate_host):
            script = path.read_text(encoding="utf-8")
            variables = [f"{key}={value}" for key, value in parameters.items()]
            arguments = self.inside("env", *variables, "sh", "-c", script)
            deadline = time.monotonic() + READY_TIMEOUT_S
            done = run(arguments, timeout_s=READY_TIMEOUT_S, check=False)
            while done.returncode != 0:
                if time.monotonic() > deadline:
                    said = (done.stderr or done.stdout).strip()[-LOG_SHOWN_MAX:]
                    raise LabError(f"{self.name}: role {role} is not ready\n{said}")
                time.sleep(0.2)
                done = run(arguments, timeout_s=READY_TIMEOUT_S, check=False)

    def inside(self, *arguments):
        """A command line that runs inside the booted host, for set-up; a plan's steps never come this way."""
        first = self.first_process()
        if first is None:
            raise LabError(f"{self.name} is off")
        # --wd without a value: with one, nsenter opens the machine's own folder before it enters the host.
        return ["nsenter", "--target", str(first.pid), "--mount", "--uts", "--ipc", "--net", "--pid",
                "--root", "--wd", "--", "/usr/bin/env", "-i", f"PATH={PATH_INSIDE}", "HOME=/root",
                "LC_ALL=C.UTF-8", *arguments]

    def network_inside(self, *arguments):
        """A command line of the machine's own programs, run in the host's network namespace."""
        first = self.first_process()
        if first is None:
            raise LabError(f"{self.name} is off")
        return ["nsenter", "--target", str(first.pid), "--net", "--", *arguments]

    def power_off_hard(self):
        """A power loss: the first process dies, and all of the host with it. True if it was on.

        Killing nspawn alone would leave the whole host running.
        """
        first = self.first_process()
        was_on = first is not None and first.send()
        if first is not None:
            first.wait_gone(10)
        wait_until(lambda: not self.has_processes(), 2)
        return bool(self._groups.remove(self.name)) or was_on

    def discard(self):
        """Unmount and delete the host's root and everything the host wrote."""
        discard_folder(self._folder)

    def log_tail(self):
        try:
            return self.log.read_text(encoding="utf-8", errors="replace")[-LOG_SHOWN_MAX:]
        except OSError:
            return ""


def make_ssh_key(path, comment):
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"ararat-lab {comment}", "-f", str(path)])


def _ssh_greets(address):
    if address not in estates.LAB_RANGE:
        raise LabError(f"{address} is outside the lab's range")
    try:
        with socket.create_connection((str(address), 22), timeout=1) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
