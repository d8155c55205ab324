"""Writes the family's rules that commands add: files of our own in one subfolder, so that no file written by hand is ever changed.

Every file is written whole beside its place and then moved there: a running filter sees the old one or the new one, never a half.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from safeguard import strict_yaml
from safeguard.errors import InputError, Problem, RuleError
from safeguard.language import _
from safeguard.system import private

FOLDER = "by-command"
HEAD = "# Written by `safeguard rules`. Comments here are lost; write rules of your own into another file of your rules folder.\n"
OVERRIDES = "overrides.yaml"
KINDS = ("words", "phrases", "regex", "fuzzy", "accounts", "links", "hashtags", "exact")


@dataclass(frozen=True, slots=True)
class Place:
    """The file of one list: its name, whether it hides or allows, its last day (ISO date, "" for ever), its language ("" to be guessed)."""

    name: str
    hide: bool = True
    until: str = ""
    lang: str = ""

    @property
    def file(self) -> str:
        parts = (
            self.name,
            "" if self.hide else "allow",
            "in-" + self.lang if self.lang else "",
            "until-" + self.until if self.until else "",
        )
        return "-".join(p for p in parts if p) + ".yaml"


class OwnRules:
    """The subfolder `by-command` of the family's rules folder. Every method raises InputError where a file cannot be read or written.

    lock: for whoever reads and then writes, where several threads do.
    """

    def __init__(self, rules: Path) -> None:
        self.folder = rules / FOLDER
        self.lock = threading.RLock()

    def path(self, place: Place) -> Path:
        """Where that list stands."""
        return self.folder / place.file

    def with_entry(self, place: Place, kind: str, value: str) -> bytes | None:
        """The list's file with that entry, None where it is there already. kind is one of KINDS."""
        return self.with_entries(place, {kind: [value]})[0]

    def with_entries(self, place: Place, entries: dict[str, list[str]]) -> tuple[bytes | None, int]:
        """The list's file with these (one of KINDS -> values) and how many are new; None where all are there already."""
        path = self.path(place)
        doc = self._read(path)
        action = "hide" if place.hide else "allow"
        head = {"kind": "list", "id": place.name, "action": action, "lang": place.lang, "expires": place.until}
        if doc and any(doc.get(k, "") != v for k, v in head.items()):
            said = _("%(path)s: is not the file of the list %(name)s; choose another name for the list", path=path, name=repr(place.name))
            raise InputError(said)
        new = 0
        for kind, wanted in entries.items():
            there = doc.setdefault(kind, [])
            had = set(there)
            fresh = [v for v in dict.fromkeys(wanted) if v not in had]
            there += fresh
            new += len(fresh)
        return (self._bytes(head, doc) if new else None), new

    def values(self, place: Place, kind: str) -> list[str]:
        """What that list has of that kind."""
        return list(self._read(self.path(place)).get(kind, ()))

    def without_entry(self, place: Place, kind: str, value: str) -> bool:
        """Takes the entry out of that list alone; False where it is not in there."""
        path = self.path(place)
        doc = self._read(path)
        if value not in doc.get(kind, ()):
            return False
        doc[kind].remove(value)
        if any(doc.get(k) for k in KINDS):
            self.write(path, self._bytes({}, doc))
        else:
            path.unlink(missing_ok=True)
        return True

    def remove(self, value: str) -> list[Path]:
        """Takes the value out of every list of ours; returns the files it stood in. A list with nothing left is deleted."""
        out = []
        for path in sorted(self.folder.glob("*.yaml")) if self.folder.is_dir() else ():
            doc = self._read(path)
            if path.name == OVERRIDES or not any(value in doc.get(k, ()) for k in KINDS):
                continue
            left = {k: [v for v in doc[k] if v != value] if k in KINDS else doc[k] for k in doc}
            if any(left.get(k) for k in KINDS):
                self.write(path, self._bytes({}, left))
            else:
                path.unlink(missing_ok=True)
            out.append(path)
        return out

    def disabled(self) -> list[str]:
        """Ids of the rules that a command switched off."""
        return list(self._read(self.folder / OVERRIDES).get("disable", ()))

    def disable(self, rule: str, off: bool) -> bool:
        """Switches the rule off, or on again; False where it is so already."""
        path = self.folder / OVERRIDES
        doc = self._read(path)
        ids: list[str] = doc.get("disable", [])
        if (rule in ids) is off:
            return False
        doc["disable"] = [*ids, rule] if off else [i for i in ids if i != rule]
        self.write(path, self._bytes({"kind": "overrides"}, doc))
        return True

    def expiring(self) -> dict[str, str]:
        """Rules and lists (list.NAME) to which a command gave a last day -> that day."""
        return {rule: str(until) for rule, until in self._read(self.folder / OVERRIDES).get("expires", {}).items()}

    def expire(self, rule: str, until: str) -> bool:
        """Gives a rule or a list its last day, "" for none; False where it is so already."""
        path = self.folder / OVERRIDES
        doc = self._read(path)
        days: dict[str, str] = doc.get("expires", {})
        if days.get(rule, "") == until:
            return False
        doc["expires"] = {k: v for k, v in days.items() if k != rule} | ({rule: until} if until else {})
        self.write(path, self._bytes({"kind": "overrides"}, {k: v for k, v in doc.items() if v}))
        return True

    def files(self) -> dict[Path, bytes]:
        """Every file of ours, as it is now."""
        try:
            return {path: path.read_bytes() for path in sorted(self.folder.glob("*.yaml"))}
        except OSError as e:
            raise InputError(_("%(path)s: cannot be read (%(why)s)", path=self.folder, why=e.strerror)) from e

    def drop(self, path: Path) -> None:
        """Deletes a file of ours; one that is gone already is no trouble."""
        try:
            path.unlink(missing_ok=True)
        except OSError as e:
            raise InputError(_("%(path)s: cannot be deleted (%(why)s)", path=path, why=e.strerror)) from e

    def write(self, path: Path, data: bytes) -> None:
        """Puts the file in its place (0600), the folders made where missing."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            private.put(path, data)
        except OSError as e:
            raise InputError(_("%(path)s: cannot be written (%(why)s)", path=path, why=e.strerror)) from e

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as e:
            raise InputError(_("%(path)s: cannot be read (%(why)s)", path=path, why=e.strerror)) from e
        try:
            doc = strict_yaml.load(str(path), data)
        except RuleError as e:
            raise InputError(f"{e}\n{_('mend or delete that file first')}") from e
        if not isinstance(doc, dict):
            raise InputError(str(Problem(str(path), 1, _("is no rule file any more; mend or delete it first"))))
        plain: dict[type, Any] = {strict_yaml.Seq: lambda v: [str(x) for x in v], strict_yaml.Map: dict}
        return {k: plain.get(type(v), lambda v: v)(v) for k, v in doc.items()}

    @staticmethod
    def _bytes(head: dict[str, str], doc: dict[str, Any]) -> bytes:
        out: dict[str, object] = {k: v for k, v in head.items() if v}
        out |= doc
        return (HEAD + yaml.dump(out, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)).encode()


class _Dumper(yaml.SafeDumper):
    """Every text in quotes: what looks like a number, a date or a `no` stays a text whatever reads it."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    plain = text.replace("-", "").replace("_", "").isalpha() and text.isascii() and text not in ("true", "false", "null")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def hand_written(files: Iterable[tuple[str, bytes]], value: str, folder: Path) -> list[str]:
    """file:line of each place outside our folder where a list has that value; files that cannot be read as rules are passed over."""
    out = []
    for name, data in files:
        if Path(name).parent == folder:
            continue
        try:
            doc = strict_yaml.load(name, data)
        except RuleError:
            continue
        if not isinstance(doc, strict_yaml.Map):
            continue
        for key in ("disable", *KINDS):
            values = doc.get(key)
            if isinstance(values, strict_yaml.Seq) and value in values:
                out.append(f"{name}:{values.lines[values.index(value)]}")
    return out
