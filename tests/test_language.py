"""What is said is said in the language of the process, or of one request; a number has its form."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from safeguard import language
from safeguard.language import ENGLISH, LANGS, N_, _, n_, nearest, spoken
from safeguard.system import catalogue


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    language.speak(ENGLISH)
    language.speak_here(None)


def test_english_needs_no_catalogue() -> None:
    assert spoken() == "en"
    assert (_("The PIN is set."), _("%(count)s waiting", count=3)) == ("The PIN is set.", "3 waiting")
    assert _("100 %") == "100 %"
    assert N_("anything") == "anything"


def test_the_process_speaks_in_all_its_threads() -> None:
    catalogue.speak("tr")
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(_("The PIN is set.")))
    thread.start()
    thread.join()
    assert [*said, spoken()] == ["PIN belirlendi.", "tr"]


def test_a_request_speaks_its_own() -> None:
    catalogue.speak("tr")
    language.speak_here(catalogue.words("hy"))
    assert _("The PIN is set.") == "PIN-ը սահմանված է։"
    language.speak_here(None)
    assert _("The PIN is set.") == "PIN belirlendi."


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_in_no_catalogue_is_said_as_it_is(lang: str) -> None:
    catalogue.speak(lang)
    assert _("gibberish %(what)s", what="x") == "gibberish x"
    assert n_("one of %(what)s", "%(n)s of %(what)s", 2, what="x") == "2 of x"


@pytest.mark.parametrize(
    ("lang", "number", "said"),
    [
        ("en", 1, "1 entry"),
        ("en", 0, "0 entries"),
        ("ru", 1, "1 запись"),
        ("ru", 3, "3 записи"),
        ("ru", 11, "11 записей"),
        ("ru", 21, "21 запись"),
        ("hy", 5, "5 գրանցում"),
        ("az", 5, "5 qeyd"),
        ("tr", 1, "1 girdi"),
    ],
)
def test_a_number_has_its_form(lang: str, number: int, said: str) -> None:
    catalogue.speak(lang)
    assert n_("%(n)s entry", "%(n)s entries", number) == said


@pytest.mark.parametrize(
    ("tag", "lang"),
    [("hy_AM.UTF-8", "hy"), ("ru-RU", "ru"), ("az", "az"), ("C.UTF-8", "en"), ("de_DE", "en"), ("", "en"), ("../x", "en"), ("TR", "tr")],
)
def test_nearest(tag: str, lang: str) -> None:
    assert nearest(tag) == lang
