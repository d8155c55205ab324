"""Packages of evidence on the disk: written whole or not at all, for their owner alone; read without following links."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from safeguard.errors import InputError
from safeguard.language import _

MOST_BYTES = 2**31
MOST_NAMES = 100_000


def write_file(path: Path, data: bytes) -> None:
    """A new file (0600). Raises InputError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            _write(draft, data)
            try:
                os.link(draft, path)  # unlike a rename, never replaces what somebody else made meanwhile
            except FileExistsError:
                raise
            except (OSError, NotImplementedError):  # a file system without links
                if path.exists():
                    raise FileExistsError from None
                draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError as e:
        raise InputError(_("%(path)s: is there already; give another name", path=path)) from e
    except OSError as e:
        raise InputError(_("%(path)s: cannot be written (%(why)s)", path=path, why=e.strerror)) from e


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """A new folder (0700) with these files. Raises InputError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if path.exists():
            raise InputError(_("%(path)s: is there already; give another name", path=path))
        try:
            draft.mkdir(mode=0o700)
            for name, data in files.items():
                (draft / name).parent.mkdir(mode=0o700, exist_ok=True)
                _write(draft / name, data)
            draft.rename(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as e:
        raise InputError(_("%(path)s: cannot be written (%(why)s)", path=path, why=e.strerror)) from e


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())


def read_file(path: Path) -> bytes:
    """The file's bytes. Raises InputError where it cannot be read or is too large for a package."""
    try:
        with path.open("rb") as f:
            info = os.fstat(f.fileno())
            if not stat.S_ISREG(info.st_mode) or info.st_size > MOST_BYTES:
                raise InputError(_("%(path)s: no package of evidence (no plain file, or larger than any)", path=path))
            return f.read()
    except OSError as e:
        raise InputError(_("%(path)s: cannot be read (%(why)s)", path=path, why=e.strerror)) from e


def read_folder(path: Path) -> tuple[dict[str, bytes], list[str]]:
    """(every plain file below it by its name with slashes, the names of all else, empty folders too). Raises InputError."""
    files: dict[str, bytes] = {}
    others: list[str] = []
    total = 0
    try:
        for number, entry in enumerate(_below(path)):
            name = entry.relative_to(path).as_posix()
            info = entry.lstat()
            total += info.st_size
            if number > MOST_NAMES or total > MOST_BYTES:
                raise InputError(_("%(path)s: no package of evidence (more in it than in any)", path=path))
            if stat.S_ISREG(info.st_mode):
                files[name] = entry.read_bytes()
            elif not stat.S_ISDIR(info.st_mode) or not any(entry.iterdir()):
                others.append(name)
    except OSError as e:
        raise InputError(_("%(path)s: cannot be read (%(why)s)", path=e.filename or path, why=e.strerror)) from e
    return files, others


def _below(path: Path) -> Iterator[Path]:
    for entry in sorted(path.iterdir()):
        yield entry
        if stat.S_ISDIR(entry.lstat().st_mode):
            yield from _below(entry)
