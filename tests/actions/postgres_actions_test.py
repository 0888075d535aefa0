"""The PostgreSQL actions' scripts against two real servers: a source, and its replica that becomes the target.

Run: python3 tests/actions/postgres_actions_test.py
Needs root and PostgreSQL 15 on this machine; says so and is skipped where one of them is missing.
"""

import subprocess
import threading
import time
from pathlib import Path

from postgres_servers import AS_POSTGRES, BIN, DATA, RUN, PostgresCase, psql, run, run_tests


class Postgres(PostgresCase):
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

    def part(self, port, part, replayed=""):
        # Each side keeps its own, as on two hosts.
        return self.action("postgres-digest/digest.sh", "housing", "0", replayed, "600", part,
                           f"test-{port}", port=port)[1]

    def test_a_digest_in_two_parts_is_that_of_the_whole(self):
        self.replicate()
        changes = {
            "nothing": "select 1",
            "new rows": "insert into repairs (note) select 'new ' || n from generate_series(1, 50) n",
            "changed and gone": "update repairs set note = 'x' where id = 7; delete from repairs where id = 8",
            "as many as before": "delete from repairs where id = 9; insert into repairs (id, note) values (9, 'again')",
            "rewritten": "create table other as select * from repairs; truncate repairs;"
                         "insert into repairs select * from other; drop table other",
            "emptied": "truncate repairs",
            "another table": "create table more (n int); insert into more values (1), (null), (1)",
        }
        for what, change in changes.items():
            with self.subTest(what):
                lsn = psql(5432, "postgres", "select pg_current_wal_insert_lsn()")
                for port in (5432, 5433):
                    self.part(port, "before", lsn)
                psql(5432, "housing", change)
                lsn = psql(5432, "postgres", "select pg_current_wal_insert_lsn()")
                whole = self.digest(5432)
                self.assertEqual(self.part(5432, "after"), whole)
                self.assertEqual(self.part(5433, "after", lsn), whole)

    def test_a_first_part_that_fails_turns_nothing_back(self):
        kept = Path("/run/ararat/digest/test-5432")
        psql(5432, "postgres", "alter database housing set statement_timeout = 1;")
        psql(5432, "housing", "set statement_timeout = 0;"
                              "insert into repairs (note) select 'x' from generate_series(1, 50000)")
        said, _ = self.action("postgres-digest/digest.sh", "housing", "0", "", "600", "before", "test-5432")
        self.assertIn("not every table was read", said)
        psql(5432, "postgres", "alter database housing reset statement_timeout")
        self.assertEqual(self.part(5432, "after"), self.digest(5432))

    def test_rows_of_a_transaction_that_is_not_over_are_read_afterwards(self):
        client = subprocess.Popen(
            [*AS_POSTGRES, str(BIN / "psql"), "-qAtX", "-h", str(RUN), "-d", "housing"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd="/")
        self.addCleanup(client.communicate)
        client.stdin.write("begin; insert into repairs (note) values ('open');\n\\echo written\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), "written\n")
        # Younger than the open one, and over: after the horizon all the same.
        psql(5432, "housing", "insert into repairs (note) values ('over')")
        self.part(5432, "before")
        client.stdin.write("commit;\n\\echo over\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), "over\n")
        self.assertEqual(self.part(5432, "after"), self.digest(5432))

    def test_the_second_part_does_not_read_older_rows_again(self):
        """What is kept counts: were it wrong, so would the digest be."""
        kept = Path("/run/ararat/digest/test-5432")
        self.part(5432, "before")
        good = kept.read_text(encoding="ascii")
        oid = psql(5432, "housing", "select 'repairs'::regclass::oid")
        entry = next(part for part in good.strip().split(";") if part.startswith(f"{oid},"))
        changed = ",".join([*entry.split(",")[:3], "42"])
        kept.write_text(good.replace(entry, changed), encoding="ascii")
        self.assertNotEqual(self.part(5432, "after"), self.digest(5432))
        # The last table's line is missing, as after a read that was broken off.
        kept.write_text(good.rsplit(";", 1)[0] + "\n", encoding="ascii")
        self.assertEqual(self.part(5432, "after"), self.digest(5432))
        for damaged in ("", "rubbish", good.replace(";", "; drop table repairs;", 1)):
            kept.write_text(damaged, encoding="ascii")
            self.assertEqual(self.part(5432, "after"), self.digest(5432))

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

    def test_a_table_with_a_column_of_any_name_is_read(self):
        psql(5432, "housing", """
            create table tap (t text, x int);
            insert into tap values ('same', 1);
            create table tap_by_text (t json, x int);
            insert into tap_by_text values ('1', 1)""")
        for table in ("tap", "tap_by_text"):
            before = self.digest(5432)
            psql(5432, "housing", f"update {table} set x = 2")
            self.assertNotEqual(self.digest(5432)["digest"], before["digest"], table)

    def test_a_name_is_no_command(self):
        """Whoever may make a table chooses its name, and root reads it."""
        self.addCleanup(run, "sh", "-c", "rm -f /run/ararat/digest/test-543?")
        ran = self.folder / "ran"
        name = f"|0|\nx|rows[$(>{ran})]|0\n"
        self.assertLess(len(name), 62)  # a longer one would be cut
        psql(5432, "housing", f"""
            create table "{name}" (n int);
            insert into "{name}" values (1);
            create sequence "{name}s" """)
        found = self.digest(5432)
        self.part(5432, "before")
        self.assertEqual(self.part(5432, "after"), found)
        self.assertFalse(ran.exists())
        self.assertEqual((found["tables"], found["rows"]), ("4", "1003"))

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
    run_tests()
