"""What the demonstration takes for held and for broken, on records made by hand.

Run: python3 tests/demo/judgement_test.py
"""

import sys
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "deploy" / "demo"))

from ararat_demo import checks, observer, plan_facts, scenario  # noqa: E402

RUN = "wave-files.1"


def finished(task, attempt, outcome="OUTCOME_SUCCEEDED", purpose="PURPOSE_FORWARD", run=RUN):
    return {"attempt_finished": {"key": {"project": "exit", "run": run, "task": task, "purpose": purpose,
                                         "attempt": attempt}, "outcome": outcome}}


def witnessed(key, host="a", parent=1):
    return {"key": f"exit|{RUN}|{key}", "host": host, "parent_pid": parent}


class Attempts(unittest.TestCase):
    def test_a_second_attempt_after_a_failed_one_is_no_second_success(self):
        records = [{"task_changed": {}}, finished("files/copy", 1, "OUTCOME_FAILED"), finished("files/copy", 2),
                   finished("files/copy", 1, purpose="PURPOSE_UNDO"), finished("files/copy", 1, run="another.1")]
        self.assertEqual(checks.succeeded_twice(records, RUN), ([], []))

    def test_two_successes_of_one_step(self):
        self.assertEqual(checks.succeeded_twice([finished("a", 1), finished("a", 2)], RUN), ([], ["a"]))

    def test_two_results_of_one_attempt(self):
        answered, succeeded = checks.succeeded_twice([finished("a", 1, "OUTCOME_FAILED"), finished("a", 1)], RUN)
        self.assertEqual((answered, succeeded), ([f"{RUN}|a|PURPOSE_FORWARD|1"], []))

    def test_the_witness_counts_supervisors_not_processes(self):
        entries = [witnessed("a|forward|1|perform"), witnessed("a|forward|1|perform"), witnessed("a|forward|1|verify"),
                   witnessed("b|forward|1|perform", parent=2), witnessed("b|forward|1|perform", parent=3),
                   witnessed("c|forward|1|perform", parent=4), witnessed("c|forward|2|perform", parent=5)]
        counts = checks.witnessed(entries)
        self.assertEqual(checks.done_twice(counts, RUN), ([f"exit|{RUN}|b|forward|1|perform"], ["c"]))

    def test_the_kill_comes_while_the_copy_runs(self):
        task = {"state": "TASK_STATE_RUNNING"}
        run = {"progress": [{"channel": scenario.COPY_CHANNEL, "bytes": str(scenario.COPIED_BEFORE_KILL)}]}
        self.assertTrue(scenario.is_half_copied(task, run))
        self.assertFalse(scenario.is_half_copied({"state": "TASK_STATE_SUCCEEDED"}, run))
        self.assertFalse(scenario.is_half_copied(task, {"progress": []}))


class Plan(unittest.TestCase):
    facts = plan_facts.PlanFacts(SOURCE / "plans" / "demo" / "housing-exit.yaml")

    def test_what_the_plan_allows(self):
        self.assertEqual([self.facts.outage_s(name) for name in ("housing", "reports", "files")], [2, 30, 60])
        self.assertAlmostEqual(self.facts.budget_s("housing"), 25920)

    def test_each_host_moves_once(self):
        moves = self.facts.moves()
        self.assertEqual(len({move.old for move in moves}), len(moves))
        self.assertIn(plan_facts.Move("housing/web", "ark-hsg-web2", "sec-hsg-web2", "secondary"), moves)

    def test_durations(self):
        self.assertEqual(plan_facts.seconds_of("1h 30min"), 5400)
        self.assertEqual(plan_facts.seconds_of("200ms"), 0.2)
        with self.assertRaises(ValueError):
            plan_facts.seconds_of("soon")


class Data(unittest.TestCase):
    def test_digests_of_both_sides(self):
        run = {"run": {"tasks": [{"id": "h/db/digest", "outputs": {"digest": "x", "rows": "3"}},
                                 {"id": "h/db/target-digest", "outputs": {"digest": "y", "rows": "3"}}]}}
        self.assertEqual(checks.digests(run), [("h/db/digest", "x", "y", "3")])

    def test_bytes_are_those_that_were_moved(self):
        run = {"run": {"tasks": [{"action": "tree-precopy", "outputs": {"bytes": "100", "transferred": "7"}},
                                 {"action": "postgres-seed", "outputs": {"data_bytes": "20"}},
                                 {"action": "evidence", "outputs": {"bytes": "1000"}}]}}
        self.assertEqual(checks.moved_bytes(run), 27)

    def test_the_longest_pause_is_between_acknowledged_writes(self):
        rows = [{"at": 0.0, "ok": True, "seq": 1}, {"at": 0.2, "ok": False, "seq": 2},
                {"at": 0.5, "ok": True, "seq": 2}]
        self.assertEqual(observer.writes(rows).longest_pause, 0.5)


if __name__ == "__main__":
    unittest.main()
