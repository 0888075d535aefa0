"""What a bare root lacks and systemd-nspawn wants: made when it is missing, written down first, taken away again."""

import re
from pathlib import Path

from .durable import write_durably
from .mounts import is_mounted

MACHINE_ID = Path("/etc/machine-id")


class BorrowedPlaces:
    """A folder to mount the root on once more, and an empty machine id to mount another one over.

    Owner: one lab. The folder's name is the lab's own; the machine id may have been there before, so only the note
    tells whose it is.
    """

    def __init__(self, note, second_root, machine_id=MACHINE_ID):
        self._note = note
        self._second_root = second_root
        self._machine_id = machine_id

    def borrow(self):
        """Make what is missing. A crash after the note leaves a name too many in it, never a file too many."""
        wanted = []
        if not is_mounted("/"):
            wanted.append(self._second_root)
        if not has_machine_id(self._machine_id):
            wanted.append(self._machine_id)
        missing = [place for place in wanted if not place.exists()]
        if not missing:
            return
        noted = dict.fromkeys([*self._noted(), *missing])
        write_durably(self._note, "".join(f"{place}\n" for place in noted).encode())
        for place in missing:
            if place == self._second_root:
                place.mkdir()
            else:
                place.touch()

    def give_back(self):
        """Remove what was made. Returns what it removed, and what it made and could not remove."""
        removed, left = [], []
        for place in self._noted():
            if not place.exists() or (place == self._machine_id and has_machine_id(place)):
                continue  # gone, or somebody gave the machine an id since then
            try:
                place.rmdir() if place.is_dir() else place.unlink()
                removed.append(str(place))
            except OSError as error:
                left.append(f"{place} ({error.strerror})")
        return removed, left

    def leftovers(self):
        """Told without the note, which goes with the lab's folder."""
        return [f"folder {self._second_root}"] if self._second_root.exists() else []

    def _noted(self):
        try:
            return [Path(line) for line in self._note.read_text(encoding="utf-8").splitlines()]
        except FileNotFoundError:
            return []


def has_machine_id(path=MACHINE_ID):
    try:
        return re.fullmatch(r"[0-9a-f]{32}", path.read_text(encoding="ascii").strip()) is not None
    except (OSError, UnicodeDecodeError):
        return False
