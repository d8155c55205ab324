"""What was changed in the family's rules in this run, so that one click takes it back; in memory alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from safeguard.system.own_rules import OwnRules

MOST = 20
"""Changes that are remembered."""
Files = dict[Path, bytes | None]


@dataclass(slots=True)
class Change:
    """One change: number, by which it is taken back, 0 where nothing changed."""

    number: int = 0


class Changes:
    """Notes each change of the files, and undoes one as long as nobody else has changed the same files since. Safe in any thread."""

    def __init__(self, own: OwnRules) -> None:
        self._own = own
        self._numbers = itertools.count(1)
        self._made: dict[int, tuple[Files, Files]] = {}

    @contextmanager
    def change(self) -> Iterator[Change]:
        """Around whatever writes. Raises InputError where a file cannot be read or written."""
        with self._own.lock:
            made = Change()
            before = self._own.files()
            yield made
            after = self._own.files()
            touched = [p for p in before | after if before.get(p) != after.get(p)]
            if not touched:
                return
            made.number = next(self._numbers)
            self._made[made.number] = ({p: before.get(p) for p in touched}, {p: after.get(p) for p in touched})
            while len(self._made) > MOST:
                del self._made[min(self._made)]

    def undo(self, number: int) -> bool:
        """Puts the files back as they were before that change; False where it is forgotten or the files are others by now."""
        with self._own.lock:
            before, after = self._made.get(number, ({}, {}))
            now = self._own.files()
            if not after or any(now.get(p) != data for p, data in after.items()):
                return False
            for path, data in before.items():
                if data is None:
                    self._own.drop(path)
                else:
                    self._own.write(path, data)
            del self._made[number]
            return True
