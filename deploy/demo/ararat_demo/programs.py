"""The product's programs as the demonstration runs them: an orchestrator of its own, and the command line."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from .estate import ORCHESTRATOR_ADDRESS

START_TIMEOUT_S = 30


class DemoError(Exception):
    """Something that ends the demonstration, with its reason."""


class Programs:
    """Owns the orchestrator's process and its data folder."""

    def __init__(self, source, binaries, state, lab_key, options=()):
        self.source = Path(source)
        self.binaries = Path(binaries)
        self.state = Path(state)
        self.data = self.state / "orchestrator"
        self.people = self.data / "people"
        self._lab_key = lab_key
        self._options = list(options)  # of the orchestrator's `serve`
        self._process = None

    def path(self, name):
        for folder in (".", "orchestrator", "agent", "agent/supervisor", "cli"):
            candidate = self.binaries / folder / name
            if candidate.is_file():
                return str(candidate)
        raise DemoError(f"the program {name} has not been built in {self.binaries}")

    def initialise(self, project, people):
        program = self.path("ararat-orchestrator")
        self._must([program, "init", "--dir", str(self.data), "--project", project,
                    "--host", ORCHESTRATOR_ADDRESS, "--host", "localhost", "--host", "127.0.0.1"])
        for name, roles in people.items():
            self._must([program, "person", name, "--roles", ",".join(roles), "--dir", str(self.data)])

    def start(self):
        log = open(self.state / "orchestrator.log", "ab")
        ready = self.data / "orchestrator.json"
        ready.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [self.path("ararat-orchestrator"), "serve", "--dir", str(self.data),
             "--control", f"{ORCHESTRATOR_ADDRESS}:7402", "--agents", f"{ORCHESTRATOR_ADDRESS}:7401",
             "--enrol", f"{ORCHESTRATOR_ADDRESS}:7403", "--data", f"{ORCHESTRATOR_ADDRESS}:7411",
             "--ssh-key", str(self._lab_key), "--agent-binary", self.path("ararat-agent"),
             "--supervisor-binary", self.path("ararat-supervisor"), *self._options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )
        log.close()
        (self.state / "orchestrator.pid").write_text(str(self._process.pid), encoding="ascii")
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise DemoError(f"the orchestrator ended at once: see {self.state}/orchestrator.log")
            if ready.exists():
                return
            time.sleep(0.02)
        raise DemoError(f"the orchestrator did not get ready: see {self.state}/orchestrator.log")

    def kill(self):
        """kill -9, as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def wait_for_death(self, timeout_s):
        """The exit code of an orchestrator that is expected to end by itself."""
        return self._process.wait(timeout=timeout_s)

    def stop(self):
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def environment(self, person):
        return {**os.environ, "ARARAT_SERVER": f"{ORCHESTRATOR_ADDRESS}:7402",
                "ARARAT_IDENTITY": str(self.people / person), "ARARAT_LIBRARY": str(self.source / "plans")}

    def command(self, person, *arguments):
        return [self.path("ararat"), *arguments], self.environment(person)

    def run(self, person, *arguments, check=True, capture=True):
        """Runs the command line as this person; returns (exit code, standard output)."""
        argv, environment = self.command(person, *arguments)
        done = subprocess.run(argv, env=environment, text=True, check=False, timeout=900,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE if capture else None,
                              stderr=subprocess.PIPE if capture else None)
        if check and done.returncode != 0:
            text = ((done.stdout or "") + (done.stderr or "")).strip()
            raise DemoError(f"ararat {' '.join(arguments)} ended with {done.returncode}: {text}")
        return done.returncode, done.stdout or ""

    def json(self, person, *arguments):
        return json.loads(self.run(person, *arguments, "-o", "json")[1])

    def journal(self, person):
        """Every record of the journal, as the audit shows them."""
        records, following = [], 1
        while True:
            entries = self.json(person, "audit", "list", "--from", str(following), "--limit", "1000")["entries"]
            if not entries:
                return records
            records += [entry["record"] for entry in entries]
            following = int(records[-1]["sequence"]) + 1

    @staticmethod
    def _must(argv):
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DemoError(f"{' '.join(argv)}: {(done.stderr or done.stdout).strip()}")
