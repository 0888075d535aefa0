"""The base image: one Debian root with all packages, built once and shared read-only by every host.

Built by mmdebstrap from the package sources that the machine itself uses, Debian's own only: a third
party's repository has no business inside the lab's hosts.
"""

import hashlib
import os
import re
from pathlib import Path

from .errors import LabError
from .mounts import discard_folder
from .process import run
from .roles import LAB_FOLDER

SUITE = "bookworm"
IMAGE_VERSION = "1"  # raise it when the way the image is built changes what is in it
BUILD_TIMEOUT_S = 1800
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_SUITES = (SUITE, f"{SUITE}-updates", f"{SUITE}-security")
_COMPONENTS = ("main", "contrib", "non-free", "non-free-firmware")
# postgresql-common would make a cluster while being installed; roles make theirs.
_NO_CLUSTER = (
    'mkdir -p "$1/etc/postgresql-common" && '
    'echo "create_main_cluster = false" > "$1/etc/postgresql-common/createcluster.conf"'
)


def package_names(extra):
    """The image's packages: the list that comes with the lab, and what the lab file adds."""
    lines = (LAB_FOLDER / "image" / "packages").read_text(encoding="ascii").splitlines()
    listed = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return tuple(sorted({*listed, *extra}))


def image_key(extra_packages):
    """Changes when the image would: its packages, its suite, and the way it is built."""
    digest = hashlib.sha256()
    for part in (SUITE, IMAGE_VERSION, *package_names(extra_packages)):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


def image_root(settings, key):
    return settings.cache / "images" / key / "root"


def ensure_image(settings, extra_packages, say):
    """Build the image unless it is there. Returns its key."""
    key = image_key(extra_packages)
    final = settings.cache / "images" / key
    if (final / "root").is_dir():
        os.utime(final)
        return key
    say(f"building the base image {key} (about a minute, once)")
    partial = settings.cache / "images" / f"{key}.partial"
    discard_folder(partial)
    partial.mkdir(parents=True)
    sources = partial / "debian.list"
    sources.write_text(debian_sources(), encoding="utf-8")
    run(
        ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory",
         "--include=" + ",".join(package_names(extra_packages)), f"--setup-hook={_NO_CLUSTER}",
         *_proxy_options(), SUITE, str(partial / "root"), str(sources)],
        timeout_s=BUILD_TIMEOUT_S,
    )
    os.rename(partial, final)
    return key


def _proxy_options():
    """The machine's own proxy settings for apt, handed on to the image's apt."""
    dump = run(["apt-config", "dump"], check=False).stdout
    wanted = re.compile(r'^Acquire::[A-Za-z]+::Proxy(?:::[^ ]+)? ".*";$')
    return [f"--aptopt={line}" for line in dump.splitlines() if wanted.match(line)]


def debian_sources():
    """One-line sources for the image: the machine's own Debian entries, or Debian's public mirror."""
    lines = []
    for path in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        content = path.read_text(encoding="utf-8", errors="replace")
        lines += _one_line_entries(content) if path.suffix == ".list" else _deb822_entries(content)
    if not any(f" {SUITE} " in line for line in lines):
        if not Path(_KEYRING).exists():
            raise LabError("no Debian package sources here, and no debian-archive-keyring to trust any")
        base = "http://deb.debian.org/debian"
        lines = [
            f"deb [signed-by={_KEYRING}] {base} {SUITE} main",
            f"deb [signed-by={_KEYRING}] {base} {SUITE}-updates main",
            f"deb [signed-by={_KEYRING}] {base}-security {SUITE}-security main",
        ]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _is_debian(address, suite, components):
    """Debian's own archive or a mirror of it: others reuse its suite names, but not with its components."""
    parts = address.rstrip("/").split("/")
    is_archive = "debian" in parts or "debian-security" in parts
    return is_archive and suite in _SUITES and bool(components) and set(components) <= set(_COMPONENTS)


def _one_line_entries(content):
    found = []
    for line in content.splitlines():
        match = re.match(r"deb\s+(\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]+)", line.strip())
        if match and _is_debian(match[2], match[3], match[4].split()):
            found.append(f"deb {match[1] or ''}{match[2]} {match[3]} {' '.join(match[4].split())}")
    return found


def _deb822_entries(content):
    found = []
    without_comments = "\n".join(line for line in content.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", without_comments):
        fields = dict(re.findall(r"(?m)^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza))
        if "deb" not in fields.get("Types", "").split() or fields.get("Enabled", "yes") == "no":
            continue
        signed = fields.get("Signed-By", "").strip()
        # An inline key block cannot stand in a one-line entry: trust Debian's own keyring then.
        option = f"[signed-by={signed if signed.startswith('/') else _KEYRING}] "
        components = fields.get("Components", "").split()
        for address in fields.get("URIs", "").split():
            for suite in fields.get("Suites", "").split():
                if _is_debian(address, suite, components):
                    found.append(f"deb {option}{address} {suite} {' '.join(components)}")
    return found
