"""What setup did to this computer, on disk before it is done: a line of JSON each, from which all of it can be taken back after any crash.

The folder is root's alone and outlives everything else of an installation; `originals/` holds the files that setup replaced.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safeguard.errors import SetupError
from safeguard.language import _

FOLDER = Path("/var/lib/safeguard-setup")
FILE = "journal.jsonl"
ORIGINALS = "originals"

Act = dict[str, Any]
"""An action with what its undoing needs, as JSON (acts.py)."""


@dataclass(slots=True)
class Entry:
    """One action. done False: it was begun, and what is known of it is that it may have happened."""

    number: int
    setup: int
    step: str
    act: Act
    done: bool = False
    undone: bool = False


@dataclass(slots=True)
class Journal:
    """The journal of one computer; every change is on disk when the call returns.

    setups: number of each setup -> what it was made with; finished: those that came to their end.
    removing: an uninstall was begun.
    """

    folder: Path = FOLDER
    entries: list[Entry] = field(default_factory=list)
    setups: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    finished: set[int] = field(default_factory=set)
    removing: bool = False
    _file: int = -1

    @classmethod
    def open(cls, folder: Path = FOLDER, *, make: bool = False) -> Journal | None:
        """The journal in that folder, locked until close; None where there is none. Raises SetupError."""
        import fcntl  # not on Windows

        path = folder / FILE
        if not path.exists() and not make:
            shutil.rmtree(folder, ignore_errors=True)  # a removal that was cut off after its last line
            return None
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / ORIGINALS).mkdir(mode=0o700, exist_ok=True)
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            sync_folder(folder)
            sync_folder(folder.parent)
        except OSError as e:
            raise SetupError(_("%(path)s: cannot be opened (%(why)s)", path=path, why=e.strerror)) from e
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            os.close(number)
            raise SetupError(_("another setup or removal of SafeGuard is running; wait for its end")) from e
        made = cls(folder, _file=number)
        made._read(path)
        return made

    def _read(self, path: Path) -> None:
        *whole, torn = path.read_bytes().split(b"\n")
        if torn:  # cut off while it was written, so what it speaks of was never begun
            os.ftruncate(self._file, sum(len(line) + 1 for line in whole))
        try:
            for line in whole:
                self._take(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise SetupError(_("%(path)s: damaged; what setup did can only be taken back by hand", path=path)) from e

    def _take(self, record: dict[str, Any]) -> None:
        if "act" in record:
            self.entries.append(Entry(record["n"], record["setup"], record["step"], record["act"]))
        elif "done" in record:
            self.entries[record["done"]].done = True
        elif "undone" in record:
            self.entries[record["undone"]].undone = True
        elif "begun" in record:
            self.setups[record["begun"]] = record["with"]
        elif "finished" in record:
            self.finished.add(record["finished"])
        elif "removing" in record:
            self.removing = True

    def _write(self, record: dict[str, Any]) -> None:
        data = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)
        except OSError as e:
            raise SetupError(_("%(path)s: cannot be written (%(why)s)", path=self.folder / FILE, why=e.strerror)) from e
        self._take(record)

    def begin(self, made_with: Mapping[str, Any]) -> int:
        """A new setup; returns its number."""
        number = max(self.setups, default=0) + 1
        self._write({"begun": number, "with": dict(made_with)})
        return number

    def will(self, setup: int, step: str, act: Act) -> Entry:
        """To be called before the action is done."""
        self._write({"n": len(self.entries), "setup": setup, "step": step, "act": act})
        return self.entries[-1]

    def done(self, entry: Entry) -> None:
        """The action happened."""
        self._write({"done": entry.number})

    def undone(self, entry: Entry) -> None:
        """The action was taken back."""
        self._write({"undone": entry.number})

    def finish(self, setup: int) -> None:
        """The setup came to its end."""
        self._write({"finished": setup})

    def remove(self) -> None:
        """An uninstall begins: from now on there is only the way to its end."""
        if not self.removing:
            self._write({"removing": True})

    @property
    def live(self) -> list[Entry]:
        """What was begun or done and not taken back, oldest first."""
        return [e for e in self.entries if not e.undone]

    @property
    def cut_off(self) -> list[Entry]:
        """What setups that never finished have left, oldest first."""
        return [e for e in self.live if e.setup not in self.finished]

    @property
    def made_with(self) -> Mapping[str, Any]:
        """What the last finished setup was made with, empty where none finished."""
        return self.setups[max(self.finished)] if self.finished else {}

    def keep(self, path: Path) -> str:
        """Keep a copy of that file; returns its name among the originals."""
        name = f"{len(self.entries)}"
        kept = self.folder / ORIGINALS / name
        shutil.copyfile(path, kept)
        with kept.open("rb") as f:
            os.fsync(f.fileno())
        sync_folder(kept.parent)
        return name

    def kept(self, name: str) -> Path:
        """The copy of that name."""
        return self.folder / ORIGINALS / name

    def close(self) -> None:
        """Let others have it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def discard(self) -> None:
        """The end of an uninstall: nothing is left to be taken back. The journal itself goes last but its folder."""
        shutil.rmtree(self.folder / ORIGINALS, ignore_errors=True)
        (self.folder / FILE).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.close()


def sync_folder(path: Path) -> None:
    """A new or renamed name in that folder survives a loss of power."""
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
