"""Host names as the proxy compares them: one spelling for every way to write the same name."""

from __future__ import annotations

import re
import unicodedata

_DOTS = re.compile("[\u3002\uff0e\uff61]")  # what IDNA treats as a full stop
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_PORT = re.compile(r":\d*$")


def normal(host: str) -> str:
    """Lower case ASCII without trailing dot, letters beyond ASCII as punycode; an IP address stays; "" where it is no host name."""
    name = _DOTS.sub(".", unicodedata.normalize("NFKC", host)).strip().rstrip(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return name if _NAME.fullmatch(name) or ":" in name else ""


def of_header(authority: str) -> str:
    """The host of a Host header or :authority, normalised."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return normal(_PORT.sub("", authority.strip()))
