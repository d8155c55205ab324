"""What SafeGuard says, in five languages: the gettext catalogues of safeguard/locale, read as they are, without built files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent.parent / "locale"
LANGS = ("en", "hy", "az", "ru", "tr")
"""The first is that of the messages themselves, which needs no catalogue."""


@cache
def messages(lang: str) -> Mapping[str, str]:
    """English message -> message in that language, one of LANGS."""
    if lang == LANGS[0]:
        return {}
    with (LOCALE / lang / "messages.po").open("rb") as file:
        found = read_po(file, locale=lang, abort_invalid=True)
    return {str(m.id): str(m.string) for m in found if m.id and m.string and not m.fuzzy}
