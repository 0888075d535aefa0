"""What the demonstration reads from the plan that it runs, so that nothing is promised in two places."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

_UNIT_S = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}
_MONTH_S = 30 * 86400


@dataclass(frozen=True)
class Move:
    component: str  # "housing/db"
    old: str
    new: str
    site: str


class PlanFacts:
    def __init__(self, path):
        self._plan = yaml.safe_load(Path(path).read_text(encoding="utf-8"))

    def outage_s(self, application):
        """How long the plan lets this application be without service."""
        return seconds_of(self._plan["applications"][application]["outage"])

    def budget_s(self, application):
        """A month's downtime that the promised availability of its service leaves."""
        service = self._plan["applications"][application]["service"]
        promised = float(self._plan["services"][service]["availability"].rstrip("%"))
        return (100 - promised) / 100 * _MONTH_S

    def moves(self):
        """Each host's move once, under the first component that names it."""
        found = {}
        for application, values in self._plan["applications"].items():
            for name, component in values["components"].items():
                for old, (new, site) in zip(component["hosts"], component["to"].items()):
                    found.setdefault(old, Move(f"{application}/{name}", old, new, site))
        return list(found.values())


def seconds_of(text):
    """The plan language's durations: `2s`, `1min`, `1h 30min`."""
    parts = re.findall(r"(\d+)\s*(ms|s|min|h|d)\b", text)
    if not parts:
        raise ValueError(f"'{text}' is no duration")
    return sum(int(count) * _UNIT_S[unit] for count, unit in parts)
