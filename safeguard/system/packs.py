"""The packs of rules that were installed: one file each, kept as signed. The newest is in force in place of the shipped rules, or none is.

One rename installs a pack and one removal takes it back, so a running filter never sees a half.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from safeguard import RELEASED, __version__
from safeguard.errors import PackError
from safeguard.language import _
from safeguard.system import private

if TYPE_CHECKING:
    from safeguard.system.pack import Pack  # its reader is slow to load, and most families have none

SUFFIX = ".pack"
KEPT = 3
"""Packs that stay, so that there is one to go back to."""


@dataclass(frozen=True, slots=True)
class Base:
    """What the rules begin with: a pack, or None for the shipped rules; said: what the parent should know about that, "" for nothing."""

    pack: Pack | None = None
    said: str = ""


class Packs:
    """The folder of packs; may be missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self) -> list[str]:
        """Of the packs that are there, the newest first."""
        try:
            names = [p.stem for p in self.folder.iterdir() if p.suffix == SUFFIX]
        except OSError:
            return []
        if not names:
            return []
        from safeguard.system import pack

        return sorted(filter(pack.is_version, names), key=pack.order, reverse=True)

    def path(self, version: str) -> Path:
        """Where the pack of that version stands."""
        return self.folder / (version + SUFFIX)

    def base(self) -> Base:
        """What is in force: the newest pack if it is whole, signed and newer than the shipped rules; never an older one in its place."""
        newest = next(iter(self.versions()), "")
        if not newest:
            return Base()
        try:
            found = self.read(newest)
        except PackError as e:
            if isinstance(e.__cause__, FileNotFoundError) or not self.path(newest).exists():
                return self.base()  # taken back since it was listed
            return Base(
                None,
                _(
                    "the pack of rules %(version)s is not used: %(why)s. The rules that came with SafeGuard are in force. "
                    "`safeguard update FILE` installs a pack again, `safeguard update --rollback` removes this one",
                    version=newest,
                    why=e,
                ),
            )
        why = unfit(found)
        return Base(None, _("the pack of rules %(version)s is not used: %(why)s", version=newest, why=why)) if why else Base(found)

    def read(self, version: str) -> Pack:
        """The pack of that version. Raises PackError where it is damaged or cannot be read."""
        from safeguard.system import pack, publisher

        found = pack.read(load(self.path(version)), publisher.known())
        if found.version != version:
            raise PackError(_("damaged: it is the pack %(version)s under another name", version=found.version))
        return found

    def install(self, data: bytes, version: str) -> None:
        """Puts a pack that was read in its place, whole or not at all. Raises PackError where it cannot be written."""
        try:
            self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            # readable: nothing in it is secret, and the account that filters need not be the one that installs
            private.put(self.path(version), data, 0o644)
            for old in self.versions()[KEPT:]:
                self.path(old).unlink(missing_ok=True)
        except OSError as e:
            raise PackError(
                _("%(path)s: the pack cannot be written (%(why)s); the rules are as they were", path=self.folder, why=e.strerror)
            ) from e

    def rollback(self) -> str:
        """Removes the newest pack and returns its version. Raises PackError where there is none or it cannot be removed."""
        newest = next(iter(self.versions()), "")
        if not newest:
            raise PackError(_("no pack of rules is installed; the rules that came with SafeGuard are in force"))
        try:
            self.path(newest).unlink()
        except OSError as e:
            raise PackError(_("%(path)s: cannot be removed (%(why)s)", path=self.path(newest), why=e.strerror)) from e
        return newest

    def look(self) -> tuple[tuple[str, int, int], ...]:
        """(name, mtime in ns, size) of every pack: differs when one was installed or removed."""
        out = []
        for version in self.versions():
            try:
                info = self.path(version).stat()
            except OSError:
                continue
            out.append((version, info.st_mtime_ns, info.st_size))
        return tuple(out)


def load(path: Path) -> bytes:
    """A pack's bytes, as many as a pack may have and one more. Raises PackError."""
    from safeguard.system import pack

    try:
        with path.open("rb") as f:
            return f.read(pack.MOST_PACKED + 1)
    except OSError as e:
        raise PackError(_("cannot be read (%(why)s)", why=e.strerror)) from e


def unfit(found: Pack) -> str:
    """Why this SafeGuard does not use that pack, "" where it does."""
    from safeguard.system import pack

    if pack.order(found.safeguard) > pack.order(__version__):
        return _("it needs SafeGuard %(needs)s or newer, and this is %(ours)s", needs=found.safeguard, ours=__version__)
    if pack.order(found.version) <= pack.order(RELEASED):
        return _("the rules that came with SafeGuard %(ours)s (%(day)s) are newer, and they are in force", ours=__version__, day=RELEASED)
    return ""
