"""The lab's network: one namespace with a bridge per site, and one link to the machine.

There is no default route inside, and nothing there touches an interface of the machine but the link: no
packet of the lab can leave. On the machine a blackhole for the whole range catches what the link's routes
do not: a connection to a host that is down goes nowhere instead of to the default gateway.
"""

import json

from . import estate as estates
from .errors import LabError
from .process import run

BLACKHOLE_METRIC_MIN = 4096  # worse than any route that somebody made on purpose
BRIDGE_FORWARD = "/proc/sys/net/ipv4/ip_forward"


class Network:
    """The lab's network as the kernel has it. Owner: one command of the lab; no threads."""

    def __init__(self, settings):
        self._settings = settings
        self._name = settings.network_namespace
        self._path = settings.network_namespace_path()
        # The metric tells this lab's blackhole from that of another, which `down` must leave alone.
        self._metric = str(BLACKHOLE_METRIC_MIN + int(settings.mark[:4], 16))

    def inside(self, *arguments):
        """A command line that runs in the lab's network namespace.

        Not `ip netns exec`: that remounts /sys, and systemd-nspawn then cannot tell the control groups.
        """
        return ["nsenter", f"--net={self._path}", "--", *arguments]

    def exists(self):
        return self._path.exists() and run(self.inside("true"), check=False).returncode == 0

    def up(self, estate):
        """Make what is missing; change nothing that is there."""
        if not self.exists():
            self._refuse_foreign_addresses()
            self._path.unlink(missing_ok=True)
            run(["ip", "netns", "add", self._name])
        run(self.inside("ip", "link", "set", "lo", "up"))
        run(self.inside("sh", "-c", f"echo 1 > {BRIDGE_FORWARD}"))
        self._link_up()
        bridges = self._interfaces_inside()
        for site in estate.sites:
            if site.bridge not in bridges:
                self._bridge_up(site)
        self._routes_up(estate)

    def _refuse_foreign_addresses(self):
        shown = json.loads(run(["ip", "-j", "-4", "address", "show"]).stdout or "[]")
        for interface in shown:
            if interface.get("ifname") == self._settings.link:
                continue
            for address in interface.get("addr_info", []):
                if estates.ipaddress.ip_address(address["local"]) in estates.LAB_RANGE:
                    raise LabError(
                        f"interface {interface['ifname']} already has {address['local']} of the lab's range "
                        f"{estates.LAB_RANGE}: another lab, or something that is not ours"
                    )

    def _link_up(self):
        link = self._settings.link
        prefix = estates.LINK_NETWORK.prefixlen
        if run(["ip", "link", "show", "dev", link], check=False).returncode != 0:
            run(["ip", "link", "add", link, "type", "veth", "peer", "name", "lab0", "netns", self._name])
        run(["ip", "address", "replace", f"{estates.LINK_MACHINE}/{prefix}", "dev", link])
        run(["ip", "link", "set", link, "up"])
        run(self.inside("ip", "address", "replace", f"{estates.LINK_LAB}/{prefix}", "dev", "lab0"))
        run(self.inside("ip", "link", "set", "lab0", "up"))

    def _bridge_up(self, site):
        run(self.inside("ip", "link", "add", site.bridge, "type", "bridge", "stp_state", "0",
                        "forward_delay", "0"))
        address = f"{site.gateway}/{site.network.prefixlen}"
        run(self.inside("ip", "address", "replace", address, "dev", site.bridge))
        run(self.inside("ip", "link", "set", site.bridge, "up"))

    def _routes_up(self, estate):
        run(["ip", "route", "replace", "blackhole", str(estates.LAB_RANGE), "metric", self._metric])
        for site in estate.sites:
            run(["ip", "route", "replace", str(site.network), "via", str(estates.LINK_LAB),
                 "dev", self._settings.link])

    def _interfaces_inside(self):
        shown = json.loads(run(self.inside("ip", "-j", "link", "show")).stdout or "[]")
        return {name: item for item in shown for name in [item["ifname"], *item.get("altnames", [])]}

    def host_links(self):
        """State of every host's link by interface name ('vb-HOST'), as `ip` describes it."""
        return self._interfaces_inside() if self.exists() else {}

    def set_host_link(self, host, state):
        run(self.inside("ip", "link", "set", "dev", f"vb-{host}", state))

    def down(self):
        """Remove everything; returns what was removed. Safe when nothing is there."""
        removed = []
        if self._path.exists():
            # With its last process gone, the namespace takes its bridges and its end of the link along.
            if run(["ip", "netns", "delete", self._name], check=False).returncode != 0:
                self._path.unlink(missing_ok=True)
            removed.append(f"network namespace {self._name}")
        link = self._settings.link
        if run(["ip", "link", "show", "dev", link], check=False).returncode == 0:
            run(["ip", "link", "delete", "dev", link], check=False)
            removed.append(f"link {link}")
        blackhole = ["blackhole", str(estates.LAB_RANGE), "metric", self._metric]
        if run(["ip", "route", "delete", *blackhole], check=False).returncode == 0:
            removed.append(f"blackhole route {estates.LAB_RANGE}")
        return removed

    def leftovers(self):
        """What is still there and should not be, as text."""
        left = []
        if self._path.exists():
            left.append(f"network namespace {self._path}")
        link = self._settings.link
        if run(["ip", "link", "show", "dev", link], check=False).returncode == 0:
            left.append(f"link {link}")
        for line in run(["ip", "-4", "route", "show", "table", "main"]).stdout.splitlines():
            if f"dev {link}" in line or f"blackhole {estates.LAB_RANGE} metric {self._metric} " in line + " ":
                left.append(f"route {line.strip()}")
        return left
