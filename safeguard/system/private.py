"""Folders and files that only their owner may read: the log, the certificate authority, secrets."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from safeguard.errors import SafeguardError
from safeguard.language import _

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
POSIX = os.name == "posix"  # elsewhere the user's profile folder is private already, and modes say nothing


class NotPrivate(SafeguardError):
    """A secret can be read by others, or its place cannot be used."""


def folder(path: Path) -> Path:
    """The folder, made where missing (0700). Raises NotPrivate where it is open to others or cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as e:
        raise NotPrivate(_("%(path)s: cannot make this folder (%(why)s)", path=path, why=e.strerror)) from e
    check(path)
    return path


def keeper(path: Path) -> int:
    """The account whose secrets that folder holds, made where missing: our own; root serves whoever owns it. Raises NotPrivate."""
    if not POSIX or os.geteuid() or not path.exists():
        folder(path)
        return os.geteuid() if POSIX else 0
    info = path.lstat()
    if not stat.S_ISDIR(info.st_mode) or stat.S_IMODE(info.st_mode) & 0o077:
        raise NotPrivate(_("%(path)s: others on this computer can open it; run: %(command)s", path=path, command=f"chmod 700 '{path}'"))
    return info.st_uid


def give(fd: int, account: int) -> None:
    """Makes an open file that account's, where root has made it for a service."""
    if POSIX and os.fstat(fd).st_uid != account:
        os.fchown(fd, account, -1)


def put(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Writes the file whole or not at all; nobody can read it meanwhile, and when this returns it is on the disk. Raises OSError.

    Written by root it belongs to whom its folder belongs. A process killed in the middle leaves a draft, `drafts`.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # hidden files are no rule files
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600), "wb") as f:
            if POSIX:
                if os.geteuid() == 0:
                    owner = path.parent.stat()
                    os.fchown(f.fileno(), owner.st_uid, owner.st_gid)
                os.fchmod(f.fileno(), mode)
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    with suppress(OSError):  # a system that cannot sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def drafts(path: Path) -> Iterator[Path]:
    """What processes that were killed while they wrote that file have left."""
    return path.parent.glob(f".{path.name}.*")


def check(path: Path) -> None:
    """Raises NotPrivate where group or others may do anything with the file or folder, or where it is somebody else's.

    For root nothing is somebody else's: it looks after the service's files, and could read every file anyway.
    """
    if not POSIX:
        return
    info = path.stat()
    if stat.S_IMODE(info.st_mode) & 0o077:
        right = "700" if path.is_dir() else "600"
        raise NotPrivate(_("%(path)s: others on this computer can open it; run: %(command)s", path=path, command=f"chmod {right} '{path}'"))
    if os.geteuid() and info.st_uid != os.geteuid():
        raise NotPrivate(
            _("%(path)s: belongs to another account; remove it or run: %(command)s", path=path, command=f"chown {os.geteuid()} '{path}'")
        )


def secret(path: Path, size: int = 32) -> bytes:
    """The secret in that file, `size` random bytes made once (0600). Raises NotPrivate where others can read it."""
    folder(path.parent)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
            f.write(secrets.token_bytes(size))
            f.flush()
            os.fsync(f.fileno())
        try:
            os.link(draft, path)  # unlike a rename, never replaces the secret that another process made meanwhile
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            draft.replace(path)
        draft.unlink(missing_ok=True)
    check(path)
    kept = path.read_bytes()
    if len(kept) != size:
        raise NotPrivate(
            _(
                "%(path)s: damaged (%(count)s bytes instead of %(size)s); remove it, a new one is made",
                path=path,
                count=len(kept),
                size=size,
            )
        )
    return kept
