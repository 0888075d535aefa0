"""A PostgreSQL replica that does not keep up, while its source is written to all the time."""

import threading

from rig import NAME_SERVERS, RIG, DemoError, FaultTest, resolve

WAVE = "wave-ledger"
SOURCE, TARGET = "ark-db", "pri-db"
ADDRESSES = {SOURCE: "198.18.1.53", TARGET: "198.18.2.53"}
AS_POSTGRES = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"]
PSQL = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", "housing"]


def sql(host, text):
    return RIG.lab.inside(host, *AS_POSTGRES, *PSQL, "-c", text).strip()


class Writer:
    """Writes to one host all the time, as the application's own user does, over the network."""

    def __init__(self, host):
        self.taken = 0
        self._host = host
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def write(self):
        """Whether the write was taken."""
        try:
            RIG.lab.inside("ark-a", "env", "PGPASSWORD=housing-of-the-lab", "PGCONNECT_TIMEOUT=2", *PSQL,
                           "-h", ADDRESSES[self._host], "-U", "housing", "-c",
                           "insert into repairs (client_id, client_seq, note) "
                           f"values ('{self._host}', {self.taken}, 'tap')")
        except DemoError:
            return False
        self.taken += 1
        return True

    def _run(self):
        while not self._over.is_set():
            self.write()


class Ledger(FaultTest):
    def setUp(self):
        RIG.fresh(agents=(SOURCE, TARGET, "pri-ns1"))

    def tearDown(self):
        RIG.stop()

    def assert_name_is_at(self, host):
        for server in NAME_SERVERS:
            self.assertEqual(resolve("ledger.council.example", [server]), [ADDRESSES[host]], server)

    def test_replica_that_does_not_catch_up(self):
        run = RIG.start_wave(WAVE)
        RIG.wait(lambda: RIG.task(run, "seed")["state"] == "TASK_STATE_SUCCEEDED", "the replica")
        sql(TARGET, "select pg_wal_replay_pause()")
        with Writer(SOURCE) as writer:
            RIG.wait(lambda: writer.taken >= 3, "writes that the replica has not replayed")
            RIG.programs.run("carol", "approval", "grant", f"{WAVE}/cutover", "-m", "change 1042")
            view = RIG.finish(run)
            self.assertEqual(view["status"], "RUN_STATUS_BACKED_OUT", view["reason"])
            taken = writer.taken
            RIG.wait(lambda: writer.taken > taken + 3, "the source to take writes again")
        self.assert_all_in(["target-digest", "the replica has not caught up within 2 s: it stands at "],
                           RIG.group(run)["reason"])
        for step in ("promote", "switch-name"):
            self.assertEqual(RIG.task(run, step)["state"], "TASK_STATE_CANCELLED", step)
        self.assert_name_is_at(SOURCE)
        self.assert_moves_now(writer.taken)

    def assert_moves_now(self, written):
        """A new run, with a new replica, moves all that was written."""
        run = RIG.start_wave(WAVE)
        RIG.wait(lambda: RIG.task(run, "stop-source")["state"] == "TASK_STATE_SUCCEEDED", "the switch", 90)
        self.assert_name_is_at(TARGET)
        self.assertEqual(sql(TARGET, f"select count(*) from repairs where client_id = '{SOURCE}'"), str(written))
        self.assertTrue(Writer(TARGET).write())
