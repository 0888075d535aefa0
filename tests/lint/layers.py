"""The layer rule: which module may include which, and which may touch the world.

The link lines in the CMakeLists.txt are held against the same table by links.py; this also catches a header that
needs no linking.
"""

import re

from source_text import code_of, includes_of

MODEL_UP = ("base", "model")
EXECUTION_UP = (*MODEL_UP, "planning", "execution")
AGENT = ("agent/core", "agent/step_spec", "agent/verbs", "agent/supervisor", "agent/static_link")

# Module -> modules it may include besides itself. "proto" stands for the generated headers.
ALLOWED = {
    "base": (),
    "platform": ("base",),
    "model": ("base",),
    "planning": (*MODEL_UP, "planning/scheduler"),
    "planning/scheduler": ("base",),
    "execution": (*MODEL_UP, "planning"),
    "wire": (*EXECUTION_UP, "proto"),
    "store": (*EXECUTION_UP, "wire", "platform", "proto"),
    "channel": ("base", "platform"),
    "transport": (*EXECUTION_UP, "wire", "platform", "channel", "proto", "agent/step_spec"),
    "server": (*EXECUTION_UP, "wire", "platform", "channel", "proto", "store", "transport"),
    "orchestrator": (*EXECUTION_UP, "wire", "platform", "channel", "store", "transport", "server"),
    "trust": ("base", "platform"),
    "cli": (*EXECUTION_UP, "wire", "platform", "trust", "proto", "cli/output"),
    "cli/output": (*EXECUTION_UP, "wire", "platform", "proto", "cli"),
    "agent/core": (*MODEL_UP, "agent/step_spec"),
    "agent/step_spec": MODEL_UP,
    "agent/verbs": (*MODEL_UP, "platform", "agent/step_spec"),
    "agent/supervisor": (*MODEL_UP, "platform", "agent/step_spec", "agent/verbs", "agent/static_link"),
    "agent/static_link": (),
    "agent": (*MODEL_UP, "platform", "channel", "trust", "proto", *AGENT),
}

PURE = ("base", "model", "planning", "planning/scheduler", "execution", "agent/step_spec", "agent/core")
PURE_STANDARD = set("""
    algorithm any array bit cctype cerrno charconv chrono climits cmath compare concepts cstddef cstdint cstdio
    cstdlib cstring deque exception functional initializer_list iterator limits list map memory new numeric
    optional ostream queue ranges ratio set span sstream stack stdexcept string string_view system_error tuple
    type_traits typeinfo unordered_map unordered_set utility variant vector
""".split())
# Third-party headers by the beginning of their path, and the only places for them: regular expressions over
# the file's path. An empty one is everywhere.
PLACES = {
    "boost/graph/": r"orchestrator/planning/dependency_graph\w*\.cc",
    "boost/": r"orchestrator/planning/dependency_graph\w*\.cc",
    "yaml-cpp/": r"orchestrator/planning/|cli/",
    "date/": r"orchestrator/planning/|cli/|orchestrator/(server|wire)/",
    "nlohmann/": r"orchestrator/planning/|orchestrator/server/|cli/|platform/",
    "openssl/": r"base/sha256\.cc|platform/",
    "fmt/": r"",
    "spdlog/": r"platform/log\.(h|cc)|agent/static_link/",
    "sqlite3.h": r"orchestrator/store/",
    "libssh/": r"orchestrator/transport/",
    "grpc": r"orchestrator/(transport|server|wire)/|orchestrator/main\.cc|cli/|trust/|agent/[^/]*$",
    "google/protobuf/": r"orchestrator/(transport|server|wire|store)/|cli/|agent/[^/]*$",
    "CLI/": r"orchestrator/main\.cc|orchestrator/server/|cli/|agent/[^/]*$",
    "systemd/": r"platform/|agent/[^/]*$|orchestrator/(server/|main\.cc)",
}
# Reading the clock or the world without an include that shows it.
IMPURE_CALLS = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock)::now\b|\bstd::(time|rand|getenv|cout|cin|system)\b"
    r"|\b(getenv|fopen|printf|fprintf|puts|rand|srand)\s*\(|\btime\s*\(\s*(?:nullptr|NULL|0)\s*\)")
IMPURE_EXCEPTION = {"base/check.cc"}  # says what broke before it stops the process


def module_of(path):
    """The module that a file belongs to, or None for files outside the layers."""
    parts = path.split("/")
    if parts[0] == "orchestrator":
        # A module's own folder inside another's: the longest that the table has.
        for length in range(len(parts) - 1, 1, -1):
            if "/".join(parts[1:length]) in ALLOWED:
                return "/".join(parts[1:length])
        return parts[1] if len(parts) > 2 else "orchestrator"
    if parts[0] in ("agent", "cli") and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0] if parts[0] in ("base", "platform", "channel", "trust", "agent", "cli") else None


def module_of_include(path):
    if path.startswith("ararat/v1/"):
        return "proto"
    folder = path.rsplit("/", 1)[0] if "/" in path else ""
    return folder if folder in ALLOWED else None


def _check_ours(path, module, line, included):
    other = module_of_include(included)
    if other is None:
        yield path, line, f'"{included}" is no header of a module, written from the project\'s root'
    elif other != module and other not in ALLOWED[module]:
        yield path, line, f"{module} may not include {other} ({included})"


def _check_foreign(path, module, line, included):
    for start, places in PLACES.items():
        if included.startswith(start):
            if not re.match(places, path):
                yield path, line, f"<{included}> does not belong here (its places: {places})"
            return
    if module in PURE and included not in PURE_STANDARD:
        yield path, line, f"{module} is pure: no <{included}>"


def check(path, text):
    """Yields (path, line, fault)."""
    module = module_of(path)
    if module is None:
        return
    if module not in ALLOWED:
        yield path, 1, f"the module {module} is not in the table of layers"
        return
    for line, mark, included in includes_of(text):
        rule = _check_ours if mark == '"' else _check_foreign
        yield from rule(path, module, line, included)
    if module in PURE and path not in IMPURE_EXCEPTION:
        code = code_of(text)
        for match in IMPURE_CALLS.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            yield path, line, f"{module} is pure: no {match.group(0).rstrip('( ')}"
