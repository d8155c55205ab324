"""A plan is data: what is written and run, step by step, so that one value can be shown, done, undone, or rendered for another system."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, made where it is missing. owner: name of an account, and its group.

    ours: a folder of ours alone. It must be new or from an earlier setup, and is undone with all that is in it; any other is
    left as it is where it exists, and undone only if we made it and it is empty.
    """

    path: PurePath
    mode: int = 0o755
    owner: str = "root"
    ours: bool = True


@dataclass(frozen=True, slots=True)
class WriteFile:
    """A whole file; missing folders above it are made (root's, 0755).

    Undone: what stood there before is back, byte for byte with mode and owner, or nothing where there was nothing, so too the folders.
    once: a file that an earlier setup wrote stays as it is now, such as settings that a parent has changed since.
    """

    path: PurePath
    data: bytes = field(repr=False)
    mode: int = 0o644
    owner: str = "root"
    once: bool = False


@dataclass(frozen=True, slots=True)
class CopyTree:
    """A folder put together from several places, owned by root, readable by all, there whole or not at all.

    parts: (folder or file to copy, its place below path); files: (place below path, content, mode); links: (place below path, what it
    leads to). Undone: removed, an older one is back.
    """

    path: PurePath
    parts: tuple[tuple[PurePath, PurePath], ...] = field(default=(), repr=False)
    files: tuple[tuple[PurePath, bytes, int], ...] = field(default=(), repr=False)
    links: tuple[tuple[PurePath, PurePath], ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A command, never through a shell. undo: the command that takes it back, () where there is nothing to take back.

    command: () where something is run on the way back alone, such as reading a folder again once a file in it is gone (undoing goes
    backwards, so that stands before the file).
    account: who runs both, root unless named. secret: not for the journal or the screen, on standard input of `command`.
    gone_ok: the undoing may fail because what it removes is no longer there.
    meanwhile: for the time of the setup alone, such as stopping what is started again at its end: undone only where the setup fails.
    shown: what it writes is for the parent to read.
    """

    command: tuple[str, ...]
    undo: tuple[str, ...] = ()
    account: str = "root"
    secret: bytes = field(default=b"", repr=False)
    gone_ok: bool = True
    meanwhile: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A system account of ours that nobody can log in to, with a group of its name; new or from an earlier setup.

    Undone: its processes are ended, and it is removed.
    """

    name: str
    home: PurePath


Action = Folder | WriteFile | CopyTree | Run | Account


@dataclass(frozen=True, slots=True)
class Step:
    """What a parent reads as one thing. id: stable, for the journal; says: a sentence for the parent, in English."""

    id: str
    says: str
    actions: tuple[Action, ...]


Plan = tuple[Step, ...]
