"""One process at a time: a lock on a file, let go by the system when its holder ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 20.0
_LOOK_S = 0.02


@contextmanager
def held(path: Path) -> Iterator[int]:
    """Holds the lock on that file, made where missing (0600), never through a link; gives its descriptor.

    Raises TimeoutError where another process holds it for longer than PATIENCE_S (stopped in the middle), OSError.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        end = time.monotonic() + PATIENCE_S
        while not _taken(fd):
            if time.monotonic() > end:
                raise TimeoutError(0, "another process holds it")
            time.sleep(_LOOK_S)
        yield fd
    finally:
        os.close(fd)


def _taken(fd: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
