#!/usr/bin/python3
"""Checks the rules of CONTRIBUTING.md that a machine can check. Usage: lint.py PROJECT_ROOT

Looks at what git knows, and at what it would: files that are new and not ignored.
"""

import subprocess
import sys
from pathlib import Path

import layers
import links
import shape

CHECKS = {
    ".h": (layers.check, shape.check_file_length, shape.check_function_length, shape.check_names,
           shape.check_words, shape.check_commented_code, shape.check_header),
    ".cc": (layers.check, shape.check_file_length, shape.check_function_length, shape.check_names,
            shape.check_words, shape.check_commented_code),
    ".py": (shape.check_file_length, shape.check_python_functions, shape.check_words, shape.check_line_length),
    ".proto": (shape.check_words,),
    ".cmake": (shape.check_words,),
    ".yaml": (shape.check_words,),
    ".sh": (shape.check_file_length, shape.check_words),
    ".md": (shape.check_words,),
}


def project_files(root):
    listed = subprocess.run(["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z", "--cached",
                             "--others", "--exclude-standard"], check=False, capture_output=True)
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
    else:  # an unpacked release
        names = [str(path.relative_to(root)) for path in root.rglob("*")]
    return sorted({name for name in names if name and not name.startswith("build/") and (root / name).is_file()})


def faults_of(path, text):
    """Every fault of one file, whatever its kind."""
    faults = list(shape.check_file_name(path))
    for check in CHECKS.get(Path(path).suffix, ()):
        faults += check(path, text)
    return faults


def main(arguments):
    root = Path(arguments[1] if len(arguments) > 1 else ".").resolve()
    count, faults = 0, []
    for path in project_files(root):
        if Path(path).suffix not in CHECKS:
            continue
        count += 1
        faults += faults_of(path, (root / path).read_text(encoding="utf-8"))
    lists = {path: (root / path).read_text(encoding="utf-8") for path in project_files(root)
             if Path(path).name == "CMakeLists.txt"}
    faults += links.check(lists)
    count += len(lists)
    for path, line, fault in sorted(faults):
        print(f"{path}:{line}: {fault}")
    print(f"{count} files, {len(faults)} faults")
    if count == 0:
        print("no files found: nothing was checked", file=sys.stderr)
    return 1 if faults or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
