"""The file of the PIN: digests and counted guesses in one piece, so that no crash loses one of them (reader and writer of the format)."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path

from safeguard.language import _
from safeguard.policy.guesses import Moment, Table, Wrong
from safeguard.system import private
from safeguard.system.private import NotPrivate

VERSION = 1
MOST_BYTES = 100_000
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class Kept:
    """pin: argon2's own form. recovery: SHA-256 of the recovery code. wrong: counted guesses."""

    pin: str = field(repr=False)
    recovery: str = field(repr=False)
    wrong: Table = field(default_factory=dict)


def read(path: Path) -> Kept | None:
    """What is kept, None where no PIN was ever set. Raises NotPrivate where it is open to others, damaged or not ours to read."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | _NOFOLLOW), "rb") as f:
            _check(path, os.fstat(f.fileno()))
            data = f.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as e:
        raise NotPrivate(
            _("%(path)s: the PIN cannot be read (%(why)s); it is for the parent's account or root (sudo)", path=path, why=e.strerror)
        ) from e
    try:
        return _parsed(data)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # from None: the cause quotes the file
        raise NotPrivate(_("%(path)s: damaged; a new PIN is made by: sudo safeguard pin reset", path=path)) from None


def write(path: Path, kept: Kept) -> None:
    """Puts it in place whole or not at all (0600). Only while the lock is held. Raises NotPrivate."""
    data = json.dumps(
        {"version": VERSION, "pin": kept.pin, "recovery": kept.recovery, "wrong": {o: asdict(w) for o, w in kept.wrong.items()}}
    )
    try:
        for draft in private.drafts(path):
            draft.unlink(missing_ok=True)
        private.put(path, data.encode("ascii"))
    except OSError as e:
        raise NotPrivate(_("%(path)s: the PIN cannot be written (%(why)s)", path=path, why=e.strerror)) from e


def _check(path: Path, info: os.stat_result) -> None:
    if not private.POSIX:
        return
    if not stat.S_ISREG(info.st_mode) or stat.S_IMODE(info.st_mode) & 0o077:
        raise NotPrivate(_("%(path)s: others on this computer can open it; run: %(command)s", path=path, command=f"chmod 600 '{path}'"))
    if info.st_uid not in (os.geteuid(), path.parent.stat().st_uid):
        raise NotPrivate(_("%(path)s: belongs to another account; make a new one: sudo safeguard pin reset", path=path))


def _parsed(data: bytes) -> Kept:
    doc = json.loads(data)
    pin, recovery = doc["pin"], doc["recovery"]
    if doc["version"] != VERSION or not (isinstance(pin, str) and pin.startswith("$argon2id$")) or len(bytes.fromhex(recovery)) != 32:
        raise ValueError("not a PIN's file")
    wrong = {o: Wrong(int(w["count"]), Moment(str(w["last"]["boot"]), float(w["last"]["seconds"]))) for o, w in doc["wrong"].items()}
    if not all(w.count > 0 and w.last.seconds >= 0 for w in wrong.values()):  # NaN is neither
        raise ValueError("not a count")
    return Kept(pin, recovery, wrong)
