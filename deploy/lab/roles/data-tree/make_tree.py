"""Make a tree of files: make_tree.py PATH FILES MEGABYTES SEED. The same arguments give the same tree."""

import os
import random
import sys

FOLDERS = 100
OFFICES = ("brent", "lewisham", "southwark")
# A tree that only has plain names in it would prove little about copying one.
ODD_NAMES = ("with space.txt", "umlaut-\u00fc.txt", "quote's \"both\".txt", "-leading-dash.txt",
             "semi;colon & dollar $HOME.txt", "line\nbreak.txt", ".hidden")
SHARE_TIME_S = 1_500_000_000


def write(path, content, mode=0o644):
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)
    os.utime(path, (SHARE_TIME_S, SHARE_TIME_S))


def sizes(source, count, total):
    """Sizes that add up to about the total, most of them small and a few large, as in a file share."""
    weights = [source.paretovariate(1.3) for _ in range(count)]
    scale = total / sum(weights)
    return [int(weight * scale) for weight in weights]


def make_tree(top, count, total, seed):
    source = random.Random(seed)
    folders = []
    for index in range(FOLDERS):
        folder = os.path.join(top, OFFICES[index % len(OFFICES)], f"case-{index:03d}")
        os.makedirs(folder, exist_ok=True)
        folders.append(folder)
    for index, size in enumerate(sizes(source, count, total)):
        mode = 0o640 if index % 10 == 0 else 0o644
        path = os.path.join(folders[index % FOLDERS], f"document-{index:05d}.bin")
        write(path, source.randbytes(size), mode)
    odd = os.path.join(top, "odd names")
    os.makedirs(odd, exist_ok=True)
    for name in ODD_NAMES:
        write(os.path.join(odd, name), name.encode())
    os.makedirs(os.path.join(top, "empty"), exist_ok=True)
    first = os.path.join(folders[0], "document-00000.bin")
    os.link(first, os.path.join(top, "hard-link.bin"))
    os.symlink(os.path.relpath(first, top), os.path.join(top, "link-inside.bin"))
    os.symlink("/etc/hostname", os.path.join(top, "link-outside"))
    os.symlink("nowhere", os.path.join(top, "link-broken"))


if __name__ == "__main__":
    make_tree(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) * 1_000_000, int(sys.argv[4]))
