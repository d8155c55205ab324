"""A plan is data: what is written and run, step by step, so that one value can be shown, done, undone, or rendered for another system."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of ours. owner: name of an account, and its group. Undone: removed with all that is in it."""

    path: PurePath
    mode: int = 0o755
    owner: str = "root"


@dataclass(frozen=True, slots=True)
class WriteFile:
    """A whole file. Undone: what stood there before is back, byte for byte with mode and owner, or nothing where there was nothing."""

    path: PurePath
    data: bytes = field(repr=False)
    mode: int = 0o644
    owner: str = "root"


@dataclass(frozen=True, slots=True)
class CopyTree:
    """A folder with all in it, owned by root, readable by all. Undone: removed."""

    source: PurePath
    path: PurePath


@dataclass(frozen=True, slots=True)
class Run:
    """A command, never through a shell. undo: the command that takes it back, () where there is nothing to take back.

    account: who runs it, root unless named. secret: not for the journal or the screen, on standard input.
    gone_ok: the undoing may fail because what it removes is no longer there.
    """

    command: tuple[str, ...]
    undo: tuple[str, ...] = ()
    account: str = "root"
    secret: bytes = field(default=b"", repr=False)
    gone_ok: bool = True


Action = Folder | WriteFile | CopyTree | Run


@dataclass(frozen=True, slots=True)
class Step:
    """What a parent reads as one thing. id: stable, for the journal; says: a sentence for the parent, in English."""

    id: str
    says: str
    actions: tuple[Action, ...]


Plan = tuple[Step, ...]
