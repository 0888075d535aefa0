"""Faults on real hosts, each of which must end in a clear state, for a clear reason, with nothing half-switched.

    tests/lab/faults_test.py [--build DIR] [TEST ...]

Needs root and the lab; prints why and passes nothing by itself where there is neither. Every test begins with a
fresh estate state (the service back on its source) and a fresh orchestrator.
"""

import json
import os
import shutil
import signal
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
from ararat_demo.programs import Programs  # noqa: E402

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


def with_a_manual_step(plan):
    step = "      - {id: go, phase: final-sync, manual: Say go}\n"
    final_sync = "      - {id: final-sync,"
    return plan.replace(final_sync, step + final_sync, 1)


def with_a_slow_precopy(plan):
    return plan.replace("bandwidth: 1 Gbit/s", "bandwidth: 2 Mbit/s", 1)


class Rig:
    """The estate, an orchestrator of its own, and what a person would do with it."""

    lab = Lab(SOURCE)

    def __init__(self):
        self.programs = None

    def fresh(self, change_plan=lambda text: text, options=()):
        """The service back on its source, no agent state, a new orchestrator."""
        self.stop()
        shutil.rmtree(STATE, ignore_errors=True)
        STATE.mkdir(parents=True, mode=0o700)
        self.lab.up(ESTATE)
        for host in AGENTS:
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
        self.programs.initialise("faults", {"alice": ["engineer"]})
        self.programs.start()
        saved, plan = str(STATE / "faults.plan"), STATE / "plan.yaml"
        plan.write_text(change_plan(PLAN.read_text(encoding="utf-8")), encoding="utf-8")
        self.programs.run("alice", "plan", str(plan), "--out", saved)
        self.programs.run("alice", "apply", saved)
        for host in status["hosts"]:
            if host["name"] in [*AGENTS, "ark-s"]:
                self.programs.run("admin", "host", "pin", host["name"], host["ssh_host_key"])
        for host in AGENTS:
            self.programs.run("admin", "agent", "install", host, "--via", "ssh")
        self.wait(lambda: self.states()["pri-a"] == "up" and self.states()["ark-a"] == "up", "the agents")

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

    def start_wave(self):
        return self.programs.run("alice", "wave", "run", WAVE)[1].strip()

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


class Faults(unittest.TestCase):
    def setUp(self):
        RIG.fresh()

    def tearDown(self):
        RIG.stop()
        RIG.lab.up(ESTATE)  # hosts that are off are on again
        for host in ("ark-a", "pri-a"):
            RIG.lab.must("heal", host)

    def assert_moved(self, run):
        view = RIG.finish(run)
        self.assertEqual(view["status"], "RUN_STATUS_SUCCEEDED", view["reason"])
        self.assertEqual(RIG.serves(), ([TARGET_ADDRESS], True))

    def assert_source_serves(self):
        self.assertEqual(RIG.serves(), ([SOURCE_ADDRESS], True))

    def test_moves_without_a_fault(self):
        run = RIG.start_wave()
        self.assert_moved(run)
        (twice, repeated), total = RIG.witnessed_once(run)
        self.assertGreater(total, 0)
        self.assertEqual((twice, repeated), ([], []))

    def test_agent_killed_in_the_middle_of_a_step(self):
        run = RIG.start_wave()
        RIG.wait(lambda: RIG.task(run, "precopy")["state"] != "TASK_STATE_WAITING", "precopy")
        RIG.lab.inside("pri-a", "systemctl", "kill", "--signal=KILL", "--kill-who=main", "ararat-agent.service")
        self.assert_moved(run)
        (twice, _), _ = RIG.witnessed_once(run)
        self.assertEqual(twice, [])

    def test_host_cut_off_and_healed(self):
        run = RIG.start_wave()
        RIG.wait(lambda: RIG.task(run, "precopy")["state"] != "TASK_STATE_WAITING", "precopy")
        RIG.lab.must("cut", "pri-a")
        RIG.wait(lambda: RIG.states()["pri-a"] != "up", "the loss to be noticed", 60)
        RIG.lab.must("heal", "pri-a")
        self.assert_moved(run)

    def test_host_that_never_comes_back(self):
        # The wave stops for a person after the source was quieted; then the target dies, for good.
        RIG.fresh(with_a_manual_step, ["--lost-after", "3s"])
        run = RIG.start_wave()
        RIG.wait(lambda: RIG.task(run, "go")["state"] == "TASK_STATE_OPEN", "the manual step")
        self.assertEqual(RIG.task(run, "quiesce")["state"], "TASK_STATE_SUCCEEDED")
        RIG.lab.must("kill", "pri-a")
        RIG.wait(lambda: RIG.states()["pri-a"] != "up", "the loss to be noticed", 60)
        final_sync = RIG.task(run, "final-sync")["id"]
        RIG.programs.run("alice", "run", "complete", run, RIG.task(run, "go")["id"], "-m", "go")
        RIG.wait(lambda: "pri-a" in RIG.why(final_sync), "the reason")
        RIG.programs.run("alice", "wave", "backout", WAVE, "-m", "the target is gone")
        RIG.programs.run("alice", "wave", "backout", WAVE, "-m", "without the target", check=False)
        RIG.wait(lambda: RIG.serves() == ([SOURCE_ADDRESS], True), "the source to serve again")
        view = RIG.finish(run)
        self.assertIn(view["status"], ("RUN_STATUS_BACKED_OUT", "RUN_STATUS_HELD"))
        self.assertIn("pri-a", json.dumps(view))

    def test_host_that_goes_in_the_middle_of_a_step(self):
        RIG.fresh(with_a_slow_precopy, ["--lost-after", "3s"])
        run = RIG.start_wave()
        RIG.wait(lambda: RIG.task(run, "precopy")["state"] == "TASK_STATE_RUNNING", "precopy")
        RIG.lab.must("kill", "pri-a")
        # A step is out there and nobody knows what became of it: the group is held, and says so.
        RIG.wait(lambda: RIG.group(run)["state"] == "GROUP_STATE_HELD", "the group to be held")
        self.assertIn("pri-a", RIG.group(run)["reason"])
        self.assertIn("pri-a", RIG.why(WAVE))
        self.assert_source_serves()
        # Of a group that is held for it, a back-out goes on without the host.
        RIG.programs.run("alice", "wave", "backout", WAVE, "-m", "the target is gone")
        self.assertEqual(RIG.finish(run)["status"], "RUN_STATUS_BACKED_OUT")
        self.assert_source_serves()

    def test_wrong_ssh_host_key(self):
        RIG.wait(lambda: RIG.states()["ark-s"] == "up", "the SSH host")
        wrong = STATE / "wrong"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(wrong)], check=True)
        RIG.programs.run("admin", "host", "pin", "ark-s", f"@{wrong}.pub")
        RIG.programs.stop()
        RIG.programs.start()
        RIG.wait(lambda: RIG.states()["ark-s"] == "down", "the refusal")
        view = next(view for view in RIG.programs.json("alice", "host", "list")["hosts"]
                    if view["host"]["id"] == "ark-s")
        self.assertIn("key is not the pinned one", view["reason"])

    def test_kill_of_the_orchestrator_at_twelve_moments_of_the_cutover(self):
        for task in ("quiesce", "final-sync", "switch-name"):
            for moment in ("engine.before-commit AttemptStarted", "engine.committed AttemptStarted",
                           "engine.before-commit AttemptFinished", "engine.committed AttemptFinished"):
                with self.subTest(f"{moment} {task}"):
                    self.kill_at(f"{moment} share/tree/{task}:1")

    def kill_at(self, moment):
        RIG.fresh()
        RIG.programs.stop()
        os.environ["ARARAT_FAIL_POINTS"] = moment
        try:
            RIG.programs.start()
        finally:
            del os.environ["ARARAT_FAIL_POINTS"]
        run = RIG.start_wave()
        self.assertEqual(RIG.programs.wait_for_death(60), -signal.SIGKILL)
        RIG.programs.start()
        self.assert_moved(run)
        (twice, repeated), total = RIG.witnessed_once(run)
        self.assertGreater(total, 0)
        self.assertEqual((twice, repeated), ([], []))
        self.assertTrue(RIG.programs.json("alice", "audit", "verify")["ok"])


def tear_down_module():
    RIG.stop()
    RIG.lab.down()


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: the lab needs root")
        sys.exit(0)
    try:
        program = unittest.main(exit=False, verbosity=2)
    finally:
        tear_down_module()
    sys.exit(0 if program.result.wasSuccessful() else 1)
