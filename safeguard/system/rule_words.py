"""What rules, groups and sites say of themselves in other languages: catalogues beside them (rules/locale), read when first asked for."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from safeguard.errors import ConfigError
from safeguard.language import LANGS
from safeguard.system import catalogue, rule_files, shipped
from safeguard.system.packs import Packs

_Look = tuple[tuple[str, int, int], ...]


def words(lang: str, packs: Packs) -> Mapping[str, str]:
    """English -> that language, one of LANGS: what the rules in force say of themselves. What is missing is said as the rules have it."""
    return {} if lang == LANGS[0] else _read(lang, packs.folder, packs.look())


@lru_cache(maxsize=2 * len(LANGS))
def _read(lang: str, folder: Path, look: _Look) -> Mapping[str, str]:
    """The shipped catalogue, and over it that of the pack in force; look: what the folder of packs holds now."""
    pack = Packs(folder).base().pack if look else None
    name = f"{rule_files.LOCALE}/{lang}.po"
    return _messages(_shipped(name), lang) | _messages(dict(pack.files).get(name, b"") if pack else b"", lang)


def _shipped(name: str) -> bytes:
    try:
        return (shipped.rules() / name).read_bytes()
    except (OSError, ConfigError):
        return b""


def _messages(data: bytes, lang: str) -> dict[str, str]:
    """None of a catalogue that cannot be read: English is better than no word on why a text was hidden."""
    from babel.messages.pofile import PoFileError  # English does without

    try:
        return {message: forms[0] for message, forms in catalogue.read(io.BytesIO(data), lang).said.items()}
    except (PoFileError, ValueError):
        return {}
