"""Layers: what the roles made of one host, kept in the cache so that a later `up` only mounts it.

A layer is the upper folder of an overlay over the base image in which the host's setup scripts ran once,
inside a root, process and network namespace of their own. Its key covers everything that went in.
"""

import hashlib
import json
import os
import shutil

from . import roles
from .image import image_root
from .mounts import discard_folder, mount_overlay, mounts, unmount
from .process import run
from .roles import LAB_FOLDER, ROLES_FOLDER, folder_digest

SETUP_TIMEOUT_S = 600
KEPT_LAYERS_MAX = 200
KEPT_IMAGES_MAX = 4
PATH_INSIDE = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def host_variables(estate, host):
    """What every setup script of a host finds in its environment."""
    return {
        "LAB_HOST": host.name,
        "LAB_SITE": host.site.name,
        "LAB_ADDRESS": str(host.address),
        "LAB_PREFIX_LENGTH": str(host.site.network.prefixlen),
        "LAB_GATEWAY": str(host.site.gateway),
        "LAB_DOMAIN": estate.domain,
        "LAB_NAME_SERVERS": " ".join(map(str, estate.name_servers)),
    }


def layer_key(estate, host, base_key):
    parts = {
        "base": base_key,
        "variables": host_variables(estate, host),
        "common": [folder_digest(LAB_FOLDER / "image"), folder_digest(LAB_FOLDER / "witness")],
        "roles": [[use.name, use.parameters, folder_digest(ROLES_FOLDER / use.name)] for use in host.roles],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def layer_folder(settings, key):
    return settings.cache / "layers" / key


def ensure_layer(settings, estate, host, base_key, say):
    """Run the host's setup scripts unless their result is in the cache. Returns the layer's key."""
    key = layer_key(estate, host, base_key)
    final = layer_folder(settings, key)
    if final.is_dir():
        os.utime(final)
        return key
    names = ", ".join(use.name for use in host.roles) or "no role"
    say(f"setting up {host.name} ({names})")
    work = settings.cache / "layers" / f"{key}.partial"
    discard_folder(work)
    try:
        root = work / "root"
        mount_overlay([image_root(settings, base_key)], work / "upper", work / "work", root)
        _build_witness(work / "witness.so")
        _run_setup(root, work / "witness.so", host_variables(estate, host), host)
        unmount(root)
        os.rename(work / "upper", final)
    finally:
        discard_folder(work)
    return key


def _build_witness(target):
    source = LAB_FOLDER / "witness" / "witness.c"
    run(["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-fPIC", "-shared",
         "-o", str(target), str(source)])


def _run_setup(root, witness, variables, host):
    """Run host.sh and each role's setup.sh in namespaces that end, daemons and all, with the last script."""
    steps = [("image", "host.sh", {})]
    steps += [
        (f"roles/{use.name}", "setup.sh", {f"PARAM_{k.upper()}": v for k, v in use.parameters})
        for use in host.roles
    ]
    for folder, script, parameters in steps:
        run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--net", "--",
             "sh", str(LAB_FOLDER / "image" / "enter.sh"), str(root), str(LAB_FOLDER / folder),
             str(witness), script],
            timeout_s=SETUP_TIMEOUT_S,
            env={**variables, **parameters, "PATH": PATH_INSIDE, "HOME": "/root", "LC_ALL": "C.UTF-8"},
        )


def prune_cache(settings, keys_in_use):
    """Keep the cache bounded: what was used longest ago goes first, and never what a mount still uses."""
    mounted = " ".join(mount.options for mount in mounts() if mount.kind == "overlay")
    for name, kept_max in (("layers", KEPT_LAYERS_MAX), ("images", KEPT_IMAGES_MAX)):
        folders = [path for path in (settings.cache / name).iterdir() if path.suffix != ".partial"]
        folders.sort(key=lambda path: path.stat().st_mtime)
        for path in folders[: max(0, len(folders) - kept_max)]:
            if path.name not in keys_in_use and path.name not in mounted:
                shutil.rmtree(path)


def ready_checks(host):
    """The ready.sh scripts of a host's roles with their parameters: [(role, path, environment)]."""
    checks = []
    for use in host.roles:
        path = roles.ready_script(use.name)
        if path:
            checks.append((use.name, path, {f"PARAM_{k.upper()}": v for k, v in use.parameters}))
    return checks
