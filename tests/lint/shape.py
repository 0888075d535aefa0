"""Lengths of files and functions, names, and words that must not stay."""

import ast
import re

from source_text import code_of, comments_of

FILE_LINES_MAX = 400
TEST_FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
PYTHON_LINE_LENGTH_MAX = 120  # clang-format keeps that of C++
REASON_LINES = 5  # where "long because ..." must stand

VAGUE = re.compile(r"\b(?:class|struct|enum\s+class|enum|union)\s+(?:\[\[\w+\]\]\s+)?"
                   r"(\w*(?:Manager|Helper|Helpers|Util|Utils|Utility|Common))\b")
VAGUE_FILE = re.compile(r"(?:^|[/_])(?:manager|helpers?|utils?|utilities|common)(?:[._]|$)")
# Written in pieces, so that this file passes its own rule.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK",
                                          "place" + "holder", "not " + "implemented yet")) + r")\b")


_STATEMENT = re.compile(r"^//\s*(?:return\b[^;]*|[\w:.>-]+\([^;]*\)|[\w:<>]+ \w+ = [^;]+);\s*$")


def is_test(path):
    return path.startswith("tests/")


def check_file_length(path, text):
    lines = text.count("\n")
    most = TEST_FILE_LINES_MAX if is_test(path) else FILE_LINES_MAX
    reasoned = "long because" in "\n".join(text.split("\n", REASON_LINES)[:REASON_LINES])
    if lines > most and not reasoned:
        yield path, lines, f'{lines} lines, {most} at most (or "long because ..." in its first lines)'


_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_TYPE_OR_SPACE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def _kind_of_scope(header):
    """What an opening brace begins, from the code between it and the end of the statement before."""
    without_templates = re.sub(r"\btemplate\s*<[^{}]*?>\s*(?=\w|\[)", "", header)
    if _TYPE_OR_SPACE.search(without_templates.split("(")[0]):
        return "scope"
    return "function" if "(" in header else "values"


def functions_of(text):
    """(first line, number of lines) of each function body outside of other functions."""
    code = _DIRECTIVE.sub(lambda found: re.sub(r"[^\n]", " ", found.group(0)), code_of(text))
    found = []
    scopes = []      # kinds of the open braces
    start = 0        # where the current statement begins
    function_at = None
    for match in re.finditer(r"[{};]|\b(?:public|private|protected)\s*:", code):
        token, at = match.group(0), match.start()
        if token == "{":
            if function_at is None:
                kind = _kind_of_scope(code[start:at])
                if kind == "function":
                    header = code[start:at]
                    function_at = (start + len(header) - len(header.lstrip()), len(scopes))
            else:
                kind = "block"
            scopes.append(kind)
        elif token == "}" and scopes:
            scopes.pop()
            if function_at is not None and len(scopes) == function_at[1]:
                first = code.count("\n", 0, function_at[0]) + 1
                found.append((first, code.count("\n", 0, at) + 2 - first))
                function_at = None
        if function_at is None:
            start = match.end()
    return found


def check_function_length(path, text):
    for first, lines in functions_of(text):
        if lines > FUNCTION_LINES_MAX:
            yield path, first, f"a function of {lines} lines, {FUNCTION_LINES_MAX} at most"


def check_python_functions(path, text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield path, node.lineno, f"a function of {lines} lines, {FUNCTION_LINES_MAX} at most"


def check_names(path, text):
    code = code_of(text)
    for match in VAGUE.finditer(code):
        yield path, code.count("\n", 0, match.start()) + 1, f"{match.group(1)} says nothing about what it is"


def check_file_name(path):
    if VAGUE_FILE.search(path.rsplit("/", 1)[-1]):
        yield path, 1, "a file is named after the one concept in it"


def check_words(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        match = UNFINISHED.search(line)
        if match:
            yield path, number, f"unfinished work: {match.group(0)}"


def check_line_length(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > PYTHON_LINE_LENGTH_MAX and "http" not in line:
            yield path, number, f"{len(line)} characters, {PYTHON_LINE_LENGTH_MAX} at most"


def check_header(path, text):
    if not text.startswith("//"):
        yield path, 1, "a header begins with a comment that says what it is for"
    if "#pragma once" not in text:
        yield path, 1, "a header without #pragma once"
    if re.search(r"^\s*using\s+namespace\b", code_of(text), re.MULTILINE):
        yield path, 1, "a header with a using directive"


def check_commented_code(path, text):
    for line in comments_of(text).split("\n"):
        if _STATEMENT.match(line):
            yield path, text[:text.index(line)].count("\n") + 1, f"commented-out code: {line.strip()}"
