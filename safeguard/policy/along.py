"""What of a unit goes with the texts that are hidden in it: a poll and a link's card whole, a text and its translation together. Pure."""

from __future__ import annotations

from collections.abc import Collection

from safeguard.text.unit import Role, TextUnit

_POLL = frozenset({Role.POLL_QUESTION, Role.POLL_OPTION})
_CARD = frozenset({Role.CARD})
_SAID = frozenset({Role.POST, Role.COMMENT, Role.MESSAGE, Role.CAPTION})
_TRANSLATED = _SAID | {Role.TRANSLATION}
_HANGING = _POLL | _CARD | {Role.ALT, Role.TRANSLATION}


def along(unit: TextUnit, hidden: Collection[int], one_post: bool = False) -> tuple[int, ...]:
    """Indices of the unit's segments that go with the hidden ones, without those.

    one_post: the unit is known to be one person's; else a body's containers say what hangs on what (formats/attached.py).
    """
    roles = {unit.segments[i].role for i in hidden}
    going: frozenset[Role] = frozenset()
    for whole in (_POLL, _CARD):
        going |= whole if roles & whole else frozenset()
    if roles & _TRANSLATED and (Role.TRANSLATION in roles or any(s.role is Role.TRANSLATION for s in unit.segments)):
        going |= _TRANSLATED
    if one_post and roles & _SAID:
        going |= _HANGING
    return tuple(i for i, s in enumerate(unit.segments) if s.role in going and i not in hidden)
