"""The estate that faults happen on, an orchestrator of its own, and what a person would do with it."""

import os
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "deploy" / "demo"))

from ararat_demo import checks  # noqa: E402
from ararat_demo.dns import resolve  # noqa: E402
from ararat_demo.estate import NAME_SERVERS  # noqa: E402
from ararat_demo.lab import Lab  # noqa: E402
from ararat_demo.programs import DemoError, Programs  # noqa: E402

BUILD = os.environ.get("ARARAT_BUILD", str(SOURCE / "build" / "ci"))
STATE = Path(os.environ.get("ARARAT_FAULTS_DIR", "/var/lib/ararat-faults"))
ESTATE = SOURCE / "tests" / "lab" / "faults.yaml"
PLAN = SOURCE / "tests" / "lab" / "faults-plan.yaml"
NAME = "share.council.example"
SOURCE_ADDRESS, TARGET_ADDRESS = "198.18.1.51", "198.18.2.51"
AGENTS = ["ark-a", "pri-a", "pri-ns1"]
WAVE = "wave-share"
FINAL_STATES = {"TASK_STATE_SUCCEEDED", "TASK_STATE_UNDONE", "TASK_STATE_CANCELLED", "TASK_STATE_SKIPPED",
                "TASK_STATE_FAILED", "TASK_STATE_WAITING", "TASK_STATE_HELD"}


def with_a_manual_step_before(step):
    """Changes the plan: a person says go before this step."""
    def change(plan):
        before = f"      - {{id: {step}, phase: "
        phase = plan.split(before, 1)[1].split(",", 1)[0]
        return plan.replace(before, f"      - {{id: go, phase: {phase}, manual: Say go}}\n{before}", 1)
    return change


def with_a_slow_precopy(plan):
    return plan.replace("bandwidth: 1 Gbit/s", "bandwidth: 2 Mbit/s", 1)


class Rig:
    """The estate, an orchestrator of its own, and what a person would do with it."""

    lab = Lab(SOURCE)

    def __init__(self):
        self.programs = None

    def fresh(self, change_plan=lambda text: text, options=(), agents=tuple(AGENTS)):
        """The service back on its source, no agent state, a new orchestrator."""
        self.stop()
        shutil.rmtree(STATE, ignore_errors=True)
        STATE.mkdir(parents=True, mode=0o700)
        self.lab.up(ESTATE)
        for host in agents:
            self.lab.inside(host, "sh", "-c", "systemctl stop ararat-agent 2>/dev/null; rm -rf /var/lib/ararat; "
                            ": > /var/lib/witness/log; true")
        self.lab.inside("ark-a", "sh", "-c", "systemctl unmask -q nginx; systemctl enable -q --now nginx")
        self.lab.inside("pri-a", "sh", "-c", "systemctl stop nginx; rm -rf /srv/share /etc/nginx/conf.d/share.conf")
        self.lab.inside("pri-ns1", "sh", "-c",
                        "printf 'server 198.18.2.2\\nzone council.example\\nupdate delete share.council.example. A\\n"
                        "update add share.council.example. 1 A 198.18.1.51\\nsend\\n' "
                        "| nsupdate -k /etc/bind/ararat.key")
        status = self.lab.status()
        self.programs = Programs(SOURCE, BUILD, STATE, status["client_key"], options)
        self.programs.initialise("faults", {"alice": ["engineer"], "carol": ["approver", "change-board"]})
        self.programs.start()
        saved, plan = str(STATE / "faults.plan"), STATE / "plan.yaml"
        plan.write_text(change_plan(PLAN.read_text(encoding="utf-8")), encoding="utf-8")
        self.programs.run("alice", "plan", str(plan), "--out", saved)
        self.programs.run("alice", "apply", saved)
        for host in status["hosts"]:
            if host["name"] in [*agents, "ark-s"]:
                self.programs.run("admin", "host", "pin", host["name"], host["ssh_host_key"])
        for host in agents:
            self.programs.run("admin", "agent", "install", host, "--via", "ssh")
        self.wait(lambda: all(self.states()[host] == "up" for host in agents), "the agents")

    def stop(self):
        if self.programs is not None:
            self.programs.stop()

    def states(self):
        return {view["host"]["id"]: view["state"] for view in self.programs.json("alice", "host", "list")["hosts"]}

    def run(self):
        return self.programs.json("alice", "run", "list")["runs"][-1]["run"]

    def describe(self, run):
        return self.programs.json("alice", "run", "describe", run)["run"]

    def task(self, run, step):
        return next(task for task in self.describe(run)["tasks"] if task["id"].endswith("/" + step))

    def why(self, what):
        return self.programs.run("alice", "why", what, check=False)[1]

    def group(self, run):
        return self.describe(run)["groups"][0]

    def start_wave(self, wave=WAVE):
        return self.programs.run("alice", "wave", "run", wave)[1].strip()

    def wait_for_manual_step(self, run):
        self.wait(lambda: self.task(run, "go")["state"] == "TASK_STATE_OPEN", "the manual step")

    def say_go(self, run):
        self.programs.run("alice", "run", "complete", run, self.task(run, "go")["id"], "-m", "go")

    def finish(self, run, timeout_s=90):
        self.wait(lambda: self.describe(run)["status"] not in ("RUN_STATUS_RUNNING", "RUN_STATUS_PAUSED"),
                  f"the end of {run}", timeout_s)
        return self.describe(run)

    @staticmethod
    def wait(condition, what, timeout_s=60):
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout_s} s for {what}")
            time.sleep(0.05)

    def serves(self):
        """(address in the name servers, whether the page comes from there)."""
        address = resolve(NAME, NAME_SERVERS)
        done = subprocess.run(["curl", "--silent", "--fail", "--max-time", "3", f"http://{address[0]}/"],
                              capture_output=True, text=True, check=False)
        return address, done.returncode == 0 and "Index of" in done.stdout

    def witnessed_once(self, run):
        counts = checks.witnessed(self.lab.witness())
        return checks.done_twice(counts, run), sum(counts.values())


RIG = Rig()


def begins_with(**how):
    """Marks a test: what Rig.fresh is given before it."""
    def mark(test):
        test.begins_with = how
        return test
    return mark


class FaultTest(unittest.TestCase):
    """Begins with a fresh estate state (the service back on its source) and a fresh orchestrator."""

    def setUp(self):
        RIG.fresh(**getattr(getattr(self, self._testMethodName), "begins_with", {}))

    def tearDown(self):
        RIG.stop()
        for host in ("ark-a", "pri-a"):  # what is off is on again, whatever it served
            RIG.lab.must("start", "--bare", host)
            RIG.lab.must("heal", host)

    def assert_moved(self, run):
        view = RIG.finish(run)
        self.assertEqual(view["status"], "RUN_STATUS_SUCCEEDED", view["reason"])
        self.assertEqual(RIG.serves(), ([TARGET_ADDRESS], True))

    def assert_source_serves(self):
        self.assertEqual(RIG.serves(), ([SOURCE_ADDRESS], True))

    def assert_all_in(self, words, text):
        for word in words:
            self.assertIn(word, text)
