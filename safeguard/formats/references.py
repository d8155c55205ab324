"""Character references of HTML (`&amp;`, `&#1072`, `&nbsp`) undone as browsers undo them. Pure."""

from __future__ import annotations

import html
import re
from html.entities import html5

REFERENCE = re.compile(r"&(?:#[xX][0-9a-fA-F]++;?|#[0-9]++;?|[A-Za-z][A-Za-z0-9]{1,31};?)|\x00")
_MOST_DIGITS = 12  # longer numbers are no character, and int() refuses thousands of digits


def undo_reference(m: re.Match[str]) -> str:
    """What one character reference stands for; NUL is dropped as browsers drop it."""
    if m[0] == "\0":
        return ""
    if known := html5.get(m[0][1:]):
        return known
    return html.unescape(m[0]) if len(m[0]) < 40 else _long(m[0])


def _long(reference: str) -> str:
    digits = reference.rstrip(";")[2:].lstrip("xX")
    kept = digits.lstrip("0")
    if len(kept) > _MOST_DIGITS:
        return "\ufffd"
    return html.unescape(f"&#{'x' if reference[2] in 'xX' else ''}{kept or 0};")


def undone(raw: str) -> str:
    """HTML text with its references undone."""
    return REFERENCE.sub(undo_reference, raw) if "&" in raw or "\0" in raw else raw
