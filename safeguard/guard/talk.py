"""What the guard asks and what it is told, as JSON; reader and writer of both. Everything asked is hostile. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from safeguard.errors import Unchecked
from safeguard.guard.script import MOST_TEXT
from safeguard.text.unit import Role, Segment, TextUnit

MOST_BYTES = 2 * 2**20
MOST_UNITS = 200
MOST_SEGMENTS = 8000
MOST_ADDRESS = 2000
_ROLES = {r.value: r for r in Role}


@dataclass(frozen=True, slots=True)
class Question:
    """page: address of the page as it says; lang: its language tag; units: what to judge; reveal: code of a text to show, or "".

    missed: texts that could not be judged in time before this.
    """

    page: str
    lang: str = ""
    units: tuple[TextUnit, ...] = ()
    reveal: str = ""
    missed: int = 0


class Said(NamedTuple):
    """What becomes of one text of a unit.

    segment: its index. hides: `said` stands in its place, else before it. code: set where a click may show the text, or
    (asks) leads to where a check is asked for.
    """

    segment: int
    hides: bool
    said: str
    code: str = ""
    asks: bool = False


def question(body: bytes) -> Question:
    """Raises Unchecked for anything that the guard does not ask."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as e:
        raise Unchecked("what a page's guard asked is no JSON") from e
    if not isinstance(told, dict):
        raise Unchecked("what a page's guard asked is no question")
    page, lang, reveal = (told.get(n, "") for n in ("page", "lang", "reveal"))
    units, missed = told.get("units", []), told.get("missed", 0)
    if not (all(isinstance(s, str) for s in (page, lang, reveal)) and isinstance(units, list) and isinstance(missed, int)):
        raise Unchecked("what a page's guard asked is no question")
    if len(units) > MOST_UNITS:
        raise Unchecked("a page's guard asked for too much at once")
    made = tuple(TextUnit(tuple(_segments(u, n))) for n, u in zip(_starts(units), units, strict=True))
    return Question(page[:MOST_ADDRESS], lang[:20], made, reveal[:40], missed)


def _starts(units: Sequence[Any]) -> list[int]:
    """Number of the first segment of each unit, in one row over all."""
    out, at = [], 0
    for u in units:
        if not isinstance(u, list):
            raise Unchecked("what a page's guard asked is no unit")
        out.append(at)
        at += len(u)
    if at > MOST_SEGMENTS:
        raise Unchecked("a page's guard asked for too much at once")
    return out


def _segments(unit: Sequence[Any], first: int) -> Iterable[Segment]:
    for n, one in enumerate(unit):
        match one:
            case [str(role), str(text)] if len(text) <= MOST_TEXT:
                yield Segment(text, _ROLES.get(role, Role.POST), first + n)
            case _:
                raise Unchecked("what a page's guard asked is no text")


def answer(said: Sequence[Sequence[Said]]) -> bytes:
    """One list of what changes for each unit asked."""
    return json.dumps({"units": [[list(s) for s in unit] for unit in said]}).encode()


def revealed(text: str | None) -> bytes:
    """The text behind a notice; None where it may not be seen, or nobody has it any more."""
    return json.dumps({"text": text}).encode()
