"""The one limit of the machine that an estate runs into, raised while a lab needs it.

Each host's systemd holds several inotify instances, and the kernel's default of 128 for root is used up by
about fourteen hosts: the next one's systemd ends with "Too many open files".
"""

from pathlib import Path

INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
FOR_THE_MACHINE = 128
FOR_A_HOST = 32


def raise_limit(note, host_count, write, say):
    """Raise the limit when it is too low for another `host_count` hosts; the old value goes to `note` first.

    `write` stores a file durably.
    """
    current = int(INSTANCES.read_text(encoding="ascii"))
    # Other labs may be up, so what is free cannot be told: ask for room for as many hosts again.
    wanted = FOR_THE_MACHINE + 2 * FOR_A_HOST * host_count
    if current >= wanted:
        return
    if not note.exists():
        write(note, f"{current} {wanted}".encode())
    INSTANCES.write_text(str(wanted), encoding="ascii")
    say(f"raised fs.inotify.max_user_instances from {current} to {wanted} until `down`")


def restore_limit(note):
    """Put the old value back, unless somebody set another one since: a second lab may need that.

    Returns what was done, as a list of at most one text.
    """
    try:
        before, ours = map(int, note.read_text(encoding="ascii").split())
    except (FileNotFoundError, ValueError):
        return []
    if int(INSTANCES.read_text(encoding="ascii")) != ours:
        return []
    INSTANCES.write_text(str(before), encoding="ascii")
    return [f"raised limit fs.inotify.max_user_instances (back at {before})"]
