"""Plain text into what may stand in a body. Each function undoes exactly one reader's unescaping; nesting composes them. Pure."""

from __future__ import annotations

import html
import json
from collections.abc import Callable

Escape = Callable[[str], str]

_SCRIPT_SAFE = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&'`$"})


def identity(text: str) -> str:
    """Text that stands as it is."""
    return text


def string_literal(text: str) -> str:
    """Inside the quotes of a JSON string or of any JavaScript literal ('…', "…", `…`), also within <script>: ASCII only."""
    return json.dumps(text)[1:-1].translate(_SCRIPT_SAFE)


def html_text(text: str) -> str:
    """A text node, a comment or a quoted attribute value."""
    return html.escape(text, quote=True)


def html_unquoted(text: str) -> str:
    """The value of an attribute that stood without quotes: quotes are added, since a notice has spaces."""
    return f'"{html.escape(text, quote=True)}"'


def ascii_entities(text: str) -> str:
    """Markup for a page whose charset lacks most letters: all but ASCII as character references."""
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def then(inner: Escape, outer: Escape) -> Escape:
    """The escape of something nested: the inner one first, then that of what is around it."""
    if outer is identity:
        return inner
    if inner is identity:
        return outer
    return lambda text: outer(inner(text))
