"""Where the lab keeps things, and what its pieces are called on the machine."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError

DEFAULT_STATE = "/var/lib/ararat-lab"
DEFAULT_CACHE = "/var/cache/ararat"


@dataclass(frozen=True)
class Settings:
    """Folders and names. Control groups and units are seen by the whole machine, also from other roots and
    network namespaces, so their name carries a mark made of the state folder's identity."""

    state: Path
    cache: Path
    mark: str
    network_namespace: str
    link: str

    @property
    def lock_file(self):
        # Not in the state folder: `down` deletes that while it holds the lock.
        return Path(f"/run/ararat-lab-{self.mark}.lock")

    @property
    def lab_file(self):
        return self.state / "lab.json"

    @property
    def borrowed_mounts_file(self):
        return self.state / "borrowed-mounts"

    @property
    def borrowed_places_file(self):
        return self.state / "borrowed-places"

    @property
    def second_root(self):
        """Where hosts of a lab below chroot see their root once more."""
        return Path(f"/run/ararat-lab-root-{self.mark}")

    @property
    def limit_note(self):
        return self.state / "inotify-instances-before"

    @property
    def keys(self):
        return self.state / "keys"

    @property
    def client_key(self):
        return self.keys / "client"

    @property
    def known_hosts(self):
        return self.keys / "known_hosts"

    @property
    def hosts(self):
        return self.state / "hosts"

    def host_folder(self, name):
        return self.hosts / name

    def host_root(self, name):
        return self.hosts / name / "root"

    def network_namespace_path(self):
        return Path("/run/netns") / self.network_namespace


def _folder(variable, default):
    path = Path(os.environ.get(variable) or default)
    if not path.is_absolute() or path == Path("/") or ".." in path.parts:
        raise LabError(f"{variable} must be an absolute path below /: '{path}'")
    return path


def settings_from_environment():
    state = _folder("ARARAT_LAB_DIR", DEFAULT_STATE)
    state.parent.mkdir(parents=True, exist_ok=True)
    parent = state.parent.stat()
    identity = f"{state}\0{parent.st_dev}\0{parent.st_ino}"
    mark = hashlib.sha256(identity.encode()).hexdigest()[:8]
    is_default = str(state) == DEFAULT_STATE
    return Settings(
        state=state,
        cache=_folder("ARARAT_CACHE", DEFAULT_CACHE),
        mark=mark,
        network_namespace="ararat-lab" if is_default else f"ararat-lab-{mark}",
        link="ararat-lab0" if is_default else f"lab-{mark}",
    )
