"""A PostgreSQL database that is written to all the time: a replica that does not keep up, a source that loses its power
once its writes were stopped."""

import threading

from rig import ESTATE, NAME_SERVERS, RIG, DemoError, FaultTest, begins_with, resolve

WAVE = "wave-ledger"
SOURCE, TARGET = "ark-db", "pri-db"
ADDRESSES = {SOURCE: "198.18.1.53", TARGET: "198.18.2.53"}
AS_POSTGRES = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"]
PSQL = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", "housing"]


def sql(host, text):
    return RIG.lab.inside(host, *AS_POSTGRES, *PSQL, "-c", text).strip()


class Writer:
    """Writes to one host all the time, as the application's own user does, over the network."""

    def __init__(self, host, taken=0):
        self.taken = taken
        self.refused = 0
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
            self.refused += 1
            return False
        self.taken += 1
        return True

    def _run(self):
        while not self._over.is_set():
            self.write()


def with_time_to_catch_up(plan):
    return plan.replace('catch_up_within: "2"', 'catch_up_within: "600"', 1)


# The database back on its source and writable, and none on the target.
RESTORE = {
    SOURCE: r"""
        systemctl unmask -q postgresql@15-main
        systemctl enable -q postgresql@15-main
        cd /etc/postgresql/15/main
        sed -i '/^# begin ararat/,/^# end ararat/d' pg_hba.conf pg_ident.conf
        rm -f /var/lib/postgresql/15/main/postgresql.auto.conf
        systemctl restart postgresql@15-main
        setpriv --reuid postgres --regid postgres --init-groups psql -qAtX -d housing \
            -c "select pg_drop_replication_slot(slot_name) from pg_replication_slots" \
            -c "delete from repairs where client_id <> 'archive'" """,
    TARGET: "systemctl stop postgresql@15-main; rm -rf /var/lib/postgresql/15/*",
    "pri-ns1": r"""
        printf '%s\n' 'server 198.18.2.2' 'zone council.example' 'update delete ledger.council.example. A' \
            'update add ledger.council.example. 1 A 198.18.1.53' send | nsupdate -k /etc/bind/ararat.key""",
}
AGENTS = tuple(RESTORE)


class Ledger(FaultTest):
    def setUp(self):
        RIG.lab.up(ESTATE)
        for host, script in RESTORE.items():
            RIG.lab.inside(host, "sh", "-ec", script)
        super().setUp()

    def tearDown(self):
        RIG.stop()
        RIG.lab.must("start", "--bare", SOURCE)

    def replicate_and_pause(self):
        """A run whose replica is there, replays nothing any more, and waits for the approval of its cutover."""
        run = RIG.start_wave(WAVE)
        RIG.wait(lambda: RIG.task(run, "seed")["state"] == "TASK_STATE_SUCCEEDED", "the replica")
        sql(TARGET, "select pg_wal_replay_pause()")
        return run

    def approve(self):
        RIG.programs.run("carol", "approval", "grant", f"{WAVE}/cutover", "-m", "change 1042")

    @staticmethod
    def wait_for_writes(writer, count=3):
        taken = writer.taken
        RIG.wait(lambda: writer.taken >= taken + count, "writes that are taken")

    def assert_name_is_at(self, host):
        for server in NAME_SERVERS:
            self.assertEqual(resolve("ledger.council.example", [server]), [ADDRESSES[host]], server)

    @begins_with(agents=AGENTS)
    def test_replica_that_does_not_catch_up(self):
        run = self.replicate_and_pause()
        with Writer(SOURCE) as writer:
            self.wait_for_writes(writer)  # which the replica does not replay
            self.approve()
            view = RIG.finish(run)
            self.assertEqual(view["status"], "RUN_STATUS_BACKED_OUT", view["reason"])
            self.wait_for_writes(writer)
        self.assert_all_in(["target-digest", "the replica has not caught up within 2 s: it stands at "],
                           RIG.group(run)["reason"])
        for step in ("promote", "switch-name"):
            self.assertEqual(RIG.task(run, step)["state"], "TASK_STATE_CANCELLED", step)
        self.assert_name_is_at(SOURCE)
        self.assert_moves(RIG.start_wave(WAVE), writer.taken)  # a new run, with a new replica

    def assert_moves(self, run, written):
        """Everything that was written is on the target, and only there can be written."""
        RIG.wait(lambda: RIG.task(run, "stop-source")["state"] == "TASK_STATE_SUCCEEDED", "the switch", 90)
        self.assert_name_is_at(TARGET)
        self.assertEqual(sql(TARGET, f"select count(*) from repairs where client_id = '{SOURCE}'"), str(written))
        self.assertTrue(Writer(TARGET).write())
        self.assertFalse(Writer(SOURCE).write())

    @begins_with(agents=AGENTS, change_plan=with_time_to_catch_up)
    def test_source_that_loses_its_power_once_writes_were_stopped(self):
        # The replica holds the run up where it has everything and has not replayed it.
        run = self.replicate_and_pause()
        with Writer(SOURCE) as writer:
            self.wait_for_writes(writer)
            self.approve()
            RIG.wait(lambda: RIG.task(run, "digest")["state"] == "TASK_STATE_SUCCEEDED", "the source's checksum")
            lsn = RIG.task(run, "quiesce")["outputs"]["lsn"]
            RIG.wait(lambda: sql(TARGET, f"select pg_last_wal_receive_lsn() >= '{lsn}'") == "t", "the last write")
            written = writer.taken
            RIG.lab.must("kill", SOURCE)
            RIG.wait(lambda: RIG.states()[SOURCE] != "up", "the loss to be noticed")
            RIG.lab.must("start", "--bare", SOURCE)
            RIG.wait(lambda: RIG.states()[SOURCE] == "up", "the source to be back")
            RIG.wait(lambda: RIG.lab.inside(SOURCE, "sh", "-c", "pg_isready -q && echo yes || true"), "its database")
            self.assertEqual(sql(SOURCE, "show default_transaction_read_only"), "on")
            refused = writer.refused
            RIG.wait(lambda: writer.refused >= refused + 3, "writes that are refused")
            self.assertEqual(RIG.task(run, "promote")["state"], "TASK_STATE_WAITING")
            self.assert_name_is_at(SOURCE)
            sql(TARGET, "select pg_wal_replay_resume()")
            self.assert_moves(run, written)
        self.assertEqual(writer.taken, written, "the source has taken writes after they were stopped")
