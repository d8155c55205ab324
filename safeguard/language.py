"""The language in which people are spoken to: `_` says a message, in the words of the catalogue chosen for this process or this request.

A message is a constant, so that a catalogue can have it; what changes in it is a named place, `_("%(count)s files", count=3)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass

NAMES = {"en": "English", "hy": "Հայերեն", "az": "Azərbaycanca", "ru": "Русский", "tr": "Türkçe"}
"""Each language in its own; the first is that of the messages themselves."""
LANGS = tuple(NAMES)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """said: English message -> its forms in the language (one, but for what is counted); form: a number -> which of the forms."""

    lang: str
    said: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]


ENGLISH = Catalogue(LANGS[0], {}, lambda number: int(number != 1))

_of_process = ENGLISH
_of_request: ContextVar[Catalogue | None] = ContextVar("_of_request", default=None)


def speak(words: Catalogue) -> None:
    """From now on in this process."""
    global _of_process
    _of_process = words


def speak_here(words: Catalogue | None) -> None:
    """In this request of the page alone; None: as the process does."""
    _of_request.set(words)


def spoken() -> str:
    """The language that is spoken here, one of LANGS."""
    return _words().lang


def _(message: str, **values: object) -> str:
    """The message in the language spoken here; an unknown one as it is."""
    said = _words().said.get(message, (message,))[0]
    return said % values if values else said


def n_(one: str, many: str, number: int, **values: object) -> str:
    """What is counted, in the form for that number, which stands at %(n)s."""
    words = _words()
    forms = words.said.get(one, ())
    said = forms[words.form(number)] if forms else (one, many)[ENGLISH.form(number)]
    return said % {"n": number, **values}


def N_(message: str) -> str:
    """Marks a message for the catalogues that `_` says later."""
    return message


def nearest(tag: str, fallback: str = LANGS[0]) -> str:
    """The language of LANGS for a tag such as `hy-AM` or `ru_RU.UTF-8`."""
    primary = tag.replace("_", "-").replace(".", "-").split("-")[0].lower()
    return primary if primary in LANGS else fallback


def _words() -> Catalogue:
    return _of_request.get() or _of_process
