"""The demonstration's estate and plan, cut down to housing: ten hosts, one wave."""

import sys
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(SOURCE / "deploy" / "demo"))

from ararat_demo.lab import Lab  # noqa: E402
from ararat_demo.programs import DemoError  # noqa: E402

APPLICATION, WAVE = "housing", "wave-housing"

_SSH_CONFIG = """Host *
    User root
    IdentityFile {key}
    IdentitiesOnly yes
    UserKnownHostsFile {known}
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
    BatchMode yes
    ControlMaster auto
    ControlPersist 10m
    ControlPath {sockets}/%C
"""
_GROUPS = {"new_web": ["pri-hsg-web1", "sec-hsg-web2"], "old_web": ["ark-hsg-web1", "ark-hsg-web2"]}


class Estate:
    """Owner: the bench's main thread. `folder` holds its files; the lab has its own."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.lab = Lab(SOURCE)
        self.lab_file, self.plan_file = self.folder / "housing-lab.yaml", self.folder / "housing.yaml"
        self.sockets = self.folder / "cm"
        self.addresses = {}
        self.host_keys = {}

    def write_files(self):
        plan = yaml.safe_load((SOURCE / "plans" / "demo" / "housing-exit.yaml").read_text(encoding="utf-8"))
        components = plan["applications"][APPLICATION]["components"]
        plan["applications"] = {APPLICATION: plan["applications"][APPLICATION]}
        plan["waves"] = [wave for wave in plan["waves"] if wave["name"] == WAVE]
        plan["services"] = {APPLICATION: plan["services"][APPLICATION]}
        plan.pop("runbooks")
        kept = {"pri-ns1", "sec-ns1"}
        for component in components.values():
            kept |= {*component["hosts"], *component["to"]}
        plan["hosts"] = {name: host for name, host in plan["hosts"].items() if name in kept}
        lab = yaml.safe_load((SOURCE / "deploy" / "lab" / "demo.yaml").read_text(encoding="utf-8"))
        lab["hosts"] = {name: host for name, host in lab["hosts"].items() if name in kept}
        self.plan_file.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
        self.lab_file.write_text(yaml.safe_dump(lab, sort_keys=False), encoding="utf-8")

    def reset(self):
        """The hosts as they were before anything moved: every one is made anew."""
        self.lab.down()
        self.lab.must("up", str(self.lab_file))
        status = self.lab.status()
        self.addresses = {host["name"]: host["address"] for host in status["hosts"]}
        self.host_keys = {host["name"]: host["ssh_host_key"] for host in status["hosts"]}
        self.client_key = status["client_key"]
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        for socket in self.sockets.iterdir():
            socket.unlink()
        known = self.folder / "known_hosts"
        known.write_text("".join(f"{name},{self.addresses[name]} {key}\n" for name, key in self.host_keys.items()),
                         encoding="ascii")
        names = "".join(f"Host {name}\n    HostName {address}\n    HostKeyAlias {name}\n"
                        for name, address in self.addresses.items())
        self.ssh_config.write_text(
            names + _SSH_CONFIG.format(key=self.client_key, known=known, sockets=self.sockets), encoding="ascii")
        inventory = [f"{name} ansible_host={address}" for name, address in self.addresses.items()]
        for group, hosts in _GROUPS.items():
            inventory += [f"[{group}]", *hosts]
        (self.folder / "inventory").write_text("\n".join(inventory) + "\n", encoding="ascii")

    @property
    def ssh_config(self):
        return self.folder / "ssh_config"


__all__ = ["APPLICATION", "SOURCE", "WAVE", "DemoError", "Estate"]
