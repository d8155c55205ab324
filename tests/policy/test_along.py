"""What of a unit goes with the texts that are hidden in it."""

from __future__ import annotations

import pytest

from safeguard.policy.along import along
from safeguard.text.unit import Role, Segment, TextUnit

ASKS, OPTION, CARD, ALT = Role.POLL_QUESTION, Role.POLL_OPTION, Role.CARD, Role.ALT
POST, NAME, BIO, RULES, TRANSLATION, COMMENT = Role.POST, Role.NAME, Role.BIO, Role.RULES, Role.TRANSLATION, Role.COMMENT


@pytest.mark.parametrize(
    ("roles", "hidden", "going"),
    [
        ((ASKS, OPTION, OPTION), (1,), (0, 2)),
        ((ASKS, OPTION, OPTION), (0,), (1, 2)),
        ((POST, NAME, OPTION, OPTION), (2,), (3,)),
        ((POST, CARD, CARD, NAME), (1,), (2,)),
        ((POST, TRANSLATION, NAME), (0,), (1,)),
        ((COMMENT, TRANSLATION, BIO), (1,), (0,)),
        ((POST, POST, POST), (1,), ()),
        ((POST, ALT, CARD), (0,), ()),
        ((NAME, POST, CARD), (0,), ()),
    ],
)
def test_in_any_unit(roles: tuple[Role, ...], hidden: tuple[int, ...], going: tuple[int, ...]) -> None:
    assert along(TextUnit(tuple(Segment("x", r) for r in roles)), hidden) == going


@pytest.mark.parametrize(
    ("roles", "hidden", "going"),
    [
        ((NAME, POST, ALT, CARD, ASKS, RULES, BIO), (1,), (2, 3, 4)),
        ((NAME, POST, ALT, CARD), (0,), ()),
        ((POST, ALT, ALT, CARD), (1,), ()),
    ],
)
def test_in_what_one_person_wrote(roles: tuple[Role, ...], hidden: tuple[int, ...], going: tuple[int, ...]) -> None:
    assert along(TextUnit(tuple(Segment("x", r) for r in roles)), hidden, one_post=True) == going
