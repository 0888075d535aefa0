"""Three ways of carrying out the same cutover. Each prepares what is not timed, then cuts over and says from when to
when: `prepare(estate)`, `cut_over() -> (began, ended)` in seconds since the epoch."""

import json
import os
import subprocess
import time
from pathlib import Path

from .move_estate import APPLICATION, SOURCE, WAVE, DemoError

from ararat_demo.programs import Programs

HERE = Path(__file__).resolve().parent / "move"
TIMEOUT_S = 600
PEOPLE = {"alice": ["engineer"], "harriet": ["approver", "housing-owner"], "carol": ["approver", "change-board"]}
# The cutover's first steps and its last ones; what stands before and after is prepared and wound up without haste.
FIRST = ("app/write-settings", "app/write-unit", "web/configure", "db/checkpoint")
LAST = ("db/stop-source", "app/stop-source", "web/stop-source")

_ANSIBLE_CONFIG = """[defaults]
inventory = {folder}/inventory
forks = 20
gathering = explicit
interpreter_python = /usr/bin/python3
retry_files_enabled = False
[ssh_connection]
pipelining = True
ssh_args = -F {folder}/ssh_config
control_path = {sockets}/%%C
"""


def must(argv, environment=None):
    done = subprocess.run([str(word) for word in argv], env=environment, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=TIMEOUT_S)
    if done.returncode:
        raise DemoError(f"{argv[0]} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


class Script:
    """ssh in a shell script, in the better order, with nothing around it: the physical limit."""

    def prepare(self, estate):
        self._estate = estate
        must([HERE / "prepare.sh", estate.ssh_config, SOURCE / "plans" / "actions"])
        for host in estate.addresses:  # every connection is there before
            must(["ssh", "-F", estate.ssh_config, host, "true"])

    def cut_over(self):
        began = time.time()
        must([HERE / "cutover.sh", self._estate.ssh_config])
        return began, time.time()

    def end(self):
        pass


class Playbook(Script):
    """Ansible with pipelining and connections that are there before."""

    def __init__(self, playbook):
        self._playbook = HERE / playbook

    def prepare(self, estate):
        super().prepare(estate)
        config = estate.folder / "ansible.cfg"
        config.write_text(_ANSIBLE_CONFIG.format(folder=estate.folder, sockets=estate.sockets), encoding="utf-8")
        self._environment = {**os.environ, "ANSIBLE_CONFIG": str(config), "HOME": str(estate.folder),
                             "LC_ALL": "C.UTF-8"}
        must(["ansible", "all", "-m", "ping"], self._environment)

    def cut_over(self):
        began = time.time()
        must(["ansible-playbook", self._playbook], self._environment)
        return began, time.time()


class Ararat:
    """A wave through the orchestrator, with agents: journal, approvals, checksums and a way back included."""

    def __init__(self, build):
        self._build = build
        self._programs = None

    def prepare(self, estate):
        state = estate.folder / "ararat"
        state.mkdir()
        self._programs = programs = Programs(SOURCE, self._build, state, estate.client_key)
        programs.initialise("housing-exit", PEOPLE)
        programs.start()
        saved = str(state / "housing.plan")
        programs.run("alice", "plan", str(estate.plan_file), "--out", saved)
        programs.run("alice", "apply", saved)
        for host, key in estate.host_keys.items():
            programs.run("admin", "host", "pin", host, key)
        for host in estate.addresses:
            programs.run("admin", "agent", "install", host, "--via", "ssh")
        self._wait(lambda: all(view["state"] == "up" for view in programs.json("alice", "host", "list")["hosts"]),
                   "every agent is up")
        for person in ("harriet", "carol"):
            programs.run(person, "approval", "grant", f"{WAVE}/cutover", "-m", "bench")

    def cut_over(self):
        run = self._programs.run("alice", "wave", "run", WAVE)[1].strip()

        def over():
            view = self._programs.json("alice", "run", "describe", run)["run"]
            if view["status"] not in ("RUN_STATUS_RUNNING", "RUN_STATUS_STARTING"):
                raise DemoError(f"the run is {view['status']}")
            return all(task["state"] == "TASK_STATE_SUCCEEDED" for task in view["tasks"] if is_any(task["id"], LAST))

        self._wait(over, "the sources are stopped")
        return self._span()

    def _span(self):
        began, ended = [], []
        records = self._programs.journal("alice")
        (self._programs.state / "journal.json").write_text(json.dumps(records), encoding="utf-8")
        for record in records:
            for kind, steps, moments in (("attempt_started", FIRST, began), ("attempt_finished", LAST, ended)):
                if kind in record and is_any(record[kind]["key"]["task"], steps):
                    moments.append(int(record["at_unix_ms"]) / 1000)
        return min(began), max(ended)

    @staticmethod
    def _wait(holds, what):
        deadline = time.monotonic() + TIMEOUT_S
        while not holds():
            if time.monotonic() > deadline:
                raise DemoError(f"not within {TIMEOUT_S} s: {what}")
            time.sleep(0.5)

    def end(self):
        if self._programs is not None:
            self._programs.stop()


def is_any(task, steps):
    """A task's id is APPLICATION/COMPONENT[@PAIR]/STEP."""
    parts = task.split("/")
    if len(parts) < 3 or parts[0] != APPLICATION:
        return False
    return f"{parts[1].split('@')[0].split('[')[0]}/{parts[2].split('@')[0].split('[')[0]}" in steps
