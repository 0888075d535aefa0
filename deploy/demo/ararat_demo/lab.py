"""The lab as the demonstration uses it."""

import json
import subprocess
from pathlib import Path

from .programs import DemoError


class Lab:
    def __init__(self, source):
        self._program = str(Path(source) / "deploy" / "lab" / "lab")

    def up(self, file):
        self.must("up", str(file), capture=False)

    def down(self):
        self.must("down", capture=True)

    def status(self):
        return json.loads(self.must("status", "-o", "json"))

    def witness(self):
        return json.loads(self.must("witness", "-o", "json"))

    def limit(self, host, rate):
        """Both directions of a host's link; `off` lifts it."""
        self.must("limit", host, rate)

    def inside(self, host, *argv):
        return self.must("exec", host, *argv)

    def must(self, *arguments, capture=True):
        done = subprocess.run([self._program, *arguments], text=True, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE if capture else None,
                              stderr=subprocess.PIPE if capture else None)
        if done.returncode != 0:
            raise DemoError(f"lab {' '.join(arguments)}: {((done.stderr or '') + (done.stdout or '')).strip()}")
        return done.stdout or ""
