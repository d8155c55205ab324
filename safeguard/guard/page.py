"""Puts the guard's one tag into a page, and lets it past the policies that stand in <meta>; all else stays byte for byte. Pure."""

from __future__ import annotations

import html

from safeguard.formats.document import apply
from safeguard.formats.references import undone
from safeguard.formats.tags import Attribute, Token, tokens
from safeguard.formats.words import words
from safeguard.guard.csp import HEADER, Ours, allowing

_HEAD = words("html head meta link base title script style noscript template")
"""What stands before a page's body; a <meta> after anything else is no policy."""


def tag(ours: Ours, page: str, integrity: str) -> str:
    """The guard's element: early, blocking, and provably the script we made. page: what tells this page from others in its request."""
    return f'<script src="{ours.script}?{page}" nonce="{ours.nonce}" crossorigin="anonymous" integrity="{integrity}"></script>'


def with_guard(text: str, element: str, ours: Ours, names_charset: bool) -> str:
    """The page with the element in it, before any script of its own. Raises NoWayError.

    names_charset: the page alone says its charset. Browsers look for that in the first kilobyte, so the element comes after it.
    """
    place: int | None = None
    after_charset: int | None = None
    edits: list[tuple[int, int, str]] = []
    for t in tokens(text, 0, len(text)):
        if t.kind == "comment" or t.kind == "raw" or (t.kind == "text" and not text[t.start : t.end].strip()):
            continue
        if t.kind == "end" and t.name in _HEAD:
            continue
        if place is None and not (t.kind == "start" and t.name == "html"):
            place = t.end if t.kind == "start" and t.name == "head" else t.start
        if t.kind != "start" or t.name not in _HEAD:
            break
        if t.name == "meta":
            edits += _policy(text, t, ours)
            if names_charset and after_charset is None and _tells_charset(text, t):
                after_charset = t.end
    if place is None:
        place = len(text)
    at = place if after_charset is None else after_charset
    return apply(text, [*edits, (at, at, element)])


def _value(text: str, token: Token, name: str) -> tuple[str, Attribute | None]:
    found = next((a for a in token.attributes if a.name == name), None)
    return (undone(text[found.start : found.end]), found) if found else ("", None)


def _tells_charset(text: str, token: Token) -> bool:
    return bool(_value(text, token, "charset")[0]) or "charset" in _value(text, token, "content")[0].lower()


def _policy(text: str, token: Token, ours: Ours) -> list[tuple[int, int, str]]:
    if _value(text, token, "http-equiv")[0].strip().lower() != HEADER:
        return []
    said, content = _value(text, token, "content")
    if content is None:
        return []
    made = allowing(said, ours, meta=True)
    if made == said:
        return []
    escaped = html.escape(made)
    return [(content.start, content.end, escaped if content.quoted else f'"{escaped}"')]
