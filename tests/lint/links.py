"""The layer rule on the link lines: a library links only what its module may include.

Includes catch a header; this catches a library that is linked and not included, which the linker would then
resolve by luck, and a table in docs/architecture.md that no longer tells the truth.
"""

import re

from layers import ALLOWED, module_of

_CALL = re.compile(r"\b(ararat_module|add_library|add_executable|target_link_libraries)\s*\(([^)]*)\)", re.DOTALL)
_COMMENT = re.compile(r"#[^\n]*")
# Targets of no module: compiler options.
_NO_MODULE = {"ararat_warnings"}


def _calls(text):
    """(line, command, words) of the calls that make or link a target. Comments count as spaces."""
    code = _COMMENT.sub(lambda match: " " * len(match.group()), text)
    for match in _CALL.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, match.group(1), match.group(2).split()


def _module_at(path):
    return module_of(path.removesuffix("CMakeLists.txt") + "a.cc") or ("proto" if path.startswith("proto/") else None)


def _target_of(word):
    """The target that a word names, `$<TARGET_FILE:...>` included."""
    return re.sub(r"^\$<TARGET_FILE:(.*)>$", r"\1", word.strip('"'))


def targets_of(files):
    """{target: module} of what the CMakeLists.txt of modules define. `files`: {path: text}."""
    found = {}
    for path, text in files.items():
        module = _module_at(path)
        for _, command, words in _calls(text):
            if module is not None and words and command != "target_link_libraries":
                found[words[0]] = module
    return found


def check(files):
    """Yields (path, line, fault) over all CMakeLists.txt at once. `files`: {path: text}."""
    targets = targets_of(files)
    for path, text in sorted(files.items()):
        for line, command, words in _calls(text):
            module = targets.get(words[0]) if words else None
            if module is None or module == "proto" or command in ("add_library", "add_executable"):
                continue
            for word in words[1:]:
                other = targets.get(_target_of(word))
                if other is not None and other != module and other not in ALLOWED[module]:
                    yield path, line, f"{module} may not link {other} ({_target_of(word)})"
                elif other is None and word.startswith("ararat_") and word not in _NO_MODULE:
                    yield path, line, f"{module} links {word}, which no module defines"
