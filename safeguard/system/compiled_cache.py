"""Keeps compiled rules between starts: compiling takes seconds, reading them back a fraction of one.

The cache is a pickle, which can run code when it is read: so it is read only from a folder and file that no other account can touch.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import safeguard
from safeguard import collector
from safeguard.system import private

ROOMS = ("text", "ruleset")  # whose code makes the compiled rules
PREFIX = "rules-"
LISTED = "listed-"  # the rules with a family's lists added
DIGEST = hashlib.sha256().digest_size


def key(files: Iterable[tuple[str, bytes]], *more: str) -> str:
    """A name for what these files compile to by the code that is installed now."""
    digest = hashlib.sha256()
    package = Path(safeguard.__file__).parent
    for part in (safeguard.__version__, sys.version, *more):
        digest.update(part.encode() + b"\0")
    for source in sorted(p for room in ROOMS for p in (package / room).rglob("*.py")):
        info = source.stat()
        digest.update(f"{source.name} {info.st_mtime_ns} {info.st_size}\0".encode())
    for name, data in files:
        digest.update(f"{name} {len(data)}\0".encode() + data)
    return digest.hexdigest()[:32]


def load_or_make[T](folder: Path, name: str, kind: type[T], make: Callable[[], T], prefix: str = PREFIX) -> T:
    """The value of that name from the cache, else made now and kept: the last one of each prefix.

    A cache that cannot be used costs time, nothing else.
    """
    path = folder / f"{prefix}{name}.pickle"
    with contextlib.suppress(OSError, private.NotPrivate, pickle.UnpicklingError, AttributeError, ImportError, TypeError):
        private.check(folder)
        private.check(path)
        data = memoryview(path.read_bytes())
        if data[:DIGEST] == hashlib.sha256(data[DIGEST:]).digest():  # half-written or damaged: not even tried
            with collector.paused():
                kept = pickle.loads(data[DIGEST:])
            if isinstance(kept, kind):
                return kept
    with collector.paused():
        pickled = pickle.dumps(make(), protocol=5)
    with contextlib.suppress(OSError, private.NotPrivate):
        private.folder(folder)
        for old in folder.glob(f"{prefix}*.pickle"):
            old.unlink(missing_ok=True)
        private.put(path, hashlib.sha256(pickled).digest() + pickled)
    with collector.paused():  # not what was made: between its parts lies all that was only needed for making it
        made: T = pickle.loads(pickled)
        return made
