"""Patterns of parents' lists. A search has a time limit, compiling has none: what would take all time or memory there is refused unread."""

from __future__ import annotations

import math
import re

import regex

from safeguard.language import N_, _

MOST_REPEATS = 100_000  # a pattern's counted repeats, multiplied: `regex` writes such repeats out
MOST_BRACKETS = 100  # brackets within brackets end its compiler
BROKEN = (
    N_("missing )"),
    N_("nothing to repeat"),
    N_("multiple repeat"),
    N_("unbalanced parenthesis"),
    N_("unterminated character set"),
    N_("bad character range"),
    N_("bad escape (end of pattern)"),
    N_("min repeat greater than max repeat"),
)
"""What `regex` says of the usual mistakes; the others are told in its words."""
_REPEAT = re.compile(r"(?<!\\)\{(\d+)?,?(\d+)?\}")


def compiled(text: str) -> regex.Pattern[str]:
    """A pattern as lists use it, small and capital letters alike. Raises ValueError (what is wrong, without the pattern)."""
    if math.prod(max(1, *(int(n) for n in found if n)) if any(found) else 1 for found in _REPEAT.findall(text)) > MOST_REPEATS:
        raise ValueError(_("its counted repeats come to more than %(most)s", most=MOST_REPEATS))
    if text.count("(") > MOST_BRACKETS:
        raise ValueError(_("it has more than %(most)s brackets", most=MOST_BRACKETS))
    try:
        return regex.compile(text, regex.IGNORECASE | regex.V1)
    except regex.error as e:
        what, __, place = str(e).partition(" at position ")
        raise ValueError(_("%(what)s at position %(number)s", what=_(what), number=place) if place else what) from e


def everything(pattern: regex.Pattern[str]) -> bool:
    """Whether it fits an empty text, and so every text. Raises ValueError where even that takes too long."""
    try:
        return pattern.search("", timeout=1) is not None
    except TimeoutError as e:
        raise ValueError(_("takes too long on an empty text")) from e
