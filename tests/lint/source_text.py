"""C++ source without what only looks like code: comments and literals blanked, line breaks kept."""

import re

_TOKENS = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
  | (?P<text>"(?:\\.|[^"\\\n])*")
  | (?P<char>(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*')
    """,
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def _blank(match):
    kept = re.sub(r"[^\n]", " ", match.group(0))
    # A literal stays an operand: `f("x")` must not become `f( )` with another meaning.
    return kept if match.group("comment") else '"' + kept[1:-1] + '"' if len(kept) > 1 else kept


def code_of(text):
    """The text with comments and literals blanked; as many lines as before."""
    return _TOKENS.sub(_blank, text)


def comments_of(text):
    return "\n".join(match.group(0) for match in _TOKENS.finditer(text) if match.group("comment"))


def includes_of(text):
    """(line, "<" or '"', path) of every include."""
    return [(text.count("\n", 0, match.start(1)) + 1, match.group(1), match.group(2))
            for match in _INCLUDE.finditer(text)]
