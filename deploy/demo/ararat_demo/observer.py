"""Runs the prober and the writer beside the migration, and judges afterwards what they saw."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent


@dataclass
class Downtime:
    requests: int
    failed: int
    seconds: float  # from the first failed request of an outage to the next page that came, summed
    longest: float
    problems: list


@dataclass
class Writes:
    acknowledged: int
    refused: int
    longest_pause: float
    numbers: list


class Observer:
    """One process that watches from outside; its lines are read when it has ended, or so far."""

    def __init__(self, script, arguments, log):
        self.log = Path(log)
        self._process = subprocess.Popen(
            [sys.executable, str(_HERE / script), *arguments, str(log)], stdin=subprocess.PIPE
        )

    def stop(self):
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.wait(timeout=10)

    def rows(self):
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1]]


def start_prober(name, port, text, log):
    return Observer("prober.py", [name, str(port), text], log)


def start_writer(log):
    return Observer("writer.py", [], log)


def downtime(rows):
    seconds = longest = 0.0
    began, problems = None, []
    for row in rows:
        if row["ok"]:
            if began is not None:
                length = row["at"] + row["took"] - began
                seconds, longest, began = seconds + length, max(longest, length), None
        else:
            began = row["at"] if began is None else began
            if row.get("problem") and row["problem"] not in problems:
                problems.append(row["problem"])
    if began is not None:
        length = rows[-1]["at"] + rows[-1]["took"] - began
        seconds, longest = seconds + length, max(longest, length)
    return Downtime(len(rows), sum(not row["ok"] for row in rows), seconds, longest, problems[:5])


def writes(rows):
    acknowledged = [row for row in rows if row["ok"]]
    pauses = [b["at"] - a["at"] for a, b in zip(acknowledged, acknowledged[1:])]
    return Writes(
        len(acknowledged), sum(not row["ok"] for row in rows), max(pauses, default=0.0),
        [row["seq"] for row in acknowledged],
    )
