"""What is mounted, read from the kernel: never from our own notes, which a crash can leave wrong."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError
from .process import run

FORBIDDEN_IN_OVERLAY_PATHS = re.compile(r"[,:\\\"\s]")


@dataclass(frozen=True)
class Mount:
    point: str
    kind: str
    options: str
    source_path: str  # the path inside the mounted file system


def mounts():
    """All mounts of this mount namespace, in the order they were made."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            left, _, right = line.partition(" - ")
            fields = left.split()
            kind, _, options = right.split(" ", 2)
            found.append(Mount(_unescape(fields[4]), kind, options.strip(), _unescape(fields[3])))
    return found


def _unescape(path):
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def mounts_below(folder):
    """Mount points at or below a folder, innermost first."""
    folder = str(folder)
    points = [m.point for m in mounts() if m.point == folder or m.point.startswith(folder + "/")]
    return list(reversed(points))


def is_mounted(point):
    return any(mount.point == str(point) for mount in mounts())


def mount_overlay(lowers, upper, work, point):
    """Mount an overlay; `lowers` has the topmost first."""
    for path in [*lowers, upper, work]:
        if FORBIDDEN_IN_OVERLAY_PATHS.search(str(path)):
            raise LabError(f"{path}: an overlay's path takes no comma, colon, quote, backslash or space")
    for path in (upper, work, point):
        Path(path).mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={':'.join(map(str, lowers))},upperdir={upper},workdir={work}"
    try:
        run(["mount", "-t", "overlay", "ararat-lab", "-o", options, str(point)])
    except LabError as error:
        raise LabError(
            f"{error}\nan overlay's upper folder must be on a real file system (ext4, xfs, tmpfs), not on "
            "another overlay: set ARARAT_LAB_DIR and ARARAT_CACHE to folders on one"
        ) from error


def unmount(point, timeout_s=5):
    """Unmount, waiting a little while something still uses it; as a last resort detach it."""
    deadline = time.monotonic() + timeout_s
    while is_mounted(point):
        if run(["umount", str(point)], check=False).returncode == 0:
            continue
        if time.monotonic() > deadline:
            run(["umount", "--lazy", str(point)])
            return
        time.sleep(0.1)
