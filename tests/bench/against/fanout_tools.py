"""The same no-op on every host by Ansible, pssh and ClusterShell, with the settings that suit each."""

import os
import subprocess
from pathlib import Path

RUN_TIMEOUT_S = 600

_SSH_CONFIG = """Host *
    User root
    IdentityFile {keys}/client
    IdentitiesOnly yes
    UserKnownHostsFile {keys}/known_hosts
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 20
    GSSAPIAuthentication no
"""
_KEPT = """    ControlMaster auto
    ControlPersist 10m
    ControlPath {sockets}/%C
"""
_ANSIBLE_CONFIG = """[defaults]
inventory = {folder}/inventory
forks = {forks}
gathering = explicit
host_key_checking = True
interpreter_python = /usr/bin/python3
stdout_callback = minimal
retry_files_enabled = False
local_tmp = {folder}/ansible-tmp
[ssh_connection]
pipelining = True
ssh_args = -F {folder}/ssh-plain -o ControlMaster=auto -o ControlPersist=10m
control_path = {sockets}/%%C
"""
_PLAYBOOK = """- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.{module}: /bin/true
"""


class Tools:
    """Owner: the bench's main thread. `forks`: how many hosts each of the tools has under way at once."""

    def __init__(self, fleet, forks):
        self.folder = fleet.folder / "tools"
        self.sockets = fleet.folder / "cm"
        self._fleet, self._forks = fleet, forks
        self.folder.mkdir()
        self.sockets.mkdir(mode=0o700)
        values = {"keys": fleet.keys, "folder": self.folder, "sockets": self.sockets, "forks": forks}
        self._write("ssh-plain", _SSH_CONFIG.format(**values))
        self._write("ssh-kept", (_SSH_CONFIG + _KEPT).format(**values))
        self._write("ansible.cfg", _ANSIBLE_CONFIG.format(**values))
        self._write("inventory", "".join(f"{host.name} ansible_host={host.address}\n" for host in fleet.hosts))
        self._write("hosts", "".join(f"{host.address}\n" for host in fleet.hosts))
        for module in ("command", "raw"):
            self._write(f"{module}.yml", _PLAYBOOK.format(module=module))

    def _write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def names(self):
        """(row, whether connections are kept from one run to the next, argv)."""
        forks, addresses = str(self._forks), ",".join(host.address for host in self._fleet.hosts)
        rows = []
        for module in ("command", "raw"):
            rows.append((f"ansible {module}", True, ["ansible-playbook", str(self.folder / f"{module}.yml")]))
        for kept, config in ((False, "ssh-plain"), (True, "ssh-kept")):
            path = self.folder / config
            rows.append(("pssh", kept, ["parallel-ssh", "-h", str(self.folder / "hosts"), "-p", forks, "-t", "0",
                                        "-x", f"-F {path}", "/bin/true"]))
            rows.append(("clush", kept, ["clush", "-S", "-q", "-f", forks, "-w", addresses, "-o", f"-F {path}",
                                         "/bin/true"]))
        return rows

    def run(self, argv):
        """Its exit code, and what it printed when that was not 0."""
        environment = {**os.environ, "HOME": str(self.folder), "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
                       "LC_ALL": "C.UTF-8"}
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=RUN_TIMEOUT_S)
        return done.returncode, (done.stdout + done.stderr)[-500:] if done.returncode else ""

    def end_connections(self):
        """Every connection that is kept for a next run ends."""
        for path in Path(self.sockets).iterdir():
            subprocess.run(["ssh", "-F", "none", "-o", f"ControlPath={path}", "-O", "exit", "any"], check=False,
                           capture_output=True, stdin=subprocess.DEVNULL)
