"""The estate: what a lab file says, checked whole. No effects but reading it and the roles' manifests."""

import ipaddress
import re
from dataclasses import dataclass

from . import yaml_reader
from .roles import load_manifest, role_names

LAB_RANGE = ipaddress.ip_network("198.18.0.0/15")  # RFC 2544: reserved for benchmarks, never routed
LINK_NETWORK = ipaddress.ip_network("198.18.0.0/24")
LINK_MACHINE = ipaddress.ip_address("198.18.0.1")
LINK_LAB = ipaddress.ip_address("198.18.0.2")
MAX_HOSTS = 64
MAX_SITES = 16

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SITE = re.compile(r"[a-z][a-z0-9]{0,11}")  # a bridge is called br-SITE, and Linux takes 15 characters
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]{1,100}")
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*")


@dataclass(frozen=True)
class Site:
    name: str
    network: ipaddress.IPv4Network

    @property
    def bridge(self):
        return f"br-{self.name}"

    @property
    def gateway(self):
        return self.network.network_address + 1


@dataclass(frozen=True)
class RoleUse:
    name: str
    parameters: tuple  # of (name, value), sorted, defaults filled in


@dataclass(frozen=True)
class Host:
    name: str
    site: Site
    address: ipaddress.IPv4Address
    roles: tuple


@dataclass(frozen=True)
class Estate:
    name: str
    path: str
    sites: tuple
    hosts: tuple
    name_servers: tuple
    domain: str
    packages: tuple

    def host(self, name):
        return next((host for host in self.hosts if host.name == name), None)


def load_estate(path):
    """Read FILE; a LabError with every fault as file:line:column."""
    faults = yaml_reader.Faults(path)
    root = yaml_reader.compose_file(path, faults)
    top = yaml_reader.mapping(
        root, faults, "the lab file", ("lab", "sites", "hosts", "name_servers", "domain", "image")
    )
    for key in ("lab", "sites", "hosts"):
        if key not in top and isinstance(root.value, list):
            faults.add(root, f"'{key}' is missing")
    name = _name(top, faults)
    sites = _sites(top["sites"][1], faults) if "sites" in top else {}
    hosts = _hosts(top["hosts"][1], sites, faults) if "hosts" in top else ()
    name_servers = _name_servers(top["name_servers"][1], faults) if "name_servers" in top else ()
    domain = _matching(top["domain"][1], faults, "the domain", _DOMAIN) if "domain" in top else ""
    packages = _packages(top["image"][1], faults) if "image" in top else ()
    faults.raise_if_any()
    return Estate(name, str(path), tuple(sites.values()), hosts, name_servers, domain, packages)


def _matching(node, faults, what, pattern):
    value = yaml_reader.text(node, faults, what)
    if value is not None and not pattern.fullmatch(value):
        faults.add(node, f"{what} '{value}' must match {pattern.pattern}")
        return None
    return value


def _name(top, faults):
    return _matching(top["lab"][1], faults, "the lab's name", _NAME) if "lab" in top else None


def _sites(node, faults):
    sites = {}
    for name, (key, value) in yaml_reader.mapping(node, faults, "sites").items():
        if not _SITE.fullmatch(name):
            faults.add(key, f"the site's name '{name}' must match {_SITE.pattern}")
        fields = yaml_reader.mapping(value, faults, f"site '{name}'", ("network",))
        if "network" not in fields:
            faults.add(value, f"site '{name}' needs a network")
            continue
        network = _network(fields["network"][1], faults, name)
        if network is None:
            continue
        for other in [Site("link", LINK_NETWORK), *sites.values()]:
            if network.overlaps(other.network):
                faults.add(value, f"the network of site '{name}' overlaps that of '{other.name}'")
        sites[name] = Site(name, network)
    if len(sites) > MAX_SITES:
        faults.add(node, f"more than {MAX_SITES} sites")
    return sites


def _network(node, faults, site):
    value = yaml_reader.text(node, faults, f"the network of site '{site}'")
    if value is None:
        return None
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError as error:
        faults.add(node, f"not a network: {error}")
        return None
    if not network.subnet_of(LAB_RANGE) or network.prefixlen > 29:
        faults.add(node, f"{network} must lie in {LAB_RANGE} and hold at least a /29")
        return None
    return network


def _address(node, faults, what):
    value = yaml_reader.text(node, faults, what)
    if value is None:
        return None
    try:
        return ipaddress.IPv4Address(value)
    except ValueError as error:
        faults.add(node, f"{what} is not an address: {error}")
        return None


def _hosts(node, sites, faults):
    hosts = []
    for name, (key, value) in yaml_reader.mapping(node, faults, "hosts").items():
        if not _NAME.fullmatch(name):
            faults.add(key, f"the host's name '{name}' must match {_NAME.pattern}")
        host = _host(name, value, sites, faults)
        if host is None:
            continue
        twin = next((other for other in hosts if other.address == host.address), None)
        if twin:
            faults.add(value, f"address {host.address} of '{name}' is already that of '{twin.name}'")
        hosts.append(host)
    if len(hosts) > MAX_HOSTS:
        faults.add(node, f"more than {MAX_HOSTS} hosts")
    return tuple(hosts)


def _host(name, node, sites, faults):
    fields = yaml_reader.mapping(node, faults, f"host '{name}'", ("site", "address", "roles"))
    missing = [field for field in ("site", "address") if field not in fields]
    for field in missing:
        faults.add(node, f"host '{name}' needs '{field}'")
    roles = _roles(fields["roles"][1], name, faults) if "roles" in fields else ()
    if missing:
        return None
    site_name = yaml_reader.text(fields["site"][1], faults, f"the site of '{name}'")
    address = _address(fields["address"][1], faults, f"the address of '{name}'")
    site = sites.get(site_name)
    if site is None:
        faults.add(fields["site"][1], f"host '{name}' is at the unknown site '{site_name}'")
        return None
    if address is None:
        return None
    if address not in site.network.hosts() or address == site.gateway:
        faults.add(
            fields["address"][1], f"{address} is no host address of site '{site.name}' ({site.network})"
        )
    return Host(name, site, address, roles)


def _roles(node, host, faults):
    uses = []
    for item in yaml_reader.sequence(node, faults, f"the roles of '{host}'"):
        if hasattr(item, "value") and isinstance(item.value, str):
            use = _role(item, item.value, None, faults)
        else:
            entries = yaml_reader.mapping(item, faults, f"a role of '{host}'")
            if len(entries) != 1:
                faults.add(item, "a role is a name, or one name with its parameters")
                continue
            name, (key, value) = next(iter(entries.items()))
            use = _role(key, name, value, faults)
        if use is None:
            continue
        if any(other.name == use.name for other in uses):
            faults.add(item, f"host '{host}' has the role '{use.name}' twice")
        uses.append(use)
    return tuple(uses)


def _role(node, name, parameters_node, faults):
    if name not in role_names():
        faults.add(node, f"unknown role '{name}' (known: {', '.join(role_names())})")
        return None
    values = dict(load_manifest(name))
    if parameters_node is not None:
        known = tuple(values) or ("(this role has no parameters)",)
        given = yaml_reader.mapping(parameters_node, faults, f"role '{name}'", known)
        for parameter, (_, value) in given.items():
            values[parameter] = yaml_reader.parameter_value(value, faults, f"parameter '{parameter}'")
    for parameter, value in values.items():
        if value is None:
            faults.add(node, f"role '{name}' needs the parameter '{parameter}'")
    return RoleUse(name, tuple(sorted((key, value or "") for key, value in values.items())))


def _name_servers(node, faults):
    servers = []
    for item in yaml_reader.sequence(node, faults, "name_servers"):
        address = _address(item, faults, "a name server")
        if address is not None and address not in LAB_RANGE:
            faults.add(item, f"name server {address} is outside {LAB_RANGE}")
        servers.append(address)
    return tuple(servers)


def _packages(node, faults):
    fields = yaml_reader.mapping(node, faults, "image", ("packages",))
    if "packages" not in fields:
        return ()
    items = yaml_reader.sequence(fields["packages"][1], faults, "the image's packages")
    return tuple(_matching(item, faults, "a package", _PACKAGE) for item in items)
