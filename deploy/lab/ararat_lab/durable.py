"""Files that a crash leaves old or new, never half."""

import os


def write_durably(path, content):
    """Write a whole file so that after a crash there is the old or the new one, never half of it."""
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
