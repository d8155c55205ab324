"""Reads the family's lists as they stand in their files, those that have ended or are switched off too: what the page shows and changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from safeguard.errors import Problem
from safeguard.language import spoken
from safeguard.ruleset.model import ListRule
from safeguard.ruleset.parser import parse
from safeguard.system import rule_files
from safeguard.system.own_rules import FOLDER, Place


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a list; a list may have several, as each file either hides or allows, until one day.

    file: its path in the family's folder; ours: a command or the page wrote it, and may change it.
    """

    file: str
    place: Place
    entries: tuple[ListRule, ...]
    ours: bool

    @property
    def id(self) -> str:
        """By which the rules know the list, and switch it off."""
        return f"list.{self.place.name}"


class OwnLists:
    """The lists below a family's rules folder; read anew only where a file is another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[tuple[str, bytes, str], tuple[tuple[Part, ...], tuple[Problem, ...]]] = {}

    def read(self) -> tuple[list[Part], list[Problem]]:
        """Every part, and what is wrong in files of the family. Raises RuleError where one cannot be read."""
        files = [(name, data, spoken()) for name, data in rule_files.own(self.folder)]  # what is wrong is said in a language
        self._read = {file: self._read.get(file) or self._one(*file[:2]) for file in files}
        return [p for parts, __ in self._read.values() for p in parts], [p for __, found in self._read.values() for p in found]

    def _one(self, name: str, data: bytes) -> tuple[tuple[Part, ...], tuple[Problem, ...]]:
        raw = parse([(name, data)])
        if not raw.lists:
            return (), tuple(raw.problems)
        file = Path(name).relative_to(self.folder)
        place = place_of(raw.lists)
        ours = file == Path(FOLDER) / place.file
        return (Part(file.as_posix(), place, tuple(raw.lists), ours),), tuple(raw.problems)


def place_of(entries: Iterable[ListRule]) -> Place:
    """What the entries of one file have in common."""
    first = next(iter(entries))
    return Place(first.id.removeprefix("list."), first.hide, first.expires, first.lang)
