#!/usr/bin/python3
"""Draws terminal text as a picture: terminal_svg.py TITLE < TEXT > picture.svg

Colours come from what the lines say, since a log has none: headings, checks that held, checks that broke.
"""

import html
import sys

LINE_HEIGHT, CHARACTER_WIDTH, MARGIN, COLUMNS_MAX = 18, 8.0, 16, 118


def color_of(line):
    text = line.strip()
    if text.startswith("== "):
        return "#ffffff"
    if text.startswith("held"):
        return "#7ee787"
    if text.startswith("BROKEN"):
        return "#ff7b72"
    if text.isupper() and len(text) > 8:
        return "#79c0ff"
    return "#c9d1d9"


def main():
    lines = [line.rstrip("\n")[:COLUMNS_MAX] for line in sys.stdin]
    while lines and not lines[-1]:
        lines.pop()
    width = int(max(map(len, lines), default=10) * CHARACTER_WIDTH + 2 * MARGIN)
    height = int(len(lines) * LINE_HEIGHT + 2 * MARGIN)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
          f'viewBox="0 0 {width} {height}" role="img">')
    print(f"<title>{html.escape(sys.argv[1])}</title>")
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>')
    print('<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">')
    for number, line in enumerate(lines):
        y = MARGIN + (number + 1) * LINE_HEIGHT - 5
        print(f'<text x="{MARGIN}" y="{y}" fill="{color_of(line)}">{html.escape(line)}</text>')
    print("</g></svg>")


main()
