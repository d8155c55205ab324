"""What an entry is told to be, and what is wrong with one: asked by commands and by the page alike."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from safeguard.system import own_entry
from safeguard.system.own_entry import Wrong


@pytest.mark.parametrize(
    ("text", "kind"),
    [("#tag", "hashtag"), ("@who", "account"), ("https://a.test/x", "link"), ("two words", "phrase"), ("word", "word"), ("a.test", "word")],
)
def test_guess(text: str, kind: str) -> None:
    assert own_entry.guess(text) == kind


@pytest.mark.parametrize(
    ("kind", "value", "wrong"),
    [
        ("word", "fine", None),
        ("word", "🔥", None),
        ("word", "a\u200bb", Wrong.INVISIBLE),
        ("word", "x" * 501, Wrong.LONG),
        ("word", "...", Wrong.WORDLESS),
        ("word", "ab*", Wrong.SHORT),
        ("word", "abc*", None),
        ("exact", "ab*", None),
        ("regex", "a+", None),
        ("regex", "(", Wrong.PATTERN),
        ("regex", "a?", Wrong.EVERYTHING),
        ("regex", "", Wrong.EVERYTHING),
        ("link", "a.b", Wrong.LINK),
        ("link", "a.test", None),
        ("account", "@@", Wrong.ACCOUNT),
        ("account", "who", None),
    ],
)
def test_wrong(kind: str, value: str, wrong: Wrong | None) -> None:
    found = own_entry.wrong(kind, value)
    assert (found[0] if found else None) == wrong


@pytest.mark.parametrize(
    ("name", "good"),
    [
        *[(name, True) for name in ("own", "a-1", "x" * 40)],
        *[(name, False) for name in ("", "x" * 41, "Own", "-a", "a/b", "a\n", "ə", "overrides")],
    ],
)
def test_names(name: str, good: bool) -> None:
    assert own_entry.is_name(name) is good


def test_days() -> None:
    assert own_entry.day("2027-01-31") == date(2027, 1, 31)
    for text in ("", "2027-1-31", "20270131", "2027-02-30", "2027-W05-1", "31.1.2027", "2027-01-31 "):
        assert own_entry.day(text) is None
    today = date.today()
    assert [own_entry.over(d) for d in ("", str(today), str(today - timedelta(days=1)))] == [False, False, True]
