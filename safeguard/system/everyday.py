"""Everyday harmless texts in five languages, written by us and shipped: what a parent's own rule is tried on before it holds."""

from __future__ import annotations

from safeguard.ruleset.model import LANGS
from safeguard.system import shipped

FOLDER = "everyday"


def files() -> list[tuple[str, bytes]]:
    """rules/everyday/LANG.txt as (language, content); a language without a file is left out."""
    paths = {lang: shipped.rules() / FOLDER / f"{lang}.txt" for lang in LANGS}
    return [(lang, path.read_bytes()) for lang, path in paths.items() if path.is_file()]


def texts() -> dict[str, tuple[str, ...]]:
    """Language -> its texts, one a line (`#` begins a comment)."""
    out = {}
    for lang, data in files():
        lines = data.decode().splitlines()
        out[lang] = tuple(line.strip() for line in lines if line.strip() and not line.startswith("# "))
    return out


def every() -> list[str]:
    """The texts of all languages."""
    return [text for found in texts().values() for text in found]
