"""Classes of endings: patterns such as `[lAr](Im|In)(A|DA)` expanded to all the endings they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from safeguard.language import _
from safeguard.text.fold import fold

MOST = 20_000
_PART = re.compile(r"\[([^\]\[()]*)\]|\(([^\]\[()]*)\)|([^\]\[()|]+)")


def _letters(text: str, letters: Mapping[str, list[str]]) -> list[str]:
    """All spellings of a piece in which capitals stand for any of their letters, folded."""
    out = [""]
    for c in text:
        options = dict.fromkeys(fold(o) for o in letters[c]) if c in letters else [fold(c)]
        out = [a + b for a in out for b in options]
    return out


def expand(pattern: str, letters: Mapping[str, list[str]]) -> set[str]:
    """Every folded ending of a pattern. Raises ValueError (what is wrong) on a bad or too large one."""
    out = {""}
    at = 0
    for m in _PART.finditer(pattern):
        if m.start() != at:
            break
        at = m.end()
        required, optional, literal = m.groups()
        pieces: list[str] = [""] if optional is not None else []
        for option in (required if required is not None else optional if optional is not None else literal).split("|"):
            pieces += _letters(option.strip(), letters)
        out = {a + b for a in out for b in pieces}
        if len(out) > MOST:
            raise ValueError(
                _("ending %(pattern)s stands for more than %(most)s endings; split the class", pattern=repr(pattern), most=f"{MOST:,}")
            )
    if at != len(pattern):
        values = {"pattern": repr(pattern), "rest": repr(pattern[at:])}
        raise ValueError(_("ending %(pattern)s: cannot read it from %(rest)s on (use letters, (a|b) and [a|b])", **values))
    return out
