"""Which entries of the log a parent has put aside for a package of evidence: their codes alone, in one private file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.system import private_json

MOST = 500
LONGEST = 100
"""Letters of a code."""


class SavedEntries:
    """The codes, the one saved first at the head. Raises InputError where the file is damaged, NotPrivate where others can read it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def list(self) -> list[str]:
        """None where there is no file."""
        try:
            found = private_json.read(self._path)
        except FileNotFoundError:
            return []
        except private_json.BROKEN:
            found = None
        if not isinstance(found, list) or not all(isinstance(code, str) and len(code) <= LONGEST for code in found):
            raise InputError(_("%(path)s: damaged; remove it and choose your entries again", path=self._path))
        return found

    def add(self, code: str) -> None:
        """Once; raises InputError where there are MOST already."""

        def adding(kept: Sequence[str]) -> list[str]:
            if code not in kept and len(kept) >= MOST:
                raise InputError(_("%(count)s entries are saved already; make a package of them and remove some", count=MOST))
            return [*kept, *([] if code in kept else [code])]

        self._change(adding)

    def remove(self, code: str) -> None:
        """Nothing where it is not there."""
        self._change(lambda kept: [c for c in kept if c != code])

    def _change(self, change: Callable[[Sequence[str]], Sequence[str]]) -> None:
        private_json.change(self._path, lambda: change(self.list()))
