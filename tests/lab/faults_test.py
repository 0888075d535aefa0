"""Faults on real hosts, each of which must end in a clear state, for a clear reason, with nothing half-switched.

    tests/lab/faults_test.py [CLASS.TEST ...]

Needs root and the lab; prints why and passes nothing by itself where there is neither.
"""

import json
import os
import signal
import subprocess
import sys
import unittest

from rig import (RIG, SOURCE_ADDRESS, STATE, WAVE, FaultTest, begins_with, with_a_manual_step_before,
                 with_a_slow_precopy)
from admission import Admission  # noqa: F401
from dump import Dump  # noqa: F401
from ledger import Ledger  # noqa: F401
from power import Power  # noqa: F401
from resources import Resources  # noqa: F401


class Faults(FaultTest):
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

    @begins_with(change_plan=with_a_manual_step_before("final-sync"), options=["--lost-after", "3s"])
    def test_host_that_never_comes_back(self):
        # The wave stops for a person after the source was quieted; then the target dies, for good.
        run = RIG.start_wave()
        RIG.wait_for_manual_step(run)
        self.assertEqual(RIG.task(run, "quiesce")["state"], "TASK_STATE_SUCCEEDED")
        RIG.lab.must("kill", "pri-a")
        RIG.wait(lambda: RIG.states()["pri-a"] != "up", "the loss to be noticed", 60)
        final_sync = RIG.task(run, "final-sync")["id"]
        RIG.say_go(run)
        RIG.wait(lambda: "pri-a" in RIG.why(final_sync), "the reason")
        RIG.programs.run("alice", "wave", "backout", WAVE, "-m", "the target is gone")
        RIG.programs.run("alice", "wave", "backout", WAVE, "-m", "without the target", check=False)
        RIG.wait(lambda: RIG.serves() == ([SOURCE_ADDRESS], True), "the source to serve again")
        view = RIG.finish(run)
        self.assertIn(view["status"], ("RUN_STATUS_BACKED_OUT", "RUN_STATUS_HELD"))
        self.assertIn("pri-a", json.dumps(view))

    @begins_with(change_plan=with_a_slow_precopy, options=["--lost-after", "3s"])
    def test_host_that_goes_in_the_middle_of_a_step(self):
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
