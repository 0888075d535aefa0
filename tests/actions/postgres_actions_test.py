"""The PostgreSQL actions' scripts against two real servers: a source, and its replica that becomes the target.

Run: python3 tests/actions/postgres_actions_test.py
Needs root and PostgreSQL 15 on this machine; says so and is skipped where one of them is missing. The servers stand in
a temporary folder; where the scripts want /etc/postgresql and the server's socket, a mount namespace shows them that.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

ACTIONS = Path(__file__).resolve().parents[2] / "plans" / "actions"
BIN = Path("/usr/lib/postgresql/15/bin")
ETC, RUN, DATA = Path("/etc/postgresql"), Path("/run/postgresql"), Path("/var/lib/postgresql/15/main")
AS_POSTGRES = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"]
SETTINGS = ["listen_addresses=''", "unix_socket_directories=/run/postgresql", "wal_level=replica", "fsync=off",
            "hot_standby=on", "shared_buffers=16MB", "timezone=UTC"]


def missing():
    if os.geteuid() != 0:
        return "root is needed"
    return next((f"{path} is not there" for path in (BIN / "postgres", ETC, RUN, DATA) if not path.exists()), None)


def run(*argv, expected=0, **options):
    done = subprocess.run(argv, text=True, capture_output=True, check=False, timeout=120, cwd="/", **options)
    if done.returncode != expected:
        raise AssertionError(f"{argv[:6]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def psql(port, database, text):
    return run(*AS_POSTGRES, str(BIN / "psql"), "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", str(RUN), "-p", str(port),
               "-d", database, input=text).strip()


class Server:
    def __init__(self, data, port):
        self.data, self.port = data, port

    def start(self):
        options = " ".join(f"-c {setting}" for setting in [*SETTINGS, f"port={self.port}",
                                                           f"hba_file={ETC}/15/main/pg_hba.conf",
                                                           f"ident_file={ETC}/15/main/pg_ident.conf"])
        run(*AS_POSTGRES, str(BIN / "pg_ctl"), "-D", str(self.data), "-w", "-l", f"{self.data}.log", "-o", options,
            "start")

    def stop(self):
        subprocess.run([*AS_POSTGRES, str(BIN / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop"],
                       check=False, capture_output=True, cwd="/")


class Postgres(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """An empty cluster, made once: that takes longer than all the rest."""
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        run("chown", "postgres", folder.name)
        cls.empty = Path(folder.name) / "empty"
        run(*AS_POSTGRES, str(BIN / "initdb"), "-D", str(cls.empty), "--locale=C.UTF-8", "-N")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)
        self.outputs = self.folder / "outputs"
        place = self.folder / "pg"
        place.mkdir()
        run("chown", "postgres", str(place))
        run("mount", "--bind", str(place), str(RUN))
        self.addCleanup(run, "umount", str(RUN))
        conf = self.folder / "etc" / "15" / "main"
        conf.mkdir(parents=True)
        (conf / "pg_hba.conf").write_text("local replication all trust\nlocal all all trust\n", encoding="ascii")
        (conf / "pg_ident.conf").write_text("", encoding="ascii")
        run("chown", "-R", "postgres", str(conf))
        run("mount", "--bind", str(self.folder / "etc"), str(ETC))
        self.addCleanup(run, "umount", str(ETC))
        self.conf = conf
        run("cp", "-a", str(self.empty), str(place / "source"))
        self.source, self.target = Server(place / "source", 5432), Server(place / "target", 5433)
        self.source.start()
        self.addCleanup(self.source.stop)
        psql(5432, "postgres", "create database housing")
        self.fill()

    def fill(self):
        psql(5432, "housing", """
            create table repairs (id serial primary key, note text, at timestamptz default now());
            insert into repairs (note) select 'tap ' || n from generate_series(1, 1000) n;
            create table "odd|name" (shape point, tags text[]);
            insert into "odd|name" values ('(1,2)', '{a,b}');
            create materialized view counted as select count(*) from repairs;
            create unlogged table scratch (n int);
            insert into scratch values (1)""")

    def replicate(self):
        run(*AS_POSTGRES, str(BIN / "pg_basebackup"), "-h", str(RUN), "-p", "5432", "-D", str(self.target.data),
            "-c", "fast", "-R", "--no-sync")
        self.target.start()
        self.addCleanup(self.target.stop)

    def action(self, script, *arguments, port=5432, expected=0):
        self.outputs.unlink(missing_ok=True)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ARARAT_OUTPUT": str(self.outputs),
                       "PGHOST": str(RUN), "PGPORT": str(port), "LANG": "C.UTF-8"}
        said = run(str(ACTIONS / script), *arguments, env=environment, expected=expected)
        if not self.outputs.exists():
            return said, {}
        return said, dict(line.split("=", 1) for line in self.outputs.read_text(encoding="utf-8").splitlines())

    def digest(self, port, replayed="", within="600", expected=0):
        return self.action("postgres-digest/digest.sh", "housing", "0", replayed, within, port=port,
                           expected=expected)[1]

    def test_unlogged_tables_are_refused_unless_accepted(self):
        script = "postgres-prepare-source/prepare-source.sh"
        said, _ = self.action(script, "apply", "15", "main", "ararat_db", "refuse", expected=1)
        self.assertIn("unlogged tables would be empty on the target: housing:scratch", said)
        self.assertNotIn("ararat", (self.conf / "pg_hba.conf").read_text(encoding="utf-8"))
        _, outputs = self.action(script, "apply", "15", "main", "ararat_db", "accept")
        self.assertTrue(outputs["server_version"].startswith("15"))
        psql(5432, "housing", "alter table scratch set logged")
        self.action(script, "apply", "15", "main", "ararat_db", "refuse")

    def test_a_server_of_another_version_than_the_plans(self):
        said, _ = self.action("postgres-prepare-source/prepare-source.sh", "apply", "14", "main", "s", "refuse",
                              expected=1)
        self.assertIn("PostgreSQL 15, the plan moves version 14", said)

    def test_both_sides_have_one_digest_and_a_changed_row_another(self):
        self.replicate()
        self.assertEqual(psql(5433, "housing", "select pg_is_in_recovery()"), "t")
        lsn = psql(5432, "postgres", "select pg_current_wal_insert_lsn()")
        source, target = self.digest(5432), self.digest(5433, lsn)
        self.assertEqual(source, target)
        # Two tables and the view; the unlogged one, which the replica cannot read, is left out.
        self.assertEqual((source["tables"], source["rows"]), ("3", "1002"))
        psql(5432, "housing", "update repairs set note = 'tap 0' where id = 7")
        self.assertNotEqual(self.digest(5432)["digest"], source["digest"])

    def test_the_replica_is_read_only_once_it_has_replayed(self):
        self.replicate()
        psql(5433, "postgres", "select pg_wal_replay_pause()")
        psql(5432, "housing", "insert into repairs (note) values ('late')")
        lsn = psql(5432, "postgres", "select pg_current_wal_insert_lsn()")
        found = []
        reader = threading.Thread(target=lambda: found.append(self.digest(5433, lsn)))
        reader.start()
        time.sleep(0.3)
        self.assertEqual(found, [])
        psql(5433, "postgres", "select pg_wal_replay_resume()")
        reader.join()
        self.assertEqual(found, [self.digest(5432)])

    def test_a_replica_that_does_not_catch_up_is_waited_for_no_longer_than_asked(self):
        self.replicate()
        psql(5433, "postgres", "select pg_wal_replay_pause()")
        psql(5432, "housing", "insert into repairs (note) values ('late')")
        lsn = psql(5432, "postgres", "select pg_current_wal_insert_lsn()")
        said = self.action("postgres-digest/digest.sh", "housing", "0", lsn, "1", port=5433, expected=3)[0]
        last = [line for line in said.splitlines() if line.strip()][-1]  # a step's reason
        self.assertRegex(last, f"has not caught up within 1 s: it stands at [0-9A-F]+/[0-9A-F]+, {lsn} is wanted")

    def test_arguments_are_no_statements(self):
        self.digest(5432, "0/0'; drop table repairs; --", expected=1)
        self.action("postgres-digest/digest.sh", "housing", "0; drop table repairs", "", "600", expected=1)
        self.digest(5432, within="600; drop table repairs", expected=1)

    def test_quiesce_flushes_fences_and_comes_undone(self):
        self.replicate()
        client = subprocess.Popen(
            [*AS_POSTGRES, str(BIN / "psql"), "-qAtX", "-h", str(RUN), "-d", "housing"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd="/")
        self.addCleanup(client.communicate)
        # On no disk yet when its client is told: without a flush the position would be one before it.
        client.stdin.write("set synchronous_commit = off;\n"
                           "insert into repairs (note) values ('fast');\n\\echo written\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), "written\n")
        _, outputs = self.action("postgres-quiesce/quiesce.sh", "quiesce", "15", "main")
        client.stdin.write("select 1;\n")
        client.stdin.flush()
        self.assertEqual(client.wait(10), 2, "its connection should be lost")
        refused = run(*AS_POSTGRES, str(BIN / "psql"), "-h", str(RUN), "-d", "housing", "-U", "ararat",
                      "-c", "select 1", expected=2)
        self.assertIn("reject", refused)
        self.assertEqual(psql(5432, "postgres", "show default_transaction_read_only"), "on")
        self.assertEqual(self.digest(5433, outputs["lsn"]), self.digest(5432))
        self.assertEqual(psql(5433, "housing", "select count(*) from repairs where note = 'fast'"), "1")
        self.action("postgres-quiesce/quiesce.sh", "seen", "15", "main")
        self.action("postgres-quiesce/quiesce.sh", "undo", "15", "main")
        psql(5432, "housing", "insert into repairs (note) values ('again')")
        self.action("postgres-quiesce/quiesce.sh", "seen", "15", "main", expected=1)

    def promote(self, mode, expected=0):
        self.action("postgres-promote/promote.sh", mode, "15", "main", port=5433, expected=expected)

    def test_promotion(self):
        """Where the data stands as Debian has it, and where it does not."""
        for at_its_place in (False, True):
            self.replicate()
            if at_its_place:
                run("mount", "--bind", str(self.target.data), str(DATA))
            self.promote("seen", expected=1)
            self.promote("promote")
            self.promote("seen")
            self.promote("promote")
            psql(5433, "housing", "insert into repairs (note) values ('new')")
            self.target.stop()
            if at_its_place:
                run("umount", str(DATA))
            run("rm", "-rf", str(self.target.data))


if __name__ == "__main__":
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(0)
    if "ARARAT_TEST_NAMESPACE" not in os.environ:
        os.environ["ARARAT_TEST_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--", sys.executable, "-B", *sys.argv])
    unittest.main()
