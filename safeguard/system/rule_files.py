"""Gathers rule files, the shipped ones (or those of a pack in their place) and the family's own, as (name, bytes).

ruleset/ and formats/sites/ read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from safeguard.errors import Problem, RuleError
from safeguard.language import _
from safeguard.system import shipped

if TYPE_CHECKING:
    from safeguard.system.pack import Pack

SHIPPED = "rules/"  # names of shipped files, and of those of a pack, start so; any other name is the family's own file
SITES, HELP, LOCALE = "sites", "help", "locale"
"""Folders of files that are no rules: site profiles, help lines, what all of them say of themselves in other languages (rule_words)."""
_LIST = re.compile(rb"^kind:[ ]*list[ ]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """Every rule file, read: rules (lexicons, frames, contexts, lists ...), site profiles and help lines apart, shipped ones first."""

    rules: tuple[tuple[str, bytes], ...]
    sites: tuple[tuple[str, bytes], ...]
    help: tuple[tuple[str, bytes], ...] = ()


Snapshot = tuple[tuple[str, int, int], ...]


def _walk(folder: Path) -> list[Path]:
    """YAML files below the folder in a steady order, none hidden (editors keep drafts as dotfiles)."""
    found: list[Path] = []
    for base, folders, names in folder.walk():
        folders[:] = [f for f in folders if not f.startswith(".")]
        found += [base / n for n in names if n.endswith((".yaml", ".yml")) and not n.startswith(".")]
    return sorted(path for path in found if path.is_file())


def _listed(own: Path, ships: bool = True) -> Iterator[tuple[str, Path, str]]:
    """(name, path, SITES, HELP or "" for rules); ships: the shipped files too."""
    for folder, prefix in ((shipped.rules(), SHIPPED), (own, "")) if ships else ((own, ""),):
        depth = len(folder.parts)
        for path in _walk(folder):
            inside = path.parts[depth:]  # relative_to does the same, in ten times the time
            yield (prefix + "/".join(inside) if prefix else str(path)), path, inside[0] if inside[0] in (SITES, HELP) else ""


def gather(own: Path, pack: Pack | None = None) -> RuleFiles:
    """All rule files. Raises RuleError with every file that cannot be read.

    own: the family's folder, may be missing; pack: what stands in place of the shipped files.
    """
    base = of_pack(pack) if pack else RuleFiles((), ())
    found = {"": list(base.rules), SITES: list(base.sites), HELP: list(base.help)}
    problems: list[Problem] = []
    for name, path, kind in _listed(own, ships=pack is None):
        try:
            found[kind].append((name, path.read_bytes()))
        except OSError as e:
            problems.append(Problem(name, 0, _("cannot be read (%(why)s)", why=e.strerror)))
    if problems:
        raise RuleError(problems)
    return RuleFiles(tuple(found[""]), tuple(found[SITES]), tuple(found[HELP]))


def own(folder: Path) -> list[tuple[str, bytes]]:
    """The family's rule files alone, without site profiles. Raises RuleError with every one that cannot be read."""
    return list(named([path for __, path, is_site in _listed(folder, ships=False) if not is_site]))


def of_pack(pack: Pack) -> RuleFiles:
    """The files of a pack, under the names of the shipped ones whose place they take."""
    found: dict[str, list[tuple[str, bytes]]] = {"": [], SITES: [], HELP: []}
    for name, data in pack.files:
        folder = name.partition("/")[0]
        if folder == LOCALE:
            continue
        found[folder if folder in found else ""].append((SHIPPED + name, data))
    return RuleFiles(tuple(found[""]), tuple(found[SITES]), tuple(found[HELP]))


def is_list(data: bytes) -> bool:
    """Whether a rule file is a list, as every one that a command wrote; one in an unusual spelling is not known for it."""
    return _LIST.search(data) is not None


def named(paths: Sequence[Path]) -> tuple[tuple[str, bytes], ...]:
    """The files a person named on the command line. Raises RuleError with every one that cannot be read."""
    out: list[tuple[str, bytes]] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            out += [(str(p), p.read_bytes()) for p in (_walk(path) if path.is_dir() else (path,))]
        except OSError as e:
            problems.append(Problem(str(path), 0, _("cannot be read (%(why)s)", why=e.strerror)))
    if problems:
        raise RuleError(problems)
    return tuple(out)


def snapshot(own: Path) -> Snapshot:
    """(name, mtime in ns, size) of every rule file: differs when a file was changed, added or removed."""
    out = []
    for name, path, __ in _listed(own):
        try:
            info = path.stat()
        except FileNotFoundError:  # removed since it was listed: the next look sees it gone
            continue
        out.append((name, info.st_mtime_ns, info.st_size))
    return tuple(out)
