"""Everyday harmless texts in five languages, written by us and shipped: what a parent's own rule is tried on before it holds."""

from __future__ import annotations

from safeguard.ruleset.model import LANGS
from safeguard.system import shipped

FOLDER = "everyday"


def texts() -> dict[str, tuple[str, ...]]:
    """Language -> its texts, one a line of rules/everyday/LANG.txt (`#` begins a comment); a language without a file is left out."""
    out = {}
    for lang in LANGS:
        path = shipped.rules() / FOLDER / f"{lang}.txt"
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            out[lang] = tuple(line.strip() for line in lines if line.strip() and not line.startswith("# "))
    return out
