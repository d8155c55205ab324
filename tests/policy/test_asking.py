"""What a child may ask and how often, and that the page on which it asks knows a code and a kind only."""

from __future__ import annotations

import pytest

from safeguard.policy import asking
from safeguard.policy.asking import Asked, code_of, may
from safeguard.policy.notice import NOTICES, code_in, notice
from safeguard.system.memory import Memory

CODE = "AB2C-DE7F"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (CODE, CODE),
        (" ab2c-de7f ", CODE),
        ("ab2cde7f", CODE),
        ("AB2C - DE7F", CODE),
        ("", ""),
        ("AB2C-DE7", ""),
        ("AB1C-DE7F", ""),
        ("AB2C-DE7F<script>", ""),
        ("A" * 100, ""),
    ],
)
def test_a_typed_code(typed: str, code: str) -> None:
    assert code_of(typed) == code


@pytest.mark.parametrize(
    ("times", "now", "allowed"),
    [
        ([], 0, True),
        ([0, 1, 2, 3], 10, True),
        ([0, 1, 2, 3, 4], 10, False),
        ([0, 1, 2, 3, 4], 605, True),
        ([n * 700.0 for n in range(20)], 20 * 700, False),
        ([n * 700.0 for n in range(20)], 86_401, True),
    ],
)
def test_how_often(times: list[float], now: float, allowed: bool) -> None:
    assert may(times, now) is allowed


@pytest.mark.parametrize("lang", NOTICES)
def test_every_page_in_every_language(lang: str) -> None:
    for category in ("threat", "slur", "incitement", asking.UNCHECKED):
        body, media = asking.form(lang, CODE, category, "number", "Help: 112.")
        assert media == "text/html; charset=utf-8"
        for part in (f'lang="{lang}"', CODE, "number", "SafeGuard", "112", "<button"):
            assert part in body.decode()
    for said in Asked:
        assert asking.BECAME[said][lang] in asking.became(lang, said)[0].decode()
    assert 'name="code"' in asking.typing(lang)[0].decode()
    shown = notice("slur", CODE, lang) + asking.CLICK[lang]
    assert code_in(shown) == CODE


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def code(n: int) -> str:
    return f"AAAA-AAA{chr(ord('A') + n)}"


def test_a_child_asks_about_what_it_got_once_and_not_too_often() -> None:
    clock = Clock()
    m = Memory(clock)
    assert m.ask("ann", code(0)) is Asked.UNKNOWN
    for n in range(10):
        m.keep_notice("ann", code(n), "slur")
    assert m.notice_of("ann", code(0)) == "slur"
    assert m.notice_of("ben", code(0)) is None
    assert m.ask("ben", code(0)) is Asked.UNKNOWN
    assert [m.ask("ann", code(n)) for n in range(6)] == [Asked.SENT] * 5 + [Asked.MANY]
    assert m.ask("ann", code(0)) is Asked.AGAIN
    m.keep_notice("ben", code(0), "slur")
    assert m.ask("ben", code(0)) is Asked.SENT
    clock.now = 700
    assert m.ask("ann", code(5)) is Asked.SENT
    clock.now = 13 * 3600
    assert m.ask("ann", code(0)) is Asked.UNKNOWN
    m.sweep()
    assert m.notice_of("ann", code(1)) is None
