"""A strict reader over PyYAML's nodes that knows where each value stands.

Faults are collected, not thrown, so that one reading shows all of them. PyYAML's own loader keeps the last
of two equal keys silently and turns `yes` into a boolean: both would hide a mistake in a lab file.
"""

import difflib

import yaml

from .errors import LabError

MAX_BYTES = 1024 * 1024
_STRING = "tag:yaml.org,2002:str"
_INTEGER = "tag:yaml.org,2002:int"


class Faults:
    """Collects faults of one file as `file:line:column: error: what`."""

    def __init__(self, path):
        self.path = path
        self.lines = []

    def add(self, node, text):
        mark = node.start_mark
        self.lines.append(f"{self.path}:{mark.line + 1}:{mark.column + 1}: error: {text}")

    def raise_if_any(self):
        if self.lines:
            raise LabError("\n".join(self.lines[:100]))


def compose_file(path, faults):
    """The root node of a YAML file; a LabError when it cannot be read at all."""
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from error
    if len(text) > MAX_BYTES:
        raise LabError(f"{path}: larger than {MAX_BYTES} bytes")
    try:
        _refuse_aliases(text, faults)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise LabError(f"{where}: error: {getattr(error, 'problem', None) or error}") from error
    if root is None:
        raise LabError(f"{path}:1:1: error: the file is empty")
    return root


def _refuse_aliases(text, faults):
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            faults.add(event, "aliases are not allowed")
    faults.raise_if_any()


def mapping(node, faults, what, known=None):
    """The entries of a mapping as {key: (key node, value node)}; unknown and repeated keys are faults."""
    if not isinstance(node, yaml.MappingNode):
        faults.add(node, f"{what} must be a mapping")
        return {}
    entries = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _STRING:
            faults.add(key_node, f"a key of {what} must be a word")
        elif key in entries:
            first = entries[key][0].start_mark.line + 1
            faults.add(key_node, f"'{key}' is given twice in {what} (first on line {first})")
        elif known is not None and key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f" (did you mean '{near[0]}'?)" if near else f" (known: {', '.join(known)})"
            faults.add(key_node, f"unknown key '{key}' in {what}{hint}")
        else:
            entries[key] = (key_node, value_node)
    return entries


def sequence(node, faults, what):
    """The nodes of a list, or none with a fault."""
    if not isinstance(node, yaml.SequenceNode):
        faults.add(node, f"{what} must be a list")
        return []
    return node.value


def text(node, faults, what):
    """A string, or None with a fault: numbers and booleans are not taken for strings."""
    if not isinstance(node, yaml.ScalarNode) or node.tag != _STRING or node.value == "":
        faults.add(node, f"{what} must be text")
        return None
    if "\0" in node.value:
        faults.add(node, f"{what} must not contain a zero byte")
        return None
    return node.value


def parameter_value(node, faults, what):
    """A role's parameter as text: a scalar as written, a list as its lines."""
    if isinstance(node, yaml.SequenceNode):
        values = [parameter_value(item, faults, what) for item in node.value]
        return "\n".join(value for value in values if value is not None)
    if isinstance(node, yaml.ScalarNode) and node.tag in (_STRING, _INTEGER):
        return node.value
    faults.add(node, f"{what} must be text, a whole number or a list of these")
    return None
