"""How the demonstration speaks: headings, lines, and a summary a person enjoys reading."""

import sys
import time

_BOLD, _GREEN, _RED, _DIM, _END = "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"


class Show:
    def __init__(self):
        self._color = sys.stdout.isatty()
        self._began = time.monotonic()

    def _paint(self, text, code):
        return f"{code}{text}{_END}" if self._color else text

    def heading(self, text):
        elapsed = time.monotonic() - self._began
        print(f"\n{self._paint('== ' + text, _BOLD)} {self._paint(f'[{elapsed:.0f} s]', _DIM)}", flush=True)

    def line(self, text):
        print(f"   {text}", flush=True)

    def check(self, ok, text):
        mark = self._paint("held  ", _GREEN) if ok else self._paint("BROKEN", _RED)
        print(f"   {mark} {text}", flush=True)
        return ok

    def table(self, titles, rows):
        rows = [[str(cell) for cell in row] for row in rows]
        widths = [max(len(row[i]) for row in [titles, *rows]) for i in range(len(titles))]
        for number, row in enumerate([titles, *rows]):
            text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            print("   " + (self._paint(text, _BOLD) if number == 0 else text), flush=True)


def size(count):
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return ""


def seconds(value):
    return "none" if value == 0 else f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
