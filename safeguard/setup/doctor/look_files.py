"""Files of a child's account are read with care: a link, a pipe or a gigabyte in the place of a settings file must not hold root up."""

from __future__ import annotations

import os
import stat
from pathlib import Path

MOST = 8 * 2**20
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def read(path: Path, most: int = MOST) -> bytes:
    """A plain file's content, b"" where there is none, it is no plain file, is larger, or cannot be read."""
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as f:
            info = os.fstat(f.fileno())
            return f.read(most) if stat.S_ISREG(info.st_mode) and info.st_size <= most else b""
    except OSError:
        return b""


def text(path: Path) -> str:
    """The same as text."""
    return read(path).decode("utf-8", "replace")


def listed(folder: Path, pattern: str) -> list[Path]:
    """What of that pattern is in the folder; [] where it cannot be looked at."""
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []
