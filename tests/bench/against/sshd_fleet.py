"""Two hundred sshd on one machine, each with its own address, host key, home and folders.

Each is a server of its own in a mount namespace of its own: its /root, /tmp and /var/lib/ararat-ssh are folders on
the disk that it shares with nobody, as on a host. One server that listened on two hundred addresses would be cheaper,
but would have all hosts share one home, one queue of connections and one limit of unauthenticated ones. Full hosts
would need 70 MB each and add nothing: what is measured is reaching a host, starting a program there and hearing of
its end.

All of it stands in the network, mount and process namespaces that the caller entered, and goes with them.
"""

import os
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

ORCHESTRATOR_ADDRESS = "198.18.0.1"
REMOTE_ROOT = Path("/var/lib/ararat-ssh")
PRIVATE = {"root": "/root", "tmp": "/tmp", "ararat-ssh": str(REMOTE_ROOT)}
READY_TIMEOUT_S = 60

_CONFIG = """ListenAddress {address}
Port 22
HostKey {folder}/host_key
AuthorizedKeysFile {keys}/client.pub
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PidFile none
LogLevel ERROR
Subsystem sftp internal-sftp
"""


class Host:
    def __init__(self, number, folder):
        self.name = f"fan-{number:03}"
        self.address = f"198.19.{number // 200}.{number % 200 + 1}"
        self.folder = Path(folder) / self.name
        self.public_key = ""


class Fleet:
    """Owner: the bench's main thread. Everything it makes is below `folder`, but for the mount point of the
    product's own folder on a host."""

    def __init__(self, folder, count):
        self.folder = Path(folder)
        self.keys = self.folder / "keys"
        self.hosts = [Host(number, self.folder / "hosts") for number in range(count)]
        self._servers = []

    def up(self):
        self.keys.mkdir(parents=True)
        make_key(self.keys / "client")
        REMOTE_ROOT.mkdir(exist_ok=True)
        Path("/run/sshd").mkdir(exist_ok=True)
        add_addresses([ORCHESTRATOR_ADDRESS, *(host.address for host in self.hosts)])
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._make, self.hosts))
        self._servers = [self._start(host) for host in self.hosts]
        deadline = time.monotonic() + READY_TIMEOUT_S
        for host, server in zip(self.hosts, self._servers):
            wait_for_greeting(host.address, server, deadline)
        (self.keys / "known_hosts").write_text(
            "".join(f"{host.name},{host.address} {host.public_key}\n" for host in self.hosts), encoding="ascii")

    def _make(self, host):
        for name in PRIVATE:
            (host.folder / name).mkdir(parents=True)
        (host.folder / "tmp").chmod(0o1777)
        make_key(host.folder / "host_key")
        host.public_key = " ".join((host.folder / "host_key.pub").read_text(encoding="ascii").split()[:2])
        (host.folder / "sshd_config").write_text(
            _CONFIG.format(address=host.address, folder=host.folder, keys=self.keys), encoding="ascii")

    @staticmethod
    def _start(host):
        mounts = " && ".join(f"mount --bind {host.folder / name} {place}" for name, place in PRIVATE.items())
        return subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c",
             f"{mounts} && exec /usr/sbin/sshd -D -f {host.folder}/sshd_config"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/")

    def forget(self):
        """The product's own folders on the hosts, as they were before its first visit."""
        for host in self.hosts:
            for entry in (host.folder / "ararat-ssh").iterdir():
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def down(self):
        for server in self._servers:
            server.terminate()
        for server in self._servers:
            server.wait()
        # Only a place to mount on, unless this machine is itself driven over SSH: then it is not empty.
        with suppress(OSError):
            REMOTE_ROOT.rmdir()
        shutil.rmtree(self.folder, ignore_errors=True)


def make_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)], check=True,
                   stdin=subprocess.DEVNULL)


def add_addresses(addresses):
    lines = "".join(f"address add {address}/32 dev lo\n" for address in addresses)
    subprocess.run(["ip", "-batch", "-"], input=lines, text=True, check=True)


def wait_for_greeting(address, server, deadline):
    while True:
        try:
            with socket.create_connection((address, 22), timeout=2) as connection:
                if connection.recv(4) == b"SSH-":
                    return
        except OSError:
            pass
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"sshd on {address} did not come up")
        time.sleep(0.02)


def in_own_namespaces(argv):
    """Runs argv where nothing it starts can outlive it, be seen from outside or reach anything."""
    return ["unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
            "--mount-proc", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *argv]


def needs_own_namespaces():
    return os.environ.get("ARARAT_BENCH_INSIDE") != "1"
