"""Up and down: an estate from nothing, idempotently, and back to nothing, provably."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from . import control_groups
from .durable import write_durably
from .errors import LabError
from .estate import load_estate
from .host import LabHost, make_ssh_key
from .image import ensure_image
from .layers import ensure_layer, prune_cache
from .limits import raise_limit, restore_limit
from .mounts import mounts_below, unmount
from .network import Network
from .places import BorrowedPlaces
from .process import run

SETUPS_AT_ONCE = 2
LOCK_TIMEOUT_S = 600


class Lab:
    """The lab of one state folder. Owner: the command that runs; commands exclude each other by a lock."""

    def __init__(self, settings, say):
        self._settings = settings
        self._say = say
        self._network = Network(settings)
        self._groups = control_groups.ControlGroups(settings.mark)
        self._places = BorrowedPlaces(settings.borrowed_places_file, settings.second_root)

    @property
    def settings(self):
        return self._settings

    @property
    def network(self):
        return self._network

    def host(self, name):
        return LabHost(self._settings, self._network, name)

    def locked(self):
        """One command changes the lab at a time."""
        return locked(self._settings.lock_file)

    def notes(self):
        """What `up` wrote down about the lab, or None when there is none."""
        try:
            return json.loads(self._settings.lab_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def estate(self):
        """The estate that is up, as it was when it came up; a LabError when there is none."""
        if self.notes() is None:
            raise LabError("no lab is up")
        return load_estate(str(self._settings.state / "estate.yaml"))

    # ---- up

    def up(self, path):
        """Bring an estate up, or complete one that is. Returns the number of hosts that had to be booted."""
        estate, base_key, layers = self.prepare(path)
        self._note(path, estate, base_key, layers)
        self._mount_missing()
        self._places.borrow()
        raise_limit(self._settings.limit_note, len(estate.hosts), write_durably, self._say)
        self._make_client_key()
        self._network.up(estate)
        missing = [host for host in estate.hosts if self.host(host.name).first_process() is None]
        self._boot_all(estate, missing, base_key, layers)
        return len(missing)

    def prepare(self, path):
        """Build the image and the layers that a file's hosts stand on, where they are not there yet: the only
        part that needs the package archive."""
        estate = load_estate(path)
        if not estate.hosts:
            raise LabError(f"{path}: there are no hosts in this file")
        self._settings.cache.mkdir(parents=True, exist_ok=True)
        (self._settings.cache / "layers").mkdir(exist_ok=True)
        with locked(self._settings.cache / "lock"):  # labs of other state folders share the cache
            base_key = ensure_image(self._settings, estate.packages, self._say)
            layers = self._ensure_layers(estate, base_key)
            prune_cache(self._settings, {base_key, *layers.values()})
        return estate, base_key, layers

    def _ensure_layers(self, estate, base_key):
        with ThreadPoolExecutor(SETUPS_AT_ONCE) as pool:
            keys = list(pool.map(
                lambda host: ensure_layer(self._settings, estate, host, base_key, self._say), estate.hosts
            ))
        return {host.name: key for host, key in zip(estate.hosts, keys)}

    def start(self, name, serves=True):
        """Boot one host that is off, with what it had written before. `serves`: wait for what its roles serve, which
        is in vain once that has been stopped for good."""
        estate, notes = self.estate(), self.notes()
        host = self._known(estate, name)
        if self.host(name).first_process() is not None:
            return False
        self._mount_missing()
        self._places.borrow()
        self._boot_all(estate, [host], notes["base"], notes["layers"], serves)
        return True

    @staticmethod
    def _known(estate, name):
        host = estate.host(name)
        if host is None:
            raise LabError(f"no host '{name}' in this lab (there are: "
                           f"{', '.join(other.name for other in estate.hosts)})")
        return host

    def known_host(self, name):
        """The estate's entry of a host that is in this lab."""
        return self._known(self.estate(), name)

    def _note(self, path, estate, base_key, layers):
        """Write down what is about to be made, before it is; refuse when another estate is up."""
        content = Path(path).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        notes = self.notes()
        if notes is not None:
            if notes["name"] != estate.name or notes["digest"] != digest or notes["layers"] != layers:
                raise LabError(
                    f"the lab '{notes['name']}' from {notes['path']} is up, and {path} or a role differs "
                    "from what it was made of: run `lab down` first"
                )
            return
        for folder in (self._settings.state, self._settings.keys, self._settings.hosts):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        write_durably(self._settings.state / "estate.yaml", content)
        notes = {"name": estate.name, "path": os.path.abspath(path), "digest": digest, "base": base_key,
                 "layers": layers}
        write_durably(self._settings.lab_file, json.dumps(notes, indent=1).encode())

    def _mount_missing(self):
        """Mount what a bare root lacks, written down first so that `down` can take it away again."""
        missing = control_groups.missing_mounts()
        if missing:
            points = "".join(f"{point}\n" for _, point in missing)
            write_durably(self._settings.borrowed_mounts_file, points.encode())
        for kind, point in missing:
            run(["mount", "-t", kind, kind, str(point)])

    def _unmount_borrowed(self):
        """Take away the mounts that this lab made outside its own folder. Returns what it removed."""
        try:
            points = self._settings.borrowed_mounts_file.read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return []
        for point in reversed(points):
            unmount(point)
        return [f"mount {point}" for point in reversed(points)]

    def _make_client_key(self):
        if not self._settings.client_key.with_suffix(".pub").exists():
            self._settings.client_key.unlink(missing_ok=True)
            make_ssh_key(self._settings.client_key, "client")

    def _boot_all(self, estate, hosts, base_key, layers, serves=True):
        if not hosts:
            return
        began = time.monotonic()
        with ThreadPoolExecutor(len(hosts)) as pool:
            futures = [pool.submit(self._boot, host, base_key, layers[host.name], began) for host in hosts]
            problems = [str(f.exception()) for f in futures if f.exception() is not None]
            if not problems and serves:
                futures = [pool.submit(self.host(host.name).wait_ready, host) for host in hosts]
                problems = [str(f.exception()) for f in futures if f.exception() is not None]
        self._write_known_hosts(estate)
        if problems:
            raise LabError("\n".join(problems))

    def _boot(self, host, base_key, layer_key, began):
        lab_host = self.host(host.name)
        lab_host.power_off_hard()  # what a crash may have left of it, its name and its group included
        lab_host.mount(base_key, layer_key)
        lab_host.install_keys()
        lab_host.boot(host.site.bridge)
        state = lab_host.wait_running(host.address)
        self._say(f"{host.name} {host.address} {state} after {time.monotonic() - began:.1f} s")

    def _write_known_hosts(self, estate):
        lines = []
        for host in estate.hosts:
            key = self._settings.keys / f"host-{host.name}.pub"
            if key.exists():
                public = " ".join(key.read_text(encoding="ascii").split()[:2])
                lines.append(f"{host.name},{host.address} {public}\n")
        write_durably(self._settings.known_hosts, "".join(lines).encode())

    # ---- down

    def down(self):
        """Take everything down, whatever state it is in. Returns (what was removed, what is left)."""
        names = self._groups.hosts()
        if self._settings.hosts.is_dir():
            names |= {path.name for path in self._settings.hosts.iterdir()}
        removed = []
        if names:
            with ThreadPoolExecutor(min(len(names), 16)) as pool:
                for name, was_on in pool.map(self._take_down, sorted(names)):
                    removed.append(f"host {name}" + (" (was running)" if was_on else ""))
        removed += self._network.down()
        self._groups.remove_parent()
        removed += self._unmount_borrowed()
        places_removed, places_left = self._places.give_back()
        removed += places_removed
        removed += restore_limit(self._settings.limit_note)
        for point in mounts_below(self._settings.state):
            unmount(point)
            removed.append(f"mount {point}")
        if self._settings.state.is_dir():
            shutil.rmtree(self._settings.state)
            removed.append(f"folder {self._settings.state}")
        return removed, places_left + self.leftovers()

    def _take_down(self, name):
        host = self.host(name)
        was_on = host.power_off_hard()
        host.discard()
        return name, was_on

    def leftovers(self):
        """Everything of the lab that the machine still has, as text; empty after a good `down`."""
        left = self._groups.leftovers() + self._network.leftovers() + self._places.leftovers()
        left += [f"mount {point}" for point in mounts_below(self._settings.state)]
        if self._settings.state.exists():
            left.append(f"folder {self._settings.state}")
        return left


@contextmanager
def locked(path):
    """Hold a lock that ends with its process, however that ends; wait for it for a bounded time."""
    with open(path, "w", encoding="ascii") as file:
        deadline = time.monotonic() + LOCK_TIMEOUT_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LabError(f"another lab command is still at work (it holds {path})") from None
                time.sleep(0.1)
        yield
