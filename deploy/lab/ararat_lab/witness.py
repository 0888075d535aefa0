"""Reading the witness's logs from outside the hosts, and what they say about each step."""

from .safe_open import read_in_root

LOG = "/var/lib/witness/log"
LOG_LIMIT_BYTES = 64 * 1024 * 1024


def read_witness(lab, estate, only_host=None):
    """All lines of the witnesses as dictionaries, by host and time. Works on hosts that are off, too."""
    entries = []
    for host in estate.hosts:
        if only_host is not None and host.name != only_host:
            continue
        try:
            content = read_in_root(lab.host(host.name).root, LOG, LOG_LIMIT_BYTES)
        except FileNotFoundError:
            continue
        entries += [parse_line(host.name, line) for line in content.splitlines()]
    return sorted(entries, key=lambda entry: entry["monotonic_ns"])


def parse_line(host, line):
    key, pid, parent, program, time_ns = line.decode("utf-8", "replace").split("\t")
    return {"host": host, "key": key, "pid": int(pid), "parent_pid": int(parent), "program": program,
            "monotonic_ns": int(time_ns)}
