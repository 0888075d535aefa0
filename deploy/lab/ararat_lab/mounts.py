"""What is mounted, read from the kernel: never from our own notes, which a crash can leave wrong."""

import re
import shutil
import time
import uuid
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


def fit_for_nspawn(command, second_root, own_machine_id, machine_id):
    """The command line again, or one with mounts of its own where a bare root lacks what nspawn expects.

    Below chroot the root is a plain folder, and nspawn cannot change how mounts spread from it: it gets the folder
    `second_root`. A root that never booted has no machine id, which nspawn makes link addresses of: it is shown the
    one in the file `own_machine_id` over the root's empty one, `machine_id`; None where the root has one.
    """
    script = ""
    if not is_mounted("/"):
        script += f'mount --rbind / {second_root} && root={second_root} && '
    if machine_id is not None:
        if not own_machine_id.exists():
            own_machine_id.write_text(uuid.uuid4().hex + "\n", encoding="ascii")
        script += f'mount --bind {own_machine_id} "$root{machine_id}" && '
    if not script:
        return command
    script = f'root=; {script} exec chroot "${{root:-/}}" "$@"'
    return ["unshare", "--mount", "--propagation=unchanged", "--", "sh", "-c", script, "sh", *command]


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


def discard_folder(folder):
    """Unmount what is mounted below a folder of ours, then delete it; fine when it is not there."""
    for point in mounts_below(folder):
        unmount(point)
    if folder.exists():
        shutil.rmtree(folder)
