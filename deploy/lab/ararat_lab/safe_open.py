"""Files inside a host's root, opened so that no symbolic link in there leads out of it.

An absolute link inside a host's root, followed from outside, names a file of the machine itself. Every
access from outside therefore goes through openat2(2) with RESOLVE_IN_ROOT, which resolves as chroot would.
"""

import ctypes
import errno
import os

_OPENAT2 = 437  # the same number on every architecture
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_IN_ROOT = 0x10


class _OpenHow(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


_libc = ctypes.CDLL(None, use_errno=True)


def open_in_root(root, path, flags, mode=0):
    """A file descriptor for `path` as seen by a process whose root is `root`; OSError like os.open."""
    root_descriptor = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        how = _OpenHow(flags | os.O_CLOEXEC, mode, _RESOLVE_IN_ROOT | _RESOLVE_NO_MAGICLINKS)
        while True:
            descriptor = _libc.syscall(
                _OPENAT2, root_descriptor, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how)
            )
            if descriptor >= 0:
                return descriptor
            code = ctypes.get_errno()
            if code not in (errno.EAGAIN, errno.EINTR):  # EAGAIN: a rename raced with the resolution
                raise OSError(code, os.strerror(code), path)
    finally:
        os.close(root_descriptor)


def read_in_root(root, path, limit_bytes):
    """The first `limit_bytes` of a regular file inside a root."""
    descriptor = open_in_root(root, path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit_bytes)


def write_in_root(root, path, content, mode):
    """Write a whole file inside a root; its folder must exist."""
    descriptor = open_in_root(root, path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
