"""Roles: what runs on a host. A role is a folder with role.yaml, setup.sh, optionally ready.sh, and files.

role.yaml names the parameters and their defaults; a parameter without a default must be given.
setup.sh runs inside the host's root before its first boot; ready.sh runs inside the booted host until it
succeeds.
"""

import functools
import hashlib
from pathlib import Path

import yaml

from . import yaml_reader

LAB_FOLDER = Path(__file__).resolve().parent.parent
ROLES_FOLDER = LAB_FOLDER / "roles"


@functools.cache
def role_names():
    return tuple(sorted(path.parent.name for path in ROLES_FOLDER.glob("*/role.yaml")))


@functools.cache
def load_manifest(name):
    """The parameters of a role as a tuple of (name, default or None)."""
    path = ROLES_FOLDER / name / "role.yaml"
    faults = yaml_reader.Faults(path)
    top = yaml_reader.mapping(
        yaml_reader.compose_file(path, faults), faults, "the role", ("about", "parameters")
    )
    parameters = []
    if "parameters" in top:
        for key, (_, node) in yaml_reader.mapping(top["parameters"][1], faults, "parameters").items():
            is_required = isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
            value = None if is_required else yaml_reader.parameter_value(node, faults, f"parameter '{key}'")
            parameters.append((key, value))
    faults.raise_if_any()
    return tuple(parameters)


def ready_script(name):
    """The path of a role's ready.sh, or None."""
    path = ROLES_FOLDER / name / "ready.sh"
    return path if path.exists() else None


@functools.cache
def folder_digest(folder):
    """A hash over the names, modes and contents of all files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            relative = str(path.relative_to(folder))
            digest.update(f"{relative}\0{path.stat().st_mode & 0o777:o}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
