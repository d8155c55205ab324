"""What SafeGuard says, in five languages: the gettext catalogues of safeguard/locale, read as they are, without built files."""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import BinaryIO

from safeguard import language
from safeguard.config import AUTO, Settings
from safeguard.language import ENGLISH, LANGS, Catalogue

LOCALE = Path(__file__).parent.parent / "locale"


@cache
def words(lang: str) -> Catalogue:
    """What is said in that language, one of LANGS."""
    if lang == LANGS[0]:
        return ENGLISH
    with (LOCALE / lang / "messages.po").open("rb") as file:
        return read(file, lang)


def read(file: BinaryIO, lang: str) -> Catalogue:
    """The catalogue in a file. Raises PoFileError or ValueError."""
    from babel.messages.pofile import read_po  # English does without

    found = read_po(file, locale=lang, abort_invalid=True)
    said = {}
    for m in found:
        if m.id and m.string and not m.fuzzy:
            one = m.id if isinstance(m.id, str) else m.id[0]
            said[one] = (m.string,) if isinstance(m.string, str) else tuple(m.string)
    return Catalogue(lang, said, gettext.c2py(found.plural_expr))


def messages(lang: str) -> Mapping[str, str]:
    """English message -> message in that language, its first form where it is counted."""
    return {message: forms[0] for message, forms in words(lang).said.items()}


def of_session() -> str:
    """The language of who runs this, by the session's locale."""
    told = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return language.nearest(next((t for t in told if t), "") or locale.getlocale()[0] or "")


def of_parent(settings: Settings) -> str:
    """The language of what the parent reads: the one chosen, else the session's."""
    return language.nearest(of_session() if settings.parents == AUTO else settings.parents)


def speak(lang: str) -> None:
    """Say everything in this process in that language, one of LANGS."""
    language.speak(words(lang))
