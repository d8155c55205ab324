"""A message names site, kind, count and code in the parent's language, and carries nothing that a desktop would read as markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.alerts.words import ACCOUNT, CERTIFICATE, MANY, ONE, PIN, TRIAL, message
from safeguard.policy import pin_entry
from safeguard.policy.alert import Alert
from safeguard.policy.notice import NOTICES


def alert(category: str = "slur", site: str = "reddit", code: str = "AB12-CD34") -> Alert:
    return Alert(1, 0, code, category, site, False)


def test_it_speaks_the_languages_of_the_notices() -> None:
    assert set(ONE) == set(MANY) == set(CERTIFICATE) == set(PIN) == set(ACCOUNT) == set(TRIAL) == set(NOTICES)
    assert all(set(PIN[lang]) == {pin_entry.GUESSED, pin_entry.CHANGED} for lang in NOTICES)


@pytest.mark.parametrize("lang", NOTICES)
def test_one(lang: str) -> None:
    said = message([alert()], lang)
    assert "reddit" in said
    assert "AB12-CD34" in said


def test_words() -> None:
    assert message([alert("personal_threat")], "en") == "reddit: a threat. Code AB12-CD34"
    many = [alert(), alert("threat", "x"), alert("incitement", "vk"), alert("slur", "ok"), alert("slur", "tg")]
    assert message(many, "en") == "5 texts on reddit, x, vk …: an insult, a threat, hate. See: safeguard log list"


def test_the_pin_has_sentences_of_its_own_in_a_message_with_others() -> None:
    found = [alert("pin_guessed", code="AA"), alert("threat"), alert("pin_changed", code="BB"), alert("pin_guessed", code="CC")]
    assert message(found[:1], "en") == "Somebody is guessing the PIN. Code AA"
    assert message(found, "en").splitlines() == [
        "Somebody is guessing the PIN. Code CC",
        "The PIN was changed. Code BB",
        "reddit: a threat. Code AB12-CD34",
    ]


@pytest.mark.parametrize("lang", NOTICES)
def test_the_certificate_that_waits(lang: str) -> None:
    said = message([alert("certificate", "SafeGuard")], lang)
    assert said.startswith("SafeGuard")
    assert "safeguard ca show" in said


@given(site=st.text(), code=st.text(), category=st.text())
def test_nothing_but_names(site: str, code: str, category: str) -> None:
    said = message([alert(category, site, code)], "en")
    assert re.fullmatch(r"[\w.\- :]*", said)
    assert len(said) < 200


@pytest.mark.parametrize("lang", NOTICES)
def test_that_a_child_asks_is_a_sentence_of_its_own(lang: str) -> None:
    said = message([Alert(1, 0, "AB2C-DE7F", "asked", "x", False), Alert(2, 0, "AB2C-DE7G", "slur", "x", False)], lang)
    assert "AB2C-DE7F" in said.splitlines()[0]
    assert "AB2C-DE7G" in said.splitlines()[1]
