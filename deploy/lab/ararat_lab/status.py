"""What the lab looks like now, from the kernel and the keys, for people and for programs."""

from .estate import LINK_LAB, LINK_MACHINE


def collect_status(lab):
    """The whole state as plain values; `lab status -o json` prints it as it is."""
    notes = lab.notes()
    if notes is None:
        return {"state": "down", "leftovers": lab.leftovers(), "hosts": []}
    settings = lab.settings
    estate = lab.estate()
    links = lab.network.host_links()
    return {
        "state": "up",
        "name": estate.name,
        "file": notes["path"],
        "state_folder": str(settings.state),
        "client_key": str(settings.client_key),
        "known_hosts": str(settings.known_hosts),
        "network_namespace": settings.network_namespace,
        "link": {"machine": str(LINK_MACHINE), "lab": str(LINK_LAB)},
        "domain": estate.domain,
        "name_servers": [str(address) for address in estate.name_servers],
        "hosts": [_host_status(lab, host, links) for host in estate.hosts],
    }


def _host_status(lab, host, links):
    lab_host = lab.host(host.name)
    first = lab_host.first_process()
    return {
        "name": host.name,
        "address": str(host.address),
        "site": host.site.name,
        "roles": [use.name for use in host.roles],
        "state": _state(first, links.get(f"vb-{host.name}")),
        "pid": first.pid if first else None,
        "memory_mib": lab_host.memory_mib() if first else None,
        "root": str(lab_host.root),
        "ssh_host_key": _public_key(lab.settings.keys / f"host-{host.name}.pub"),
    }


def _state(first, link):
    if first is None:
        return "off"
    if link is None or "UP" not in link.get("flags", []):
        return "cut"
    return "running"


def _public_key(path):
    try:
        return " ".join(path.read_text(encoding="ascii").split()[:2])
    except FileNotFoundError:
        return None


def table(rows, headings):
    """Lines of a table with columns as wide as they need to be."""
    texts = [[("-" if cell is None else str(cell)) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [headings, *texts]) for i in range(len(headings))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in [headings, *texts]]


def status_lines(status):
    if status["state"] == "down":
        return ["no lab is up", *[f"left over: {text}" for text in status["leftovers"]]]
    rows = [
        [host["name"], host["site"], host["address"], host["state"], host["memory_mib"],
         ", ".join(host["roles"])]
        for host in status["hosts"]
    ]
    lines = table(rows, ["HOST", "SITE", "ADDRESS", "STATE", "MIB", "ROLES"])
    running = sum(host["state"] == "running" for host in status["hosts"])
    return [*lines, f"lab {status['name']}: {running} of {len(rows)} hosts running"]
