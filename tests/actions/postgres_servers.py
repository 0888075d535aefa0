"""Two real PostgreSQL servers in a temporary folder, for the tests of the actions that move databases: a source at port
5432 and a place for a target at 5433. Where the scripts want /etc/postgresql and the server's socket, a mount namespace
shows them that.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ACTIONS = Path(__file__).resolve().parents[2] / "plans" / "actions"
BIN = Path("/usr/lib/postgresql/15/bin")
ETC, RUN, DATA = Path("/etc/postgresql"), Path("/run/postgresql"), Path("/var/lib/postgresql/15/main")
KEPT = Path("/run/ararat")
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

    def start(self, *more):
        options = " ".join(f"-c {setting}" for setting in [*SETTINGS, *more, f"port={self.port}",
                                                           f"hba_file={ETC}/15/main/pg_hba.conf",
                                                           f"ident_file={ETC}/15/main/pg_ident.conf"])
        run(*AS_POSTGRES, str(BIN / "pg_ctl"), "-D", str(self.data), "-w", "-l", f"{self.data}.log", "-o", options,
            "start")

    def stop(self):
        subprocess.run([*AS_POSTGRES, str(BIN / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop"],
                       check=False, capture_output=True, cwd="/")


class PostgresCase(unittest.TestCase):
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
        # What the scripts keep there is this test's own.
        KEPT.mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", str(KEPT))
        self.addCleanup(run, "umount", str(KEPT))
        conf = self.folder / "etc" / "15" / "main"
        conf.mkdir(parents=True)
        (conf / "pg_hba.conf").write_text("local replication all trust\nlocal all all trust\n", encoding="ascii")
        (conf / "pg_ident.conf").write_text("", encoding="ascii")
        run("chown", "-R", "postgres", str(conf))
        for cluster, data in (("main", "source"), ("target", "target")):
            (conf.parent / cluster).mkdir(exist_ok=True)
            (conf.parent / cluster / "postgresql.conf").write_text(
                f"#data_directory = 'nowhere'\ndata_directory = '{place / data}'\t# elsewhere\n", encoding="ascii")
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
        """What the source holds when a test begins."""

    def action(self, script, *arguments, port=5432, expected=0):
        self.outputs.unlink(missing_ok=True)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ARARAT_OUTPUT": str(self.outputs),
                       "PGHOST": str(RUN), "PGPORT": str(port), "LANG": "C.UTF-8"}
        said = run(str(ACTIONS / script), *arguments, env=environment, expected=expected)
        if not self.outputs.exists():
            return said, {}
        return said, dict(line.split("=", 1) for line in self.outputs.read_text(encoding="utf-8").splitlines())


def run_tests():
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(0)
    if "ARARAT_TEST_NAMESPACE" not in os.environ:
        os.environ["ARARAT_TEST_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--", sys.executable, "-B", *sys.argv])
    unittest.main()
