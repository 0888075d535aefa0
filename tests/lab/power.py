"""A source that loses its power after it was quieted: what stopped it must hold through the boot."""

import subprocess
import threading
import time

from rig import RIG, SOURCE_ADDRESS, WAVE, FaultTest, begins_with, with_a_manual_step_before


class Watch:
    """Asks the source for its page all the time, as a reader would who has its address still."""

    def __init__(self):
        self.answered = 0
        self.asked = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        while not self._over.is_set():
            done = subprocess.run(["curl", "--silent", "--max-time", "1", "--output", "/dev/null",
                                   f"http://{SOURCE_ADDRESS}/"], check=False)
            self.asked += 1
            self.answered += done.returncode == 0
            time.sleep(0.02)


class Power(FaultTest):
    def lose_power_once_quiet(self):
        """A run that waits for a person after its source was quieted, lost its power and came back."""
        run = RIG.start_wave()
        RIG.wait_for_manual_step(run)
        self.assertEqual(RIG.task(run, "quiesce")["state"], "TASK_STATE_SUCCEEDED")
        with Watch() as watch:
            RIG.lab.must("kill", "ark-a")
            RIG.wait(lambda: RIG.states()["ark-a"] != "up", "the loss to be noticed")
            RIG.lab.must("start", "--bare", "ark-a")
            RIG.wait(lambda: RIG.states()["ark-a"] == "up", "the source to be back")
            self.assertEqual(self.service("is-enabled"), "masked")
            self.assertEqual(self.service("is-active"), "inactive")
        self.assertGreater(watch.asked, 0)
        self.assertEqual(watch.answered, 0, "the source has served after it was quieted")
        return run

    @staticmethod
    def service(question):
        return RIG.lab.inside("ark-a", "sh", "-c", f"systemctl {question} nginx.service || true").strip()

    @begins_with(change_plan=with_a_manual_step_before("final-sync"))
    def test_quieted_source_that_loses_its_power_stays_quiet_and_the_run_goes_on(self):
        run = self.lose_power_once_quiet()
        with Watch() as watch:
            RIG.say_go(run)
            self.assert_moved(run)
        self.assertEqual(watch.answered, 0, "source and target have both served")
        (twice, repeated), _ = RIG.witnessed_once(run)
        self.assertEqual((twice, repeated), ([], []))

    @begins_with(change_plan=with_a_manual_step_before("final-sync"))
    def test_quieted_source_that_loses_its_power_serves_again_after_the_back_out(self):
        run = self.lose_power_once_quiet()
        RIG.programs.run("alice", "wave", "backout", WAVE, "-m", "the source has lost its power")
        self.assertEqual(RIG.finish(run)["status"], "RUN_STATUS_BACKED_OUT")
        self.assert_source_serves()
        # What the back-out brought back outlives a boot too.
        RIG.lab.must("kill", "ark-a")
        RIG.lab.must("start", "ark-a")
        self.assert_source_serves()
