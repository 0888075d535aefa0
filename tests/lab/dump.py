"""A PostgreSQL database that moves by dump and restore while it is written to: turned back by what stands in its way on
the target, and then the whole way to the source's power-off."""

from ledger import ADDRESSES, AGENTS, AS_POSTGRES, PSQL, RESTORE, SOURCE, TARGET, WAVE, Writer, sql
from rig import ESTATE, NAME_SERVERS, RIG, FaultTest, begins_with, resolve

FOLDER = "/var/lib/postgresql/ararat-dump-ledger-db"
# A server of its own on the target, with nothing in it.
RESTORE_TARGET = r"""
    systemctl stop postgresql@15-main
    rm -rf /var/lib/postgresql/15/* /var/lib/postgresql/ararat-dump-*
    cd /
    setpriv --reuid postgres --regid postgres --init-groups /usr/lib/postgresql/15/bin/initdb \
        -D /var/lib/postgresql/15/main --locale=C.UTF-8 -N >/dev/null
    systemctl start postgresql@15-main"""


def by_dump(plan):
    for warm, dump in (("runbook: postgres-warm", "runbook: postgres-dump-restore"),
                       ('digest_workers: "0"', 'source_version: "15"'),
                       ('catch_up_within: "2"', 'target_version: "15"\n          target_free: 64 MiB')):
        plan = plan.replace(warm, dump, 1)
    return plan


def on_target(text):
    return RIG.lab.inside(TARGET, *AS_POSTGRES, *PSQL[:-1], "postgres", "-c", text).strip()


class Dump(FaultTest):
    def setUp(self):
        RIG.lab.up(ESTATE)
        for host, script in {**RESTORE, TARGET: RESTORE_TARGET}.items():
            RIG.lab.inside(host, "sh", "-ec", script)
        super().setUp()

    def tearDown(self):
        RIG.stop()
        RIG.lab.must("start", "--bare", SOURCE)

    @staticmethod
    def grant(gate):
        RIG.programs.run("carol", "approval", "grant", f"{WAVE}/{gate}", "-m", "change 1043")

    @staticmethod
    def dumps():
        return [RIG.lab.inside(host, "sh", "-c", f"ls -d {FOLDER} 2>/dev/null || true") for host in ADDRESSES]

    def name_is_at(self, host):
        return all(resolve("ledger.council.example", [server]) == [ADDRESSES[host]] for server in NAME_SERVERS)

    @begins_with(agents=AGENTS, change_plan=by_dump)
    def test_moves_whole_once_nothing_stands_in_its_way(self):
        roles = "select string_agg(rolname, ' ' order by rolname) from pg_roles where oid > 16383"
        run = RIG.start_wave(WAVE)
        RIG.wait(lambda: RIG.task(run, "check-target")["state"] == "TASK_STATE_SUCCEEDED", "the check")
        on_target("create database housing")
        with Writer(SOURCE) as writer:
            self.grant("cutover")
            view = RIG.finish(run)
            self.assertEqual(view["status"], "RUN_STATUS_BACKED_OUT", view["reason"])
            self.assertIn("has a database housing already", RIG.group(run)["reason"])
            taken = writer.taken
            RIG.wait(lambda: writer.taken >= taken + 3, "writes that are taken")
        self.assertTrue(self.name_is_at(SOURCE))
        self.assertEqual((self.dumps(), on_target(roles)), (["", ""], ""))
        on_target("drop database housing")

        run = RIG.start_wave(WAVE)
        with Writer(SOURCE, writer.taken) as writer:  # which numbers its writes on
            self.grant("cutover")
            RIG.wait(lambda: RIG.task(run, "stop-source")["state"] == "TASK_STATE_SUCCEEDED", "the switch", 90)
        self.assertTrue(self.name_is_at(TARGET))
        self.assertEqual(sql(TARGET, f"select count(*) from repairs where client_id = '{SOURCE}'"), str(writer.taken))
        self.assertTrue(Writer(TARGET).write())
        self.assertFalse(Writer(SOURCE).write())
        self.assertIn("housing", on_target(roles).split())
        RIG.wait(lambda: RIG.task(run, "forget-on-target")["state"] == "TASK_STATE_SUCCEEDED", "the dump's end")
        self.assertEqual(self.dumps(), ["", ""])
        self.grant("retirement")
        view = RIG.finish(run)
        self.assertEqual(view["status"], "RUN_STATUS_SUCCEEDED", view["reason"])
