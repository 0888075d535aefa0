"""What was measured: values by (tool, what), their median and extremes, a table, and JSON."""

import json
import os
import statistics
from pathlib import Path


class Figures:
    """Values by row and column, in the order in which they were first seen. No threads."""

    def __init__(self, title, notes=()):
        self._title, self._notes = title, list(notes)
        self._values = {}
        self._faults = []

    def add(self, row, column, value):
        self._values.setdefault(row, {}).setdefault(column, []).append(round(value, 4))

    def fault(self, text):
        """Something that makes a round worth nothing; it is shown beside the figures."""
        self._faults.append(text)

    @property
    def held(self):
        return not self._faults

    def median(self, row, column):
        values = self._values.get(row, {}).get(column)
        return statistics.median(values) if values else None

    def lines(self):
        columns = list(dict.fromkeys(column for row in self._values.values() for column in row))
        titles = [self._title, *columns]
        rows = [[row, *(shown(values.get(column)) for column in columns)] for row, values in self._values.items()]
        widths = [max(len(line[i]) for line in [titles, *rows]) for i in range(len(titles))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                for line in [titles, *rows]]
        return [*text, *(f"fault: {fault}" for fault in self._faults)]

    def write(self, path):
        result = {"title": self._title, "notes": self._notes, "load_average": os.getloadavg(), "faults": self._faults,
                  "rows": {row: {column: {"median": statistics.median(values), "min": min(values), "max": max(values),
                                          "values": values} for column, values in columns.items()}
                           for row, columns in self._values.items()}}
        Path(path).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def shown(values):
    """median (min-max); counts stay whole."""
    if not values:
        return "-"
    form = "{:.0f}" if all(isinstance(value, int) for value in values) else "{:.2f}"
    middle, least, most = (form.format(number) for number in (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least}-{most})"
